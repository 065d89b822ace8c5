// @ts-check
// How the part of the KL weight writes names and numbers.
import { element } from "../../kit/dom.js"

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

/** A mean number of images. @param {number} effective */
export function imagesText(effective) {
  return figureText(effective, effective < 100 ? 1 : 0)
}

/** A share in percent. @param {number} share */
export function percentText(share) {
  return `${figureText(100 * share, 0)} %`
}
