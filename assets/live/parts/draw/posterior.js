// @ts-check
// The table of a drawing's posterior: a row for each of the first dimensions.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say } from "../../kit/words.js"

/** @import { Posterior } from "../../engine/model.js" */

const MOST_ROWS = 16 // however many dimensions there are
const LEAST_SCALE = 3 // where the bars end, unless a mean lies beyond

/** The table inside `parent`. Its bars have one scale, which grows with what is shown. */
export class PosteriorTable {
  /** @param {Element} parent */
  constructor(parent) {
    this.caption = element("caption", {}, say("Posterior, mean ± σ"))
    this.body = element("tbody")
    element("table", { parent }, this.caption, this.body)
    this.latent = 0
    this.some = ""
    /** @type {ReturnType<typeof newRow>[]} */
    this.rows = []
    this.scale = LEAST_SCALE
  }

  /** Another model is shown from now on. */
  rescale() {
    this.scale = LEAST_SCALE
  }

  /**
   * Show a posterior, and return its first three rows as text.
   * @param {Posterior} posterior
   * @param {number[] | null} order of the dimensions, the most informative first
   */
  show({ mean, logvar }, order) {
    const shown = order?.length === mean.length ? order : [...mean.keys()]
    if (this.latent !== mean.length) this.lay(mean.length)
    const single = logvar.every((value) => value === -Infinity)
    this.caption.textContent = `${single ? say("Code") : say("Posterior, mean ± σ")}${this.some}`
    this.rows.forEach((_, place) => (this.scale = Math.max(this.scale, Math.ceil(Math.abs(mean[shown[place]])))))
    const { scale } = this
    const texts = this.rows.map(({ name, band, mark, value }, place) => {
      const [centre, spread] = [mean[shown[place]], Math.exp(0.5 * logvar[shown[place]])]
      const [low, high] = [Math.max(-scale, centre - spread), Math.min(scale, centre + spread)]
      name.textContent = `z${subscript(shown[place])}`
      band.style.left = `${(50 * (low + scale)) / scale}%`
      band.style.width = `${Math.max(0, (50 * (high - low)) / scale)}%`
      mark.style.left = `${(50 * (centre + scale)) / scale}%`
      value.textContent = decimal(centre, 2) + (spread > 0 ? ` ± ${spread.toFixed(2)}` : "")
      return `z${shown[place]} ${value.textContent}`
    })
    return texts.slice(0, 3).join(", ")
  }

  /** Make the rows anew for so many dimensions. @param {number} latent */
  lay(latent) {
    this.latent = latent
    this.rows = Array.from({ length: Math.min(latent, MOST_ROWS) }, newRow)
    this.body.replaceChildren(...this.rows.map(({ row }) => row))
    this.some = latent > MOST_ROWS ? say`: ${MOST_ROWS} of ${latent} dimensions` : ""
  }
}

/** A dimension's name, a bar from low to high, and its numbers. */
function newRow() {
  const name = element("th", { attributes: { scope: "row" } })
  const band = element("div", { className: "band" })
  const mark = element("div", { className: "mark" })
  const track = element("div", { className: "track", attributes: { "aria-hidden": "true" } }, band, mark)
  const value = element("td", { className: "value" })
  return { row: element("tr", {}, name, element("td", {}, track), value), name, band, mark, value }
}

/** @param {number} index */
function subscript(index) {
  return String(index).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)])
}
