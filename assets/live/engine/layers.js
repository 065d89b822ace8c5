// @ts-check
// The layers of a network, and the matrix products in which nearly all of their time is spent.
// Inside, images are [H, W, C], channels last: then every layer with weights is one product of two matrices, both read along their rows.
// Sums are doubles, which is both closer to the truth and faster here than rounding each step to single precision.
import { GRAPH_LAYERS } from "./graph_layers.js"
import { shrinkLayer } from "./shrink.js"
import { reachOf, stopsOf, tapPlaces } from "./taps.js"
import { mustFit, namedIn, numbersAt, roomFor } from "./weights.js"

/** @import { Gating } from "./gates.js" */
/** @import { ConvEntry, ConvTransposeEntry, GateEntry, KernelEntry, LayerEntry, LinearEntry, ReluEntry, UnflattenEntry } from "./weights.js" */
/** @typedef {(x: Float32Array, ...others: Float32Array[]) => Float32Array} Run what a layer makes of its values, in a buffer of its own or in that of the first */
/**
 * What opens a layer: given its entry, the shape it gets, all numbers, the gates and the shapes of all values that it takes.
 * @template {LayerEntry} Entry
 * @typedef {(entry: Entry, shape: number[], numbers: Float32Array, gating: Gating, shapes: number[][]) => {shape: number[], run: Run}} Open
 */

/**
 * Layers from `inputShape` to what must be `outputShape`, one after another, or each with the values that it takes. `input` is the buffer to
 * fill; run() answers in another.
 * @param {LayerEntry[]} entries
 * @param {number[]} inputShape
 * @param {number[]} outputShape
 * @param {Float32Array} numbers
 * @param {Gating} gating
 */
export function openNetwork(entries, inputShape, outputShape, numbers, gating) {
  const taken = entries.map(({ takes }, place) => takes ?? [place])
  const uses = entries.map(() => 0)
  for (const value of taken.flat()) uses[value]++
  const shapes = [inputShape]
  const steps = entries.map((entry, place) => {
    mustFit(taken[place].length > 0 && taken[place].every((value) => Number.isInteger(value) && value >= 0 && value <= place))
    const own = taken[place].map((value) => shapes[value])
    const open = /** @type {Open<LayerEntry>} */ (namedIn(LAYERS, entry.kind))
    const layer = open(entry, own[0], numbers, gating, own)
    shapes.push(layer.shape)
    // A layer may work in the buffer that it is given: what others need too is copied.
    const copy = uses[taken[place][0]] > 1 ? roomFor(own[0]) : null
    return { run: layer.run, copy, takes: taken[place] }
  })
  mustFit(shapes[entries.length].join() === outputShape.join())
  /** @type {Float32Array[]} */
  const values = [roomFor(inputShape)]
  const run = () => {
    steps.forEach(({ run, copy, takes }, place) => {
      const [first, ...others] = takes.map((value) => values[value])
      if (copy) copy.set(first)
      values[place + 1] = run(copy ?? first, ...others)
    })
    return values[steps.length]
  }
  return { input: values[0], run }
}

/** @type {Open<LinearEntry>} */
function linearLayer(layer, shape, numbers) {
  mustFit(shape.length === 1 && shape[0] === layer.inputs)
  const y = roomFor([layer.outputs])
  const weight = numbersAt(numbers, layer.weight, layer.outputs * layer.inputs)
  const bias = biasOf(layer, numbers)
  return { shape: [layer.outputs], run: (x) => multiply(x, weight, bias, y) }
}

/** @type {Open<ConvEntry>} */
function convLayer(layer, shape, numbers) {
  const { inputs, outputs, kernel } = layer
  mustFit(shape.length === 3 && shape[0] === inputs)
  const small = stopsOf(layer, shape.slice(1))
  const y = roomFor([outputs, ...small])
  const taps = tapPlaces(small, shape.slice(1), layer)
  const patches = roomFor([taps.length, inputs]) // where a tap is outside the image it stays 0
  const weight = numbersAt(numbers, layer.weight, outputs * kernel[0] * kernel[1] * inputs)
  const bias = biasOf(layer, numbers)
  /** @type {Run} */
  const run = (x) => {
    for (let tap = 0; tap < taps.length; tap++) {
      if (taps[tap] < 0) continue
      const from = taps[tap] * inputs
      const to = tap * inputs
      for (let c = 0; c < inputs; c++) patches[to + c] = x[from + c]
    }
    return multiply(patches, weight, bias, y)
  }
  return { shape: [outputs, ...small], run }
}

/** @type {Open<ConvTransposeEntry>} */
function convTransposeLayer(layer, shape, numbers) {
  const { inputs, outputs, kernel, stride, padding } = layer
  mustFit(shape.length === 3 && shape[0] === inputs)
  const large = [0, 1].map((side) =>
    (shape[side + 1] - 1) * stride[side] - 2 * padding[side] + reachOf(layer, side) + layer.output_padding[side]
  )
  const y = roomFor([outputs, ...large])
  const taps = tapPlaces(shape.slice(1), large, layer)
  const patches = roomFor([taps.length, outputs])
  const columns = kernel[0] * kernel[1] * outputs
  const weight = numbersAt(numbers, layer.weight, columns * inputs)
  const nothing = new Float32Array(columns)
  const bias = biasOf(layer, numbers)
  /** @type {Run} */
  const run = (x) => {
    multiply(x, weight, nothing, patches)
    for (let place = 0; place < y.length; place += outputs) y.set(bias, place)
    for (let tap = 0; tap < taps.length; tap++) {
      if (taps[tap] < 0) continue
      const from = tap * outputs
      const to = taps[tap] * outputs
      for (let c = 0; c < outputs; c++) y[to + c] += patches[from + c]
    }
    return y
  }
  return { shape: [outputs, ...large], run }
}

/** @type {Open<LayerEntry>} */
function flattenLayer(_layer, shape) {
  const y = roomFor(shape)
  const places = y.length / shape[0]
  return { shape: [y.length], run: (x) => swapAxes(x, places, y) }
}

/** @type {Open<UnflattenEntry>} */
function unflattenLayer(layer, shape) {
  const y = roomFor(layer.shape)
  mustFit(shape.length === 1 && shape[0] === y.length)
  return { shape: layer.shape, run: (x) => swapAxes(x, layer.shape[0], y) }
}

/** @type {Open<ReluEntry>} */
function leakyReluLayer(layer, shape) {
  const slope = layer.negative_slope ?? 0
  /** @type {Run} */
  const run = (x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] *= slope
    return x
  }
  return { shape, run }
}

/** @type {Open<GateEntry>} */
function gateLayer(layer, shape, numbers, gating) {
  const factor = gating.add(layer, shape[0], numbers)
  /** @type {Run} */
  const run = (x) => {
    for (let i = 0; i < x.length; i++) x[i] *= factor[i % factor.length]
    return x
  }
  return { shape, run }
}

/** @type {Run} */
export function sigmoid(x) {
  for (let i = 0; i < x.length; i++) x[i] = 1 / (1 + Math.exp(-x[i]))
  return x
}

/** @type {Run} */
function tanh(x) {
  for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i])
  return x
}

/** @type {{[Kind in LayerEntry["kind"]]: Open<Extract<LayerEntry, {kind: Kind}>>}} */
const LAYERS = {
  linear: linearLayer,
  conv: convLayer,
  conv_transpose: convTransposeLayer,
  flatten: flattenLayer,
  unflatten: unflattenLayer,
  gate: gateLayer,
  shrink: shrinkLayer,
  leaky_relu: leakyReluLayer,
  relu: leakyReluLayer,
  sigmoid: (_layer, shape) => ({ shape, run: sigmoid }),
  tanh: (_layer, shape) => ({ shape, run: tanh }),
  ...GRAPH_LAYERS,
}

/**
 * y [N, outputs] = x [N, inputs] · weightᵀ + bias, with weight [outputs, inputs].
 * Eight sums at a time, four outputs of two rows, so that each number read is used often. At the end of the outputs the last one is
 * computed again instead of one beyond it.
 * @param {Float32Array} x
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 * @param {Float32Array} y
 */
function multiply(x, weight, bias, y) {
  const outputs = bias.length
  const inputs = weight.length / outputs
  const rows = y.length / outputs
  const last = outputs - 1
  for (let j0 = 0; j0 < outputs; j0 += 4) {
    const j1 = Math.min(j0 + 1, last)
    const j2 = Math.min(j0 + 2, last)
    const j3 = Math.min(j0 + 3, last)
    const w0 = j0 * inputs
    const w1 = j1 * inputs
    const w2 = j2 * inputs
    const w3 = j3 * inputs
    let row = 0
    for (; row + 1 < rows; row += 2) {
      const xa = row * inputs
      const xb = xa + inputs
      let a0 = bias[j0], a1 = bias[j1], a2 = bias[j2], a3 = bias[j3]
      let b0 = a0, b1 = a1, b2 = a2, b3 = a3
      for (let k = 0; k < inputs; k++) {
        const a = x[xa + k]
        const b = x[xb + k]
        const v0 = weight[w0 + k]
        const v1 = weight[w1 + k]
        const v2 = weight[w2 + k]
        const v3 = weight[w3 + k]
        a0 += a * v0
        a1 += a * v1
        a2 += a * v2
        a3 += a * v3
        b0 += b * v0
        b1 += b * v1
        b2 += b * v2
        b3 += b * v3
      }
      const ya = row * outputs
      const yb = ya + outputs
      y[ya + j0] = a0
      y[ya + j1] = a1
      y[ya + j2] = a2
      y[ya + j3] = a3
      y[yb + j0] = b0
      y[yb + j1] = b1
      y[yb + j2] = b2
      y[yb + j3] = b3
    }
    if (row < rows) {
      const xa = row * inputs
      let a0 = bias[j0], a1 = bias[j1], a2 = bias[j2], a3 = bias[j3]
      for (let k = 0; k < inputs; k++) {
        const a = x[xa + k]
        a0 += a * weight[w0 + k]
        a1 += a * weight[w1 + k]
        a2 += a * weight[w2 + k]
        a3 += a * weight[w3 + k]
      }
      const ya = row * outputs
      y[ya + j0] = a0
      y[ya + j1] = a1
      y[ya + j2] = a2
      y[ya + j3] = a3
    }
  }
  return y
}

/**
 * [rows, columns] → [columns, rows]: with C rows this brings the channels of [C, H, W] last, with H·W rows first again.
 * @param {Float32Array} from
 * @param {number} rows
 * @param {Float32Array} to
 */
export function swapAxes(from, rows, to) {
  const columns = from.length / rows
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) to[column * rows + row] = from[row * columns + column]
  }
  return to
}

/** @param {LinearEntry | KernelEntry} layer @param {Float32Array} numbers */
function biasOf(layer, numbers) {
  return layer.bias === null ? new Float32Array(layer.outputs) : numbersAt(numbers, layer.bias, layer.outputs)
}
