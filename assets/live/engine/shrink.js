// @ts-check
// The last layer of a decoder that takes away what is too faint to be meant: vae_core/model/shrinking.py says why and how.
import { mustFit, roomFor } from "./weights.js"

/** @import { Open, Run } from "./layers.js" */
/** @import { ShrinkEntry } from "./weights.js" */
/** @typedef {{after: Int32Array, before: Int32Array}} Pairs of each number: the one `step` after it, or the last; the one before, or −1 */
/** @typedef {Record<"even" | "odd" | "mean" | "rows" | "columns" | "crosses", Float32Array>} Bands */

/** @type {Open<ShrinkEntry>} */
export function shrinkLayer({ threshold, scales, passes }, shape) {
  mustFit(shape.length === 3 && threshold > 0 && Number.isInteger(scales) && scales <= 8)
  const steps = Array.from({ length: scales }, (_, scale) => ({
    across: pairsOf(shape, 2, 2 ** scale),
    down: pairsOf(shape, 1, 2 ** scale),
    bands: bandsOf(shape),
    least: threshold / 2 ** (scale + 1),
  }))
  /** @type {(x: Float32Array, scale: number) => void} */
  const shrink = (x, scale) => {
    if (scale === scales) return
    const { across, down, least, bands: { even, odd, mean, rows, columns, crosses } } = steps[scale]
    split(x, across, even, odd)
    split(even, down, mean, rows)
    split(odd, down, columns, crosses)
    shrink(mean, scale + 1)
    for (const band of [rows, columns, crosses]) garrote(band, least)
    join(mean, rows, down, even)
    join(columns, crosses, down, odd)
    join(even, odd, across, x)
  }
  /** @type {Run} */
  const run = (x) => {
    for (let pass = 0; pass < passes; pass++) shrink(x, 0)
    return x
  }
  return { shape, run }
}

/** @param {number[]} shape @returns {Bands} */
function bandsOf(shape) {
  const room = () => roomFor(shape)
  return { even: room(), odd: room(), mean: room(), rows: room(), columns: room(), crosses: room() }
}

/**
 * @param {number[]} shape
 * @param {number} axis 1 for rows, 2 for columns
 * @param {number} step
 * @returns {Pairs}
 */
function pairsOf(shape, axis, step) {
  const stride = axis === 1 ? shape[2] * shape[0] : shape[0]
  const side = shape[axis]
  mustFit(step < side)
  const places = new Int32Array(shape[0] * shape[1] * shape[2])
  /** @param {number} i */
  const at = (i) => Math.floor(i / stride) % side
  return {
    after: places.map((_, i) => i + Math.min(step, side - 1 - at(i)) * stride),
    before: places.map((_, i) => at(i) < step ? -1 : i - step * stride),
  }
}

/** @param {Float32Array} x @param {Pairs} pairs @param {Float32Array} mean @param {Float32Array} half */
function split(x, { after }, mean, half) {
  for (let i = 0; i < x.length; i++) {
    mean[i] = (x[i] + x[after[i]]) / 2
    half[i] = (x[i] - x[after[i]]) / 2
  }
}

/** @param {Float32Array} band @param {number} least */
function garrote(band, least) {
  const square = least * least
  for (let i = 0; i < band.length; i++) band[i] *= 1 - square / Math.max(square, band[i] * band[i])
}

/** @param {Float32Array} mean @param {Float32Array} half @param {Pairs} pairs @param {Float32Array} y */
function join(mean, half, { before }, y) {
  for (let i = 0; i < y.length; i++) {
    const first = mean[i] + half[i]
    const place = before[i]
    y[i] = place < 0 ? first : (first + mean[place] - half[place]) / 2
  }
}
