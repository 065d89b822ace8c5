// @ts-check
// One slider of the deck.
import { element } from "../../kit/dom.js"
import { LIMIT } from "../../kit/limits.js"
import { decimal } from "../../kit/numbers.js"
import { paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"

/** @import { Shape } from "../../kit/paint.js" */
/** @import { DeckDimension } from "../../kit/wire.js" */
/** @typedef {(index: number, name: string) => void} Rename a dimension */

const LONGEST = 40 // letters of a name
const END = 40 // screen pixels of the pictures at both ends

/** The ends of a slider that holds all from `low` to `high`: at tenths, within what a code may reach, and apart. @param {number} low @param {number} high */
export function sliderEnds(low, high) {
  const first = Math.min(LIMIT - 0.1, Math.max(-LIMIT, Math.floor(10 * low) / 10))
  const last = Math.min(LIMIT, Math.max(first + 0.1, Math.ceil(10 * high) / 10))
  return [first, last]
}

/**
 * Where μ − σ and μ + σ stand on a slider from `first` to `last`, as shares of its length from 0 to 1.
 * @param {number} first
 * @param {number} last
 * @param {number} mean
 * @param {number} std
 */
export function bandEnds(first, last, mean, std) {
  return [mean - std, mean + std].map((value) => Math.min(1, Math.max(0, (value - first) / (last - first))))
}

/** One dimension's label, value and slider; between pictures of both its ends where there is room for them. */
export class SliderRow {
  /**
   * @param {DeckDimension} dimension
   * @param {string} hint id of what explains the keys
   * @param {{ends: boolean, rename: Rename | null}} options
   */
  constructor(dimension, hint, { ends, rename }) {
    const { index, name, note, low, high, given } = dimension
    this.index = index
    this.low = low
    this.high = high
    /** @type {[mean: number, std: number] | null} */
    this.posterior = null
    const id = `dimension-${index}`
    const attributes = { "aria-describedby": `${hint} posterior-${index}` }
    this.input = element("input", { type: "range", step: "0.01", id, attributes })
    const label = element("label", { htmlFor: id }, name)
    if (given) label.append(" ", element("b", {}, given))
    if (note) label.append(" ", element("span", { className: "note" }, note))
    this.value = element("span", { className: "deck-value", attributes: { "aria-hidden": "true" } })
    this.band = element("span", { className: "deck-band", hidden: true })
    this.said = element("span", { className: "visually-hidden", id: `posterior-${index}` })
    const track = element("div", { className: "deck-track" }, this.band, this.input)
    this.ends = ends ? [0, 1].map(() => element("canvas", { className: "deck-end", attributes: { "aria-hidden": "true" } })) : []
    const line = element("div", { className: "deck-line" }, ...this.ends.slice(0, 1), track, ...this.ends.slice(1))
    const head = element("div", { className: "deck-head" }, label, ...(rename ? nameParts(dimension, rename) : []), this.value)
    this.element = element("div", { className: "deck-row" }, head, line, this.said)
  }

  /** Stand at a value; the range grows for good to hold it. @param {number} value */
  stand(value) {
    this.low = Math.min(this.low, value)
    this.high = Math.max(this.high, value)
    const [first, last] = sliderEnds(this.low, this.high)
    this.input.min = first.toFixed(1)
    this.input.max = last.toFixed(1)
    this.input.value = String(value)
    this.layBand()
    this.tell(value)
  }

  /** @param {number} value */
  tell(value) {
    this.value.textContent = decimal(value, 2)
  }

  /** The values at both ends. */
  get limits() {
    return sliderEnds(this.low, this.high)
  }

  /** Mark where the encoder places the start, or nothing. @param {number | null} mean @param {number} std */
  place(mean, std) {
    this.posterior = mean === null ? null : [mean, std]
    this.said.textContent = mean === null ? "" : say`The start's posterior: ${decimal(mean, 2)} ± ${decimal(std, 2)}`
    this.layBand()
  }

  layBand() {
    this.band.hidden = !this.posterior
    if (!this.posterior) return
    const [first, last] = this.limits
    const [left, right] = bandEnds(first, last, ...this.posterior)
    this.band.style.setProperty("--from", String(left))
    this.band.style.setProperty("--to", String(right))
  }

  /** Draw the picture of one of its ends. @param {number} end 0 at the left, 1 at the right @param {Float32Array} image @param {Shape} shape */
  paintEnd(end, image, shape) {
    const canvas = this.ends[end]
    const [, height, width] = shape
    canvas.style.width = `${(END * width) / Math.max(height, width)}px`
    paint(canvas, image, shape)
  }
}

/**
 * A button that opens a field for the dimension's name, and the field. What is known of the dimension is in the field to begin with.
 * @param {DeckDimension} dimension
 * @param {Rename} rename
 */
function nameParts({ index, name, given, suggested }, rename) {
  const known = suggested ? say`follows ${suggested.name} (${suggested.note})` : ""
  const button = element("button", {
    type: "button",
    className: "deck-pencil",
    title: known ? say`Name ${name}: it ${known}` : say`Name ${name}`,
  }, "✎")
  button.setAttribute("aria-label", say`Give ${name} a name`)
  if (suggested && !given) button.append(` ${suggested.name}?`, element("span", { className: "note" }, ` ${suggested.note}`))
  const field = element("input", { type: "text", className: "deck-name", maxLength: LONGEST, hidden: true })
  field.setAttribute("aria-label", say`Name of ${name}`)
  const close = (/** @type {boolean} */ keep) => {
    if (field.hidden) return
    field.hidden = true
    button.hidden = false
    const text = field.value.trim()
    if (keep && text !== given) rename(index, text)
  }
  button.addEventListener("click", () => {
    field.value = given || suggested?.name || ""
    field.hidden = false
    button.hidden = true
    field.select()
  })
  field.addEventListener("keydown", (event) => {
    event.stopPropagation() // the deck's own keys are not meant
    if (event.key !== "Enter" && event.key !== "Escape") return
    close(event.key === "Enter")
    button.focus()
  })
  field.addEventListener("blur", () => close(true))
  for (const kind of ["input", "change"]) field.addEventListener(kind, (event) => event.stopPropagation())
  return [button, field]
}
