// @ts-check
// A code as bars: for each number its mean μ and width σ, the die that was thrown for it, and where z is.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say } from "../../kit/words.js"
import { Die, faceOf } from "./dice.js"

/** @import { Posterior } from "../../engine/model.js" */
/** @import { DeckDimension } from "../../kit/wire.js" */

const MOST_ROWS = 16 // however many dimensions there are
const ROOMY = 4 // so few have their numbers below them
const LEAST_SCALE = 3 // where the bars end, unless something lies beyond

export class CodeBars {
  /** @param {Element} parent */
  constructor(parent) {
    this.body = element("div", { className: "machine-bars", parent, attributes: { role: "img" } })
    /** @type {ReturnType<typeof newRow>[]} */
    this.rows = []
    this.scale = LEAST_SCALE
  }

  /** Rows for these dimensions, in their order. @param {DeckDimension[]} dims */
  lay(dims) {
    this.rows = dims.slice(0, MOST_ROWS).map(({ index, name }) => newRow(index, name))
    this.scale = LEAST_SCALE
    this.body.classList.toggle("machine-roomy", dims.length <= ROOMY)
    this.body.replaceChildren(...this.rows.map(({ row }) => row))
    const rest = dims.length - MOST_ROWS
    if (rest > 0) element("p", { className: "note", parent: this.body }, `and ${rest} more`)
  }

  /**
   * Show the posterior of a picture, where z is, and the throw that led there; without one the dice are blank.
   * @param {Posterior} posterior
   * @param {Float32Array} z
   * @param {Float32Array | null} epsilon
   */
  show({ mean, logvar }, z, epsilon) {
    for (const { index } of this.rows) this.scale = Math.max(this.scale, Math.ceil(Math.max(Math.abs(mean[index]), Math.abs(z[index]))))
    for (const { index, band, mark, spot, die, numbers } of this.rows) {
      const [centre, spread] = [mean[index], Math.exp(0.5 * logvar[index])]
      const [low, high] = [this.part(centre - spread), this.part(centre + spread)]
      band.style.left = `${low}%`
      band.style.width = `${high - low}%`
      mark.style.left = `${this.part(centre)}%`
      spot.style.left = `${this.part(z[index])}%`
      die.show(epsilon ? faceOf(epsilon[index]) : 0)
      const width = spread > 0 ? ` · σ ${spread.toFixed(2)}` : ""
      const throwOf = epsilon ? ` · ε ${decimal(epsilon[index], 2)}` : ""
      numbers.textContent = `μ ${decimal(centre, 2)}${width}${throwOf} · z ${decimal(z[index], 2)}`
    }
  }

  /** Say what is seen: the first rows, since a screen reader reads all of it. */
  describe() {
    const words = this.rows.slice(0, ROOMY).map(({ name, numbers }) => `${name}: ${numbers.textContent}`)
    this.body.setAttribute("aria-label", say`The code as bars. ${words.join("; ")}`)
  }

  /** Where a value stands on a bar, in percent. @param {number} value */
  part(value) {
    return (50 * (Math.min(this.scale, Math.max(-this.scale, value)) + this.scale)) / this.scale
  }

  roll() {
    for (const { die } of this.rows) die.roll()
  }
}

/** @param {number} index @param {string} name */
function newRow(index, name) {
  const die = new Die()
  const band = element("div", { className: "band" })
  const mark = element("div", { className: "mark" })
  const spot = element("div", { className: "spot" })
  const track = element("div", { className: "track", attributes: { "aria-hidden": "true" } }, band, mark, spot)
  const numbers = element("span", { className: "numbers" })
  return {
    index,
    name,
    row: element("div", { className: "machine-bar" }, element("b", {}, name), track, die.element, numbers),
    band,
    mark,
    spot,
    die,
    numbers,
  }
}
