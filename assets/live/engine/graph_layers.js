// @ts-check
// The layers that models from elsewhere have besides those of ours, as vae_core/export/live_graph.py writes them.
// Images are [H, W, C] inside, channels last, and all else lies in the order of its shape: `placesOf` leads from that order to where numbers lie.
import { stopsOf, tapPlaces } from "./taps.js"
import { mustFit, namedIn, numbersAt, roomFor } from "./weights.js"

/** @import { Open, Run } from "./layers.js" */
/** @import { GraphEntry, AffineEntry, CombineEntry, ConcatEntry, NormaliseEntry, PointwiseEntry, PoolEntry, PReluEntry, RearrangeEntry, ReduceEntry, ResampleEntry } from "./weights.js" */
/** @typedef {{first: number[], second: number[], share: number[]}} Sampled of each place along a side: the place it comes from, another one and the share of that; −1 is outside */

/**
 * Where each number of a value lies, in the order of its shape.
 * @param {number[]} shape
 */
function placesOf(shape) {
  const places = new Int32Array(sizeOf(shape))
  if (shape.length !== 3) return places.map((_, place) => place)
  const [channels, rows, columns] = shape
  let next = 0
  for (let c = 0; c < channels; c++) {
    for (let place = 0; place < rows * columns; place++) places[next++] = place * channels + c
  }
  return places
}

/** @param {number[]} shape */
function sizeOf(shape) {
  return shape.reduce((product, side) => product * side, 1)
}

/** @type {Open<RearrangeEntry>} */
function rearrangeLayer({ shape: out, strides, offset }, shape) {
  const y = roomFor(out)
  mustFit(strides.length === out.length)
  const from = placesOf(shape)
  const to = placesOf(out)
  const table = new Int32Array(y.length)
  const at = out.map(() => 0)
  for (let next = 0; next < y.length; next++) {
    const place = at.reduce((sum, index, axis) => sum + index * strides[axis], offset)
    mustFit(Number.isInteger(place) && place >= 0 && place < from.length)
    table[to[next]] = from[place]
    for (let axis = out.length - 1; axis >= 0 && ++at[axis] === out[axis]; axis--) at[axis] = 0
  }
  /** @type {Run} */
  const run = (x) => {
    for (let i = 0; i < table.length; i++) y[i] = x[table[i]]
    return y
  }
  return { shape: out, run }
}

/** @type {Open<ConcatEntry>} */
function concatLayer({ axis }, shape, _numbers, _gating, shapes) {
  mustFit(
    axis < shape.length && shapes.every((own) => own.length === shape.length && own.every((side, n) => n === axis || side === shape[n])),
  )
  const out = shape.map((side, n) => n === axis ? shapes.reduce((sum, own) => sum + own[axis], 0) : side)
  const y = roomFor(out)
  const to = placesOf(out)
  const inner = sizeOf(shape.slice(axis + 1))
  let before = 0
  const tables = shapes.map((own) => {
    const table = new Int32Array(sizeOf(own))
    const from = placesOf(own)
    const run = own[axis] * inner
    for (let place = 0; place < table.length; place++) {
      const block = Math.floor(place / run)
      table[from[place]] = to[block * out[axis] * inner + before * inner + (place - block * run)]
    }
    before += own[axis]
    return table
  })
  /** @type {Run} */
  const run = (...values) => {
    values.forEach((x, n) => {
      for (let i = 0; i < x.length; i++) y[tables[n][i]] = x[i]
    })
    return y
  }
  return { shape: out, run }
}

/** @type {Open<CombineEntry>} */
function combineLayer(layer, shape, _numbers, _gating, shapes) {
  mustFit(shapes.length === 2 && shapes[1].join() === shape.join())
  const combine = namedIn(COMBINE, layer.function)
  const y = roomFor(shape)
  /** @type {Run} */
  const run = (x, other) => {
    for (let i = 0; i < y.length; i++) y[i] = combine(x[i], other[i])
    return y
  }
  return { shape, run }
}

/** @type {Open<PointwiseEntry>} */
function pointwiseLayer(layer, shape) {
  const { a, b } = layer
  const apply = namedIn(POINTWISE, layer.function)
  /** @type {Run} */
  const run = (x) => {
    for (let i = 0; i < x.length; i++) x[i] = apply(x[i], a, b)
    return x
  }
  return { shape, run }
}

/** @type {Open<PReluEntry>} */
function preluLayer(layer, shape, numbers) {
  const slope = numbersAt(numbers, layer.slope, layer.count)
  mustFit(layer.count > 0)
  /** @type {Run} */
  const run = (x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] *= slope[i % slope.length]
    return x
  }
  return { shape, run }
}

/** @type {Open<AffineEntry>} */
function affineLayer(layer, shape, numbers) {
  const scale = layer.scale === null ? Float32Array.of(1) : numbersAt(numbers, layer.scale, layer.scales)
  const shift = layer.shift === null ? Float32Array.of(0) : numbersAt(numbers, layer.shift, layer.shifts)
  mustFit(scale.length > 0 && shift.length > 0)
  /** @type {Run} */
  const run = (x) => {
    for (let i = 0; i < x.length; i++) x[i] = x[i] * scale[i % scale.length] + shift[i % shift.length]
    return x
  }
  return { shape, run }
}

/** @type {Open<PoolEntry>} */
function poolLayer(layer, shape) {
  mustFit(shape.length === 3)
  const channels = shape[0]
  const small = stopsOf(layer, shape.slice(1))
  const y = roomFor([channels, ...small])
  const taps = tapPlaces(small, shape.slice(1), layer)
  const window = layer.kernel[0] * layer.kernel[1]
  const largest = layer.function === "max"
  /** @type {Run} */
  const run = (x) => {
    for (let stop = 0; stop < taps.length / window; stop++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0
        let most = -Infinity
        let count = 0
        for (let tap = stop * window; tap < (stop + 1) * window; tap++) {
          if (taps[tap] < 0) continue
          const value = x[taps[tap] * channels + c]
          sum += value
          most = Math.max(most, value)
          count++
        }
        y[stop * channels + c] = largest ? most : sum / (layer.counts_padding ? window : count)
      }
    }
    return y
  }
  return { shape: [channels, ...small], run }
}

/** @type {Open<ReduceEntry>} */
function reduceLayer(layer, shape) {
  mustFit(layer.axes > 0 && layer.axes <= shape.length)
  const kept = shape.length - layer.axes
  const out = shape.map((side, axis) => axis < kept ? side : 1)
  const y = roomFor(out)
  const from = placesOf(shape)
  const to = placesOf(out)
  const inner = from.length / y.length
  const largest = layer.function === "max"
  /** @type {Run} */
  const run = (x) => {
    for (let group = 0; group < y.length; group++) {
      let sum = 0
      let most = -Infinity
      for (let i = 0; i < inner; i++) {
        const value = x[from[group * inner + i]]
        sum += value
        most = Math.max(most, value)
      }
      y[to[group]] = largest ? most : sum / inner
    }
    return y
  }
  return { shape: out, run }
}

/** @type {Open<NormaliseEntry>} */
function normaliseLayer(layer, shape) {
  mustFit(layer.axes > 0 && layer.axes <= shape.length)
  const from = placesOf(shape)
  const inner = sizeOf(shape.slice(shape.length - layer.axes))
  /** @type {Run} */
  const run = (x) => {
    for (let first = 0; first < from.length; first += inner) {
      let sum = 0
      for (let i = first; i < first + inner; i++) sum += x[from[i]]
      const mean = sum / inner
      let squares = 0
      for (let i = first; i < first + inner; i++) squares += (x[from[i]] - mean) ** 2
      const factor = 1 / Math.sqrt(squares / inner + layer.epsilon)
      for (let i = first; i < first + inner; i++) x[from[i]] = (x[from[i]] - mean) * factor
    }
    return x
  }
  return { shape, run }
}

/** @type {Open<ResampleEntry>} */
function resampleLayer({ rows, columns, fill }, shape) {
  mustFit(shape.length === 3)
  const [channels, height, width] = shape
  const out = [channels, rows.first.length, columns.first.length]
  const y = roomFor(out)
  mustFit(within(rows, height) && within(columns, width))
  /** @type {(x: Float32Array, row: number, column: number, c: number) => number} */
  const at = (x, row, column, c) => row < 0 || column < 0 ? fill : x[(row * width + column) * channels + c]
  /** @type {Run} */
  const run = (x) => {
    let next = 0
    for (let i = 0; i < out[1]; i++) {
      const [above, below, down] = [rows.first[i], rows.second[i], rows.share[i]]
      for (let j = 0; j < out[2]; j++) {
        const [left, right, across] = [columns.first[j], columns.second[j], columns.share[j]]
        for (let c = 0; c < channels; c++) {
          const top = at(x, above, left, c) * (1 - across) + (across ? at(x, above, right, c) * across : 0)
          const bottom = down ? at(x, below, left, c) * (1 - across) + (across ? at(x, below, right, c) * across : 0) : 0
          y[next++] = top * (1 - down) + bottom * down
        }
      }
    }
    return y
  }
  return { shape: out, run }
}

/** Whether a side's places are there. @param {Sampled} sampled @param {number} side */
function within({ first, second, share }, side) {
  const same = second.length === first.length && share.length === first.length
  return same && [...first, ...second].every((place) => Number.isInteger(place) && place >= -1 && place < side)
}

/** The error function, to 1.2e-7 (Press et al., Numerical Recipes, erfc by a Chebyshev fit). @param {number} x */
function erf(x) {
  const t = 1 / (1 + Math.abs(x) / 2)
  const fit = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277]
  const rest = t * Math.exp(-x * x + fit.reduceRight((sum, part) => sum * t + part, 0))
  return x >= 0 ? 1 - rest : rest - 1
}

/** @param {number} x */
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** @param {number} x @param {number} low @param {number} high */
function clip(x, low, high) {
  return Math.min(Math.max(x, low), high)
}

/** Functions of a number and two settings. @type {Record<string, (x: number, a: number, b: number) => number>} */
const POINTWISE = {
  abs: (x) => Math.abs(x),
  clip,
  elu: (x, a) => x > 0 ? x : a * Math.expm1(x),
  erf: (x) => erf(x),
  exp: (x) => Math.exp(x),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  hard_sigmoid: (x, a, b) => clip(a * x + b, 0, 1),
  hard_swish: (x) => x * clip(x / 6 + 0.5, 0, 1),
  log: (x) => Math.log(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  negative: (x) => -x,
  power: (x, a) => x ** a,
  reciprocal: (x) => 1 / x,
  selu: (x, a, b) => b * (x > 0 ? x : a * Math.expm1(x)),
  silu: (x) => x / (1 + Math.exp(-x)),
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  sqrt: (x) => Math.sqrt(x),
}

/** @type {Record<string, (x: number, y: number) => number>} */
const COMBINE = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
}

/** @type {{[Kind in GraphEntry["kind"]]: Open<Extract<GraphEntry, {kind: Kind}>>}} */
export const GRAPH_LAYERS = {
  affine: affineLayer,
  combine: combineLayer,
  concat: concatLayer,
  normalise: normaliseLayer,
  pointwise: pointwiseLayer,
  pool: poolLayer,
  prelu: preluLayer,
  rearrange: rearrangeLayer,
  reduce: reduceLayer,
  resample: resampleLayer,
}
