// @ts-check
// What the steps of the lesson are made of: sliders, choices, pictures in a row, figures under their names.
import { element } from "../kit/dom.js"
import { paint } from "../kit/paint.js"
import { say } from "../kit/words.js"

/** @import { Shape } from "../kit/paint.js" */

let made = 0 // widgets, for their names

/**
 * A slider below its name; `moved(value)` hears of each move, and `words(value)` says what it stands at.
 * @param {Element} parent
 * @param {string} name
 * @param {{min: number, max: number, step: number, value: number, words?: (value: number) => string, moved: (value: number) => void}} given
 */
export function addSlider(parent, name, { min, max, step, value, words = String, moved }) {
  const id = `lesson-slider-${++made}`
  const shown = element("output", { attributes: { for: id } })
  const input = element("input", { type: "range", id, min: String(min), max: String(max), step: String(step), value: String(value) })
  const tell = () => {
    shown.textContent = words(input.valueAsNumber)
    input.setAttribute("aria-valuetext", shown.textContent)
  }
  input.addEventListener("input", () => {
    tell()
    moved(input.valueAsNumber)
  })
  element("div", { className: "lesson-slider", parent }, element("label", { htmlFor: id }, name), shown, input)
  tell()
  return input
}

/**
 * Buttons of which one is pressed; `chosen(place)` hears of another.
 * @param {Element} parent
 * @param {string} name
 * @param {(string | Node)[]} options
 * @param {number} value
 * @param {(place: number) => void} chosen
 */
export function addChoice(parent, name, options, value, chosen) {
  const group = element("div", { className: "lesson-choice", parent, attributes: { role: "group", "aria-label": name } })
  element("span", { className: "lesson-choice-name", parent: group, attributes: { "aria-hidden": "true" } }, name)
  const buttons = options.map((option, place) => {
    const button = element("button", { type: "button", parent: group }, option)
    button.onclick = () => {
      press(place)
      chosen(place)
    }
    return button
  })
  const press = (/** @type {number} */ at) => buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(place === at)))
  press(value)
  return press
}

/**
 * Pictures in a row that wraps; `show(place, image, words)` paints one.
 * @param {Element} parent
 * @param {number} count
 * @param {Shape} shape
 * @param {string} size a class that says how large they are
 */
export function addPictures(parent, count, shape, size) {
  const row = element("div", { className: `lesson-pictures ${size}`, parent })
  const pictures = Array.from({ length: count }, () => {
    const canvas = element("canvas", { width: shape[2], height: shape[1], attributes: { role: "img" } })
    const caption = element("figcaption")
    element("figure", { parent: row }, canvas, caption)
    return { canvas, caption }
  })
  return {
    /** @param {number} place @param {Float32Array} image @param {string} words @param {string} [caption] */
    show: (place, image, words, caption = "") => {
      const { canvas, caption: below } = pictures[place]
      paint(canvas, image, shape)
      canvas.setAttribute("aria-label", words)
      below.textContent = caption
    },
  }
}

/** Numbers under their names; `show(values)` writes them. @param {Element} parent @param {string[]} names */
export function addFigures(parent, names) {
  const list = element("dl", { className: "lesson-figures", parent })
  const values = names.map((name) => {
    const value = element("dd")
    element("div", { parent: list }, element("dt", {}, name), value)
    return value
  })
  return (/** @type {string[]} */ texts) => texts.forEach((text, place) => (values[place].textContent = text))
}

/**
 * A seed, and a button that rolls again; `rolled(seed)` hears of another.
 * @param {Element} parent
 * @param {number} seed
 * @param {(seed: number) => void} rolled
 */
export function addSeed(parent, seed, rolled) {
  const row = element("div", { className: "lesson-row", parent })
  const input = element("input", { type: "number", min: "0", max: "2147483646", step: "1", value: String(seed) })
  element("label", { title: say("The same seed, the same codes."), parent: row }, `${say("Seed")} `, input)
  const again = element("button", { type: "button", parent: row }, say("Roll again"))
  input.addEventListener("change", () => {
    const asked = Math.min(2147483646, Math.max(0, Math.round(input.valueAsNumber || 0)))
    input.value = String(asked)
    rolled(asked)
  })
  again.onclick = () => {
    const next = (Number(input.value) + 1) % 2147483647
    input.value = String(next)
    rolled(next)
  }
}
