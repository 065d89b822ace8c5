// @ts-check
// Where the codes of a model lie in the plane that both maps share, and how a code follows a step in that plane.

/** place = axes · (z − centre); the axes are at right angles and equally long, but of any length. */
export class SharedPlane {
  /** @param {number[]} centre [K] @param {number[][]} axes [2, K] */
  constructor(centre, axes) {
    this.centre = centre
    this.axes = axes
    this.latent = centre.length
    this.square = axes[0].reduce((sum, part) => sum + part * part, 0)
  }

  /** The places [N, 2] of codes [N, K]. @param {Float32Array} codes */
  places(codes) {
    const { axes, centre, latent } = this
    const found = new Float32Array((2 * codes.length) / latent)
    for (let at = 0, row = 0; row < found.length; at += latent, row += 2) {
      for (let k = 0; k < latent; k++) {
        const part = codes[at + k] - centre[k]
        found[row] += axes[0][k] * part
        found[row + 1] += axes[1][k] * part
      }
    }
    return found
  }

  /**
   * The code, written to `into`, that lies a step [x, y] of the plane from another; what is out of the plane stays.
   * @param {ArrayLike<number>} z
   * @param {ArrayLike<number>} step
   * @param {Float32Array} into
   */
  moved(z, { 0: x, 1: y }, into) {
    const [across, up] = this.axes
    for (let k = 0; k < into.length; k++) into[k] = z[k] + (x * across[k] + y * up[k]) / this.square
  }
}

/**
 * The window that holds all of these places but the outermost in a thousand of each list, on each side.
 * @param {Float32Array[]} lists each [N, 2]
 */
export function windowOfMost(lists) {
  const span = (/** @type {number} */ axis) => {
    const ends = lists.map((places) => {
      const sorted = places.filter((_, at) => at % 2 === axis).sort()
      const out = Math.floor(sorted.length / 1000)
      return [sorted[out], sorted[sorted.length - 1 - out]]
    })
    return [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))]
  }
  return { x: span(0), y: span(1) }
}

/**
 * The places a share of the way from some to others, written to `into`.
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {number} share
 * @param {Float32Array} into
 */
export function between(from, to, share, into) {
  for (let i = 0; i < into.length; i++) into[i] = from[i] + share * (to[i] - from[i])
}
