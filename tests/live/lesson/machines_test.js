// @ts-check
// A restricted Boltzmann machine in the browser against a sum over all its states.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { chances } from "../../../assets/live/lesson/chance.js"
import { off } from "../../../assets/live/lesson/shares.js"
import { chain, hiddenOf, machineOf, offNearest, visibleOf } from "../../../assets/live/lesson/steps/before.js"
import { spreadOf } from "../../../assets/live/lesson/steps/trick.js"

const MACHINE = machineOf(Float32Array.of(1.5, -1, 0.5, -2, 1, 0.3, 0.2, -0.4, 0.1, 0.6, -0.3), 3, 2) // W [2, 3], b [2], a [3]
const STATES = Array.from({ length: 32 }, (_, state) => Array.from({ length: 5 }, (_, unit) => (state >> unit) & 1))

/** exp(vᵀWᵀh + aᵀv + bᵀh) of v and h in one. @param {number[]} state */
function weight([v0, v1, v2, h0, h1]) {
  const [v, h] = [[v0, v1, v2], [h0, h1]]
  let sum = 0
  v.forEach((value, i) => {
    sum += MACHINE.visible[i] * value
    h.forEach((hidden, j) => (sum += MACHINE.weights[3 * j + i] * value * hidden))
  })
  h.forEach((hidden, j) => (sum += MACHINE.hidden[j] * hidden))
  return Math.exp(sum)
}

/** @param {(state: number[]) => boolean} given @param {number} unit */
function share(given, unit) {
  const seen = STATES.filter(given)
  return seen.filter((state) => state[unit]).reduce((sum, state) => sum + weight(state), 0) /
    seen.reduce((sum, state) => sum + weight(state), 0)
}

Deno.test("units given the others are as likely as the sum over all states says", () => {
  for (const v of [[0, 0, 0], [1, 0, 1], [1, 1, 1]]) {
    hiddenOf(MACHINE, v).forEach((found, j) => ok(Math.abs(found - share(([a, b, c]) => String([a, b, c]) === String(v), 3 + j)) < 1e-6))
  }
  visibleOf(MACHINE, [1, 0]).forEach((found, i) => ok(Math.abs(found - share(([, , , a, b]) => a === 1 && b === 0, i)) < 1e-6))
})

Deno.test("a long chain visits what is likely", () => {
  const chance = chances(1)
  const runs = 4000
  const seen = [0, 0, 0]
  for (let run = 0; run < runs; run++) chain(MACHINE, 30, chance).units.forEach((unit, i) => (seen[i] += unit))
  seen.forEach((count, i) => {
    const wanted = share(() => true, i)
    ok(Math.abs(count / runs - wanted) < 4 * Math.sqrt(wanted * (1 - wanted) / runs))
  })
})

Deno.test("a picture is as far off as its nearest digit", () => {
  strictEqual(offNearest(Float32Array.of(0.9, 0.2, 0.7, 0), Uint8Array.of(0, 0, 0, 0, 1, 0, 1, 1)), 0.25)
})

Deno.test("a spread is over one less than there are", () => {
  deepStrictEqual(spreadOf(Float32Array.of(1, 3)), { mean: 2, spread: Math.SQRT2 })
})

Deno.test("an error has one digit after the point", () => {
  strictEqual(off(0.1234), "12.3\u00a0%")
})
