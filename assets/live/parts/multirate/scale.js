// @ts-check
// One axis of a chart.
import { decimal } from "../../kit/numbers.js"
import { roundTicks } from "../map/ticks.js"

/** @typedef {{low: number, high: number, log?: boolean, zero?: boolean}} Span the values of an axis, by their logarithms or not; `zero`: the lowest stands for 0 */

/** Values from `low` to `high` as pixels from `start` to `end`. */
export class Scale {
  /** @param {Span} span @param {number} start @param {number} end */
  constructor({ low, high, log = false, zero = false }, start, end) {
    this.log = log
    this.zero = zero
    this.of = log ? Math.log10 : (/** @type {number} */ value) => value
    this.low = this.of(low)
    this.high = this.of(high)
    this.start = start
    this.end = end
  }

  /** @param {number} value */
  at(value) {
    return this.start + ((this.of(value) - this.low) / (this.high - this.low)) * (this.end - this.start)
  }

  /** Numbers at round places, at least so many pixels apart. @param {number} apart @returns {{value: number, text: string}[]} */
  ticks(apart) {
    const most = Math.max(2, Math.abs(this.end - this.start) / apart)
    if (!this.log) {
      const { values, digits } = roundTicks(this.low, this.high, most)
      return values.map((value) => ({ value, text: decimal(value, digits) }))
    }
    const [first, last] = [Math.ceil(this.low - 1e-9), Math.floor(this.high + 1e-9)]
    const every = Math.ceil((last - first + 1) / most)
    const found = []
    for (let power = first; power <= last; power += every) {
      found.push({
        value: 10 ** power,
        text: this.zero && power === first ? "0" : (10 ** power).toLocaleString("en", { maximumFractionDigits: 9 }),
      })
    }
    return found
  }
}
