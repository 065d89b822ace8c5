// @ts-check
// The two ends of a way: each image as it is, and what the model draws at its end.
import { element } from "../../kit/dom.js"
import { paint, paintBytes } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { fitCanvas } from "./screen.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { View } from "../../engine/page.js" */
/** @import { PathData } from "../../kit/wire.js" */

const SIDE = 112 // screen pixels of a picture, at most

/** One end. */
class End {
  /** @param {string} letter */
  constructor(letter) {
    this.letter = letter
    this.image = element("canvas", { attributes: { role: "img" } })
    this.drawn = element("canvas", { attributes: { role: "img" } })
    this.said = element("p", { className: "note" })
    this.original = element("div", {}, this.image, element("p", { className: "note" }, say("Original")))
    const name = element("p", { className: "path-letter" }, letter)
    const decoded = element("div", {}, this.drawn, this.said)
    this.element = element("div", { className: `path-side path-side-${letter.toLowerCase()}` }, name, this.original, decoded)
  }

  /** @param {string} title @param {string | null} image bytes in base64 @param {boolean} dragged @param {Engine} engine */
  show(title, image, dragged, engine) {
    const { shape } = engine
    const factor = Math.max(1, Math.floor(SIDE / Math.max(shape[1], shape[2])))
    this.original.hidden = image === null
    if (image !== null) paintBytes(this.image, image, shape)
    for (const canvas of [this.image, this.drawn]) fitCanvas(canvas, shape, factor)
    this.image.setAttribute("aria-label", say`${title}, as it is`)
    this.drawn.setAttribute("aria-label", say`${title}, drawn from its code`)
    this.mark(image, dragged)
  }

  /** @param {string | null} image @param {boolean} dragged */
  mark(image, dragged) {
    this.said.textContent = dragged ? say("Where you dragged it") : image === null ? say("From its kept code") : say("Reconstruction")
  }
}

/** Both ends. */
export class Ends {
  constructor() {
    this.both = [new End("A"), new End("B")]
    this.engine = /** @type {Engine | null} */ (null)
    this.views = /** @type {View[]} */ ([])
  }

  /** Draw with this engine from now on. @param {Engine | null} engine */
  connect(engine) {
    for (const view of this.views) view.close()
    this.engine = engine
    this.views = engine ? this.both.map(({ drawn }) => engine.view((image) => paint(drawn, image, engine.shape))) : []
  }

  /** @param {PathData} data */
  show({ titles, images, dragged }) {
    const { engine } = this
    if (engine) this.both.forEach((end, place) => end.show(titles[place], images[place], dragged[place], engine))
  }

  /** Draw what lies at both codes. @param {Float32Array[]} codes */
  draw(codes) {
    if (this.engine?.latent === codes[0].length) this.views.forEach((view, place) => view.show(codes[place]))
  }

  /** An end was dragged just now. @param {number} place @param {PathData} data */
  dragged(place, { images }) {
    this.both[place].mark(images[place], true)
  }
}
