// @ts-check
// What one of the two models draws of the code: its picture, and how far that is from the image.
import { openEngine } from "../../engine/engine.js"
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { brushOf, paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { View } from "../../engine/page.js" */
/** @import { ModelSource } from "../../kit/wire.js" */
/** @typedef {{say: (sentence: string) => void, fail: (reason: string) => void}} Heard what comes of opening a model */

export class Screen {
  /** @param {Element} parent @param {string} name what the model is called beside the other */
  constructor(parent, name) {
    this.name = name
    this.canvas = element("canvas", { attributes: { role: "img" } })
    brushOf(this.canvas, { willReadFrequently: true }) // refuses a browser that cannot draw
    this.caption = element("p", { className: "note" })
    element("div", { className: "pair-screen", parent }, this.canvas, this.caption)
    /** @type {ModelSource | null} */
    this.source = null
    /** @type {Engine | null} */
    this.engine = null
    /** @type {View | null} */
    this.view = null
    this.unlisten = () => {}
    /** @type {Float32Array} */
    this.z = new Float32Array()
    /** @type {HTMLCanvasElement | null} */
    this.image = null // what the picture is compared with; null: the code was moved, or the image is not there yet
    this.moved = false
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
      this.view = engine.view((image) => {
        paint(this.canvas, image, engine.shape)
        this.describe()
      })
      this.unlisten = engine.listen((message) => heard.say(message ?? ""))
      this.show(this.z, this.moved, this.image)
    } catch (error) {
      if (this.source === source) heard.fail(/** @type {Error} */ (error).message)
    }
  }

  /** Draw what a code decodes to. @param {Float32Array} z @param {boolean} moved away from the image's @param {HTMLCanvasElement | null} image */
  show(z, moved, image) {
    this.z = z
    this.moved = moved
    this.image = image
    if (this.engine?.latent === z.length) this.view?.show(z)
  }

  describe() {
    const off = this.image && !this.moved ? errorBetween(this.canvas, this.image) : null
    const how = this.moved ? say("moved") : off === null ? "" : say("{share} % off", { share: decimal(100 * off, 1) })
    const caption = how ? `${this.name}: ${how}` : this.name
    if (this.caption.textContent === caption) return
    this.caption.textContent = caption
    this.canvas.setAttribute("aria-label", say(this.moved ? "Decoded at the moved code: {name}" : "Rebuilt: {name}", { name: caption }))
  }

  shut() {
    this.view?.close()
    this.unlisten()
    this.unlisten = () => {}
    this.source = this.engine = this.view = null
  }
}

/** Root mean squared difference of two pictures of one size, 0 to 1. @param {HTMLCanvasElement} one @param {HTMLCanvasElement} other */
function errorBetween(one, other) {
  const [a, b] = [one, other].map((canvas) => brushOf(canvas).getImageData(0, 0, one.width, one.height).data)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2 // the fourth of each pixel is 255 in both
  return Math.sqrt(sum / (0.75 * a.length)) / 255
}
