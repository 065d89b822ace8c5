// @ts-check
// Images above their reconstructions, cut from one sheet that has a row for each snapshot.
import { element } from "../../kit/dom.js"
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"

/** @import { PicturesOnSheet } from "../../kit/wire.js" */

/** What an image is called on the map and above its picture. @param {number} place in the row */
export const letterOf = (place) => String.fromCharCode(65 + place)

export class Pictures {
  /** @param {Element} parent */
  constructor(parent) {
    element("p", { className: "replay-title", parent }, say("Images, and below each its reconstruction"))
    this.element = element("div", { className: "replay-pictures", attributes: { role: "img" }, parent })
    /** @type {{top: HTMLCanvasElement, below: HTMLCanvasElement}[]} */
    this.columns = []
    /** @type {PicturesOnSheet | null} */
    this.source = null
    /** @type {HTMLImageElement | null} */
    this.sheet = null // once it is there
    this.at = 0
  }

  /** Take pictures from this sheet, as soon as it is there. @param {PicturesOnSheet} source */
  async update(source) {
    if (source.sheet === this.source?.sheet) return
    this.source = source
    const sheet = Object.assign(new Image(), { src: source.sheet })
    const came = await sheet.decode().then(() => true, () => false)
    if (this.source !== source) return
    if (!came) {
      this.source = null // what comes next may be asked for again
      this.element.replaceChildren(say("The pictures cannot be read: reload the page."))
      return
    }
    this.sheet = sheet
    const { columns, shape: [, height, width] } = source
    const canvas = () => element("canvas", { width, height })
    this.columns = Array.from({ length: columns }, () => ({ top: canvas(), below: canvas() }))
    this.element.replaceChildren(
      ...this.columns.map(({ top, below }, place) => element("div", {}, element("span", {}, letterOf(place)), top, below)),
    )
    this.columns.forEach(({ top }, place) => this.cut(top, place, 0))
    this.show(this.at)
  }

  /** @param {HTMLCanvasElement} canvas @param {number} column @param {number} row */
  cut(canvas, column, row) {
    const { width, height } = canvas
    if (this.sheet) brushOf(canvas).drawImage(this.sheet, column * width, row * height, width, height, 0, 0, width, height)
  }

  /** @param {number} at */
  show(at) {
    this.at = at
    this.columns.forEach(({ below }, place) => this.cut(below, place, at + 1))
  }

  /** @param {string} words */
  describe(words) {
    this.element.setAttribute("aria-label", words)
  }
}
