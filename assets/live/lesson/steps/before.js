// @ts-check
// Step 9: what came before: two machines that draw by flipping units again and again, and a decoder that draws in one pass.
import { element } from "../../kit/dom.js"
import { say, whole } from "../../kit/words.js"
import { chances, priorCodes } from "../chance.js"
import { off } from "../shares.js"
import { floatsIn } from "../step.js"
import { addPictures, addSlider } from "../widgets.js"

/** @import { BeforeStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */
/** @typedef {{weights: Float32Array, hidden: Float32Array, visible: Float32Array}} Machine weights [H, V], and the biases of both */

const COUNT = 10
const PATIENT = 20 // rounds that all chains together take at once
const SHAPE = /** @type {[number, number, number]} */ ([1, 8, 8])

/** A machine from its numbers. @param {Float32Array} numbers @param {number} visible @param {number} hidden @returns {Machine} */
export function machineOf(numbers, visible, hidden) {
  const size = visible * hidden
  return { weights: numbers.subarray(0, size), hidden: numbers.subarray(size, size + hidden), visible: numbers.subarray(size + hidden) }
}

/** P(h = 1 | v) of all hidden units. @param {Machine} machine @param {ArrayLike<number>} v */
export function hiddenOf({ weights, hidden }, v) {
  return hidden.map((bias, unit) => {
    let input = bias
    for (let i = 0; i < v.length; i++) input += weights[unit * v.length + i] * v[i]
    return 1 / (1 + Math.exp(-input))
  })
}

/** P(v = 1 | h) of all visible units. @param {Machine} machine @param {ArrayLike<number>} h */
export function visibleOf({ weights, visible }, h) {
  return visible.map((bias, unit) => {
    let input = bias
    for (let i = 0; i < h.length; i++) input += weights[i * visible.length + unit] * h[i]
    return 1 / (1 + Math.exp(-input))
  })
}

/** Units as they fall. @param {Float32Array} shares @param {() => number} chance */
function fall(shares, chance) {
  return shares.map((share) => chance() < share ? 1 : 0)
}

/**
 * So many rounds of a chain from chance: the last probabilities of the visible units, and the hidden units as they fell.
 * @param {Machine} machine
 * @param {number} rounds
 * @param {() => number} chance
 */
export function chain(machine, rounds, chance) {
  let units = machine.visible.map(() => chance() < 0.5 ? 1 : 0)
  let shares = units
  for (let round = 0; round < rounds; round++) {
    shares = visibleOf(machine, fall(hiddenOf(machine, units), chance))
    units = fall(shares, chance)
  }
  return { shares, units }
}

/** How far a picture is from the nearest digit, both black and white: a share of its pixels. @param {Float32Array} picture @param {Uint8Array} digits */
export function offNearest(picture, digits) {
  let nearest = picture.length
  for (let at = 0; at < digits.length; at += picture.length) {
    let apart = 0
    for (let i = 0; i < picture.length && apart < nearest; i++) apart += Number(picture[i] > 0.5) ^ digits[at + i]
    nearest = Math.min(nearest, apart)
  }
  return nearest / picture.length
}

/** @param {Step} step @param {BeforeStep} content @returns {Promise<Mounted>} */
export async function mountBefore(step, content) {
  const engine = await step.engine(content.model)
  const [pixels, hidden, above] = content.units
  const lower = machineOf(floatsIn(step.part(content.lower)), pixels, hidden)
  const upper = machineOf(floatsIn(step.part(content.upper)), hidden, above)
  const digits = step.part(content.digits)
  const codes = priorCodes(COUNT, 2, 0)

  const mean = (/** @type {Float32Array[]} */ rows) => off(rows.reduce((sum, row) => sum + offNearest(row, digits), 0) / rows.length)
  let asked = 0

  /** Run all chains of now, one after another, so that the page stays alive meanwhile. */
  const show = async () => {
    const turn = ++asked
    const rounds = content.stops[step.get("rounds", 0)] ?? 0
    const [restricted, deep] = /** @type {Float32Array[][]} */ ([[], []])
    for (let place = 0; place < COUNT; place++) {
      restricted.push(chain(lower, rounds, chances(place)).shares)
      deep.push(visibleOf(lower, chain(upper, rounds, chances(100 + place)).units))
      if (rounds > PATIENT) await new Promise((resolve) => setTimeout(resolve))
      if (turn !== asked) return
    }
    const words = { rounds: whole(rounds) }
    lay(0, restricted, say("{rounds} rounds; {off} of pixels off", { ...words, off: mean(restricted) }))
    lay(1, deep, say("{rounds} rounds, one pass down, {off} off", { ...words, off: mean(deep) }))
  }

  addSlider(step.root, say("Rounds of flips"), {
    min: 0,
    max: content.stops.length - 1,
    step: 1,
    value: step.get("rounds", 0),
    words: (place) => whole(content.stops[place]),
    moved: (place) => {
      step.set("rounds", place)
      show()
    },
  })
  const names = [say("Restricted Boltzmann machine (1986)"), say("Deep belief network (2006)"), say("Variational autoencoder (2013)")]
  const rows = names.map((name) => {
    const note = element("span")
    element("p", { className: "lesson-of", parent: step.root }, element("b", {}, name), ": ", note)
    return { name, note, pictures: addPictures(step.root, COUNT, SHAPE, "small") }
  })
  const lay = (/** @type {number} */ row, /** @type {Float32Array[]} */ images, /** @type {string} */ words) => {
    const { name, note, pictures } = rows[row]
    note.textContent = words
    images.forEach((image, place) => pictures.show(place, image, say("{name}, picture {number}", { name, number: place + 1 })))
  }
  const note = say("Off: how many of the pixels differ from the nearest real digit, black or white. Both machines begin from chance.")
  element("p", { className: "note", parent: step.root }, note)
  const begun = performance.now()
  const decoded = await Promise.all(codes.map((code) => engine.decode(code)))
  const passed = (performance.now() - begun) / COUNT
  lay(2, decoded, say("no rounds, one pass through the decoder, {off} off", { off: mean(decoded) }))
  await show()
  const most = content.stops[content.stops.length - 1]
  const started = performance.now()
  chain(lower, most, chances(0))
  step.tell({ drawing: (performance.now() - started).toFixed(1), passed: passed.toPrecision(1) })
  return { close: () => void asked++ }
}
