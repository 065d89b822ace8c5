// @ts-check
// Costs and divergences against closed forms.
import { ok, strictEqual } from "node:assert/strict"
import { normals } from "../../../assets/live/lesson/chance.js"
import { bellCost, crossEntropy, expectedCost, klOf, pixelCosts } from "../../../assets/live/lesson/likelihood.js"
import { byComponents, errorOf } from "../../../assets/live/lesson/steps/compress.js"
import { klDraws } from "../../../assets/live/lesson/steps/forces.js"

const Q = { mean: [0.5, -1], std: [0.2, 0.7] }

/** @param {number} found @param {number} wanted @param {number} apart */
const near = (found, wanted, apart) => ok(Math.abs(found - wanted) <= apart, `${found} is not ${wanted}`)

Deno.test("the cost of a certain pixel is nothing, of a fair coin ln 2, and of a wrong certainty finite", () => {
  near(crossEntropy([1, 0], [1, 0]), 0, 1e-6)
  near(crossEntropy([0.5, 0.5], [1, 0]), 2 * Math.LN2, 1e-12)
  ok(Number.isFinite(crossEntropy([1, 0], [0, 1])))
})

Deno.test("a bell curve charges half a nat for a pixel that is off by its spread", () => {
  near(bellCost([0.5, 0.2], [0.6, 0.2], 0.1), 0.5, 1e-12)
  near(pixelCosts([0.5, 0.9], [1, 1])[1], -Math.log(0.9), 1e-12)
})

Deno.test("the mean cost over a Gaussian is exact where the cost is a square of the code", () => {
  const decode = (/** @type {Float32Array} */ z) => {
    const cost = Math.LN2 + 0.01 * z[0] ** 2 + 0.02 * z[1] // of a pixel of 1/2: −½ log p(1 − p), which gives p
    return Float32Array.of(0.5 - Math.sqrt(Math.max(0, 0.25 - Math.exp(-2 * Math.max(Math.LN2, cost)))))
  }
  const q = { mean: [0.5, 3], std: [0.2, 0.3] }
  near(expectedCost(decode, [0.5], q), Math.LN2 + 0.01 * (0.5 ** 2 + 0.2 ** 2) + 0.02 * 3, 1e-4)
})

Deno.test("the KL of the prior with itself is nothing, and draws come to the formula within four standard errors", () => {
  strictEqual(klOf({ mean: [0], std: [1] })[0], 0)
  near(klOf({ mean: [2], std: [1] })[0], 2, 1e-12)
  const rate = klOf(Q).reduce((sum, part) => sum + part)
  const draws = klDraws(Q, 5000, 1)
  const mean = draws.reduce((sum, draw) => sum + draw) / draws.length
  const spread = Math.sqrt(draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / (draws.length - 1))
  near(mean, rate, 4 * spread / Math.sqrt(draws.length))
})

Deno.test("draws are normal, and the same for the same seed", () => {
  const draws = normals(20000, 7)
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
  near(mean, 0, 4 / Math.sqrt(draws.length))
  near(draws.reduce((sum, draw) => sum + draw ** 2, 0) / draws.length, 1, 4 * Math.sqrt(2 / draws.length))
  strictEqual(String(normals(5, 3)), String(normals(5, 3)))
  ok(String(normals(5, 3)) !== String(normals(5, 4)))
})

Deno.test("all components give an image back, none the mean", () => {
  const components = Float32Array.of(0.5, 0.5, 0.6, 0.8, 0.8, -0.6) // mean, then two orthonormal rows
  near(errorOf([0.2, 0.9], byComponents([0.2, 0.9], components, 2)), 0, 1e-6)
  near(errorOf([0.5, 0.5], byComponents([0.2, 0.9], components, 0)), 0, 1e-6)
  near(errorOf([0, 1], [1, 0]), 1, 1e-12)
})
