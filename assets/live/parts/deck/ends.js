// @ts-check
// What the sliders lead to: the pictures at both ends of each one, drawn once the code rests.

/** @import { Shape } from "../../kit/paint.js" */
/** @import { Ways } from "./directions.js" */
/** @typedef {{latent: number, shape: Shape, decode: (z: Float32Array) => Promise<Float32Array>}} Decoder */
/** @typedef {{index: number, limits: number[], paintEnd: (end: number, image: Float32Array, shape: Shape) => void}} Row */

const BUDGET = 6 // milliseconds of decoding at a stretch, so that frames and keys get their turn in between

/** The code with one slider put at each of its ends. @param {Float32Array} z @param {Row} row @param {Ways} ways */
export function endCodes(z, { index, limits }, ways) {
  return limits.map((value) => {
    const code = z.slice()
    ways.put(code, index, value)
    return code
  })
}

/** Gives way to all else that waits. */
function pause() {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

/** Draws both ends of sliders. */
export class EndPictures {
  constructor() {
    this.turn = 0
    /** @type {WeakMap<Row, string>} */
    this.drawn = new WeakMap() // what a row's pictures show, by the model and the code
  }

  /**
   * Draw the ends of these rows around z, a few at a time. A later call takes the place of what is not drawn yet, and rows whose
   * pictures would be the same are left as they are.
   * @param {Decoder} engine
   * @param {string} hash of the model
   * @param {Row[]} rows
   * @param {Float32Array} z
   * @param {Ways} ways what each slider moves
   */
  async draw(engine, hash, rows, z, ways) {
    const turn = ++this.turn
    const here = z.slice()
    if (engine.latent !== here.length) return
    let end = performance.now() + BUDGET
    for (const row of rows) {
      const codes = endCodes(here, row, ways)
      const wanted = [hash, ...codes].join(" ")
      if (this.drawn.get(row) === wanted) continue
      for (const [side, code] of codes.entries()) {
        if (performance.now() > end) {
          await pause()
          end = performance.now() + BUDGET
        }
        if (turn !== this.turn) return
        const image = await engine.decode(code).catch(() => null) // the main picture says why
        if (!image || turn !== this.turn) return
        row.paintEnd(side, image, engine.shape)
      }
      this.drawn.set(row, wanted)
    }
  }

  /** Draw no more of what was asked for. */
  stop() {
    this.turn++
  }
}
