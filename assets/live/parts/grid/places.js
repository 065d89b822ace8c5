// @ts-check
// Where the pictures of the grid lie: at equal shares of the prior.

/** @typedef {[column: number, row: number]} Cell rows are counted from below */

const TAIL = 0.005 // where the map shows more, the grid ends at this quantile of the prior and its mirror

/** The polynomial with these coefficients, the highest power first. @param {number[]} coefficients @param {number} x */
function polynomial(coefficients, x) {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}

// Rational approximations of Acklam (2003), relative error below 1.2e-9: numerator and denominator in the middle, and in the tails.
const MIDDLE_ABOVE = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239]
const MIDDLE_BELOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1]
const TAIL_ABOVE = [
  -0.007784894002430293,
  -0.3223964580411365,
  -2.400758277161838,
  -2.549732539343734,
  4.374664141464968,
  2.938163982698783,
]
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]

/** The place below which a share of N(0, 1) lies, for shares between 0 and 1. @param {number} share @returns {number} */
export function normalQuantile(share) {
  if (share > 0.5) return -normalQuantile(1 - share)
  if (share < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(share))
    return polynomial(TAIL_ABOVE, q) / polynomial(TAIL_BELOW, q)
  }
  const q = share - 0.5
  return (q * polynomial(MIDDLE_ABOVE, q * q)) / polynomial(MIDDLE_BELOW, q * q)
}

/** The share of N(0, 1) that lies below a place (Marsaglia 2004): its series, for places from −5 to 5. @param {number} place */
export function normalShare(place) {
  let sum = place
  let term = place
  for (let n = 3; Math.abs(term) > 1e-17; n += 2) sum += term *= (place * place) / n
  return 0.5 + (sum * Math.exp(-0.5 * place * place)) / Math.sqrt(2 * Math.PI)
}

/**
 * `count` places from low to high that equal shares of the prior lie between, cut to its 0.5 and 99.5 % quantiles, Float32Array [count].
 * Where all of it lies beyond those, the places are at equal distances.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function gridPlaces(low, high, count) {
  const end = normalQuantile(1 - TAIL)
  const [from, to] = [Math.max(low, -end), Math.min(high, end)]
  if (from >= to) return Float32Array.from({ length: count }, (_, n) => low + ((high - low) * n) / (count - 1))
  const [least, most] = [normalShare(from), normalShare(to)]
  return Float32Array.from({ length: count }, (_, n) => normalQuantile(least + ((most - least) * n) / (count - 1)))
}

/**
 * Which of these places, ascending, is nearest to a value; −1 where it lies beyond the cells of the first and the last.
 * @param {ArrayLike<number>} places
 * @param {number} value
 */
export function nearestPlace(places, value) {
  const last = places.length - 1
  const step = Math.max(places[1] - places[0], places[last] - places[last - 1])
  if (!(value > places[0] - step / 2 && value < places[last] + step / 2)) return -1
  let best = 0
  for (let n = 1; n <= last; n++) if (Math.abs(places[n] - value) < Math.abs(places[best] - value)) best = n
  return best
}

/**
 * The cells of a grid, [column, row from below], in the order they are drawn in: a coarse picture of the whole comes first.
 * @param {number} side
 * @returns {Cell[]}
 */
export function drawingOrder(side) {
  const level = (/** @type {Cell} */ [column, row]) => [4, 2, 1].findIndex((step) => column % step === 0 && row % step === 0)
  const cells = Array.from({ length: side * side }, (_, n) => /** @type {Cell} */ ([n % side, side - 1 - Math.floor(n / side)]))
  return cells.sort((one, other) => level(one) - level(other))
}
