// @ts-check
// The choice of a digit, the same in all steps.
import { say } from "../../kit/words.js"
import { addChoice } from "../widgets.js"

/** @import { Step } from "../step.js" */

const FIRST = 3
const NAMES = Array.from({ length: 10 }, (_, digit) => String(digit))

/** The digit that is chosen. @param {Step} step */
export function chosenDigit(step) {
  return Math.min(9, Math.max(0, Math.round(step.get("digit", FIRST))))
}

/** Buttons for all digits; `chosen()` hears of another. @param {Step} step @param {() => void} chosen */
export function addDigits(step, chosen) {
  addChoice(step.root, say("Digit"), NAMES, chosenDigit(step), (digit) => {
    step.set("digit", digit)
    chosen()
  })
}
