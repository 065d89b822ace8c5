// @ts-check
// Random numbers that are the same for the same seed.
import { thrown } from "../parts/machine/dice.js"

/** Numbers that lie evenly from 0 to 1, one at each call: mulberry32, which is in the public domain. @param {number} seed @returns {() => number} */
export function chances(seed) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x51ed270b) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws from N(0, 1). @param {number} count @param {number} seed */
export function normals(count, seed) {
  const next = chances(seed)
  return Float32Array.from({ length: count }, () => thrown(next()))
}

/** So many codes from the prior. @param {number} count @param {number} latent @param {number} seed */
export function priorCodes(count, latent, seed) {
  const numbers = normals(count * latent, seed)
  return Array.from({ length: count }, (_, place) => numbers.subarray(place * latent, (place + 1) * latent))
}
