// @ts-check
// The words of the live parts in the language of the page. The code has them in English; a dictionary has another language by these.

/** @type {Record<string, string>} */
let dictionary = {}
let grouped = ","

/** Speak a language from now on: its words by the English ones, none for English. @param {Record<string, string> | null} words */
export function speak(words) {
  dictionary = words ?? {}
  grouped = words ? "\u202f" : "," // elsewhere a comma is a decimal one
}

/**
 * A text in that language: say`Step ${step}` is found as "Step {0}", and say("Step {step}", { step }) as it is.
 * @param {TemplateStringsArray | string} text
 * @param {...any} values
 * @returns {string}
 */
export function say(text, ...values) {
  if (typeof text === "string") return filled(dictionary[text] ?? text, typeof values[0] === "object" ? values[0] : {})
  const written = text.reduce((whole, part, place) => `${whole}{${place - 1}}${part}`)
  return filled(dictionary[written] ?? written, values)
}

/**
 * A colon in braces, as in {nats:.1f}, is how Python writes that value; here it comes as it shall look.
 * @param {string} text
 * @param {Record<string | number, any>} values by the names in braces
 */
function filled(text, values) {
  return text.replace(/\{(\w+)(?::[^}]*)?\}/g, (brace, name) => (name in values ? String(values[name]) : brace))
}

/** A whole number, as that language groups its digits. @param {number} value */
export function whole(value) {
  return local(value.toLocaleString("en", { maximumFractionDigits: 0 }))
}

/** A text whose numbers are written as in English, with their digits grouped as in that language. @param {string} text */
export function local(text) {
  return text.replace(/(?<=[0-9]),(?=[0-9]{3}(?![0-9]))/g, grouped)
}
