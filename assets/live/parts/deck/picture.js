// @ts-check
// The pictures of the deck: one that stands, and one that follows the code.
import { openEngine } from "../../engine/engine.js"
import { element } from "../../kit/dom.js"
import { paint } from "../../kit/paint.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { View } from "../../engine/page.js" */
/** @import { Shape } from "../../kit/paint.js" */
/** @import { ModelSource } from "../../kit/wire.js" */

/** A canvas with a caption below it and, where something is amiss, a sentence. */
export class Picture {
  constructor() {
    this.canvas = element("canvas", { attributes: { role: "img" } })
    this.caption = element("figcaption", { className: "note" })
    this.message = element("p", { attributes: { role: "status" } })
    this.figure = element("figure", { className: "deck-picture" }, this.canvas, this.caption, this.message)
  }

  /** Say what is seen: to a screen reader, and below the canvas. @param {string} alt @param {string} caption */
  describe(alt, caption) {
    this.canvas.setAttribute("aria-label", alt)
    this.caption.textContent = caption
    this.caption.hidden = !caption
  }

  /** @param {string | null} sentence */
  say(sentence) {
    this.message.textContent = sentence ?? ""
  }

  /** The size on screen: the smallest whole multiple of its own pixels with no side below `least`. @param {Shape} shape @param {number} least */
  fit([, height, width], least) {
    const factor = Math.ceil(least / Math.max(height, width))
    this.canvas.style.setProperty("--own", `${width}px`)
    this.canvas.style.setProperty("--whole", `${factor * width}px`)
  }
}

/** A picture that follows the code: what one model, or another in its place, makes of it. */
export class LivePicture extends Picture {
  /** @param {(image: Float32Array, shape: Shape) => void} [drawn] called with each image that was drawn */
  constructor(drawn) {
    super()
    this.drawn = drawn
    /** @type {string | null} */
    this.hash = null
    /** @type {Engine | null} */
    this.engine = null
    /** @type {View | null} */
    this.view = null
    /** @type {(() => void) | null} */
    this.unlisten = null
    this.away = false
  }

  /**
   * Show this model from now on.
   * @param {ModelSource} source
   * @param {number} least screen pixels of its picture's longer side
   * @param {() => void} changed called once it can draw, and whenever it begins or ceases to say something
   * @param {(error: Error) => void} failed called when it never will
   */
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
        this.drawn?.(image, engine.shape)
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

  /** Draw this code in the next frame. A code for a model that is still on its way waits for `changed`. @param {Float32Array} z */
  show(z) {
    if (this.engine?.latent === z.length) this.view?.show(z)
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
