// @ts-check
// An engine whose model runs in the page itself, between two frames.
import { nextFrame } from "../kit/frame.js"
import { sceneAt } from "./scene.js"

/** @import { Beta, Model, Posterior } from "./model.js" */
/** @import { Scene, ScenePictures } from "./scene.js" */
/** @typedef {(sentence: string | null) => void} Tell */
/** @typedef {(image: Float32Array, z: Float32Array) => void} PaintImage */
/** @typedef {(pictures: ScenePictures) => void} PaintScene */
/** @typedef {{show: (z: ArrayLike<number>, beta?: Beta) => void, close: () => void}} View */
/** @typedef {{show: (beta: Beta) => void, close: () => void}} SceneView */

/** A model that runs between two frames, because it is quick enough or may use no worker. A multi-rate model is told a KL weight each time. */
export class PageEngine {
  /** @param {Model} model @param {string | null} note to be told to whoever listens first */
  constructor(model, note = null) {
    this.model = model
    this.note = note
    this.kind = /** @type {const} */ ("page")
    this.latent = model.latent
    this.shape = model.shape
    this.variational = model.variational
  }

  /** The mean image of a code, a copy: Float32Array [C·H·W]. @param {Float32Array} z @param {Beta} [beta] @returns {Promise<Float32Array>} */
  // deno-lint-ignore require-await -- what the model throws must be a rejection, as it is of the other engines
  async decode(z, beta) {
    return this.model.decode(z, beta).slice()
  }

  /**
   * The posterior of an image, Float32Array [C·H·W] from 0 to 1: copies.
   * @param {Float32Array} pixels
   * @param {Beta} [beta]
   * @returns {Promise<Posterior>}
   */
  // deno-lint-ignore require-await -- as above
  async encode(pixels, beta) {
    const { mean, logvar } = this.model.encode(pixels, beta)
    return { mean: mean.slice(), logvar: logvar.slice() }
  }

  /** Hear a sentence while the engine cannot answer as it should, and null once it can; returns what ends it. @param {Tell} tell */
  listen(tell) {
    if (this.note) tell(this.note)
    this.note = null
    return () => {}
  }

  /**
   * What draws the newest code wanted, once per animation frame. The image is only good until `paint` returns.
   * @param {PaintImage} paint
   * @returns {View}
   */
  view(paint) {
    const wanted = new Float32Array(this.latent)
    /** @type {Beta | undefined} */
    let weight
    const frame = nextFrame(() => paint(this.model.decode(wanted, weight), wanted))
    return {
      show: (z, beta) => {
        wanted.set(z)
        weight = beta
        frame.ask()
      },
      close: frame.close,
    }
  }

  /**
   * What draws a scene at the newest KL weight wanted, once per animation frame.
   * @param {Scene} scene
   * @param {PaintScene} paint
   * @returns {SceneView}
   */
  scene(scene, paint) {
    /** @type {Beta} */
    let weight
    const frame = nextFrame(() => paint(sceneAt(this.model, scene, weight)))
    return {
      show: (beta) => {
        weight = beta
        frame.ask()
      },
      close: frame.close,
    }
  }
}
