// @ts-check
// How the part of the KL weight writes names and numbers.
import { element } from "../../kit/dom.js"

const MOST_PLACES = 4

/** A text in parts: every other one stands lower, as "eff" of "N_eff" does. @param {string} text */
export function nameParts(text) {
  return text.split(/_(\p{L}+)/u)
}

/** Put a text into an element, with lowered parts. @param {Element} parent @param {string} text */
export function appendName(parent, text) {
  parent.append(...nameParts(text).map((part, place) => (place % 2 ? element("sub", {}, part) : part)))
}

/** A KL weight, three digits of which count. @param {number} beta */
export function weightText(beta) {
  return String(Number(beta.toPrecision(3)))
}

/** A quantity with so many digits after the point; a dash where it is not known. @param {number} value @param {number} digits */
export function figureText(value, digits) {
  if (!Number.isFinite(value)) return "–"
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−")
}

/**
 * A mean with its standard error, both rounded to where the second digit of the error stands, at most four digits after the point:
 * "134.79 ± 0.66", "−14,700 ± 120". Without an error that is known, `digits` after the point; a dash where there is no mean.
 * @param {number} value
 * @param {number} error
 * @param {number} digits
 */
export function meanText(value, error, digits) {
  if (!Number.isFinite(value)) return "–"
  if (!(error > 0)) return figureText(value, digits)
  const places = Math.min(MOST_PLACES, 1 - Math.floor(Math.log10(error)))
  const [mean, spread] = [value, error].map((amount) => Math.round(amount * 10 ** places) / 10 ** places + 0)
  const text = figureText(mean, Math.max(0, places))
  return spread > 0 ? `${text} ± ${figureText(spread, Math.max(0, places))}` : text
}

/** A mean number of images. @param {number} effective */
export function imagesText(effective, error = NaN) {
  return meanText(effective, error, effective < 100 ? 1 : 0)
}

/** A share in percent. @param {number} share */
export function percentText(share, error = NaN) {
  return `${meanText(100 * share, 100 * error, 0)} %`
}
