// @ts-check
// Several pictures of a multi-rate model at once, all at the same KL weight.

/** @import { Beta, Model } from "./model.js" */
/** @typedef {{images: Float32Array, codes: Float32Array}} Scene images [n, C·H·W] from 0 to 1 and codes [m, K] */
/** @typedef {{reconstructions: Float32Array, samples: Float32Array}} ScenePictures what a model makes of a scene, [n, C·H·W] and [m, C·H·W] */

/**
 * What a model makes of a scene at a KL weight: the images decoded from their posteriors' means, and the codes decoded. New arrays.
 * @param {Pick<Model, "latent" | "shape" | "encode" | "decode">} model
 * @param {Scene} scene
 * @param {Beta} beta
 */
export function sceneAt(model, { images, codes }, beta) {
  const { latent, shape } = model
  const pixels = shape[0] * shape[1] * shape[2]
  const reconstructions = new Float32Array(images.length)
  const samples = new Float32Array((codes.length / latent) * pixels)
  for (let at = 0; at < images.length; at += pixels) {
    const { mean } = model.encode(images.subarray(at, at + pixels), beta)
    reconstructions.set(model.decode(mean, beta), at)
  }
  for (let m = 0; m * latent < codes.length; m++) {
    samples.set(model.decode(codes.subarray(m * latent, (m + 1) * latent), beta), m * pixels)
  }
  return { reconstructions, samples }
}
