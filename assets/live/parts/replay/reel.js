// @ts-check
// Snapshots in a row: which comes next, what lies between two of them, and what to say of one.
import { decimal } from "../../kit/numbers.js"
import { say, whole } from "../../kit/words.js"

/** @import { ReplayData } from "../../kit/wire.js" */

/**
 * Where new data leave the user: at the last snapshot if that is where the user was, else at the snapshot of the same step, or the one before it.
 * @param {number[]} before the steps so far
 * @param {number} at the snapshot that was shown, an index into them
 * @param {number[]} steps
 */
export function placeAfter(before, at, steps) {
  const last = steps.length - 1
  return at >= before.length - 1 ? last : Math.max(0, steps.findLastIndex((step) => step <= before[at]))
}

/**
 * The numbers a share of the way from some to others, written to `into`.
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {number} share
 * @param {Float32Array} into
 */
export function mix(from, to, share, into) {
  for (let i = 0; i < into.length; i++) into[i] = from[i] + share * (to[i] - from[i])
}

/** The least window that holds all places [x, y, x, y, …], and the prior's circles. @param {Float32Array} places @param {ArrayLike<number> | null} prior */
export function windowOfAll(places, prior) {
  const reach = [0, 1].map((side) => {
    const middle = prior?.[side] ?? places[side]
    return prior ? [middle - 2.2, middle + 2.2] : [middle, middle]
  })
  for (let i = 0; i < places.length; i++) {
    const [low, high] = reach[i % 2]
    reach[i % 2] = [Math.min(low, places[i]), Math.max(high, places[i])]
  }
  return { x: reach[0], y: reach[1] }
}

/** When a snapshot was taken. @param {Pick<ReplayData, "steps" | "epochs">} data @param {number} at */
export function whenOf({ steps, epochs }, at) {
  if (!steps[at]) return say("Before the first step")
  const epoch = epochs[at]
  return say`Step ${whole(steps[at])}, epoch ${decimal(epoch, epoch < 10 ? 2 : 1)}`
}

/** What is so at a snapshot, in figures. @param {Pick<ReplayData, "used" | "dims" | "errors">} data @param {number} at */
export function factsOf({ used, dims, errors }, at) {
  return say`${used[at]} of ${dims.length} dimensions in use, error of the pictures ${decimal(100 * errors[at], 1)} %`
}
