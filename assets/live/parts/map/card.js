// @ts-check
// The card beside the pointer: a picture and what it shows.
import { element } from "../../kit/dom.js"

const PICTURE = 112 // pixels of the picture's shorter side, at least
const APART = 20 // pixels from the pointer; a finger covers more
const APART_FINGER = 44

export class Card {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage
    this.slot = element("div", { className: "map-picture" })
    this.title = element("div", { className: "map-card-title" })
    this.detail = element("div", { className: "note" })
    this.element = element("div", { className: "map-card", hidden: true, parent: stage }, this.slot, this.title, this.detail)
  }

  get shown() {
    return !this.element.hidden
  }

  /** All that it says, in one line. */
  get text() {
    return this.shown ? `${this.title.textContent}. ${this.detail.textContent.replaceAll("\n", ". ")}` : ""
  }

  /**
   * Say this over a picture, or over none while it is on its way.
   * @param {string} title
   * @param {string[]} lines
   * @param {HTMLCanvasElement | null} canvas
   */
  show(title, lines, canvas) {
    if (canvas) {
      canvas.style.width = `${canvas.width * Math.ceil(PICTURE / Math.min(canvas.width, canvas.height))}px`
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", title)
    }
    if (this.slot.firstChild !== canvas) this.slot.replaceChildren(...(canvas ? [canvas] : []))
    this.title.textContent = title
    this.detail.textContent = lines.join("\n")
    this.element.hidden = false
  }

  /** Stand beside a place, on the side with more room, and never beyond the top or the bottom. @param {number} x @param {number} y @param {boolean} touched by a finger */
  place(x, y, touched) {
    const { clientWidth, clientHeight } = this.stage
    const { style } = this.element
    const apart = touched ? APART_FINGER : APART
    const onRight = x < clientWidth / 2
    style.left = onRight ? `${x + apart}px` : "auto"
    style.right = onRight ? "auto" : `${clientWidth - x + apart}px`
    style.top = `${(100 * y) / clientHeight}%`
    style.transform = `translateY(${(-100 * y) / clientHeight}%)`
  }

  hide() {
    this.element.hidden = true
  }
}
