// @ts-check
// Images of the page's map that can be taken: to the canvas, or as an end of the walk.
import { base64Of, bytesOf } from "../kit/base64.js"
import { element } from "../kit/dom.js"
import { brushOf, paintBytes } from "../kit/paint.js"
import { arrayAt } from "../parts/map/points.js"
import { cutPictures } from "../parts/map/thumbnails.js"

/** @import { Engine } from "../engine/engine.js" */
/** @import { Shape } from "../kit/paint.js" */
/** @import { MapContent } from "../kit/wire.js" */
/** @import { TakehomeExample } from "../kit/wire_pages.js" */

/** The code of a picture, bytes in base64; of a posterior its mean. @param {Engine} engine @param {string} picture @returns {Promise<number[]>} */
export async function codeOf(engine, picture) {
  return Array.from((await engine.encode(Float32Array.from(bytesOf(picture), (level) => level / 255))).mean)
}

/** The bytes of an image, [C, H, W] in base64, from its colours [H, W, 4]. @param {ArrayLike<number>} colours @param {number} channels */
export function bytesOfColours(colours, channels) {
  const plane = colours.length / 4
  return base64Of(Uint8Array.from({ length: channels * plane }, (_, i) => colours[4 * (i % plane) + Math.floor(i / plane)]))
}

export class Examples {
  /** @param {TakehomeExample[]} list @param {MapContent | null} map */
  constructor(list, map) {
    this.list = list
    this.map = map
    const pictures = map?.pictures
    this.sheet = pictures && "sheet" in pictures ? pictures : null
    this.cut = this.sheet && cutPictures(this.sheet)
    /** @type {Map<number, Promise<string>>} */
    this.pictures = new Map()
  }

  /** Its code at the KL weight of now; where the page holds no images, the one that was kept. @param {Engine} engine @param {number} index */
  async code(engine, index) {
    return this.cut ? codeOf(engine, await this.picture(engine, index)) : Array.from(await this.kept(index))
  }

  /** Its pixels, bytes in base64; where the page holds no images, what the model draws of its code. @param {Engine} engine @param {number} index */
  picture(engine, index) {
    const picture = this.pictures.get(index) ?? this.made(engine, index)
    if (!this.pictures.has(index)) this.pictures.set(index, picture)
    return picture
  }

  /** @param {Engine} engine @param {number} index */
  async made(engine, index) {
    const { sheet, cut } = this
    if (sheet && cut) {
      const [channels, height, width] = sheet.shape
      const [canvas] = await cut([this.list[index].place])
      return bytesOfColours(brushOf(canvas).getImageData(0, 0, width, height).data, channels)
    }
    const image = await engine.decode(await this.kept(index))
    return base64Of(Uint8ClampedArray.from(image, (level) => 255 * level))
  }

  /** @param {number} index */
  async kept(index) {
    const { codes, latent } = /** @type {MapContent} */ (this.map) // there are no examples without a map
    const { place } = this.list[index]
    return (await arrayAt(/** @type {string} */ (codes), Float32Array)).slice(place * latent, (place + 1) * latent)
  }

  /**
   * Buttons above what is in `root`, which hand over a picture each, as soon as it is there.
   * @param {Element} root
   * @param {Shape} shape
   * @param {Promise<Engine>} opening
   * @param {(picture: string) => void} take
   */
  lay(root, shape, opening, take) {
    if (!this.list.length) return
    const name = this.cut ? "Take an image:" : "Take what the model draws of an image's code:"
    const strip = element("div", { className: "strip", attributes: { role: "group", "aria-label": name } })
    for (const [index, example] of this.list.entries()) {
      const canvas = element("canvas", { width: shape[2], height: shape[1] })
      const attributes = { "aria-label": example.name }
      const button = element("button", { type: "button", title: example.name, disabled: true, parent: strip, attributes }, canvas)
      opening.then((engine) => this.picture(engine, index)).then((picture) => {
        paintBytes(canvas, picture, shape)
        button.onclick = () => take(picture)
        button.disabled = false
      }).catch(() => {}) // the canvas to draw on says what is wrong
    }
    root.prepend(element("p", { className: "strip-name", attributes: { "aria-hidden": "true" } }, name), strip)
  }
}
