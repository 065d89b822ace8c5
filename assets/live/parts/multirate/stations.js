// @ts-check
// The KL weights at which a model was measured, and what lies between them.

/** @typedef {{station: number, share: number}} Part of what lies between stations */

/**
 * The place of a weight on an axis of ascending ones: its index where it is one of them; between two, in proportion to log β.
 * @param {number[]} axis
 * @param {number} beta
 */
export function placeOnAxis(axis, beta) {
  const last = axis.length - 1
  if (beta <= axis[0]) return 0
  if (beta >= axis[last]) return last
  const above = axis.findIndex((station) => station > beta)
  const [low, high] = [drawnAt(axis, axis[above - 1]), axis[above]]
  return above - 1 + Math.log(Math.max(beta, low) / low) / Math.log(high / low)
}

/** Where a weight is drawn along log β: 0, which has no logarithm, a decade below the lowest. @param {number[]} axis @param {number} beta */
export function drawnAt(axis, beta) {
  return beta || axis[1] / 10
}

/**
 * The place that a slider takes: left of the `alone` first weights and the next, of which each has a model of its own, the nearest of these.
 * @param {number[]} axis
 * @param {number} place
 * @param {number} alone
 */
export function takenPlace(axis, place, alone) {
  if (place >= alone) return place
  const log = Math.log(weightOnAxis(axis, place))
  const below = Math.floor(place)
  const [low, high] = [below, below + 1].map((index) => Math.log(drawnAt(axis, axis[index])))
  return log - low < high - log ? below : below + 1
}

/** The weight at a place on an axis; at an index exactly the one that stands there. @param {number[]} axis @param {number} place */
export function weightOnAxis(axis, place) {
  const below = Math.floor(place)
  if (place === below) return axis[below]
  const low = drawnAt(axis, axis[below])
  return low * (axis[below + 1] / low) ** (place - below)
}

/** Stations at all combinations of one axis of weights, or of two, the second running faster. */
export class Stations {
  /** @param {number[][]} axes */
  constructor(axes) {
    this.axes = axes
    this.count = axes.reduce((product, axis) => product * axis.length, 1)
  }

  /** The stations at which all weights are equal. */
  get usual() {
    const step = this.axes.length > 1 ? this.axes[1].length + 1 : 1
    return Array.from(this.axes[0], (_, place) => place * step)
  }

  /**
   * The stations around `weights`, one per axis, and their shares, which add to 1.
   * @param {number[]} weights
   * @returns {Part[]}
   */
  around(weights) {
    return this.axes.reduce(
      (found, axis, which) => {
        const place = placeOnAxis(axis, weights[which])
        const below = Math.floor(place)
        const beside = place === below ? [[below, 1]] : [[below, below + 1 - place], [below + 1, place - below]]
        return found.flatMap(({ station, share }) =>
          beside.map(([index, part]) => ({ station: station * axis.length + index, share: share * part }))
        )
      },
      [{ station: 0, share: 1 }],
    )
  }

  /**
   * The weights at the stations of the line through `weights` along one axis; where they move together, along all at once.
   * @param {number[]} weights
   * @param {number} axis
   * @param {boolean} together
   */
  line(weights, axis, together) {
    return this.axes[axis].map((beta) => weights.map((weight, which) => (together || which === axis ? beta : weight)))
  }
}

/**
 * Numbers of which a station has `stride`, mixed by the shares of the stations around: as many as `into` has room for.
 * @template {Float32Array | Float64Array | number[]} Numbers
 * @param {ArrayLike<number>} values
 * @param {number} stride
 * @param {Part[]} around
 * @param {Numbers} into
 */
export function mixStations(values, stride, around, into) {
  for (let i = 0; i < into.length; i++) {
    let sum = 0
    for (const { station, share } of around) sum += share * values[station * stride + i]
    into[i] = sum
  }
  return into
}
