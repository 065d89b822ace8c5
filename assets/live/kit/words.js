// @ts-check
// The words of the live parts in the language of the page. The code has them in English; another language is a dictionary by these.
import { GERMAN } from "./german.js"

/** @type {Record<string, Record<string, string> | undefined>} */
const DICTIONARIES = { de: GERMAN }

let language = "en"

/** Speak this language from now on; what has no dictionary is spoken to in English. @param {string} wanted */
export function speak(wanted) {
  language = DICTIONARIES[wanted] ? wanted : "en"
}

/** A text in that language; `{name}` in it stands for the value of this name. @param {string} text @param {Record<string, string | number>} [values] */
export function say(text, values = {}) {
  const spoken = DICTIONARIES[language]?.[text] ?? text
  return spoken.replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
}

/** A whole number as that language groups its digits: with a thin space where a comma would be a decimal one. @param {number} value */
export function whole(value) {
  const text = value.toLocaleString("en", { maximumFractionDigits: 0 })
  return language === "en" ? text : text.replaceAll(",", "\u202f")
}
