// @ts-check
// What depends on the KL weight: the gates of a multi-rate model, computed anew when the weight is another one.
import { mustFit, namedIn, numbersAt, roomFor } from "./weights.js"

/** @import { CodeEntry, LineEntry, PairEntry } from "./weights.js" */
/** @typedef {number | number[]} Beta a KL weight; of a split model a pair [β_μ, β_σ], where a number means both */
/** @typedef {{mean: Float32Array, logvar: Float32Array, shift: Float32Array, code: Float32Array}} CodeGate what is done to codes, all [units] */
/** @typedef {ReturnType<typeof openGating>} Gating */

/**
 * All gates of a model, computed anew by turn(beta) when β is not the last one. add(entry, units, numbers) gives the factors [units] of a
 * layer, addCode(entry, units, numbers) what is done to codes. Without a range there are no gates, and turn does nothing.
 * @param {[low: number, high: number] | null} betaRange
 * @param {boolean} split
 */
export function openGating(betaRange, split) {
  const names = split ? ["β_μ = ", "β_σ = "] : [""]
  /** @type {((logs: number[], places: number[]) => void)[]} */
  const gates = [] // given log β and h of each weight, each sets what was given out
  /** @type {number[]} */
  let last = []

  /** @param {Beta} [beta] */
  const turn = (beta) => {
    if (!betaRange) return
    // What is not a number is in no range.
    const weights = /** @type {number[]} */ (!split ? [beta] : Array.isArray(beta) ? beta : [beta, beta])
    if (names.every((_, i) => weights[i] === last[i])) return
    const [low, high] = betaRange
    names.forEach((name, i) => {
      if (weights[i] >= low && weights[i] <= high) return
      throw new Error(`KL weight ${name}${weights[i]} is outside this model's range, ${low} to ${high}.`)
    })
    const logs = weights.map(Math.log)
    const places = logs.map((log) => (Math.sqrt(3) * (2 * log - Math.log(low) - Math.log(high))) / (Math.log(high) - Math.log(low)))
    for (const gate of gates) gate(logs, places)
    last = weights.slice()
  }

  /** @param {LineEntry} entry @param {number} units @param {Float32Array} numbers */
  const openLine = (entry, units, numbers) => {
    mustFit(betaRange !== null && entry.units === units)
    const slope = numbersAt(numbers, entry.slope, names.length * units)
    const offset = numbersAt(numbers, entry.offset, units)
    const factorOf = namedIn(GATES, entry.function)
    const [raw, factor] = [roomFor([units]), roomFor([units])]
    gates.push((_logs, places) => {
      for (let i = 0; i < units; i++) {
        raw[i] = places.reduce((sum, h, which) => sum + slope[which * units + i] * h, offset[i])
        factor[i] = factorOf(raw[i])
      }
    })
    return { raw, factor }
  }

  /** @param {CodeEntry} entry @param {number} units @param {Float32Array} numbers @returns {CodeGate} */
  const openCode = (entry, units, numbers) => {
    const { raw, factor } = openLine(entry, units, numbers)
    const narrowing = numbersAt(numbers, entry.narrowing, units)
    const shift = roomFor([units])
    gates.push(() => {
      for (let k = 0; k < units; k++) shift[k] = narrowing[k] * Math.min(0, raw[k])
    })
    return { mean: factor, logvar: factor, shift, code: factor }
  }

  /** @param {PairEntry} entry @param {number} units @param {Float32Array} numbers @returns {CodeGate} */
  const openPair = (entry, units, numbers) => {
    mustFit(entry.units === units)
    const threshold = numbersAt(numbers, entry.threshold, units)
    const [mean, logvar, shift, code] = [0, 1, 2, 3].map(() => roomFor([units]))
    gates.push((logs) => {
      for (let k = 0; k < units; k++) {
        const [logA, logB] = logs.map((log) => log - threshold[k])
        const square = 1 - 4 * Math.exp(logB) + 4 * Math.exp(2 * logB - logA)
        const root = Math.sign(square) * Math.sqrt(Math.max(1e-6, Math.abs(square)))
        const logQ = logB + Math.LN2 - Math.log1p(Math.max(-0.999, root))
        const alive = logQ < SHUT
        logvar[k] = GATES.root(logQ)
        shift[k] = alive ? -Math.log1p(Math.expm1(-logQ) * Math.exp(logA - logB)) : 0
        const length = alive ? Math.exp((logQ - logA) / 2) : 1
        mean[k] = logvar[k] * length
        code[k] = logvar[k] / length
      }
    })
    return { mean, logvar, shift, code }
  }

  return {
    /** @param {LineEntry} entry @param {number} units @param {Float32Array} numbers */
    add: (entry, units, numbers) => openLine(entry, units, numbers).factor,

    /** @param {CodeEntry | PairEntry | undefined} entry @param {number} units @param {Float32Array} numbers */
    addCode: (entry, units, numbers) => {
      mustFit(entry !== undefined && "threshold" in entry === split)
      return "threshold" in entry ? openPair(entry, units, numbers) : openCode(entry, units, numbers)
    },

    turn,
  }
}

const SHUT = -1e-6 // at 0 a root has an infinite slope
/** @type {Record<"sigmoid" | "root", (raw: number) => number>} */
const GATES = {
  sigmoid: (raw) => 1 / (1 + Math.exp(-raw)),
  root: (raw) => Math.sqrt(-Math.expm1(Math.min(SHUT, raw))),
}
