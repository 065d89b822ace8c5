// @ts-check
// A multi-rate model at the KL weights of now.

/** @import { WeightsSource } from "../kit/wire.js" */

/** The model at the KL weights of now; null: it is one of a single weight. @param {WeightsSource} model @param {number[] | null} beta @returns {WeightsSource} */
export function sourceAt(model, beta) {
  return beta ? { ...model, hash: `${model.hash} at ${beta}`, at: { hash: model.hash, beta } } : model
}
