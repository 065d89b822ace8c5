// @ts-check
// Which colour and which shape each point of a map has.
import { hexColour, mixedColour, seenOn } from "./theme.js"
import { SHAPES } from "./points.js"
import { say } from "../../kit/words.js"

/** @import { Colour } from "../../kit/wire.js" */
/** @import { Theme } from "./theme.js" */

const NO_COLOUR = "#999999"
export const LEVELS = 256 // steps of a scale

/**
 * The inks of N points: `ink` Uint16Array [N] says which; ink 0 is for points without a colour, the others are classes, or the steps
 * of a scale. `bytes`, `shapes` and `shown` have an entry per ink, `counts` the number of points.
 */
export class Inks {
  /** `values` is [N]: indices into the names, or a quantity; NaN where there is none. @param {Colour} colour @param {Float32Array} values */
  constructor({ title, names, palette }, values) {
    this.title = title
    this.names = names
    this.values = values
    const colours = palette.map(hexColour)
    const scale = (/** @type {number} */ level) => {
      const place = (level / (LEVELS - 1)) * (colours.length - 1)
      const below = Math.min(colours.length - 2, Math.floor(place))
      return mixedColour(colours[below], colours[below + 1], place - below)
    }
    this.bytes = [hexColour(NO_COLOUR)]
    const count = names?.length ?? LEVELS
    for (let i = 0; i < count; i++) this.bytes.push(names ? colours[i % colours.length] : scale(i))
    this.given = this.bytes
    // the ink of classes that have no colour of their own, which come last and share a grey; 0 where there are none
    this.others = names && palette.length === names.length && palette[names.length - 1] === NO_COLOUR ? names.length : 0
    const colourOf = (/** @type {number} */ i) => palette[i % palette.length]
    // one shape further each time a colour comes again, so that no two classes share both
    const shapeOf = (/** @type {number} */ i) => {
      let before = 0
      for (let k = 0; k < i; k++) if (colourOf(k) === colourOf(i)) before++
      return (i + before) % SHAPES.length
    }
    this.shapes = Uint8Array.from(this.bytes, (_, ink) => (names && ink ? shapeOf(ink - 1) : 0))
    this.shown = new Uint8Array(this.bytes.length).fill(1)
    this.low = Infinity
    this.high = -Infinity
    this.ink = new Uint16Array(values.length)
    this.spread()
    this.counts = new Uint32Array(this.bytes.length)
    for (const ink of this.ink) this.counts[ink]++
  }

  spread() {
    const { values } = this
    for (const value of values) {
      if (value < this.low) this.low = value
      if (value > this.high) this.high = value
    }
    const steps = (LEVELS - 1) / (this.high - this.low || 1)
    const inkOf = (/** @type {number} */ value) => this.names ? value + 1 : 1 + Math.round((value - this.low) * steps)
    for (let i = 0; i < values.length; i++) this.ink[i] = Number.isNaN(values[i]) ? 0 : inkOf(values[i])
  }

  /** Be seen on the ground of a theme. @param {Pick<Theme, "textBytes" | "groundBytes">} theme */
  suit(theme) {
    this.bytes = this.given.map((colour) => seenOn(colour, theme))
  }

  /** The inks that some point has, ascending. */
  get present() {
    return [...this.counts.keys()].filter((ink) => this.counts[ink])
  }

  /** What a point's colour says. @param {number} index */
  words(index) {
    const value = this.values[index]
    if (Number.isNaN(value)) return say`${say(this.title)}: none`
    return `${say(this.title)}: ${this.names ? this.names[value] : Number(value.toPrecision(3))}`
  }

  /** @param {number} ink */
  css(ink) {
    return `rgb(${this.bytes[ink].join(" ")})`
  }

  /** Hide the same names as another did, where it had the same. @param {Inks | null} other */
  hideAs(other) {
    if (other?.names && this.names && other.names.join("\n") === this.names.join("\n")) this.shown.set(other.shown)
  }
}
