// @ts-check
// The map of a path: the codes of the data, the way through them, and its ends, which can be moved by pointer and by keys.
import { element } from "../../kit/dom.js"
import { nextFrame } from "../../kit/frame.js"
import { ARROWS } from "../../kit/keys.js"
import { limitOf } from "../../kit/limits.js"
import { decimal } from "../../kit/numbers.js"
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { openPlane } from "../map/plane.js"
import { drawScatter, writeName } from "../map/scatter.js"
import { codeAlong, FROM, TO } from "./way.js"
import { PlaneWindow } from "./window.js"

/** @import { MapView, PathPoints } from "../../kit/wire.js" */
/** @import { Kind } from "./way.js" */
/** @typedef {{hold: () => void, moved: (end: number) => void, release: () => void}} Calls an end is gripped, has moved, and is let go */

const SAMPLES = 81 // of the line on the map: 20 to each half of the way, so that A and B are among them
const STEP = 0.02 // of the map's shorter side: what an arrow key moves an end by; five times as much with Shift
const HINT = "Drag A or B to another place, or Tab to one and press arrow keys; with Shift the steps are larger."

/** The plane with the codes of the data, the way through it, and a handle at each of its ends. */
export class WayMap {
  /** @param {HTMLElement} box @param {Calls} calls */
  constructor(box, calls) {
    this.calls = calls
    this.box = box
    this.canvas = element("canvas", {
      parent: box,
      attributes: { role: "img", "aria-label": say("Map of the codes with the way from A to B") },
    })
    this.ground = element("canvas") // the points, which stay while all else moves
    this.legend = element("div", { className: "path-legend", parent: box })
    element("p", { id: "path-hint", className: "note", parent: box }, say(HINT))
    this.said = element("div", { className: "visually-hidden", parent: box, attributes: { role: "status" } })
    this.handles = ["A", "B"].map((letter, end) => {
      const attributes = { "aria-describedby": "path-hint" }
      const handle = element("button", { type: "button", className: "path-end", parent: box, attributes }, letter)
      this.listen(handle, end)
      return handle
    })
    this.ends = /** @type {Float32Array[]} */ ([new Float32Array(2), new Float32Array(2)])
    this.titles = ["A", "B"]
    this.labels = ["", ""]
    this.points = /** @type {PathPoints | null} */ (null)
    this.plane = openPlane({ centre: [0, 0], axes: [[1, 0], [0, 1]] }) // until Python has said which
    this.window = new PlaneWindow()
    this.fitted = false // the window to the points and the way
    this.line = new Float32Array(2 * SAMPLES)
    this.dot = /** @type {ArrayLike<number>} */ ([0, 0])
    this.moved = false // an end, since it was gripped
    this.ink = this.paper = ""
    this.ratio = 1
    this.frame = nextFrame(() => {
      if (this.fitted) this.drawNow()
    })
    this.sizes = new ResizeObserver(() => {
      this.fit()
      if (this.fitted) this.placeHandles()
    })
    this.sizes.observe(this.canvas)
  }

  /** Let a handle be dragged and moved by keys. @param {HTMLButtonElement} handle @param {number} end */
  listen(handle, end) {
    /** @type {{code: Float32Array, x: number, y: number} | null} */
    let from = null // the code when the end was gripped, and the way from the pointer to it
    handle.onpointerdown = (event) => {
      handle.setPointerCapture(event.pointerId)
      const [x, y] = this.window.toScreen(this.plane.place(this.ends[end]))
      from = { code: this.ends[end].slice(), x: x - event.clientX, y: y - event.clientY }
      this.calls.hold()
    }
    handle.onpointermove = (event) => {
      if (from) this.move(end, from.code, from.x + event.clientX, from.y + event.clientY)
    }
    handle.onlostpointercapture = () => {
      from = null
      this.released(end)
    }
    handle.onkeydown = (event) => {
      const arrow = ARROWS[event.key]
      if (!arrow) return
      event.preventDefault() // the page would scroll
      this.calls.hold()
      const code = this.ends[end].slice()
      const [x, y] = this.window.toScreen(this.plane.place(code))
      const step = STEP * Math.min(this.window.width, this.window.height) * (event.shiftKey ? 5 : 1)
      this.move(end, code, x + step * arrow[0], y + step * arrow[1])
    }
    handle.onkeyup = handle.onblur = () => this.released(end)
  }

  /** @param {number} end */
  released(end) {
    if (this.moved) this.said.textContent = this.handles[end].getAttribute("aria-label")
    this.moved = false
    this.calls.release()
  }

  /**
   * Move an end from `code` to a point of the screen: the code changes within the map's plane and keeps what is out of it.
   * @param {number} end
   * @param {Float32Array} code
   * @param {number} x
   * @param {number} y
   */
  move(end, code, x, y) {
    const here = this.plane.lift(this.plane.place(code))
    const there = this.plane.lift(this.window.toPlane(x, y))
    const z = this.ends[end]
    const limit = limitOf(z.length)
    for (let k = 0; k < z.length; k++) z[k] = Math.min(limit, Math.max(-limit, code[k] + there[k] - here[k]))
    this.moved = true
    this.calls.moved(end)
  }

  /**
   * Show another plane, and other ends: the very arrays that are moved.
   * @param {{view: MapView, points: PathPoints | null, titles: string[]}} data
   * @param {Float32Array[]} ends
   */
  update({ view, points, titles }, ends) {
    this.ends = ends
    this.labels = view.labels
    this.titles = titles
    this.points = points
    this.plane = openPlane(view)
    this.fitted = false
    this.legend.replaceChildren()
    points?.names.forEach((name, group) => {
      const mark = element("i")
      mark.style.background = points.palette[group]
      element("span", { parent: this.legend }, mark, name)
    })
  }

  /** The way runs from a to b. @param {Float32Array} a @param {Float32Array} b @param {Kind} kind */
  wayChanged(a, b, kind) {
    const z = new Float32Array(a.length)
    for (let sample = 0; sample < SAMPLES; sample++) {
      codeAlong(a, b, FROM + ((TO - FROM) * sample) / (SAMPLES - 1), kind, z)
      this.line.set(this.plane.place(z), 2 * sample)
    }
    if (!this.fitted) this.fit()
    if (this.fitted) this.placeHandles()
    this.draw()
  }

  placeHandles() {
    this.handles.forEach((handle, end) => {
      const place = this.plane.place(this.ends[end])
      const [left, top] = this.window.toScreen(place)
      handle.style.transform = `translate(-50%, -50%) translate(${left}px, ${top}px)`
      handle.setAttribute("aria-label", say`${this.titles[end]}, at (${decimal(place[0], 1)}, ${decimal(place[1], 1)})`)
    })
  }

  /** The picture shown is of this code. @param {Float32Array} z */
  goTo(z) {
    this.dot = this.plane.place(z)
    this.draw()
  }

  /** Choose the window so that all points and the way, beyond its ends too, are in it, and draw the points. */
  fit() {
    const { clientWidth, clientHeight } = this.canvas
    if (!clientWidth) return
    this.window.fit(clientWidth, clientHeight, this.points ? [this.line, this.points.xy] : [this.line])
    this.fitted = true
    this.drawGround()
    this.draw()
  }

  /** Points, names of classes and of the axes. */
  drawGround() {
    const { ground, points } = this
    const { width, height } = this.window
    const style = getComputedStyle(this.box)
    this.ink = style.getPropertyValue("--st-text-color")
    this.paper = style.getPropertyValue("--st-background-color")
    this.ratio = devicePixelRatio
    for (const canvas of [ground, this.canvas]) {
      canvas.width = Math.round(this.ratio * width)
      canvas.height = Math.round(this.ratio * height)
    }
    const brush = brushOf(ground)
    brush.scale(this.ratio, this.ratio)
    const look = { ink: this.ink, paper: this.paper, font: style.fontFamily }
    if (points) drawScatter(brush, points, (place) => this.window.toScreen(place), look)
    brush.font = `12px ${style.fontFamily}`
    brush.textBaseline = "alphabetic"
    brush.textAlign = "right"
    writeName(brush, look, [`${this.labels[0]} →`, width - 6, height - 8])
    brush.textAlign = "left"
    writeName(brush, look, [`↑ ${this.labels[1]}`, 6, 16])
  }

  draw() {
    this.frame.ask()
  }

  drawNow() {
    const brush = brushOf(this.canvas)
    brush.setTransform(1, 0, 0, 1, 0, 0)
    brush.clearRect(0, 0, this.canvas.width, this.canvas.height)
    brush.drawImage(this.ground, 0, 0)
    brush.scale(this.ratio, this.ratio)
    const quarter = (SAMPLES - 1) / 4
    this.stroke(brush, 0, SAMPLES - 1, this.paper, 6, [])
    this.stroke(brush, 0, quarter, this.ink, 2, [2, 5])
    this.stroke(brush, quarter, 3 * quarter, this.ink, 2.5, [])
    this.stroke(brush, 3 * quarter, SAMPLES - 1, this.ink, 2, [2, 5])
    const [x, y] = this.window.toScreen(this.dot)
    brush.beginPath()
    brush.arc(x, y, 7, 0, 2 * Math.PI)
    brush.fillStyle = "white"
    brush.fill()
    brush.lineWidth = 3
    brush.setLineDash([])
    brush.strokeStyle = "black"
    brush.stroke()
  }

  /**
   * The part of the way between two of its samples.
   * @param {CanvasRenderingContext2D} brush
   * @param {number} first
   * @param {number} last
   * @param {string} colour
   * @param {number} width
   * @param {number[]} dashes
   */
  stroke(brush, first, last, colour, width, dashes) {
    brush.beginPath()
    for (let sample = first; sample <= last; sample++) {
      const [x, y] = this.window.toScreen([this.line[2 * sample], this.line[2 * sample + 1]])
      brush.lineTo(x, y)
    }
    brush.lineWidth = width
    brush.lineCap = brush.lineJoin = "round"
    brush.strokeStyle = colour
    brush.setLineDash(dashes)
    brush.stroke()
  }

  close() {
    this.frame.close()
    this.sizes.disconnect()
  }
}
