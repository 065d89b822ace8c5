// @ts-check
// The colours and the font of the page, and colours as numbers.
import { element } from "../../kit/dom.js"
import { brushOf } from "../../kit/paint.js"

/** @typedef {ReturnType<typeof themeOf>} Theme */

const SEEN = 3 // the contrast that a mark must have with its ground: WCAG 2.2, 1.4.11

/** A colour of Python, "#rrggbb", as [red, green, blue], 0 to 255. @param {string} text */
export function hexColour(text) {
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16))
}

/** A colour of the style sheet, in any notation, as [red, green, blue], 0 to 255. @param {string} text */
function styledColour(text) {
  const brush = brushOf(element("canvas", { width: 1, height: 1 }))
  brush.fillStyle = text
  brush.fillRect(0, 0, 1, 1)
  return [...brush.getImageData(0, 0, 1, 1).data.subarray(0, 3)]
}

/**
 * The colour a share of the way from one [red, green, blue] to another.
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} share
 */
export function mixedColour(from, to, share) {
  return from.map((level, channel) => Math.round(level + share * (to[channel] - level)))
}

/** The luminance of a colour, 0 to 1, as WCAG 2.2 defines it. @param {number[]} colour */
function luminance(colour) {
  const [red, green, blue] = colour.map((level) => {
    const part = level / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** How much two colours differ in light, 1 to 21, as WCAG 2.2 defines it. @param {number[]} one @param {number[]} other */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/**
 * The colour, or as much of it as can be told from the ground: then it is mixed with the colour of text.
 * @param {number[]} colour
 * @param {Pick<Theme, "textBytes" | "groundBytes">} theme
 */
export function seenOn(colour, { textBytes, groundBytes }) {
  let seen = colour
  for (let share = 0.05; contrast(seen, groundBytes) < SEEN && share <= 1; share += 0.05) seen = mixedColour(colour, textBytes, share)
  return seen
}

/** A colour as one number, in the order of the bytes of an ImageData. @param {number[]} colour */
export function packedColour([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
}

/** The page's colours and its font, for a canvas below this element; two colours also as [red, green, blue]. @param {Element} below */
export function themeOf(below) {
  const style = getComputedStyle(below)
  const read = (/** @type {string} */ name, /** @type {string} */ otherwise) => style.getPropertyValue(name).trim() || otherwise
  const text = read("--st-text-color", "#222222")
  const ground = read("--st-background-color", "#ffffff")
  const [textBytes, groundBytes] = [text, ground].map(styledColour)
  const faint = `rgb(${mixedColour(groundBytes, textBytes, 0.25).join(" ")})`
  return { text, ground, textBytes, groundBytes, faint, primary: read("--st-primary-color", text), font: read("--st-font", "sans-serif") }
}
