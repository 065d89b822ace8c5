// @ts-nocheck -- not typed yet
// The latent deck: one slider per dimension, and the picture that its code decodes to, drawn while the slider moves.
import { openEngine } from "../engine/engine.js"
import { LIMIT } from "../kit/limits.js"
import { channel } from "../kit/link.js"
import { paint, paintBytes, paintDifference } from "../kit/paint.js"

const QUIET = 150 // milliseconds without a key or a turn of the wheel that end a move
const SMALL = 96 // screen pixels of the pictures beside the main one

/** A new element of this class, with text and children. */
function newElement(tag, className, text = "", ...children) {
  const element = document.createElement(tag)
  element.className = className
  element.append(text, ...children)
  return element
}

/** A canvas with a caption below it and, where something is amiss, a sentence. */
class Picture {
  constructor() {
    this.canvas = document.createElement("canvas")
    this.canvas.setAttribute("role", "img")
    this.caption = newElement("figcaption", "note")
    this.message = newElement("p", "")
    this.message.setAttribute("role", "status")
    this.figure = newElement("figure", "deck-picture", "", this.canvas, this.caption, this.message)
  }

  /** Say what is seen: to a screen reader, and below the canvas. */
  describe(alt, caption) {
    this.canvas.setAttribute("aria-label", alt)
    this.caption.textContent = caption
    this.caption.hidden = !caption
  }

  say(sentence) {
    this.message.textContent = sentence ?? ""
  }

  /** The size on screen: the smallest whole multiple of its own pixels with no side below `least`. */
  fit([, height, width], least) {
    const factor = Math.ceil(least / Math.max(height, width))
    this.canvas.style.setProperty("--own", `${width}px`)
    this.canvas.style.setProperty("--whole", `${factor * width}px`)
  }
}

/** A picture that follows the code: what one model, or another in its place, makes of it. */
class LivePicture extends Picture {
  constructor(drawn) {
    super()
    this.drawn = drawn
    this.hash = null
    this.engine = null
    this.away = false
  }

  /** Show this model from now on. `changed` is called once it can draw, and whenever it begins or ceases to say
   * something; `failed` with an error when it never will. */
  open(source, least, changed, failed) {
    if (source.hash === this.hash) return
    this.close()
    this.hash = source.hash
    openEngine(source).then((engine) => {
      if (this.hash !== source.hash) return
      this.engine = engine
      this.fit(engine.shape, least)
      this.view = engine.view((image) => {
        paint(this.canvas, image, engine.shape)
        this.drawn?.(image)
      })
      this.unlisten = engine.listen((sentence) => {
        this.away = sentence !== null
        this.say(sentence)
        changed()
      })
      changed()
    }).catch((error) => {
      if (this.hash === source.hash) failed(error)
    })
  }

  /** Draw this code in the next frame. A code for a model that is still on its way waits for `changed`. */
  show(z) {
    if (this.engine?.latent === z.length) this.view.show(z)
  }

  close() {
    this.view?.close()
    this.unlisten?.()
    this.hash = this.engine = null
    this.view = this.unlisten = null
    this.away = false
    this.say(null)
  }
}

/** One dimension's label, value and slider. */
class SliderRow {
  constructor(dimension) {
    this.index = dimension.index
    this.low = dimension.low
    this.high = dimension.high
    this.input = document.createElement("input")
    this.input.type = "range"
    this.input.step = "0.01"
    this.input.id = `dimension-${dimension.index}`
    const label = newElement("label", "", dimension.name)
    if (dimension.note) label.append(" ", newElement("span", "note", dimension.note))
    label.htmlFor = this.input.id
    this.value = newElement("span", "deck-value")
    this.value.setAttribute("aria-hidden", "true")
    this.element = newElement("div", "deck-row", "", label, this.value, this.input)
  }

  /** Stand at a value; the range grows for good to hold it. */
  stand(value) {
    this.low = Math.min(this.low, value)
    this.high = Math.max(this.high, value)
    const low = Math.min(LIMIT - 0.1, Math.max(-LIMIT, Math.floor(10 * this.low) / 10))
    const high = Math.min(LIMIT, Math.max(low + 0.1, Math.ceil(10 * this.high) / 10))
    this.input.min = low.toFixed(1)
    this.input.max = high.toFixed(1)
    this.input.value = value
    this.tell(value)
  }

  tell(value) {
    this.value.textContent = (Math.round(100 * value) / 100 + 0).toFixed(2).replace("-", "−") // without it, a small one is "−0.00"
  }
}

/**
 * The deck in an empty element. `data`: {channel, model: as openEngine takes it, other: {source: the same, name} or null, name: a caption,
 * z, start: {z} or null, difference, side, dims: [{index, name, note, low, high, unused}], shown, unused_note, compact,
 * drawn: what Python drew at z, bytes [C·H·W] as base64, or null}. Sends {kind: "move", z}, "undo", "redo", and {kind: "failed", reason}.
 */
export function mountDeck(root, io) {
  let data = null
  let z = new Float32Array(0)
  let rows = []
  let layout = ""
  let everything = false
  let moving = false // the user has moved further than Python knows
  let byKeys = false
  let held = null // the slider under the pointer, and its value before: {row, value}
  let timer = 0
  let link = null
  let unlisten = () => {}
  let reference = null // what the start decodes to
  let referenceOf = ""
  const self = {}

  const start = new Picture()
  const difference = new Picture()
  const main = new LivePicture((image) => {
    if (data.difference && reference?.length === image.length) paintDifference(difference.canvas, image, reference, main.engine.shape)
  })
  const other = new LivePicture()
  if (!main.canvas.getContext("2d")) throw new Error("This browser cannot draw on a canvas.")

  const hint = newElement(
    "p",
    "note",
    "Arrow keys, or the wheel over a chosen slider, take fine steps. Delete or a double-click goes back to the start.",
  )
  hint.id = "hint"
  const bank = newElement("div", "deck-bank")
  const more = newElement("button", "")
  more.type = "button"
  const summary = document.createElement("summary")
  const meaning = newElement("p", "note")
  const unusedBank = newElement("div", "deck-bank")
  const unused = newElement("details", "", "", summary, meaning, unusedBank)
  const sliders = newElement("div", "deck-sliders", "", bank, more, unused, hint)
  const screens = newElement("div", "deck-screens", "", main.figure, other.figure)
  const small = newElement("div", "deck-screens deck-small", "", start.figure, difference.figure)
  const pictures = newElement("div", "deck-pictures", "", screens, small)
  const arrow = newElement("p", "deck-arrow", "→\ndecoder")
  const body = newElement("div", "deck-body", "", pictures, arrow, sliders)
  root.classList.add("deck")
  root.append(body)

  const code = () => Array.from(z, (value) => Number(value.toFixed(2))).join(", ")
  const describe = () => {
    main.describe(`Decoded image at the code ${code()}`, data.name)
    if (data.other) other.describe(`Decoded image of ${data.other.name} at the code ${code()}`, data.other.name)
  }
  const draw = () => {
    main.show(z)
    other.show(z)
  }
  const refresh = () => rows.forEach((row) => row.stand(z[row.index]))
  const rowOf = (event) => rows.find((row) => row.input === event.target)

  /** The move has ended: say what is drawn and, if the user has moved it here, tell Python. */
  const settle = () => {
    clearTimeout(timer)
    describe()
    if (!moving) return
    moving = false
    io.send({ kind: "move", z: Array.from(z) })
  }
  const release = () => {
    held = null
    settle()
  }
  const settleSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(settle, QUIET)
  }
  const move = (row, value) => {
    z[row.index] = value
    row.tell(z[row.index])
    moving = true
    draw()
    link?.set(z, self)
  }
  const reset = (row) => {
    move(row, data.start ? data.start.z[row.index] : 0)
    row.stand(z[row.index])
  }
  const follow = (moved, from) => {
    if (from === self || moved.length !== z.length) return
    z.set(moved)
    refresh()
    draw()
    settleSoon()
  }

  /** Back to where Python is, if the user has gone further just now; else one step of the history. */
  const history = (kind) => {
    if (!moving) return io.send({ kind })
    moving = false
    z.set(data.z)
    refresh()
    draw()
    settle()
  }

  const listeners = {
    input: (event) => move(rowOf(event), Number(event.target.value)),
    change: () => (byKeys ? settleSoon() : release()),
    pointerdown: (event) => {
      settle()
      byKeys = false
      const row = rowOf(event)
      held = row && { row, value: z[row.index] }
    },
    pointerup: release, // back at its first place a slider sends no `change`
    pointercancel: () => { // a finger that turned out to scroll the page, though it has moved the slider it landed on
      if (held) move(held.row, held.value)
      held?.row.stand(held.value)
      held = null
      moving = false
    },
    focusout: () => held || settle(), // the press of one slider takes the focus from another
    dblclick: (event) => {
      const row = rowOf(event)
      if (!row) return
      reset(row)
      settle()
    },
    keydown: (event) => {
      byKeys = true
      const row = rowOf(event)
      const key = event.key.toLowerCase()
      if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) history(key === "y" || event.shiftKey ? "redo" : "undo")
      else if (row && (key === "delete" || key === "backspace")) {
        reset(row)
        settleSoon()
      } else return
      event.preventDefault()
    },
    wheel: (event) => {
      const row = rowOf(event)
      if (!row || event.ctrlKey || !(event.shiftKey || row.input.matches(":focus"))) return
      event.preventDefault()
      if ((event.deltaY || event.deltaX) < 0) row.input.stepUp()
      else row.input.stepDown()
      move(row, Number(row.input.value))
      settleSoon()
    },
  }
  for (const [kind, listener] of Object.entries(listeners)) sliders.addEventListener(kind, listener, { passive: false })
  more.addEventListener("click", () => {
    everything = !everything
    reveal()
  })

  /** Show the first dimensions or all of them. */
  const reveal = () => {
    const used = data.dims.filter((dimension) => !dimension.unused).length
    more.hidden = used <= data.shown
    more.textContent = everything ? `Show the first ${data.shown} only` : `Show all ${used} dimensions`
    more.setAttribute("aria-expanded", String(everything))
    ;[...bank.children].forEach((element, place) => {
      element.hidden = place >= data.shown && !everything
    })
  }

  /** Make the sliders anew where the dimensions are others. */
  const lay = () => {
    const wanted = JSON.stringify([data.dims, data.shown])
    if (wanted === layout) return
    layout = wanted
    rows = data.dims.map((dimension) => new SliderRow(dimension))
    rows.forEach((row) => row.input.setAttribute("aria-describedby", hint.id))
    bank.replaceChildren(...rows.filter((_, place) => !data.dims[place].unused).map((row) => row.element))
    unusedBank.replaceChildren(...rows.filter((_, place) => data.dims[place].unused).map((row) => row.element))
    const count = unusedBank.children.length
    unused.hidden = count === 0
    summary.textContent = count === 1 ? "1 unused dimension" : `${count} unused dimensions`
    meaning.textContent = data.unused_note
    reveal()
  }

  /** Draw the start and where the picture departs from it, if that is wanted. */
  const compare = async () => {
    small.hidden = !(data.difference && data.start)
    const { engine } = main
    if (small.hidden || !engine || engine.latent !== data.start.z.length) return
    const wanted = `${main.hash} ${data.start.z}`
    start.describe("Decoded image at the start", "Start, decoded")
    difference.describe(
      "Difference between the decoded image and the start; mid grey is equal, lighter is brighter than the start",
      "Difference: grey is equal",
    )
    if (wanted === referenceOf) return
    referenceOf = wanted
    const image = await engine.decode(Float32Array.from(data.start.z)).catch(() => null) // the figure says why
    if (wanted !== referenceOf) return
    reference = image
    if (!image) {
      referenceOf = ""
      return
    }
    start.fit(engine.shape, SMALL)
    difference.fit(engine.shape, SMALL)
    paint(start.canvas, image, engine.shape)
    draw()
  }

  /** What Python drew, where the engine cannot answer just now. */
  const standIn = () => {
    if (main.away && data.drawn && !moving) paintBytes(main.canvas, data.drawn, main.engine.shape)
  }

  const redraw = () => {
    draw()
    compare()
    standIn()
  }

  return {
    update: (newest) => {
      data = newest
      body.classList.toggle("deck-compact", data.compact)
      lay()
      if (data.z.length !== z.length) moving = false
      if (!moving) {
        z = Float32Array.from(data.z)
        refresh()
      }
      hint.hidden = data.compact
      arrow.hidden = !data.compact
      other.figure.hidden = !data.other
      body.classList.toggle("deck-pair", Boolean(data.other))
      main.open(data.model, data.side, redraw, (error) => io.send({ kind: "failed", reason: error.message }))
      if (data.other) other.open(data.other.source, data.side, draw, (error) => other.say(error.message))
      else other.close()
      if (link !== channel(data.channel)) {
        unlisten()
        link = channel(data.channel)
        unlisten = link.listen(follow)
      }
      describe()
      redraw()
    },
    close: () => {
      clearTimeout(timer)
      unlisten()
      main.close()
      other.close()
      root.replaceChildren()
    },
  }
}
