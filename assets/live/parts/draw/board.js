// @ts-check
// The canvas that is drawn on, by mouse, finger, pen or keys.
import { element } from "../../kit/dom.js"
import { bytesOf } from "../../kit/base64.js"
import { ARROWS } from "../../kit/keys.js"
import { brushOf, paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { Drawing, STROKE_EDGE } from "./drawing.js"

/** @import { Shape } from "../../kit/paint.js" */
/** @import { Point } from "./drawing.js" */

/**
 * What a board asks and tells: `ink()` is one byte per channel, null to erase; `width()` is of the brush, in pixels of the drawing.
 * `changed()` is called whenever the drawing is another, `released()` at the end of a stroke or of another change by the user, and
 * `say(sentence)` with where the keyboard's cursor is.
 * @typedef {{
 *   ink: () => number[] | null,
 *   width: () => number,
 *   changed: () => void,
 *   released: () => void,
 *   say: (sentence: string) => void,
 * }} Calls
 */

/** How wide a brush draws to begin with, in pixels of a drawing of this shape. @param {Shape} shape */
export function usualWidth([, height, width]) {
  return Math.max(1.5, Math.round((2 * Math.max(height, width)) / 11) / 2)
}

export class Board {
  /** @param {string} help id of what explains the keys @param {Calls} calls */
  constructor(help, calls) {
    this.calls = calls
    const attributes = { role: "application", "aria-describedby": help }
    this.canvas = element("canvas", { className: "board keyed", tabIndex: 0, attributes })
    this.cursor = element("div", { className: "cursor", hidden: true })
    this.element = element("div", { className: "sheet" }, this.canvas, this.cursor)
    brushOf(this.canvas) // refuses a browser that cannot draw
    /** @type {Shape} */
    this.shape = [0, 0, 0]
    this.ground = /** @type {number[]} */ ([])
    this.drawing = new Drawing(this.shape, this.ground)
    this.floats = new Float32Array(0) // the drawing from 0 to 1, since it was last painted
    this.moved = false // by the user, since the drawing was given
    this.pointer = /** @type {number | null} */ (null)
    this.last = /** @type {Point | null} */ (null)
    this.keyed = false // Space is held
    this.place = [0, 0] // the cursor's column and row
    this.listen()
  }

  /** Whether a stroke is under way. */
  get busy() {
    return this.pointer !== null || this.keyed
  }

  /** Begin with an empty drawing of another shape, before this ground. @param {Shape} shape @param {number[]} ground */
  resize(shape, ground) {
    const [channels, height, width] = shape
    this.pointer = null
    this.keyed = false
    this.shape = shape
    this.ground = ground
    this.place = [Math.floor(width / 2), Math.floor(height / 2)]
    this.floats = new Float32Array(channels * height * width)
    this.canvas.width = width
    this.canvas.height = height
    this.canvas.style.setProperty("--own", `${width}px`)
    this.cursor.style.width = `${100 / width}%`
    this.cursor.style.height = `${100 / height}%`
    this.canvas.setAttribute("aria-label", say`Your drawing, ${width} by ${height} pixels`)
  }

  /** Show a picture, bytes [C, H, W] in base64, or an empty drawing; nothing of it can be undone. @param {string | null} picture */
  adopt(picture) {
    this.drawing = new Drawing(this.shape, this.ground)
    if (picture !== null) this.drawing.pixels.set(bytesOf(picture))
    this.moved = false
    this.calls.changed()
  }

  /** Put the drawing on the canvas and into `floats`. */
  paint() {
    const { floats, drawing } = this
    for (let index = 0; index < floats.length; index++) floats[index] = drawing.pixels[index] / 255
    paint(this.canvas, floats, this.shape)
  }

  // Changes of the whole drawing, unless a stroke is under way

  undo() {
    if (this.drawing.done.length) this.act(() => this.drawing.undo())
  }

  redo() {
    if (this.drawing.undone.length) this.act(() => this.drawing.redo())
  }

  /** All of it in one ink. @param {number[]} ink */
  flood(ink) {
    this.act(() => {
      this.drawing.begin()
      this.drawing.flood(ink)
    })
  }

  /** @param {() => void} change */
  act(change) {
    if (this.busy) return
    change()
    this.moved = true
    this.release()
  }

  release() {
    this.calls.released()
    this.calls.changed()
  }

  // Strokes

  /** Go on to this point, from the last one or else from here. @param {Point} to */
  stroke(to) {
    const ink = this.calls.ink()
    if (!ink) to.radius += STROKE_EDGE // so that a stroke of this width is gone, its soft edge too
    this.drawing.line(this.last ?? to, to, ink ?? this.ground)
    this.last = to
    this.moved = true
    this.calls.changed()
  }

  /** @param {Point} at */
  begin(at) {
    this.drawing.begin()
    this.last = null
    this.stroke(at)
  }

  /** Where a pointer is, and how wide it draws. @param {PointerEvent} event @returns {Point} */
  pointAt(event) {
    const box = this.canvas.getBoundingClientRect()
    const pressed = event.pointerType === "pen" && event.pressure ? 0.4 + 1.2 * event.pressure : 1
    return {
      x: ((event.clientX - box.left) / box.width) * this.shape[2],
      y: ((event.clientY - box.top) / box.height) * this.shape[1],
      radius: (pressed * this.calls.width()) / 2,
    }
  }

  listen() {
    const { canvas } = this
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.busy) return
      event.preventDefault()
      canvas.focus({ preventScroll: true })
      canvas.setPointerCapture(event.pointerId)
      this.cursor.hidden = true
      this.pointer = event.pointerId
      this.begin(this.pointAt(event))
    })
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return
      const passed = event.getCoalescedEvents()
      for (const each of passed.length ? passed : [event]) this.stroke(this.pointAt(each))
    })
    canvas.addEventListener("lostpointercapture", (event) => { // after pointerup and pointercancel, and where the page takes the pointer away
      if (event.pointerId !== this.pointer) return
      this.pointer = null
      this.release()
    })
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible")) this.showCursor()
    })
    canvas.addEventListener("blur", () => {
      this.cursor.hidden = true
      this.endKeyed()
    })
    canvas.addEventListener("keydown", (event) => this.key(event))
    canvas.addEventListener("keyup", (event) => {
      if (event.key === " ") this.endKeyed()
    })
  }

  // By keyboard

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.pointer !== null) return
    const step = ARROWS[event.key]
    if (!step && event.key !== " ") return
    event.preventDefault()
    const { place, shape } = this
    const here = () => ({ x: this.place[0] + 0.5, y: this.place[1] + 0.5, radius: this.calls.width() / 2 })
    if (step) {
      this.place = [Math.min(shape[2] - 1, Math.max(0, place[0] + step[0])), Math.min(shape[1] - 1, Math.max(0, place[1] + step[1]))]
      if (this.keyed) this.stroke(here())
      else this.sayPlace()
    } else if (!this.keyed) {
      this.keyed = true
      this.begin(here())
    }
    this.showCursor()
  }

  endKeyed() {
    if (!this.keyed) return
    this.keyed = false
    this.release()
  }

  showCursor() {
    const { cursor, place, shape } = this
    cursor.hidden = false
    cursor.style.left = `${(100 * place[0]) / shape[2]}%`
    cursor.style.top = `${(100 * place[1]) / shape[1]}%`
  }

  sayPlace() {
    const { drawing, place, shape } = this
    const at = place[1] * shape[2] + place[0]
    const levels = Array.from({ length: shape[0] }, (_, index) => drawing.pixels[index * drawing.cover.length + at])
    const name = shape[0] === 1 ? say("grey level") : say("red, green, blue")
    this.calls.say(say`Column ${place[0] + 1}, row ${place[1] + 1}, ${name} ${levels.join(", ")}.`)
  }
}
