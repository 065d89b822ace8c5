// @ts-check
// Shares as the lesson writes them.

const WIDE_SPACE = "\u00a0"

/** An error on the scale from black to white: "12.3 %". @param {number} amount */
export function off(amount) {
  return `${(100 * amount).toFixed(1)}${WIDE_SPACE}%`
}

/** A share from 0 to 1. @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(0)}${WIDE_SPACE}%`
}
