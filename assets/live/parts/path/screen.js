// @ts-check
// What one model draws of a way: the picture at the place where the user is, and nine small ones from A to B.
import { openEngine } from "../../engine/engine.js"
import { element } from "../../kit/dom.js"
import { brushOf, paint, paintBytes } from "../../kit/paint.js"
import { codeAlong } from "./way.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { View } from "../../engine/page.js" */
/** @import { ModelSource } from "../../kit/wire.js" */
/** @import { Kind } from "./way.js" */
/** @typedef {{ready: () => void, say: (sentence: string) => void, fail: (reason: string) => void}} Heard what comes of opening a model */

const SMALL = 9
const SMALL_LEAST = 56 // screen pixels that a small picture may take even where not all fit beside one another
const SMALL_MOST = 96
const SMALL_BUDGET = 4 // milliseconds of each frame in which small pictures are begun

/** The size on screen: a whole multiple of an image's own pixels. @param {HTMLCanvasElement} canvas @param {number[]} shape @param {number} factor */
export function fitCanvas(canvas, [, height, width], factor) {
  canvas.style.width = `${factor * width}px`
  canvas.style.height = `${factor * height}px`
}

/** One model's pictures of the way between two codes. */
export class WayScreen {
  /** @param {string} rowName what a screen reader says of the small pictures */
  constructor(rowName) {
    this.large = element("canvas", { className: "path-large", attributes: { role: "img" } })
    brushOf(this.large) // refuses a browser that cannot draw
    this.caption = element("p", { className: "note path-caption" })
    this.figure = element("div", { className: "path-screen" }, this.large, this.caption)
    this.small = Array.from({ length: SMALL }, () => element("canvas"))
    this.row = element("div", { className: "path-row", attributes: { role: "img", "aria-label": rowName } }, ...this.small)
    this.source = /** @type {ModelSource | null} */ (null)
    this.engine = /** @type {Engine | null} */ (null)
    this.view = /** @type {View | null} */ (null)
    this.unlisten = /** @type {(() => void) | null} */ (null)
    this.away = false
    this.stale = 0 // small pictures that show an older way
    this.next = 0 // which of them is drawn next
    this.a = /** @type {Float32Array} */ (new Float32Array(0))
    this.b = this.a
    this.z = new Float32Array(0)
    this.smallZ = new Float32Array(0)
    this.kind = /** @type {Kind} */ ("linear")
  }

  /** Fetch this model, unless it is the one already. @param {ModelSource} source @param {Heard} heard */
  async open(source, heard) {
    if (this.source?.hash === source.hash) return
    this.shut()
    this.source = source
    heard.say("")
    try {
      const engine = await openEngine(source)
      if (this.source !== source) return
      this.engine = engine
      this.view = engine.view((image) => paint(this.large, image, engine.shape))
      this.unlisten = engine.listen((message) => {
        this.away = message !== null
        heard.say(message ?? "")
      })
      heard.ready()
    } catch (error) {
      if (this.source === source) heard.fail(/** @type {Error} */ (error).message)
    }
  }

  /** The way runs from a to b: the very arrays that may change later. @param {Float32Array} a @param {Float32Array} b @param {Kind} kind */
  lay(a, b, kind) {
    if (this.z.length !== a.length) {
      this.z = new Float32Array(a.length)
      this.smallZ = new Float32Array(a.length)
    }
    this.a = a
    this.b = b
    this.kind = kind
  }

  /** The way has changed: all small pictures are to be drawn again. */
  wayChanged() {
    const { engine, stale } = this
    if (!engine || engine.latent !== this.a.length) return
    this.stale = SMALL
    if (!stale) requestAnimationFrame(() => this.drawSmall(engine))
  }

  /** Show the place t. @param {number} t @param {string} alt */
  goTo(t, alt) {
    this.large.setAttribute("aria-label", alt)
    codeAlong(this.a, this.b, t, this.kind, this.z)
    if (this.engine?.latent === this.z.length) this.view?.show(this.z)
  }

  /** What Python drew, where the engine cannot answer just now. @param {string | null} drawn */
  standIn(drawn) {
    if (this.engine && this.away && drawn) paintBytes(this.large, drawn, this.engine.shape)
  }

  /** Every picture at a whole multiple of its own size. @param {number} least of the large one, pixels @param {number} most that there is room for */
  resize(least, most) {
    if (!this.engine) return
    const { shape } = this.engine
    const side = Math.max(shape[1], shape[2])
    fitCanvas(this.large, shape, Math.max(1, Math.min(Math.ceil(least / side), Math.floor(most / side))))
    const room = Math.max(SMALL_LEAST, Math.min(SMALL_MOST, this.row.clientWidth / SMALL - 8))
    for (const canvas of this.small) fitCanvas(canvas, shape, Math.max(1, Math.floor(room / side)))
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

  shut() {
    this.view?.close()
    this.unlisten?.()
    this.stale = 0
    this.away = false
    this.source = this.engine = null
    this.view = this.unlisten = null
  }

  close() {
    this.shut()
    this.figure.remove()
    this.row.remove()
  }
}
