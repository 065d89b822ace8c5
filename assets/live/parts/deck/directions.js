// @ts-check
// What a slider moves: one number of the code, or, where a code has too many for a slider each, many of them at once along a direction.
import { fetched } from "../../engine/engine.js"

/**
 * Where the slider of an index stands for a code, and the code, changed in place, with that slider elsewhere.
 * @typedef {{value: (z: ArrayLike<number>, index: number) => number, put: (z: Float32Array, index: number, value: number) => void}} Ways
 */

/** A slider for each number. @implements {Ways} */
export class Dimensions {
  /** @param {ArrayLike<number>} z @param {number} index */
  value(z, index) {
    return z[index]
  }

  /** @param {Float32Array} z @param {number} index @param {number} value */
  put(z, index, value) {
    z[index] = value
  }
}

/** Directions at right angles to each other, as vae_core/analysis/directions.py has them. @implements {Ways} */
export class Directions {
  /** @param {Float32Array} numbers [1 + D, K]: the centre, then what a step of each slider adds @param {number} latent K */
  constructor(numbers, latent) {
    const rows = Array.from({ length: numbers.length / latent }, (_, row) => numbers.subarray(row * latent, (row + 1) * latent))
    this.centre = rows[0]
    this.steps = rows.slice(1)
    this.squares = this.steps.map((step) => step.reduce((sum, part) => sum + part * part, 0))
  }

  /** @param {ArrayLike<number>} z @param {number} index */
  value(z, index) {
    const { centre } = this
    return this.steps[index].reduce((sum, part, k) => sum + part * (z[k] - centre[k]), 0) / this.squares[index]
  }

  /** @param {Float32Array} z @param {number} index @param {number} value */
  put(z, index, value) {
    const by = value - this.value(z, index)
    this.steps[index].forEach((part, k) => (z[k] += by * part))
  }
}

/** The directions behind an address. @param {string} url @param {number} latent @returns {Promise<Directions>} */
export async function directionsAt(url, latent) {
  return new Directions(new Float32Array(await fetched(url)), latent)
}
