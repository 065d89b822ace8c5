// @ts-check
// How much each latent dimension carries: a bar for each, all on the scale of the most there ever is.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say } from "../../kit/words.js"

const NAMED = 16 // more dimensions have no room for their names

export class Bars {
  /** @param {Element} parent */
  constructor(parent) {
    this.title = element("p", { className: "replay-title", parent })
    this.element = element("div", { className: "replay-bars", attributes: { role: "img" }, parent })
    this.note = element("p", { className: "note replay-note", parent })
    /** @type {HTMLElement[]} */
    this.bars = []
    /** @type {string[]} */
    this.dims = []
    /** @type {number[][]} */
    this.amounts = []
    this.most = 1
  }

  /** Have these dimensions, which carry so much at each snapshot. @param {string[]} dims @param {number[][]} amounts @param {string} unit */
  update(dims, amounts, unit) {
    this.amounts = amounts
    this.most = Math.max(...amounts.flat()) || 1
    this.title.textContent = say(unit)
    this.note.textContent = say`The line above is ${decimal(this.most, 2)}.`
    if (String(dims) === String(this.dims)) return
    this.dims = dims
    this.bars = dims.map(() => element("i"))
    const names = dims.length <= NAMED ? dims : []
    this.element.replaceChildren(
      element("div", { className: "replay-columns" }, ...this.bars),
      element("div", { className: "replay-names" }, ...names.map((name) => element("span", {}, name))),
    )
  }

  /** @param {number} at */
  show(at) {
    const values = this.amounts[at]
    this.bars.forEach((bar, k) => (bar.style.height = `${(100 * values[k]) / this.most}%`))
    const each = this.dims.map((name, k) => `${name} ${decimal(values[k], 2)}`).join(", ")
    this.element.setAttribute("aria-label", `${this.title.textContent}: ${each}`)
  }
}
