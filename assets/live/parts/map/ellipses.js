// @ts-check
// The ellipse of a posterior: what a plane sees of a diagonal Gaussian.

/** @import { PlaneCamera } from "./camera.js" */

export const SIGMAS = [1, 2] // of the prior and of posteriors: how many standard deviations are drawn

/**
 * The ellipse of one standard deviation that a plane's two axes [K] see of a Gaussian with these deviations, from `at` in an array:
 * {major, minor, angle}, the angle of the longer half axis counterclockwise from the horizontal one.
 * @param {ArrayLike<number>[]} axes
 * @param {ArrayLike<number>} deviations
 * @param {number} at
 */
export function seenEllipse([across, up], deviations, at) {
  let varianceX = 0, varianceY = 0, together = 0
  for (let k = 0; k < across.length; k++) {
    const variance = deviations[at + k] ** 2
    varianceX += across[k] ** 2 * variance
    varianceY += up[k] ** 2 * variance
    together += across[k] * up[k] * variance
  }
  const middle = (varianceX + varianceY) / 2
  const reach = Math.hypot((varianceX - varianceY) / 2, together)
  return {
    major: Math.sqrt(middle + reach),
    minor: Math.sqrt(Math.max(0, middle - reach)),
    angle: Math.atan2(2 * together, varianceX - varianceY) / 2,
  }
}

/**
 * Whether an ellipse around (x, y) has all of the window inside, so that no part of its outline is seen.
 * @param {PlaneCamera} camera
 * @param {number} x
 * @param {number} y
 * @param {ReturnType<typeof seenEllipse>} ellipse
 */
export function holdsWindow(camera, x, y, { major, minor, angle }) {
  const seen = camera.window()
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const inside = (/** @type {number} */ dx, /** @type {number} */ dy) =>
    Math.hypot((dx * cos + dy * sin) / major, (dy * cos - dx * sin) / minor) < 1
  return seen.x.every((right) => seen.y.every((up) => inside(right - x, up - y)))
}
