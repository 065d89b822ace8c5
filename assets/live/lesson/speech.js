// @ts-check
// The lesson's short strings in the language that is chosen. The code has each in English, as it stands.

/** @import { LessonShort } from "../kit/wire_pages.js" */

const NARROW_SPACE = "\u202f", WIDE_SPACE = "\u00a0"
/** @type {Map<string, string[]>} */
const strings = new Map()
let chosen = 0

/** @param {LessonShort[]} short */
export function learnStrings(short) {
  for (const { text, said } of short) strings.set(text, said)
}

/** From now on this language, by its number: English is 0. @param {number} language */
export function chooseLanguage(language) {
  chosen = language
}

/** A string with its values. @param {string} text @param {Record<string, string | number>} values */
export function say(text, values = {}) {
  const said = strings.get(text)?.[chosen] ?? text
  return said.replace(/\{(\w+)(?::[^}]*)?\}/g, (_, name) => local(String(values[name])))
}

/** Numbers as the language may read them: where a comma would be a decimal one, a space stands at the thousands. @param {string} text */
export function local(text) {
  return chosen === 0 ? text : text.replace(/(?<=[0-9]),(?=[0-9]{3}(?![0-9]))/g, NARROW_SPACE)
}

/** An error on the scale from black to white: "12.3 %". @param {number} amount */
export function off(amount) {
  return `${(100 * amount).toFixed(1)}${WIDE_SPACE}%`
}

/** A share from 0 to 1. @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(0)}${WIDE_SPACE}%`
}

/** A whole number, with commas at the thousands. @param {number} count */
export function whole(count) {
  return Math.round(count).toLocaleString("en")
}
