// @ts-check
// What Python takes from the browser.

/** How far a code may go: no coordinate beyond ±LIMIT, as MAX_COORDINATE of vae_core/analysis/explore.py says. */
export const LIMIT = 10
