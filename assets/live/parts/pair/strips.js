// @ts-check
// Rows of small pictures, each a button that chooses its image.
import { element } from "../../kit/dom.js"
import { brushOf } from "../../kit/paint.js"

/** @typedef {{index: number, words: string, mark?: string}} Pictured an image, what to say of it, and a class of its look */
/** @typedef {{picture: (index: number) => HTMLCanvasElement | null, choose: (index: number) => void}} Shelf where pictures come from and go to */

export class Strip {
  /** @param {Element} parent @param {Shelf} shelf */
  constructor(parent, shelf) {
    this.shelf = shelf
    const frame = element("div", { className: "pair-strip", parent })
    this.title = element("p", { parent: frame })
    this.row = element("div", { className: "pair-row", attributes: { role: "group" }, parent: frame })
    /** @type {{button: HTMLButtonElement, canvas: HTMLCanvasElement, index: number, drawn: boolean}[]} */
    this.shown = []
  }

  /** Show these. @param {string} title @param {Pictured[]} pictured */
  show(title, pictured) {
    this.title.textContent = title
    this.row.setAttribute("aria-label", title)
    while (this.shown.length < pictured.length) this.shown.push(this.add())
    for (const { button } of this.shown.splice(pictured.length)) button.remove()
    pictured.forEach(({ index, words, mark = "" }, at) => {
      const one = this.shown[at]
      if (one.index !== index) Object.assign(one, { index, drawn: false })
      one.button.className = mark
      one.button.title = words
      one.button.setAttribute("aria-label", words)
    })
    this.draw()
  }

  add() {
    const canvas = element("canvas", { width: 1, height: 1 })
    const button = element("button", { type: "button", parent: this.row }, canvas)
    const one = { button, canvas, index: -1, drawn: false }
    button.onclick = () => this.shelf.choose(one.index)
    return one
  }

  /** Draw what has come by now. */
  draw() {
    for (const one of this.shown) {
      const picture = one.drawn ? null : this.shelf.picture(one.index)
      if (!picture) continue
      copy(picture, one.canvas)
      one.drawn = true
    }
  }
}

/** @param {HTMLCanvasElement} picture @param {HTMLCanvasElement} canvas */
export function copy(picture, canvas) {
  Object.assign(canvas, { width: picture.width, height: picture.height })
  brushOf(canvas).drawImage(picture, 0, 0)
}
