// @ts-check
// A canvas in the model's own pixels: what the model sees in a drawing, and what it makes of it, follow every move of the brush.
import { openEngine } from "../engine/engine.js"
import { base64Of, bytesOf } from "../kit/base64.js"
import { ARROWS, historyStep } from "../kit/keys.js"
import { channel } from "../kit/link.js"
import { brushOf, paint } from "../kit/paint.js"
import { Drawing, STROKE_EDGE } from "./drawing.js"
import { openParts } from "./parts.js"

/** @import { Engine } from "../engine/engine.js" */
/** @import { Shape } from "../kit/paint.js" */
/** @import { DrawData, DrawEvent, ModelSource } from "../kit/wire.js" */
/** @import { Point } from "./drawing.js" */

const SIDE = 256 // screen pixels of the canvas, at least

/**
 * Draw here.
 * @param {HTMLElement} root
 * @param {{send: (event: DrawEvent) => void}} io
 */
export function mountDraw(root, io) {
  const parts = openParts(root)
  const { board, cursor, rebuilt } = parts
  brushOf(board) // refuses a browser that cannot draw
  /** @type {Shape} */
  let shape = [0, 0, 0]
  let ground = /** @type {number[]} */ ([])
  let drawing = new Drawing(shape, ground)
  let known = /** @type {string | null} */ (null) // the picture as Python has it
  let floats = new Float32Array(0), seen = floats
  let engine = /** @type {Engine | null} */ (null)
  let hash = /** @type {string | null} */ (null)
  let unlisten = () => {}
  let shared = /** @type {ReturnType<typeof channel> | null} */ (null)
  let order = /** @type {number[] | null} */ (null)
  let pointer = /** @type {number | null} */ (null)
  let last = /** @type {Point | null} */ (null)
  let keyed = false, erasing = false // keyed: Space is held
  let place = [0, 0] // the cursor's column and row
  let frame = 0, busy = false, again = false, moved = false, closed = false
  let announced = true
  let note = /** @type {string | null} */ (null) // what the engine says for itself
  let failure = /** @type {string | null} */ (null) // why it did not answer

  const showStatus = () => {
    parts.status.textContent = failure ?? note ?? ""
  }

  // --- What the model makes of it -------------------------------------------------------------------------------------------

  const look = async () => {
    frame = 0
    for (let index = 0; index < floats.length; index++) floats[index] = drawing.pixels[index] / 255
    paint(board, floats, shape)
    again = busy
    if (busy || !engine) return
    busy = true
    const asked = engine
    try {
      do {
        again = false
        seen.set(floats)
        const posterior = await asked.encode(seen)
        const image = await asked.decode(posterior.mean)
        if (closed || asked !== engine || image.length !== seen.length) break
        paint(rebuilt, image, shape)
        const numbers = parts.posterior.show(posterior, order)
        parts.error.textContent = `Off by ${rootMeanSquare(seen, image).toFixed(3)} (root mean square, pixels from 0 to 1).`
        if (moved) shared?.set(posterior.mean, io)
        if (announced || frame || again) continue // there is more to come of this stroke
        parts.live.textContent = `Drawn. ${numbers}. Reconstruction: ${parts.error.textContent}`
        announced = true
        moved = false
      } while (again)
      failure = null
    } catch (error) {
      failure = /** @type {Error} */ (error).message
    } finally {
      busy = false
      showStatus()
      if (!closed && asked !== engine) changed()
    }
  }

  const changed = () => {
    parts.undo.disabled = !drawing.done.length
    parts.redo.disabled = !drawing.undone.length
    frame ||= requestAnimationFrame(look)
  }

  // --- Strokes --------------------------------------------------------------------------------------------------------------

  const ink = () => {
    if (erasing) return ground
    if (shape[0] === 1) return [Number(parts.grey.value)]
    return [1, 3, 5].map((start) => Number.parseInt(parts.colour.value.slice(start, start + 2), 16))
  }

  /** Go on to this point, from the last one or else from here. @param {Point} to */
  const stroke = (to) => {
    if (erasing) to.radius += STROKE_EDGE // so that a stroke of this width is gone, its soft edge too
    drawing.line(last ?? to, to, ink())
    last = to
    moved = true
    changed()
  }

  /** @param {Point} at */
  const begin = (at) => {
    drawing.begin()
    last = null
    stroke(at)
  }

  const release = () => {
    known = base64Of(drawing.pixels)
    io.send({ kind: "drawn", pixels: known })
    announced = false
    changed()
  }

  /** A change of the whole drawing at once, unless a stroke is under way. @param {() => void} change */
  const act = (change) => {
    if (pointer !== null || keyed) return
    change()
    moved = true
    release()
  }
  const undo = () => drawing.done.length && act(() => drawing.undo())
  const redo = () => drawing.undone.length && act(() => drawing.redo())
  const floodWith = (/** @type {number[]} */ ink) =>
    act(() => {
      drawing.begin()
      drawing.flood(ink)
    })

  /** Where a pointer is, and how wide it draws. @param {PointerEvent} event @returns {Point} */
  const pointAt = (event) => {
    const box = board.getBoundingClientRect()
    const pressed = event.pointerType === "pen" && event.pressure ? 0.4 + 1.2 * event.pressure : 1
    return {
      x: ((event.clientX - box.left) / box.width) * shape[2],
      y: ((event.clientY - box.top) / box.height) * shape[1],
      radius: (pressed * parts.width.valueAsNumber) / 2,
    }
  }

  board.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null || keyed) return
    event.preventDefault()
    board.focus({ preventScroll: true })
    board.setPointerCapture(event.pointerId)
    cursor.hidden = true
    pointer = event.pointerId
    begin(pointAt(event))
  })
  board.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return
    const passed = event.getCoalescedEvents()
    for (const each of passed.length ? passed : [event]) stroke(pointAt(each))
  })
  board.addEventListener("lostpointercapture", (event) => { // after pointerup and pointercancel, and where the page takes the pointer away
    if (event.pointerId !== pointer) return
    pointer = null
    release()
  })

  // --- By keyboard ----------------------------------------------------------------------------------------------------------

  const showCursor = () => {
    cursor.hidden = false
    cursor.style.left = `${(100 * place[0]) / shape[2]}%`
    cursor.style.top = `${(100 * place[1]) / shape[1]}%`
  }
  const here = () => ({ x: place[0] + 0.5, y: place[1] + 0.5, radius: parts.width.valueAsNumber / 2 })
  const sayPlace = () => {
    const at = place[1] * shape[2] + place[0]
    const levels = Array.from({ length: shape[0] }, (_, index) => drawing.pixels[index * drawing.cover.length + at])
    const name = shape[0] === 1 ? "grey level" : "red, green, blue"
    parts.live.textContent = `Column ${place[0] + 1}, row ${place[1] + 1}, ${name} ${levels.join(", ")}.`
  }
  const endKeyed = () => {
    if (!keyed) return
    keyed = false
    release()
  }

  board.addEventListener("focus", () => {
    if (board.matches(":focus-visible")) showCursor()
  })
  board.addEventListener("blur", () => {
    cursor.hidden = true
    endKeyed()
  })
  board.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || pointer !== null) return
    const step = ARROWS[event.key]
    if (!step && event.key !== " ") return
    event.preventDefault()
    if (step) {
      place = [Math.min(shape[2] - 1, Math.max(0, place[0] + step[0])), Math.min(shape[1] - 1, Math.max(0, place[1] + step[1]))]
      if (keyed) stroke(here())
      else sayPlace()
    } else if (!keyed) {
      keyed = true
      begin(here())
    }
    showCursor()
  })
  board.addEventListener("keyup", (event) => {
    if (event.key === " ") endKeyed()
  })
  parts.whole.addEventListener("keydown", (event) => {
    const step = historyStep(event)
    if (!step) return
    event.preventDefault()
    if (step === "undo") undo()
    else redo()
  })

  // --- Tools ----------------------------------------------------------------------------------------------------------------

  const erase = (/** @type {boolean} */ wanted) => {
    erasing = wanted
    parts.erase.setAttribute("aria-pressed", String(erasing))
  }
  const inkChanged = () => {
    erase(false)
    parts.sample.style.background = `rgb(${parts.grey.value} ${parts.grey.value} ${parts.grey.value})`
    parts.widthValue.textContent = `${parts.width.value} px`
    parts.greyValue.textContent = parts.grey.value
  }
  parts.width.addEventListener("input", () => {
    parts.widthValue.textContent = `${parts.width.value} px`
  })
  parts.grey.addEventListener("input", inkChanged)
  parts.colour.addEventListener("input", inkChanged)
  for (const { button, shade } of parts.swatches) {
    button.addEventListener("click", () => {
      parts.colour.value = shade
      inkChanged()
    })
  }
  parts.erase.addEventListener("click", () => erase(!erasing))
  parts.fill.addEventListener("click", () => floodWith(ink()))
  parts.clear.addEventListener("click", () => floodWith(ground))
  parts.undo.addEventListener("click", undo)
  parts.redo.addEventListener("click", redo)

  // --- What Python says -----------------------------------------------------------------------------------------------------

  const resize = (/** @type {Shape} */ newShape) => {
    shape = newShape
    const [channels, height, width] = shape
    const longer = Math.max(height, width)
    place = [Math.floor(width / 2), Math.floor(height / 2)]
    floats = new Float32Array(channels * height * width)
    seen = floats.slice()
    for (const canvas of [board, rebuilt]) {
      canvas.width = width
      canvas.height = height
      canvas.style.setProperty("--own", `${width}px`)
      canvas.style.setProperty("--width", `${Math.ceil(SIDE / longer) * width}px`)
    }
    cursor.style.width = `${100 / width}%`
    cursor.style.height = `${100 / height}%`
    board.setAttribute("aria-label", `Your drawing, ${width} by ${height} pixels`)
    parts.width.max = String(Math.max(2, Math.round(longer / 4)))
    parts.width.value = String(Math.max(1.5, Math.round((2 * longer) / 11) / 2))
    parts.grey.value = String(ground[0] < 128 ? 255 : 0)
    parts.colour.value = ground.reduce((sum, level) => sum + level) < 3 * 128 ? "#ffffff" : "#000000"
    parts.greyTools.hidden = channels !== 1
    parts.colourTools.hidden = channels === 1
    inkChanged()
  }

  const adopt = (/** @type {string | null} */ picture) => {
    known = picture
    drawing = new Drawing(shape, ground)
    if (picture !== null) drawing.pixels.set(bytesOf(picture))
    moved = false
    changed()
  }

  const open = (/** @type {ModelSource} */ source) => {
    hash = source.hash
    engine = null
    moved = false
    openEngine(source).then((opened) => {
      if (closed || hash !== source.hash) return
      unlisten()
      note = null
      unlisten = opened.listen((message) => {
        note = message
        showStatus()
        if (message === null && failure !== null) changed() // it can answer again
      })
      engine = opened
      parts.posterior.rescale()
      changed()
    }).catch((error) => {
      failure = error.message
      showStatus()
    })
  }

  return {
    /** @param {DrawData} data */
    update: (data) => {
      shared = data.channel === null ? null : channel(data.channel)
      order = data.order
      const fits = String([data.shape, data.ground]) === String([shape, ground])
      if (!fits) {
        pointer = null
        keyed = false
        ground = data.ground
        resize(data.shape)
      }
      if (!fits || (data.picture !== known && pointer === null && !keyed)) adopt(data.picture)
      if (data.model.hash !== hash) open(data.model)
    },
    close: () => {
      closed = true
      cancelAnimationFrame(frame)
      unlisten()
      root.replaceChildren()
    },
  }
}

/**
 * How far two images from 0 to 1 are apart; what is outside in the other is cut, as on screen.
 * @param {Float32Array} one
 * @param {Float32Array} other
 */
export function rootMeanSquare(one, other) {
  let sum = 0
  for (let index = 0; index < one.length; index++) sum += (one[index] - Math.min(1, Math.max(0, other[index]))) ** 2
  return Math.sqrt(sum / one.length)
}
