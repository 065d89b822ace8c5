// @ts-check
// The figures at a KL weight in words, side by side.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { isUnused, UNUSED_NATS } from "./figures.js"
import { appendName, figureText, imagesText, meanText, percentText } from "./words.js"

/** @import { FiguresAt } from "./figures.js" */

const NAMES = ["Distortion D", "Rate R", "Unused dimensions", "Sharpness", "N_eff"]

/** For each of the names what to say, and what to say below it. @param {FiguresAt} figures @returns {[value: string, more: string][]} */
export function factRows({ distortion, rate, rateOfMeans, sharpness, effective, kl, errors }) {
  const unused = kl.filter(isUnused).length
  return [
    [meanText(distortion, errors.distortion, 1), say("nats an image")],
    Number.isFinite(rate)
      ? [
        meanText(rate, errors.rate, 2),
        say`nats, ${figureText(rateOfMeans, 2)} of centres, ½Σμ², ${figureText(rate - rateOfMeans, 2)} of widths`,
      ]
      : ["–", say("no KL term: codes have no width")],
    Number.isFinite(rate) ? [say`${unused} of ${kl.length}`, say`below ${UNUSED_NATS} nats`] : ["–", say("all carry the code")],
    [percentText(sharpness, errors.sharpness), say("of the images'")],
    Number.isFinite(effective)
      ? [
        imagesText(effective, errors.effective),
        effective < 1.05 ? say("images share a place: none blurs") : say("images share a place"),
      ]
      : ["–", say("codes are points: none share a place")],
  ]
}

export class Facts {
  /** @param {Element} parent */
  constructor(parent) {
    const list = element("dl", { className: "multirate-facts", parent })
    this.parts = NAMES.map(say).map((name) => {
      const [title, value, more] = [element("dt"), element("dd"), element("dd", { className: "note" })]
      appendName(title, name)
      element("div", { parent: list }, title, value, more)
      return { name, value, more }
    })
  }

  /** @param {FiguresAt} figures */
  show(figures) {
    const rows = factRows(figures)
    this.parts.forEach(({ value, more }, row) => {
      ;[value.textContent, more.textContent] = rows[row]
    })
  }

  get text() {
    return this.parts.map(({ name, value }) => `${name} ${value.textContent}`).join(", ")
  }
}
