// @ts-check
// Where a code lies on a map, and which code a place on the map stands for: as vae_core.analysis.projection.place and unproject.
import { say } from "../../kit/words.js"

/** @import { MapView } from "../../kit/wire.js" */
/** @typedef {FlatPlane | MappedPlane} Plane */

const NEIGHBOURS = 5 // neighbours that place a code on a UMAP map, or answer for a place there

/**
 * The ways between codes and a map: {place(z) -> [x, y], lift([x, y]) -> Float32Array [K]}.
 * Without axes (UMAP) it takes the mapped points, Float32Array [N, 2], and their codes:
 * means [N, K], then standard deviations [N, K].
 * @param {Pick<MapView, "centre" | "axes">} view
 * @param {Float32Array | null} points
 * @param {Float32Array | null} codes
 * @returns {Plane}
 */
export function openPlane(view, points = null, codes = null) {
  if (view.axes && view.centre) return new FlatPlane(view.centre, view.axes)
  if (points && codes) return new MappedPlane(points, codes)
  throw new Error(say("This map has neither axes nor codes."))
}

/** A plane through latent space: exact, and the dimensions it leaves out stay at the centre's. */
class FlatPlane {
  /** @param {number[]} centre @param {number[][]} axes */
  constructor(centre, axes) {
    this.centre = centre
    this.axes = axes
  }

  /** @param {ArrayLike<number>} z @returns {number[]} */
  place(z) {
    return this.axes.map((axis) => axis.reduce((sum, part, k) => sum + part * (z[k] - this.centre[k]), 0))
  }

  /** @param {ArrayLike<number>} place */
  lift({ 0: x, 1: y }) {
    const [across, up] = this.axes
    return Float32Array.from(this.centre, (middle, k) => middle + x * across[k] + y * up[k])
  }
}

/** A map without an inverse: both ways are means over the nearest, weighted by inverse distance. */
class MappedPlane {
  /** @param {Float32Array} points @param {Float32Array} codes */
  constructor(points, codes) {
    this.points = points
    this.codes = codes
    this.latent = codes.length / points.length
    this.rows = Math.min(NEIGHBOURS, points.length / 2)
    this.nearest = new Int32Array(this.rows)
    this.squares = new Float64Array(this.rows)
  }

  /** @param {ArrayLike<number>} z @returns {number[]} */
  place(z) {
    return [...this.meanOfNearest(this.codes, this.latent, z, this.points, 2)]
  }

  /** @param {ArrayLike<number>} point */
  lift(point) {
    return this.meanOfNearest(this.points, 2, point, this.codes, this.latent)
  }

  /**
   * The mean of the rows of `values` [N, width] over the rows of `keys` [N, depth] nearest to a query [depth].
   * @param {Float32Array} keys
   * @param {number} depth
   * @param {ArrayLike<number>} query
   * @param {Float32Array} values
   * @param {number} width
   */
  meanOfNearest(keys, depth, query, values, width) {
    this.search(keys, depth, query)
    const here = this.squares[0] === 0
    const sums = new Float64Array(width)
    let total = 0
    for (let rank = 0; rank < this.rows; rank++) {
      const weight = here ? Number(this.squares[rank] === 0) : 1 / Math.sqrt(this.squares[rank])
      const row = this.nearest[rank] * width
      total += weight
      for (let k = 0; k < width; k++) sums[k] += weight * values[row + k]
    }
    return Float32Array.from(sums, (sum) => sum / total)
  }

  /** Fill `nearest` and `squares`, nearest first. @param {Float32Array} keys @param {number} depth @param {ArrayLike<number>} query */
  search(keys, depth, query) {
    const { nearest, squares, rows } = this
    squares.fill(Infinity)
    const count = this.points.length / 2
    for (let row = 0, at = 0; row < count; row++, at += depth) {
      let square = 0
      for (let k = 0; k < depth; k++) square += (keys[at + k] - query[k]) ** 2
      if (!(square < squares[rows - 1])) continue
      let rank = rows - 1
      for (; rank > 0 && squares[rank - 1] > square; rank--) {
        squares[rank] = squares[rank - 1]
        nearest[rank] = nearest[rank - 1]
      }
      squares[rank] = square
      nearest[rank] = row
    }
  }
}
