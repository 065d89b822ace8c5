// @ts-check
// A canvas in the model's own pixels: what the model sees in a drawing, and what it makes of it, follow every move of the brush.
import { openEngine } from "../../engine/engine.js"
import { base64Of } from "../../kit/base64.js"
import { historyStep } from "../../kit/keys.js"
import { channel } from "../../kit/link.js"
import { paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { Board, usualWidth } from "./board.js"
import { openParts } from "./parts.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { Shape } from "../../kit/paint.js" */
/** @import { DrawData, DrawEvent, ModelSource } from "../../kit/wire.js" */

const SIDE = 256 // screen pixels of the canvas, at least

/**
 * Draw here.
 * @param {HTMLElement} root
 * @param {{send: (event: DrawEvent) => void}} io
 */
export function mountDraw(root, io) {
  let known = /** @type {string | null} */ (null) // the picture as Python has it
  let seen = new Float32Array(0)
  let engine = /** @type {Engine | null} */ (null)
  let hash = /** @type {string | null} */ (null)
  let unlisten = () => {}
  let shared = /** @type {ReturnType<typeof channel> | null} */ (null)
  let order = /** @type {number[] | null} */ (null)
  let erasing = false
  let frame = 0, busy = false, again = false, closed = false
  let announced = true
  let note = /** @type {string | null} */ (null) // what the engine says for itself
  let failure = /** @type {string | null} */ (null) // why it did not answer

  const board = new Board("draw-help", {
    ink: () => (erasing ? null : ink()),
    width: () => parts.width.valueAsNumber,
    changed: () => changed(),
    released: () => {
      known = base64Of(board.drawing.pixels)
      io.send({ kind: "drawn", pixels: known })
      announced = false
    },
    say: (sentence) => (parts.live.textContent = sentence),
  })
  const parts = openParts(root, board)
  const { rebuilt } = parts

  const showStatus = () => {
    parts.status.textContent = failure ?? note ?? ""
  }

  // --- What the model makes of it -------------------------------------------------------------------------------------------

  const look = async () => {
    frame = 0
    board.paint()
    again = busy
    if (busy || !engine) return
    busy = true
    const asked = engine
    try {
      do {
        again = false
        seen.set(board.floats)
        const posterior = await asked.encode(seen)
        const image = await asked.decode(posterior.mean)
        if (closed || asked !== engine || image.length !== seen.length) break
        paint(rebuilt, image, board.shape)
        const numbers = parts.posterior.show(posterior, order)
        parts.error.textContent = say`Off by ${rootMeanSquare(seen, image).toFixed(3)} (root mean square, pixels from 0 to 1).`
        if (board.moved) shared?.set(posterior.mean, io)
        if (announced || frame || again) continue // there is more to come of this stroke
        parts.live.textContent = say`Drawn. ${numbers}. Reconstruction: ${parts.error.textContent}`
        announced = true
        board.moved = false
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
    parts.undo.disabled = !board.drawing.done.length
    parts.redo.disabled = !board.drawing.undone.length
    frame ||= requestAnimationFrame(look)
  }

  // --- Tools ----------------------------------------------------------------------------------------------------------------

  const ink = () => {
    if (board.shape[0] === 1) return [Number(parts.grey.value)]
    return [1, 3, 5].map((start) => Number.parseInt(parts.colour.value.slice(start, start + 2), 16))
  }
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
  parts.fill.addEventListener("click", () => board.flood(erasing ? board.ground : ink()))
  parts.clear.addEventListener("click", () => board.flood(board.ground))
  parts.undo.addEventListener("click", () => board.undo())
  parts.redo.addEventListener("click", () => board.redo())
  parts.whole.addEventListener("keydown", (event) => {
    const step = historyStep(event)
    if (!step) return
    event.preventDefault()
    board[step]()
  })

  // --- What Python says -----------------------------------------------------------------------------------------------------

  const resize = (/** @type {Shape} */ shape, /** @type {number[]} */ ground) => {
    const [channels, height, width] = shape
    const longer = Math.max(height, width)
    board.resize(shape, ground)
    seen = board.floats.slice()
    rebuilt.width = width
    rebuilt.height = height
    rebuilt.style.setProperty("--own", `${width}px`)
    for (const canvas of [board.canvas, rebuilt]) canvas.style.setProperty("--width", `${Math.ceil(SIDE / longer) * width}px`)
    parts.width.max = String(Math.max(2, Math.round(longer / 4)))
    parts.width.value = String(usualWidth(shape))
    parts.grey.value = String(ground[0] < 128 ? 255 : 0)
    parts.colour.value = ground.reduce((sum, level) => sum + level) < 3 * 128 ? "#ffffff" : "#000000"
    parts.greyTools.hidden = channels !== 1
    parts.colourTools.hidden = channels === 1
    inkChanged()
  }

  const adopt = (/** @type {string | null} */ picture) => {
    known = picture
    board.adopt(picture)
  }

  const open = (/** @type {ModelSource} */ source) => {
    hash = source.hash
    engine = null
    board.moved = false
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
      const fits = String([data.shape, data.ground]) === String([board.shape, board.ground])
      if (!fits) resize(data.shape, data.ground)
      if (!fits || (data.picture !== known && !board.busy)) adopt(data.picture)
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
