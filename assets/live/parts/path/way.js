// @ts-check
// The way between two codes: the formula of each place on it, and the place in words.
import { say } from "../../kit/words.js"

/** @typedef {"linear" | "spherical"} Kind of way */

export const FROM = -0.5 // how far before A and beyond B the walk goes on, as a share of the way between them
export const TO = 1.5

/**
 * The code at t on the way from a (t = 0) to b (t = 1), all Float32Array [K], written to `into`: what vae_core.analysis.explore.along computes.
 *
 * Beyond the ends the same formula goes on: the line runs straight on, and the spherical way turns on at its speed while the norm
 * goes on growing or shrinking linearly, though never below 0.
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {number} t
 * @param {Kind} kind
 * @param {Float32Array} into
 */
export function codeAlong(a, b, t, kind, into) {
  let squaresA = 0, squaresB = 0, product = 0
  for (let k = 0; k < a.length; k++) {
    squaresA += a[k] * a[k]
    squaresB += b[k] * b[k]
    product += a[k] * b[k]
  }
  let shareA = 1 - t, shareB = t
  if (kind === "spherical" && t !== 0 && t !== 1 && squaresA > 0 && squaresB > 0) {
    const normA = Math.sqrt(squaresA), normB = Math.sqrt(squaresB)
    const angle = Math.acos(Math.min(1, Math.max(-1, product / (normA * normB))))
    if (1e-4 < angle && angle < Math.PI - 1e-4) {
      const norm = Math.max(0, (1 - t) * normA + t * normB) / Math.sin(angle)
      shareA = (norm * Math.sin((1 - t) * angle)) / normA
      shareB = (norm * Math.sin(t * angle)) / normB
    }
  }
  for (let k = 0; k < a.length; k++) into[k] = shareA * a[k] + shareB * b[k]
}

/** Where t is, in words. @param {number} t */
export function wordsAt(t) {
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`
  if (t < 0) return say`${percent(-t)} beyond A`
  if (t > 1) return say`${percent(t - 1)} beyond B`
  if (t === 0 || t === 1) return t ? say("At B") : say("At A")
  return say`${percent(t)} of the way from A to B`
}
