// @ts-check
// The bytes of a model as vae_core/export/live_model.py writes them: a header and all numbers. Nothing is believed until it fits.
import { say } from "../kit/words.js"

/** @import { Shape } from "../kit/paint.js" */

/** @import { Sampled } from "./graph_layers.js" */
/** @import { Window } from "./taps.js" */

// An entry describes a layer or a gate. Its weight, bias, slope, scale, shift, offset, narrowing and threshold are places in the numbers.
/** @typedef {[rows: number, columns: number]} Sides */
/** @typedef {{kind: "linear", inputs: number, outputs: number, weight: number, bias: number | null}} LinearEntry */
/**
 * @typedef {object} KernelEntry
 * @property {number} inputs
 * @property {number} outputs
 * @property {Sides} kernel
 * @property {Sides} stride
 * @property {Sides} padding that above and left
 * @property {Sides} [end] that below and right, where it differs
 * @property {Sides} [dilation]
 * @property {number} weight
 * @property {number | null} bias
 */
/** @typedef {KernelEntry & {kind: "conv"}} ConvEntry */
/** @typedef {KernelEntry & {kind: "conv_transpose", output_padding: Sides}} ConvTransposeEntry */
/** @typedef {{kind: "unflatten", shape: Shape}} UnflattenEntry */
/** @typedef {{kind: "leaky_relu" | "relu", negative_slope?: number}} ReluEntry */
/** @typedef {{units: number, function: string, slope: number, offset: number}} LineEntry */
/** @typedef {LineEntry & {kind: "gate"}} GateEntry */
/** @typedef {{kind: "shrink", threshold: number, scales: number, passes: number}} ShrinkEntry */
/** @typedef {{kind: "flatten" | "sigmoid" | "tanh"}} PlainEntry a layer without settings */
/** @typedef {{kind: "pointwise", function: string, a: number, b: number}} PointwiseEntry */
/** @typedef {{kind: "prelu", count: number, slope: number}} PReluEntry */
/** @typedef {{kind: "affine", scales: number, shifts: number, scale: number | null, shift: number | null}} AffineEntry */
/** @typedef {{kind: "combine", function: string}} CombineEntry */
/** @typedef {{kind: "concat", axis: number}} ConcatEntry */
/** @typedef {{kind: "rearrange", shape: number[], strides: number[], offset: number}} RearrangeEntry */
/** @typedef {Window & {kind: "pool", function: string, counts_padding: boolean}} PoolEntry */
/** @typedef {{kind: "reduce", function: string, axes: number}} ReduceEntry */
/** @typedef {{kind: "normalise", axes: number, epsilon: number}} NormaliseEntry */
/** @typedef {{kind: "resample", rows: Sampled, columns: Sampled, fill: number}} ResampleEntry */
/** @typedef {PointwiseEntry | PReluEntry | AffineEntry | CombineEntry | ConcatEntry | RearrangeEntry | PoolEntry | ReduceEntry | NormaliseEntry | ResampleEntry} GraphEntry a layer of a model that was made elsewhere */
/** @typedef {(LinearEntry | ConvEntry | ConvTransposeEntry | UnflattenEntry | ReluEntry | GateEntry | ShrinkEntry | PlainEntry | GraphEntry) & {takes?: number[]}} LayerEntry */
/** @typedef {LineEntry & {narrowing: number}} CodeEntry */
/** @typedef {{units: number, threshold: number}} PairEntry the code gate of a split model */
/**
 * @typedef {object} Header
 * @property {number} format
 * @property {string} precision
 * @property {number} latent
 * @property {Shape} shape
 * @property {boolean} variational
 * @property {string} mean
 * @property {number} [scale]
 * @property {{encoder: number, decoder: number}} macs
 * @property {[low: number, high: number]} [beta_range]
 * @property {boolean} [split]
 * @property {boolean} [unbounded] whether log-variances are never bounded
 * @property {number} [lowest_logvar] what log-variances stay above; −10 where it is missing
 * @property {CodeEntry | PairEntry} [code_gate]
 * @property {LayerEntry[]} encoder
 * @property {LayerEntry[]} decoder
 */

const FORMAT = 1
const PREAMBLE_BYTES = 12 // the magic, the checksum, the header's length

/**
 * The header and all numbers of a model's bytes; nothing is believed before the checksum.
 * @param {ArrayBuffer} buffer
 * @returns {{header: Header, numbers: Float32Array}}
 */
export function unpack(buffer) {
  const bytes = new Uint8Array(buffer)
  const view = new DataView(buffer)
  if (bytes.length < PREAMBLE_BYTES || String.fromCharCode(...bytes.subarray(0, 4)) !== "LOOM") {
    throw new Error(say("This is not a model for the browser, or it is cut short."))
  }
  if (crc32(bytes.subarray(8)) !== view.getUint32(4, true)) {
    throw new Error(say("This model is damaged: it has changed since it was written. Reload the page to fetch it again."))
  }
  const start = PREAMBLE_BYTES + view.getUint32(8, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(PREAMBLE_BYTES, start)))
  if (header.format > FORMAT) {
    throw new Error(say("This model was written by a newer version of Latent Loom. Reload the page to get that version."))
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

/** `count` of a model's numbers from an offset on. @param {Float32Array} numbers @param {number} offset @param {number} count */
export function numbersAt(numbers, offset, count) {
  if (!Number.isInteger(offset) || offset < 0 || !(offset + count <= numbers.length)) {
    throw new Error(say("This model is damaged: it points at weights that it does not hold."))
  }
  return numbers.subarray(offset, offset + count)
}

/** A new buffer for this many numbers. @param {readonly number[]} shape */
export function roomFor(shape) {
  mustFit(shape.every((side) => Number.isInteger(side) && side > 0))
  return new Float32Array(shape.reduce((product, side) => product * side, 1))
}

/** Refuse the model unless this holds. @param {boolean} fits @returns {asserts fits} */
export function mustFit(fits) {
  if (!fits) throw new Error(say("This model is damaged: its layers do not fit together."))
}

/**
 * The entry of this name; a model that names another is refused.
 * @template {object} Table
 * @param {Table} table
 * @param {string} name
 * @returns {Table[keyof Table]}
 */
export function namedIn(table, name) {
  if (!Object.hasOwn(table, name)) throw new Error(say`This model cannot run in the browser: it uses "${name}", which is not known here.`)
  return table[/** @type {keyof Table} */ (name)]
}
