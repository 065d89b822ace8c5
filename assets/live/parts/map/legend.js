// @ts-check
// The legend of a map: what its colours mean.
import { element } from "../../kit/dom.js"
import { brushOf } from "../../kit/paint.js"
import { say, whole } from "../../kit/words.js"
import { LEVELS } from "./inks.js"
import { SHAPES, stencil } from "./points.js"

/** @import { Inks } from "./inks.js" */

const SWATCH = 7 // radius of a marker, pixels

/** The legend: a button per class that hides it or shows it again, or the scale of a quantity. `changed()` is called on a click. */
export class Legend {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed
    /** @type {Inks | null} */
    this.inks = null
    /** @type {{button: HTMLButtonElement, ink: number}[]} */
    this.buttons = []
    this.element = element("div", { className: "map-legend", attributes: { role: "group" } })
  }

  /** @param {Inks} inks */
  show(inks) {
    if (inks === this.inks) return this.mark(inks)
    this.inks = inks
    this.buttons = []
    this.element.setAttribute("aria-label", say(inks.title))
    const title = element("span", { className: "map-legend-title" }, say(inks.title))
    this.element.replaceChildren(title, ...(inks.names ? this.classes(inks, inks.names) : this.scale(inks)))
    this.mark(inks)
  }

  clear() {
    this.inks = null
    this.element.replaceChildren()
  }

  /** @param {Inks} inks @param {string[]} names */
  classes(inks, names) {
    const { counts, shown, present } = inks
    const parts = present.map((ink) => {
      const name = element("span", {}, ink ? names[ink - 1] : say("none"))
      const button = element("button", { type: "button", className: "map-class" }, swatch(inks, ink), name)
      button.title = say`${whole(counts[ink])} points`
      button.addEventListener("click", () => this.turn(inks, () => (shown[ink] ^= 1)))
      this.buttons.push({ button, ink })
      return button
    })
    if (present.length < 2) return parts
    const all = (/** @type {string} */ text, /** @type {number} */ value) => {
      const button = element("button", { type: "button", className: "map-class" }, text)
      button.addEventListener("click", () => this.turn(inks, () => shown.fill(value)))
      return button
    }
    return [...parts, all(say("All"), 1), all(say("None"), 0)]
  }

  /** @param {Inks} inks @param {() => void} change */
  turn(inks, change) {
    change()
    this.mark(inks)
    this.changed()
  }

  /** @param {Inks} inks */
  mark(inks) {
    for (const { button, ink } of this.buttons) button.setAttribute("aria-pressed", String(Boolean(inks.shown[ink])))
  }

  /** @param {Inks} inks */
  scale(inks) {
    const { low, high, counts } = inks
    const bar = element("canvas", { className: "map-scale", width: LEVELS, height: 1, attributes: { "aria-hidden": "true" } })
    const brush = brushOf(bar)
    for (let level = 0; level < LEVELS; level++) {
      brush.fillStyle = inks.css(level + 1)
      brush.fillRect(level, 0, 1, 1)
    }
    const end = (/** @type {number} */ value) => element("span", {}, Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–")
    const parts = [end(low), bar, end(high)]
    if (counts[0]) parts.push(element("span", { className: "note" }, say`grey: none (${whole(counts[0])})`))
    return parts
  }
}

/** A marker as the map draws it, on a canvas of its own. @param {Inks} inks @param {number} ink */
function swatch(inks, ink) {
  const side = 4 * SWATCH + 4 // twice the size on the screen, for fine screens
  const canvas = element("canvas", { className: "map-swatch", width: side, height: side, attributes: { "aria-hidden": "true" } })
  const brush = brushOf(canvas)
  const { dx, dy, cover } = stencil(SHAPES[inks.shapes[ink]], 2 * SWATCH - 2)
  brush.fillStyle = inks.css(ink)
  for (let i = 0; i < dx.length; i++) {
    brush.globalAlpha = cover[i] / 256
    brush.fillRect(side / 2 + dx[i], side / 2 + dy[i], 1, 1)
  }
  return canvas
}
