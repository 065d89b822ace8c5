// @ts-check
// A variational autoencoder in plain JavaScript, as vae_core/export/live_model.py writes it: the image of a code, the code of an image.
import { openGating } from "./gates.js"
import { openNetwork, sigmoid, swapAxes } from "./layers.js"
import { mustFit, namedIn, roomFor, unpack } from "./weights.js"

/** @import { Run } from "./layers.js" */
/** @import { Header } from "./weights.js" */
/** @typedef {import("./gates.js").Beta} Beta */
/** @typedef {import("../kit/paint.js").Shape} Shape */
/** @typedef {{mean: Float32Array, logvar: Float32Array}} Posterior of an image, both [K] */
/**
 * @typedef {object} Model
 * @property {Header} header
 * @property {number} latent K
 * @property {Shape} shape
 * @property {boolean} variational
 * @property {[low: number, high: number] | null} betaRange of a multi-rate model, of the KL weights that it knows
 * @property {boolean} split whether it takes two KL weights
 * @property {{encoder: number, decoder: number}} macs multiply-accumulates
 * @property {(z: Float32Array, beta?: Beta) => Float32Array} decode the mean image [C·H·W], not cut to 0…1, of a code [K]
 * @property {(pixels: Float32Array, beta?: Beta) => Posterior} encode the posterior of an image [C·H·W] from 0 to 1
 */

/**
 * Open a model's bytes. decode and encode answer in buffers of their own, the same ones at each call; a model with a betaRange is told the
 * KL weight at each call. Throws an Error of one plain sentence.
 * @param {ArrayBuffer} buffer
 * @returns {Model}
 */
export function openModel(buffer) {
  const { header, numbers } = unpack(buffer)
  const { latent, shape, variational, macs } = header
  const betaRange = header.beta_range ?? null
  const split = header.split ?? false
  const gating = openGating(betaRange, split)
  const encoder = openNetwork(header.encoder, shape, [variational ? 2 * latent : latent], numbers, gating)
  const decoder = openNetwork(header.decoder, [latent], shape, numbers, gating)
  const codeGate = betaRange && gating.addCode(header.code_gate, latent, numbers)
  const bound = header.unbounded ? asItIs : boundedAbove(header.lowest_logvar ?? -10)
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

    decode(z, beta) {
      gating.turn(beta)
      if (z.length !== latent) throw new Error(`A code of this model has ${latent} numbers, not ${z.length}.`)
      for (let k = 0; k < latent; k++) decoder.input[k] = codeGate ? z[k] * codeGate.code[k] : z[k]
      swapAxes(decoder.run(), shape[1] * shape[2], image)
      return toMean(image)
    },

    encode(pixels, beta) {
      gating.turn(beta)
      if (pixels.length !== image.length) throw new Error(`An image for this model has ${image.length} numbers, not ${pixels.length}.`)
      swapAxes(pixels, shape[0], encoder.input)
      const out = encoder.run()
      for (let k = 0; k < latent; k++) {
        mean[k] = codeGate ? out[k] * codeGate.mean[k] : out[k]
        if (variational) logvar[k] = bound(codeGate ? out[latent + k] * codeGate.logvar[k] + codeGate.shift[k] : out[latent + k])
      }
      return { mean, logvar }
    },
  }
}

/** The model of one KL weight that a multi-rate one is at this weight; both answer in the same buffers. @param {Model} model @param {Beta} beta @returns {Model} */
export function modelAt(model, beta) {
  return { ...model, betaRange: null, decode: (z) => model.decode(z, beta), encode: (pixels) => model.encode(pixels, beta) }
}

/** Keeps a log-variance inside (lowest, 10), as bound_logvar of vae_core/model/gaussian.py does. @param {number} lowest @returns {(raw: number) => number} */
function boundedAbove(lowest) {
  return (raw) => {
    const inner = Math.min(6, Math.max(lowest + 4, raw))
    return inner + (4 * (raw - inner)) / (4 + Math.abs(raw - inner))
  }
}

/** A log-variance of a model from elsewhere. @param {number} raw */
function asItIs(raw) {
  return raw
}

/** 1/(1 − e^−η) − 1/η of each η; near 0, where digits would be lost, the first terms of its series. @type {Run} */
function continuousBernoulliMean(x) {
  for (let i = 0; i < x.length; i++) x[i] = Math.abs(x[i]) < 1e-4 ? 0.5 + x[i] / 12 : -1 / Math.expm1(-x[i]) - 1 / x[i]
  return x
}

/**
 * The mean of a logistic distribution of this scale around each number, with what is outside 0…1 moved to the nearer end.
 * @param {Float32Array} x
 * @param {number} scale
 */
function cutLogisticMean(x, scale) {
  for (let i = 0; i < x.length; i++) x[i] = scale * (softplus(x[i] / scale) - softplus((x[i] - 1) / scale))
  return x
}

/** log(1 + e^x). @param {number} x */
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** What turns the decoder's output into the image to show. @type {Record<string, (header: Header) => Run>} */
const MEANS = {
  sigmoid: () => sigmoid,
  identity: () => (x) => x,
  continuous_bernoulli: () => continuousBernoulliMean,
  cut_logistic: ({ scale }) => {
    mustFit(scale !== undefined && scale > 0)
    return (x) => cutLogisticMean(x, scale)
  },
}
