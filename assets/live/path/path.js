// @ts-check
// The way between two codes: its picture while it is walked, and a map on which both of its ends can be moved.
import { openEngine } from "../engine/engine.js"
import { element } from "../kit/dom.js"
import { brushOf, paint, paintBytes } from "../kit/paint.js"
import { WayMap } from "./map.js"
import { codeAlong, FROM, TO, wordsAt } from "./way.js"

/** @import { Engine } from "../engine/engine.js" */
/** @import { View } from "../engine/page.js" */
/** @import { ModelSource, PathData, PathEvent } from "../kit/wire.js" */
/** @import { Kind } from "./way.js" */
/** @typedef {{send: (event: PathEvent) => void}} Io */

const SIDE = 256 // least size of the large picture, screen pixels
const SMALL = 9
const SMALL_LEAST = 56 // screen pixels that a small picture may take even where not all fit beside one another
const SMALL_MOST = 96
const SMALL_BUDGET = 4 // milliseconds of each frame in which small pictures are begun
const WALK = 4000 // milliseconds from A to B when played

/**
 * A path's picture, its scrubber and its map, in an empty element. When let go it sends all there is, so that nothing is lost when one
 * event overtakes another; an end that was never dragged is null.
 * @param {HTMLElement} root
 * @param {Io} io
 */
export function mountPath(root, io) {
  return new PathView(root, io)
}

class PathView {
  /** @param {HTMLElement} root @param {Io} io */
  constructor(root, io) {
    this.io = io
    this.held = false // the user is moving something right now
    this.moved = false // and it differs from what Python knows
    this.waiting = /** @type {PathData | null} */ (null) // data that came meanwhile
    this.playing = 0
    this.stale = 0 // small pictures that show an older way
    this.next = 0 // which of them is drawn next
    this.source = /** @type {ModelSource | null} */ (null)
    this.engine = /** @type {Engine | null} */ (null)
    this.view = /** @type {View | null} */ (null)
    this.unlisten = /** @type {(() => void) | null} */ (null)
    this.away = false
    this.a = new Float32Array(0)
    this.b = new Float32Array(0)
    this.z = new Float32Array(0) // the code of the large picture
    this.smallZ = new Float32Array(0) // of the small one that is drawn now
    this.kind = /** @type {Kind} */ ("linear")
    this.dragged = [false, false]
    this.t = 0
    const frame = element("div", { className: "path", parent: root })
    this.large = element("canvas", { className: "path-large", attributes: { role: "img" } })
    brushOf(this.large) // refuses a browser that cannot draw
    this.words = element("div", { className: "path-words" })
    this.scrub = element("input", {
      type: "range",
      min: String(FROM),
      max: String(TO),
      step: "0.01",
      attributes: { "aria-label": "Place on the way from A to B" },
    })
    const ticks = [["50 % beyond A", "start"], ["A", ""], ["B", ""], ["50 % beyond B", "end"]]
      .map(([text, side]) => element("span", { className: side }, text))
    const scale = element("div", { className: "path-ticks", attributes: { "aria-hidden": "true" } }, ...ticks)
    this.button = element("button", { type: "button" }, "Play")
    element("div", { className: "path-walk", parent: frame }, this.large, this.words, this.scrub, scale, this.button)
    this.map = new WayMap(element("div", { className: "path-plane", parent: frame }), {
      hold: () => this.hold(),
      release: () => this.release(),
      moved: (end) => this.endMoved(end),
    })
    this.small = Array.from({ length: SMALL }, () => element("canvas"))
    const attributes = { role: "img", "aria-label": "Nine pictures on the way from A to B" }
    this.row = element("div", { className: "path-row", parent: frame, attributes }, ...this.small)
    this.status = element("p", { className: "path-status", parent: frame, attributes: { role: "status" } })
    this.sizes = new ResizeObserver(() => this.resize())
    this.sizes.observe(this.row)
    this.listen()
  }

  listen() {
    const { scrub, button } = this
    /** @type {{t: number, moved: boolean} | null} */
    let from = null // when the scrubber was gripped
    scrub.onpointerdown = (event) => {
      scrub.setPointerCapture(event.pointerId)
      this.halt()
      this.hold()
      from ??= { t: this.t, moved: this.moved }
    }
    scrub.onpointercancel = () => {
      // The finger scrolls the page after all, but the browser had moved the scrubber as soon as it was touched.
      if (!from) return
      this.moved = from.moved
      this.goTo(from.t)
    }
    scrub.onlostpointercapture = () => {
      from = null
      this.release()
    }
    scrub.onkeydown = () => this.hold()
    scrub.onkeyup = scrub.onblur = () => this.release()
    scrub.oninput = () => {
      this.halt()
      this.moved = true
      this.goTo(Number(scrub.value))
    }
    scrub.onchange = () => {
      if (!this.held) this.release() // moved by neither pointer nor key, as a screen reader does
    }
    button.onclick = () => {
      if (!this.playing) return this.play()
      this.halt()
      this.release()
    }
  }

  /** @param {PathData} data */
  update(data) {
    if (this.held) {
      this.waiting = data
      return
    }
    this.a = Float32Array.from(data.a)
    this.b = Float32Array.from(data.b)
    this.kind = data.kind
    this.dragged = [...data.dragged]
    this.z = new Float32Array(this.a.length)
    this.smallZ = new Float32Array(this.a.length)
    if (this.source?.hash !== data.model.hash) this.pause()
    if (!this.playing) this.t = data.t
    this.map.update(data, [this.a, this.b])
    this.connect(data.model)
    this.wayChanged()
    if (this.engine && this.away && data.drawn) paintBytes(this.large, data.drawn, this.engine.shape)
  }

  /** Fetch the model, unless it is this one already. @param {ModelSource} source */
  async connect(source) {
    if (this.source?.hash === source.hash) return
    this.disconnect()
    this.source = source
    try {
      const engine = await openEngine(source)
      if (this.source !== source) return
      this.engine = engine
      this.view = engine.view((image) => paint(this.large, image, engine.shape))
      this.unlisten = engine.listen((message) => {
        this.status.textContent = message ?? ""
        this.away = message !== null
      })
      this.resize()
      this.wayChanged()
    } catch (error) {
      if (this.source === source) this.io.send({ kind: "failed", reason: /** @type {Error} */ (error).message })
    }
  }

  disconnect() {
    this.view?.close()
    this.unlisten?.()
    this.stale = 0
    this.away = false
    this.status.textContent = ""
    this.source = this.engine = null
    this.view = this.unlisten = null
  }

  /** Every picture at a whole factor of its own size. */
  resize() {
    if (!this.engine) return
    const [, height, width] = this.engine.shape
    const side = Math.max(height, width)
    const size = (/** @type {HTMLCanvasElement} */ canvas, /** @type {number} */ factor) => {
      canvas.style.width = `${factor * width}px`
      canvas.style.height = `${factor * height}px`
    }
    size(this.large, Math.ceil(SIDE / side))
    const room = Math.max(SMALL_LEAST, Math.min(SMALL_MOST, this.row.clientWidth / SMALL - 8))
    for (const canvas of this.small) size(canvas, Math.max(1, Math.floor(room / side)))
  }

  /** An end, the kind of way or the model is another one. */
  wayChanged() {
    this.map.wayChanged(this.a, this.b, this.kind)
    this.goTo(this.t)
    const { engine, stale } = this
    if (!engine) return
    this.stale = SMALL
    if (!stale) requestAnimationFrame(() => this.drawSmall(engine))
  }

  /** Show the place t. @param {number} t */
  goTo(t) {
    this.t = t
    const words = wordsAt(Number(t.toFixed(2)))
    this.words.textContent = words
    this.scrub.value = String(t)
    this.scrub.setAttribute("aria-valuetext", words)
    this.large.setAttribute("aria-label", `Decoded picture: ${words}`)
    codeAlong(this.a, this.b, t, this.kind, this.z)
    this.map.goTo(this.z)
    this.view?.show(this.z)
  }

  /**
   * Draw as many stale small pictures as a frame has time for beside the large one, each in its turn, and go on in the next frame.
   * @param {Engine} engine
   */
  async drawSmall(engine) {
    const end = performance.now() + SMALL_BUDGET
    while (this.engine === engine && this.stale) {
      if (performance.now() > end) {
        requestAnimationFrame(() => this.drawSmall(engine))
        return
      }
      const place = this.next
      this.next = (place + 1) % SMALL
      this.stale-- // before the picture is there: should the way change meanwhile, this one is stale again
      codeAlong(this.a, this.b, place / (SMALL - 1), this.kind, this.smallZ)
      const image = await engine.decode(this.smallZ).catch(() => null) // the engine's listener says what is wrong
      if (image && this.engine === engine) paint(this.small[place], image, engine.shape)
    }
  }

  /** @param {number} end */
  endMoved(end) {
    this.halt()
    this.dragged[end] = this.moved = true
    this.wayChanged()
  }

  hold() {
    this.held = true
  }

  /** Tell Python what was moved; where nothing was, take what it said meanwhile. */
  release() {
    this.held = false
    const { waiting } = this
    this.waiting = null
    if (this.moved) {
      this.moved = false
      const [a, b] = [this.a, this.b].map((code, end) => (this.dragged[end] ? Array.from(code) : null))
      this.io.send({ kind: "walk", t: this.t, a, b })
    } else if (waiting) this.update(waiting)
  }

  /** Walk from here to B, or from beyond it to A, and to and fro between them, until stopped. */
  play() {
    let before = performance.now(), towards = this.t < 1 ? 1 : 0
    const step = (/** @type {number} */ now) => {
      const way = Math.max(0, now - before) / WALK // a frame may have begun before the click
      before = now
      const t = towards ? Math.min(1, this.t + way) : Math.max(0, this.t - way)
      if (t === towards) towards = 1 - towards
      this.goTo(t)
      this.playing = requestAnimationFrame(step)
    }
    this.playing = requestAnimationFrame(step)
    this.button.textContent = "Pause"
  }

  /** Stop playing, at a step of the scrubber, as an address holds it. */
  halt() {
    if (!this.playing) return
    this.pause()
    this.moved = true
    this.goTo(Number(this.scrub.value))
  }

  pause() {
    cancelAnimationFrame(this.playing)
    this.playing = 0
    this.button.textContent = "Play"
  }

  close() {
    this.pause()
    this.disconnect()
    this.sizes.disconnect()
    this.map.close()
  }
}
