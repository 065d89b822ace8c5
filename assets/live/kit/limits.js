// @ts-check
// What Python takes from the browser.

/** How far a code may go: no coordinate beyond ±LIMIT, as MAX_COORDINATE of vae_core/analysis/explore.py says. */
export const LIMIT = 10
const NARROW = 128 // numbers of a code that has a slider for each, at most
const WIDE_LIMIT = 100

/** The same for a code of so many numbers, as `reach` there. @param {number} latent */
export function limitOf(latent) {
  return latent <= NARROW ? LIMIT : WIDE_LIMIT
}
