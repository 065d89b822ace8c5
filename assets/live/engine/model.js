// @ts-check
// A variational autoencoder in plain JavaScript, as vae_core/export/live_model.py writes it: the image of a code, the code of an image.
// Inside, images are [H, W, C], channels last: then every layer with weights is one product of two matrices, both read along their rows.
// Sums are doubles, which is both closer to the truth and faster here than rounding each step to single precision.

/** @typedef {number | number[]} Beta a KL weight, or [β_μ, β_σ] */
/** @typedef {(x: Float32Array) => Float32Array} Step */
/** @typedef {ReturnType<typeof openModel>} Model */
/** @typedef {Record<string, any>} Entry of a header: what its layer needs is checked where the layer is opened */
/** @typedef {{mean: Float32Array, logvar: Float32Array, shift: Float32Array, code: Float32Array}} CodeGate what is done to codes, all [K] */
/** @typedef {(entry: Entry, shape: number[], numbers: Float32Array, gating: Gating) => {shape: number[], run: Step}} Layer */
/** @typedef {ReturnType<typeof openGating>} Gating */
/**
 * @typedef {object} Header
 * @property {number} format
 * @property {string} precision
 * @property {number} latent
 * @property {number[]} shape
 * @property {boolean} variational
 * @property {[number, number]} [beta_range]
 * @property {boolean} [split]
 * @property {{encoder: number, decoder: number}} macs
 * @property {Entry[]} encoder
 * @property {Entry[]} decoder
 * @property {Entry} [code_gate]
 * @property {string} mean
 * @property {number} [scale]
 */

const FORMAT = 1
const PREAMBLE_BYTES = 12 // the magic, the checksum, the header's length

/**
 * Open a model's bytes: {header, latent: K, shape: [C, H, W], variational, betaRange, split, macs: {encoder, decoder},
 * decode, encode}. Both functions answer in buffers of their own, the same ones at each call. A model with a betaRange [a, b] is told the
 * KL weight at each call, a split one a pair [β_μ, β_σ], where a number means both; another has null for it. Throws an Error of one plain
 * sentence.
 * @param {ArrayBuffer} buffer
 */
export function openModel(buffer) {
  const { header, numbers } = unpack(buffer)
  const { latent, shape, variational, macs } = header
  const betaRange = header.beta_range ?? null
  const split = header.split ?? false
  const gating = openGating(betaRange, split)
  const encoder = openNetwork(header.encoder, shape, [variational ? 2 * latent : latent], numbers, gating)
  const decoder = openNetwork(header.decoder, [latent], shape, numbers, gating)
  const gate = betaRange && gating.addCode(header.code_gate ?? {}, latent, numbers)
  const toMean = namedIn(MEANS, header.mean)(header)
  const image = roomFor(shape)
  const mean = roomFor([latent])
  const logvar = roomFor([latent]).fill(-Infinity) // a deterministic autoencoder's code has no width

  return {
    header,
    latent,
    shape,
    variational,
    betaRange,
    split,
    macs,

    /** The mean image [C·H·W], not cut to 0…1, of a code [K]. @param {Float32Array} z @param {Beta} [beta] */
    decode(z, beta) {
      gating.turn(beta)
      if (z.length !== latent) throw new Error(`A code of this model has ${latent} numbers, not ${z.length}.`)
      for (let k = 0; k < latent; k++) decoder.input[k] = gate ? z[k] * gate.code[k] : z[k]
      swapAxes(decoder.run(), shape[1] * shape[2], image)
      return toMean(image)
    },

    /** The posterior {mean [K], logvar [K]} of an image [C·H·W] from 0 to 1. @param {Float32Array} pixels @param {Beta} [beta] */
    encode(pixels, beta) {
      gating.turn(beta)
      if (pixels.length !== image.length) throw new Error(`An image for this model has ${image.length} numbers, not ${pixels.length}.`)
      swapAxes(pixels, shape[0], encoder.input)
      const out = encoder.run()
      for (let k = 0; k < latent; k++) {
        mean[k] = gate ? out[k] * gate.mean[k] : out[k]
        if (variational) logvar[k] = boundLogvar(gate ? out[latent + k] * gate.logvar[k] + gate.shift[k] : out[latent + k])
      }
      return { mean, logvar }
    },
  }
}

/** Keep a log-variance inside (−10, 10), as bound_logvar of vae_core/model/gaussian.py does. @param {number} raw */
function boundLogvar(raw) {
  const excess = Math.max(0, Math.abs(raw) - 6)
  return Math.sign(raw) * (Math.min(6, Math.abs(raw)) + (4 * excess) / (4 + excess))
}

/**
 * All gates of a model, computed anew by turn(beta) when β is not the last one. add(entry, units, numbers) -> factor [units];
 * addCode(entry, units, numbers) -> {mean, logvar, shift, code}, what is done to codes, all [units]. Without a range there are none, and no
 * β is heard.
 * @param {[number, number] | null} betaRange
 * @param {boolean} split
 */
function openGating(betaRange, split) {
  const names = split ? ["β_μ = ", "β_σ = "] : [""]
  /** @type {((logs: number[], places: number[]) => void)[]} */
  const gates = [] // (log β of each weight, h of each) -> nothing; each sets what was given out
  /** @type {(number | undefined)[]} */
  let last = []
  const turn = (/** @type {Beta | undefined} */ beta) => {
    if (!betaRange) return
    const weights = /** @type {number[]} */ (!split ? [beta] : Array.isArray(beta) ? beta : [beta, beta]) // undefined fits no range
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
  const openLine = (/** @type {Entry} */ entry, /** @type {number} */ units, /** @type {Float32Array} */ numbers) => {
    mustFit(betaRange !== null && entry.units === units)
    const slope = numbersAt(numbers, entry.slope, names.length * units)
    const offset = numbersAt(numbers, entry.offset, units)
    const [factorOf, raw, factor] = [namedIn(GATES, entry.function), roomFor([units]), roomFor([units])]
    gates.push((_logs, places) => {
      for (let i = 0; i < units; i++) {
        raw[i] = places.reduce((sum, h, which) => sum + slope[which * units + i] * h, offset[i])
        factor[i] = factorOf(raw[i])
      }
    })
    return { raw, factor }
  }
  const openCode = (/** @type {Entry} */ entry, /** @type {number} */ units, /** @type {Float32Array} */ numbers) => {
    const { raw, factor } = openLine(entry, units, numbers)
    const narrowing = numbersAt(numbers, entry.narrowing, units)
    const shift = roomFor([units])
    gates.push(() => {
      for (let k = 0; k < units; k++) shift[k] = narrowing[k] * Math.min(0, raw[k])
    })
    return { mean: factor, logvar: factor, shift, code: factor }
  }
  const openPair = (/** @type {Entry} */ entry, /** @type {number} */ units, /** @type {Float32Array} */ numbers) => {
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
    add: (/** @type {Entry} */ entry, /** @type {number} */ units, /** @type {Float32Array} */ numbers) =>
      openLine(entry, units, numbers).factor,
    /** @type {(entry: Entry, units: number, numbers: Float32Array) => CodeGate} */
    addCode: split ? openPair : openCode,
    turn,
  }
}

const SHUT = -1e-6 // at 0 a root has an infinite slope
const GATES = {
  sigmoid: (/** @type {number} */ raw) => 1 / (1 + Math.exp(-raw)),
  root: (/** @type {number} */ raw) => Math.sqrt(-Math.expm1(Math.min(SHUT, raw))),
}

/**
 * Layers one after another, from `inputShape` to what must be `outputShape`: {input: the buffer to fill, run() -> output buffer}.
 * @param {Entry[]} layers
 * @param {number[]} inputShape
 * @param {number[]} outputShape
 * @param {Float32Array} numbers
 * @param {Gating} gating
 */
function openNetwork(layers, inputShape, outputShape, numbers, gating) {
  let shape = inputShape
  const steps = layers.map((layer) => {
    const step = namedIn(LAYERS, layer.kind)(layer, shape, numbers, gating)
    shape = step.shape
    return step.run
  })
  mustFit(shape.join() === outputShape.join())
  /** @type {Float32Array} */
  const input = roomFor(inputShape)
  return { input, run: () => steps.reduce((x, run) => run(x), input) }
}

// Each kind of layer: (its entry in the header, the shape it is given, all numbers, the gates) -> {shape: the one it gives, run(x) -> y}.

/** @type {Layer} */
function linearLayer(layer, shape, numbers) {
  mustFit(shape.length === 1 && shape[0] === layer.inputs)
  const y = roomFor([layer.outputs])
  const weight = numbersAt(numbers, layer.weight, layer.outputs * layer.inputs)
  const bias = biasOf(layer, numbers)
  return { shape: [layer.outputs], run: (x) => multiply(x, weight, bias, y) }
}

/** @type {Layer} */
function convLayer(layer, shape, numbers) {
  const { inputs, outputs, kernel, stride, padding } = layer
  mustFit(shape.length === 3 && shape[0] === inputs)
  const small = [0, 1].map((side) => Math.floor((shape[side + 1] + 2 * padding[side] - kernel[side]) / stride[side]) + 1)
  const y = roomFor([outputs, ...small])
  const taps = tapPlaces(small, shape.slice(1), layer)
  const patches = roomFor([taps.length, inputs]) // where a tap is outside the image it stays 0
  const weight = numbersAt(numbers, layer.weight, outputs * kernel[0] * kernel[1] * inputs)
  const bias = biasOf(layer, numbers)
  const run = (/** @type {Float32Array} */ x) => {
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

/** @type {Layer} */
function convTransposeLayer(layer, shape, numbers) {
  const { inputs, outputs, kernel, stride, padding } = layer
  mustFit(shape.length === 3 && shape[0] === inputs)
  const large = [0, 1].map((side) => (shape[side + 1] - 1) * stride[side] - 2 * padding[side] + kernel[side] + layer.output_padding[side])
  const y = roomFor([outputs, ...large])
  const taps = tapPlaces(shape.slice(1), large, layer)
  const patches = roomFor([taps.length, outputs])
  const columns = kernel[0] * kernel[1] * outputs
  const weight = numbersAt(numbers, layer.weight, columns * inputs)
  const nothing = new Float32Array(columns)
  const bias = biasOf(layer, numbers)
  const run = (/** @type {Float32Array} */ x) => {
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

/** @type {Layer} */
function flattenLayer(_layer, shape) {
  const y = roomFor(shape)
  const places = y.length / shape[0]
  return { shape: [y.length], run: (x) => swapAxes(x, places, y) }
}

/** @type {Layer} */
function unflattenLayer(layer, shape) {
  const y = roomFor(layer.shape)
  mustFit(shape.length === 1 && shape[0] === y.length)
  return { shape: layer.shape, run: (x) => swapAxes(x, layer.shape[0], y) }
}

/** @type {Layer} */
function leakyReluLayer(layer, shape) {
  const slope = layer.negative_slope ?? 0
  const run = (/** @type {Float32Array} */ x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] *= slope
    return x
  }
  return { shape, run }
}

/** @type {Layer} */
function gateLayer(layer, shape, numbers, gating) {
  const factor = gating.add(layer, shape[0], numbers)
  const run = (/** @type {Float32Array} */ x) => {
    for (let i = 0; i < x.length; i++) x[i] *= factor[i % factor.length]
    return x
  }
  return { shape, run }
}

/** @type {Step} */
function sigmoid(x) {
  for (let i = 0; i < x.length; i++) x[i] = 1 / (1 + Math.exp(-x[i]))
  return x
}

/** @type {Step} */
function tanh(x) {
  for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i])
  return x
}

/** @type {Record<string, Layer>} */
const LAYERS = {
  linear: linearLayer,
  conv: convLayer,
  conv_transpose: convTransposeLayer,
  flatten: flattenLayer,
  unflatten: unflattenLayer,
  gate: gateLayer,
  leaky_relu: leakyReluLayer,
  relu: leakyReluLayer,
  sigmoid: (_layer, shape) => ({ shape, run: sigmoid }),
  tanh: (_layer, shape) => ({ shape, run: tanh }),
}

/** 1/(1 − e^−η) − 1/η of each η; near 0, where digits would be lost, the first terms of its series. @type {Step} */
function continuousBernoulliMean(x) {
  for (let i = 0; i < x.length; i++) x[i] = Math.abs(x[i]) < 1e-4 ? 0.5 + x[i] / 12 : -1 / Math.expm1(-x[i]) - 1 / x[i]
  return x
}

/** The mean of a logistic distribution of this scale around each number, with what is outside 0…1 moved to the nearer end. @param {Float32Array} x @param {number} scale */
function cutLogisticMean(x, scale) {
  for (let i = 0; i < x.length; i++) x[i] = scale * (softplus(x[i] / scale) - softplus((x[i] - 1) / scale))
  return x
}

/** log(1 + e^x) @param {number} x */
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** What turns the decoder's output into the image to show. @type {Record<string, (header: Header) => Step>} */
const MEANS = {
  sigmoid: () => sigmoid,
  identity: () => (x) => x,
  continuous_bernoulli: () => continuousBernoulliMean,
  cut_logistic: ({ scale = 0 }) => {
    mustFit(scale > 0)
    return (x) => cutLogisticMean(x, scale)
  },
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

/** [rows, columns] → [columns, rows]: with C rows this brings the channels of [C, H, W] last, with H·W rows first again. @param {Float32Array} from @param {number} rows @param {Float32Array} to */
function swapAxes(from, rows, to) {
  const columns = from.length / rows
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) to[column * rows + row] = from[row * columns + column]
  }
  return to
}

/**
 * Where a kernel's taps fall when it slides over a large image [H, W], one stop for each place of a small one [h, w]:
 * Int32Array [h, w, kernel rows, kernel columns] of places in the large image, −1 outside it.
 * @param {number[]} small
 * @param {number[]} large
 * @param {Entry} layer
 */
function tapPlaces([h, w], [height, width], { kernel, stride, padding }) {
  const places = new Int32Array(h * w * kernel[0] * kernel[1])
  let next = 0
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const row = y * stride[0] - padding[0] + ky
          const column = x * stride[1] - padding[1] + kx
          const inside = row >= 0 && row < height && column >= 0 && column < width
          places[next++] = inside ? row * width + column : -1
        }
      }
    }
  }
  return places
}

/** A new buffer for this many numbers. @param {number[]} shape */
function roomFor(shape) {
  mustFit(shape.every((side) => Number.isInteger(side) && side > 0))
  return new Float32Array(shape.reduce((product, side) => product * side, 1))
}

/** @param {Entry} layer @param {Float32Array} numbers */
function biasOf(layer, numbers) {
  return layer.bias === null ? new Float32Array(layer.outputs) : numbersAt(numbers, layer.bias, layer.outputs)
}

/** @param {Float32Array} numbers @param {number} offset @param {number} count */
function numbersAt(numbers, offset, count) {
  if (!Number.isInteger(offset) || offset < 0 || !(offset + count <= numbers.length)) {
    throw new Error("This model is damaged: it points at weights that it does not hold.")
  }
  return numbers.subarray(offset, offset + count)
}

/** @param {boolean} fits @returns {asserts fits} */
function mustFit(fits) {
  if (!fits) throw new Error("This model is damaged: its layers do not fit together.")
}

/** @template Value @param {Record<string, Value>} table @param {string} name */
function namedIn(table, name) {
  if (!Object.hasOwn(table, name)) throw new Error(`This model cannot run in the browser: it uses "${name}", which is not known here.`)
  return table[name]
}

/** The header and all numbers, as Float32Array, of a model's bytes; nothing is believed before the checksum. @param {ArrayBuffer} buffer */
function unpack(buffer) {
  const bytes = new Uint8Array(buffer)
  const view = new DataView(buffer)
  if (bytes.length < PREAMBLE_BYTES || String.fromCharCode(...bytes.subarray(0, 4)) !== "LOOM") {
    throw new Error("This is not a model for the browser, or it is cut short.")
  }
  if (crc32(bytes.subarray(8)) !== view.getUint32(4, true)) {
    throw new Error("This model is damaged: it has changed since it was written. Reload the page to fetch it again.")
  }
  const start = PREAMBLE_BYTES + view.getUint32(8, true)
  /** @type {Header} */
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(PREAMBLE_BYTES, start)))
  if (header.format > FORMAT) {
    throw new Error("This model was written by a newer version of Latent Loom. Reload the page to get that version.")
  }
  return { header, numbers: namedIn(PRECISIONS, header.precision)(buffer, start) }
}

/** @type {Record<string, (buffer: ArrayBuffer, start: number) => Float32Array>} */
const PRECISIONS = {
  float32: (buffer, start) => new Float32Array(buffer, start),
  float16: (buffer, start) => Float32Array.from(new Uint16Array(buffer, start), float16Value),
}

/** The number behind 16 bits; infinities and NaN are never written. @param {number} bits */
function float16Value(bits) {
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  const size = exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14
  return bits >> 15 ? -size : size
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1
  return byte
})

/** CRC-32 as in ZIP and PNG. @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}
