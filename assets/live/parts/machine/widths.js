// @ts-check
// How wide all regions are: as the encoder gives them, or so many times as wide.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"

/** @import { Posterior } from "../../engine/model.js" */

const WIDEST = 20

export class Widths {
  /**
   * `moved(factor)` is called while the slider moves.
   * @param {Element} parent
   * @param {(factor: number) => void} moved
   */
  constructor(parent, moved) {
    this.factor = 1
    const id = "machine-widths"
    this.value = element("span", { className: "machine-value", attributes: { "aria-hidden": "true" } })
    this.input = element("input", { type: "range", id, min: "1", max: String(WIDEST), step: "0.1", value: "1" })
    this.body = element(
      "div",
      { className: "machine-slider machine-widths", parent, hidden: true },
      element("label", { htmlFor: id }, element("b", {}, say("Width of all regions"))),
      this.value,
      this.input,
    )
    this.input.oninput = () => {
      this.factor = this.input.valueAsNumber
      this.tell()
      moved(this.factor)
    }
    this.tell()
  }

  /** Whether there are regions to widen; they are as the encoder gives them again. @param {boolean} there */
  lay(there) {
    this.body.hidden = !there
    this.factor = 1
    this.input.value = "1"
    this.tell()
  }

  tell() {
    this.value.textContent = `σ × ${this.factor.toFixed(1)}`
    this.input.setAttribute("aria-valuetext", this.value.textContent)
  }

  /** The posterior with widths as the slider has them. @param {Posterior} posterior @returns {Posterior} */
  of(posterior) {
    return { ...posterior, logvar: posterior.logvar.map((value) => value + 2 * Math.log(this.factor)) }
  }
}
