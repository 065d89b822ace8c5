// @ts-check
// Dice for ε: a throw of N(0, 1), and the face that shows it.
import { normalQuantile, normalShare } from "../grid/places.js"
import { element } from "../../kit/dom.js"

const FACES = 6
const FARTHEST = 4.9 // of a throw that the series of `normalShare` takes
/** Which of the nine places of a die have a pip, by its face; 0 is a blank one. */
const PIPS = [[], [4], [0, 8], [0, 4, 8], [0, 2, 6, 8], [0, 2, 4, 6, 8], [0, 2, 3, 5, 6, 8]]

/** A throw of N(0, 1) from a number that lies evenly between 0 and 1. @param {number} chance */
export function thrown(chance) {
  return Math.min(FARTHEST, Math.max(-FARTHEST, normalQuantile(Math.min(1 - 1e-7, Math.max(1e-7, chance)))))
}

/** The face of a throw, 1 to 6: each stands for a sixth of N(0, 1), 1 for the least. @param {number} epsilon */
export function faceOf(epsilon) {
  const within = Math.min(FARTHEST, Math.max(-FARTHEST, epsilon))
  return Math.min(FACES, 1 + Math.floor(FACES * normalShare(within)))
}

/** A die. */
export class Die {
  constructor() {
    this.pips = Array.from({ length: 9 }, () => element("i"))
    this.element = element("span", { className: "machine-die", attributes: { "aria-hidden": "true" } }, ...this.pips)
  }

  /** @param {number} face 1 to 6; 0 for a blank one */
  show(face) {
    this.pips.forEach((pip, place) => pip.classList.toggle("on", PIPS[face].includes(place)))
  }

  /** Turn over once. */
  roll() {
    const turn = { transform: ["rotate(0deg) scale(1)", "rotate(200deg) scale(1.25)", "rotate(360deg) scale(1)"] }
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.element.animate(turn, { duration: 350, easing: "ease-out" })
  }
}
