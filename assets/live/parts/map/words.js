// @ts-check
// What a map says of itself.
import { decimal } from "../../kit/numbers.js"
import { say, whole } from "../../kit/words.js"

/** @import { MapView } from "../../kit/wire.js" */
/** @import { Drawn } from "./plot.js" */

/**
 * What to say of a place [x, y] that is decoded: where it is, and how a code was found for it.
 * @param {MapView} view
 * @param {number} latent how many dimensions a code has
 * @param {ArrayLike<number>} place
 * @param {number} scale pixels per unit
 */
export function placeLines(view, latent, place, scale) {
  const digits = Math.max(0, Math.min(6, Math.round(Math.log10(scale))))
  const where = view.labels.map((label, axis) => `${label.split(" (")[0]} ${decimal(place[axis], digits)}`).join(", ")
  if (!view.axes) return [where, say("From the mean of the 5 nearest codes, weighted by distance")]
  if (latent === 2) return [where]
  return [where, view.method === "raw" ? say("Other dimensions at 0") : say("Other dimensions at their mean")]
}

/** Why a plain autoencoder has no ellipses; it is not even offered them. */
export const SINGLE_CODES = "This model gives each image a single code: a point without a width"

/**
 * Why a map draws no posteriors; empty where it can.
 * @param {MapView} view
 * @param {boolean} known whether each image has one
 */
export function whyNoPosteriors(view, known) {
  if (!view.axes) return say("UMAP keeps no lengths, so posteriors have no shape here")
  return known ? "" : SINGLE_CODES
}

/**
 * What is drawn besides points, and what is left out: a sentence for each topic, empty where there is nothing to say.
 * @param {Drawn} drawn
 * @param {boolean} decoded whether the pictures are, from the codes
 */
export function drawnWords({ inSight, posteriors, pictures }, decoded) {
  const text = whole
  const of = (/** @type {number} */ count) => (count < inSight ? say`${text(count)} of ${text(inSight)}` : say`all ${text(inSight)}`)
  const whose = posteriors?.asked
    ? say`what is chosen and its nearest neighbours, ${text(posteriors.drawn)} points`
    : say`${of(posteriors?.drawn ?? 0)} points in sight`
  const larger = posteriors?.larger ?? 0
  const which = larger === posteriors?.drawn ? say("The ellipses") : say`${text(larger)} of the ellipses`
  return {
    posteriors: posteriors ? say`Posteriors of ${whose}, at 1 and 2 standard deviations.` : "",
    larger: larger ? say`${which} are larger than what is in sight: zoom out to see them.` : "",
    pictures: pictures === null
      ? ""
      : decoded
      ? say`Pictures of ${of(pictures)} points in sight, decoded from their codes.`
      : say`Pictures of ${of(pictures)} points in sight.`,
  }
}
