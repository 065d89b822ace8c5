// @ts-check
// Where an arrow key leads among tiles that wrap.
import { ARROWS } from "../../kit/keys.js"

/**
 * The tile that a key leads to, or null for a key that leads nowhere. Up and down keep the column; at the ends one stays.
 * @param {string} key
 * @param {number} place where one is, from 0
 * @param {number} count of the tiles
 * @param {number} columns how many there are in a row
 * @returns {number | null}
 */
export function stepTo(key, place, count, columns) {
  if (key === "Home") return 0
  if (key === "End") return count - 1
  const step = ARROWS[key]
  if (!step) return null
  const next = place + step[0] + columns * step[1]
  return next >= 0 && next < count ? next : place
}
