// @ts-check
// The small map of codes: z is a dot on it that can be dragged and moved by keys, with the ellipse of the posterior around its mean.
import { element } from "../../kit/dom.js"
import { nextFrame } from "../../kit/frame.js"
import { ARROWS } from "../../kit/keys.js"
import { LIMIT } from "../../kit/limits.js"
import { channel } from "../../kit/link.js"
import { decimal } from "../../kit/numbers.js"
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { PlaneCamera } from "../map/camera.js"
import { seenEllipse, SIGMAS } from "../map/ellipses.js"
import { drawPrior } from "../map/marks.js"
import { openPlane } from "../map/plane.js"
import { drawScatter } from "../map/scatter.js"
import { themeOf } from "../map/theme.js"
import { drawRegions } from "./regions.js"

/** @import { Posterior } from "../../engine/model.js" */
/** @import { AtlasContent, AtlasData, AtlasEvent } from "../../kit/wire.js" */

const STEP = 0.02 // of the map's shorter side: what an arrow key moves z by; five times as much with Shift
const QUIET = 200 // milliseconds without a move that end it
const THROWS_KEPT = 60 // places of earlier throws that stay on the map

export class Atlas {
  /**
   * `moved(z)` is called for each place that the user moves z to, `released()` when it is let go.
   * @param {Element} parent
   * @param {string} help id of the element that tells the keys
   * @param {{moved: (z: Float32Array) => void, released: () => void}} calls
   */
  constructor(parent, help, calls) {
    this.calls = calls
    this.box = element("div", { className: "atlas", parent })
    this.canvas = element("canvas", { parent: this.box, attributes: { role: "img" } })
    this.ground = element("canvas") // the points, which stay while all else moves
    this.handle = element("button", {
      type: "button",
      className: "atlas-z keyed",
      parent: this.box,
      attributes: { "aria-describedby": help },
    }, element("span", {}, "z"))
    this.camera = new PlaneCamera()
    this.theme = themeOf(this.box)
    this.plane = openPlane({ centre: [0, 0], axes: [[1, 0], [0, 1]] }) // until Python has said which
    /** @type {AtlasContent | null} */
    this.data = null
    this.z = /** @type {Float32Array} */ (new Float32Array(2))
    /** @type {Posterior | null} */
    this.posterior = null
    /** @type {number[] | null} */
    this.regions = null // σ of each code across and up
    this.factor = 1 // how many times as wide they are drawn
    /** @type {number[][]} */
    this.throws = []
    this.ratio = 0 // pixels of the screen per CSS pixel; 0 while there is no room
    this.frame = nextFrame(() => this.drawNow())
    this.sizes = new ResizeObserver(() => this.fit())
    this.sizes.observe(this.canvas)
    this.listen()
  }

  // By the user

  listen() {
    const { handle, canvas, box } = this
    /** @type {{x: number, y: number} | null} */
    let grip = null // the way from the pointer to the dot
    const spot = (/** @type {PointerEvent} */ event) => {
      const { left, top } = box.getBoundingClientRect()
      return [event.clientX - left, event.clientY - top]
    }
    handle.onpointerdown = (event) => {
      handle.setPointerCapture(event.pointerId)
      const [x, y] = spot(event)
      const [atX, atY] = this.onScreen(this.plane.place(this.z))
      grip = { x: atX - x, y: atY - y }
    }
    handle.onpointermove = (event) => {
      const [x, y] = spot(event)
      if (grip) this.move(x + grip.x, y + grip.y)
    }
    handle.onlostpointercapture = () => {
      if (grip) this.calls.released()
      grip = null
    }
    canvas.onpointerdown = (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return // a finger scrolls the page here, and moves z by a tap
      event.preventDefault()
      handle.setPointerCapture(event.pointerId)
      grip = { x: 0, y: 0 }
      const [x, y] = spot(event)
      this.move(x, y)
    }
    canvas.onclick = (event) => {
      const [x, y] = spot(/** @type {PointerEvent} */ (event))
      this.move(x, y)
      this.calls.released()
    }
    handle.onkeydown = (event) => {
      const arrow = ARROWS[event.key]
      if (!arrow) return
      event.preventDefault() // the page would scroll
      const [x, y] = this.onScreen(this.plane.place(this.z))
      const step = STEP * Math.min(this.camera.width, this.camera.height) * (event.shiftKey ? 5 : 1)
      this.move(x + step * arrow[0], y + step * arrow[1])
      this.calls.released()
    }
  }

  /** Move z to a place on the screen within the map's plane; it keeps what is out of it. @param {number} x @param {number} y */
  move(x, y) {
    const here = this.plane.lift(this.plane.place(this.z))
    const [heldX, heldY] = this.camera.nearestHeld(x, y)
    const there = this.plane.lift(this.camera.planeAt(heldX, heldY))
    this.calls.moved(this.z.map((value, k) => Math.min(LIMIT, Math.max(-LIMIT, value + there[k] - here[k]))))
  }

  // What is shown

  /**
   * Another model's codes, of so many dimensions; `regions` are σ of each code across and up, [2N], or null.
   * @param {AtlasContent} data
   * @param {number} latent
   * @param {number[] | null} [regions]
   */
  open(data, latent, regions = null) {
    this.data = data
    this.regions = regions
    this.factor = 1
    this.plane = openPlane(data.view)
    this.z = new Float32Array(latent)
    this.posterior = null
    this.throws = []
    const [x, y] = [0, 1].map((side) => {
      const values = data.points.xy.filter((_, place) => place % 2 === side)
      return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], data.prior ? [-2.2, 2.2] : [0, 0])
    })
    this.camera.fit({ x, y })
    this.fit()
  }

  /** z is here, and this is the posterior of the picture. @param {Float32Array} z @param {Posterior | null} posterior */
  show(z, posterior) {
    if (posterior !== this.posterior) this.throws = []
    this.z = z
    this.posterior = posterior
    this.frame.ask()
  }

  /** Draw all regions so many times as wide. @param {number} factor */
  widen(factor) {
    this.factor = factor
    this.throws = []
    this.fit()
  }

  /** z was thrown to where it is now: a trace of it stays. */
  keep() {
    this.throws = [...this.throws, this.plane.place(this.z)].slice(-THROWS_KEPT)
  }

  /** Say where z is. @param {string} what */
  describe(what) {
    const [x, y] = this.plane.place(this.z)
    const labels = this.data?.view.labels ?? ["", ""]
    this.canvas.setAttribute("aria-label", say`Map of codes, ${labels[0]} across and ${labels[1]} up. ${what}`)
    this.handle.setAttribute("aria-label", say`z, at (${decimal(x, 2)}, ${decimal(y, 2)})`)
  }

  fit() {
    const { clientWidth, clientHeight } = this.canvas
    if (!clientWidth || !this.data) return
    this.theme = themeOf(this.box)
    this.ratio = devicePixelRatio
    this.camera.resize(0, 0, clientWidth, clientHeight)
    for (const canvas of [this.ground, this.canvas]) {
      canvas.width = Math.round(this.ratio * clientWidth)
      canvas.height = Math.round(this.ratio * clientHeight)
    }
    const brush = brushOf(this.ground)
    brush.scale(this.ratio, this.ratio)
    if (this.data.prior) drawPrior(brush, this.camera, this.plane.place(new Float32Array(this.z.length)), this.theme)
    const { text, ground, font } = this.theme
    const unit = this.factor * this.camera.scale
    if (this.regions) drawRegions(brush, this.data.points, this.regions, unit, (place) => this.onScreen(place), text)
    drawScatter(brush, this.data.points, (place) => this.onScreen(place), { ink: text, paper: ground, font })
    this.frame.ask()
  }

  /** @param {ArrayLike<number>} place @returns {[number, number]} */
  onScreen({ 0: x, 1: y }) {
    return [this.camera.screenX(x), this.camera.screenY(y)]
  }

  drawNow() {
    if (!this.ratio) return
    const { plane, theme, camera } = this
    const brush = brushOf(this.canvas)
    brush.setTransform(1, 0, 0, 1, 0, 0)
    brush.clearRect(0, 0, this.canvas.width, this.canvas.height)
    brush.drawImage(this.ground, 0, 0)
    brush.scale(this.ratio, this.ratio)
    brush.fillStyle = theme.text
    for (const place of this.throws) {
      const [x, y] = this.onScreen(place)
      brush.fillRect(x - 1, y - 1, 2, 2)
    }
    if (this.posterior && this.data?.view.axes) this.drawPosterior(brush, this.posterior, this.data.view.axes)
    const [dotX, dotY] = this.onScreen(plane.place(this.z))
    const [x, y] = camera.nearestHeld(dotX, dotY)
    this.handle.style.transform = `translate(-50%, -50%) translate(${x}px, ${y}px)`
  }

  /** @param {CanvasRenderingContext2D} brush @param {Posterior} posterior @param {number[][]} axes */
  drawPosterior(brush, { mean, logvar }, axes) {
    const { major, minor, angle } = seenEllipse(axes, logvar.map((value) => Math.exp(0.5 * value)), 0)
    const { scale } = this.camera
    const [x, y] = this.onScreen(this.plane.place(mean))
    for (const [colour, width] of /** @type {[string, number][]} */ ([[this.theme.ground, 4], [this.theme.primary, 2]])) {
      brush.strokeStyle = colour
      brush.lineWidth = width
      for (const sigmas of SIGMAS) {
        brush.beginPath()
        brush.ellipse(x, y, sigmas * major * scale, sigmas * minor * scale, -angle, 0, 2 * Math.PI)
        brush.stroke()
      }
    }
  }

  close() {
    this.frame.close()
    this.sizes.disconnect()
  }
}

/**
 * The map alone, in an empty element: its dot is the code of a channel, which other parts of the page show and move too.
 * @param {HTMLElement} root
 * @param {{send: (event: AtlasEvent) => void}} io
 */
export function mountAtlas(root, io) {
  const self = {}
  const atlas = new Atlas(root, "atlas-help", {
    moved: (z) => {
      moving = true
      show(z)
      link?.set(z, self)
    },
    released: () => rest(),
  })
  const help = element("p", { className: "note", parent: root, id: "atlas-help" })
  root.classList.add("atlas-alone")
  /** @type {AtlasData} */
  let data // from the first update on
  let opened = ""
  let z = /** @type {Float32Array} */ (new Float32Array(0))
  let moving = false // the user has moved further here than Python knows
  /** @type {Posterior | null} */
  let posterior = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {ReturnType<typeof channel> | null} */
  let link = null
  let unlisten = () => {}

  const tell = () => atlas.describe(say`z at ${Array.from(z, (value) => decimal(value, 2)).join(", ")}.`)
  /** @param {Float32Array} place */
  const show = (place) => {
    z = Float32Array.from(place)
    atlas.show(z, posterior)
    clearTimeout(timer)
    timer = setTimeout(tell, QUIET)
  }
  const rest = () => {
    tell()
    if (!moving) return
    moving = false
    io.send({ kind: "move", z: Array.from(z) })
  }

  return {
    /** @param {AtlasData} newest */
    update: (newest) => {
      data = newest
      const content = JSON.stringify([data.view, data.points, data.prior])
      if (content !== opened) atlas.open(data, data.z.length)
      opened = content
      const { mean, std } = data.posterior ?? { mean: [], std: [] }
      posterior = data.posterior && { mean: Float32Array.from(mean), logvar: Float32Array.from(std, (value) => 2 * Math.log(value)) }
      const rings = posterior ? say(" Rings: where the encoder places the start's image, at 1 and 2 σ.") : ""
      help.textContent = say`z is this code, among those of the images. Drag it, or use the arrow keys.${rings}`
      if (link !== channel(data.channel)) {
        unlisten()
        link = channel(data.channel)
        unlisten = link.listen((moved, from) => {
          if (from !== self && moved?.length === z.length) show(moved)
        })
      }
      if (!moving) show(Float32Array.from(data.z))
    },
    close: () => {
      clearTimeout(timer)
      unlisten()
      atlas.close()
      root.replaceChildren()
    },
  }
}
