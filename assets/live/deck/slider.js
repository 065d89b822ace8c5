// @ts-check
// One slider of the deck.
import { element } from "../kit/dom.js"
import { LIMIT } from "../kit/limits.js"
import { decimal } from "../kit/numbers.js"

/** @import { DeckDimension } from "../kit/wire.js" */

/** The ends of a slider that holds all from `low` to `high`: at tenths, within what a code may reach, and apart. @param {number} low @param {number} high */
export function sliderEnds(low, high) {
  const first = Math.min(LIMIT - 0.1, Math.max(-LIMIT, Math.floor(10 * low) / 10))
  const last = Math.min(LIMIT, Math.max(first + 0.1, Math.ceil(10 * high) / 10))
  return [first, last]
}

/** One dimension's label, value and slider. */
export class SliderRow {
  /** @param {DeckDimension} dimension @param {string} hint id of what explains the keys */
  constructor({ index, name, note, low, high }, hint) {
    this.index = index
    this.low = low
    this.high = high
    const id = `dimension-${index}`
    this.input = element("input", { type: "range", step: "0.01", id, attributes: { "aria-describedby": hint } })
    const label = element("label", { htmlFor: id }, name)
    if (note) label.append(" ", element("span", { className: "note" }, note))
    this.value = element("span", { className: "deck-value", attributes: { "aria-hidden": "true" } })
    this.element = element("div", { className: "deck-row" }, label, this.value, this.input)
  }

  /** Stand at a value; the range grows for good to hold it. @param {number} value */
  stand(value) {
    this.low = Math.min(this.low, value)
    this.high = Math.max(this.high, value)
    const [first, last] = sliderEnds(this.low, this.high)
    this.input.min = first.toFixed(1)
    this.input.max = last.toFixed(1)
    this.input.value = String(value)
    this.tell(value)
  }

  /** @param {number} value */
  tell(value) {
    this.value.textContent = decimal(value, 2)
  }
}
