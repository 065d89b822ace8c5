// @ts-check
// What a model of chances of white says of an image: its cost at a code, and the bound of a Gaussian over two dimensions.

/** @import { Posterior } from "../engine/model.js" */
/** @typedef {(z: Float32Array) => Float32Array} Decode the mean image of a code, good until the next call */
/** @typedef {{mean: number[], std: number[]}} Gaussian over codes */

const LEAST = 1e-12
const MOST = 1 - 2 ** -24 // the highest chance below 1 that 32 bits hold
const NEGLIGIBLE = 1e-6 // the share of a place that is left out
// Gauss-Hermite quadrature of 12 places for N(0, 1), by numpy.polynomial.hermite_e: the positive half of them, and the share of each.
/** @type {[place: number, share: number][]} */
const HALF = [
  [0.44440300194413895, 0.32166436151282995],
  [1.3403751971516167, 0.14696704804532995],
  [2.259464451000799, 0.029116687912364173],
  [3.2237098287700974, 0.0022033806875332],
  [4.2718258479322815, 4.837184922590644e-05],
  [5.500901704467748, 1.4999271676371623e-07],
]
const NODES = HALF.flatMap(([place, share]) => [[-place, share], [place, share]])

/** What each pixel costs in nats: the cross-entropy of an image and the chances that the decoder gives. @param {ArrayLike<number>} chances @param {ArrayLike<number>} image */
export function pixelCosts(chances, image) {
  return Float64Array.from(image, (white, i) => {
    const chance = Math.min(MOST, Math.max(LEAST, chances[i]))
    return -white * Math.log(chance) - (1 - white) * Math.log1p(-chance)
  })
}

/** D in nats, the costs of all pixels. @param {ArrayLike<number>} chances @param {ArrayLike<number>} image */
export function crossEntropy(chances, image) {
  return pixelCosts(chances, image).reduce((sum, cost) => sum + cost)
}

/** What the errors cost in nats by a bell curve of this spread around each grey, where no error costs 0. @param {ArrayLike<number>} greys @param {ArrayLike<number>} image @param {number} spread */
export function bellCost(greys, image, spread) {
  return Array.from(image, (white, i) => (white - greys[i]) ** 2).reduce((sum, square) => sum + square) / (2 * spread ** 2)
}

/** KL(q ‖ N(0, I)) in nats, one number for each dimension. @param {Gaussian} q */
export function klOf({ mean, std }) {
  return mean.map((middle, k) => 0.5 * (middle ** 2 + std[k] ** 2 - 1 - 2 * Math.log(std[k])))
}

/** The mean and standard deviation of a posterior. @param {Posterior} posterior @returns {Gaussian} */
export function gaussianOf({ mean, logvar }) {
  return { mean: Array.from(mean), std: Array.from(logvar, (value) => Math.exp(0.5 * value)) }
}

/**
 * E_q[D] in nats over a Gaussian of two dimensions, by quadrature.
 * @param {Decode} decode
 * @param {ArrayLike<number>} image
 * @param {Gaussian} q
 */
export function expectedCost(decode, image, { mean, std }) {
  const z = new Float32Array(2)
  let [sum, whole] = [0, 0]
  for (const [across, share] of NODES) {
    for (const [up, other] of NODES) {
      const weight = share * other
      if (weight < NEGLIGIBLE) continue
      z[0] = mean[0] + std[0] * across
      z[1] = mean[1] + std[1] * up
      sum += weight * crossEntropy(decode(z), image)
      whole += weight
    }
  }
  return sum / whole
}
