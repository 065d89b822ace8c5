// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { Dimensions } from "../../../../assets/live/parts/deck/directions.js"
import { endCodes, EndPictures } from "../../../../assets/live/parts/deck/ends.js"

/** @import { Shape } from "../../../../assets/live/kit/paint.js" */

const ways = new Dimensions()

/** A row that remembers what was painted at which end. @param {number} index @param {[number, number, number[]][]} painted */
function row(index, painted) {
  const paintEnd = (/** @type {number} */ end, /** @type {Float32Array} */ image) => {
    painted.push([index, end, Array.from(image)])
  }
  return { index, limits: [-3, 2], paintEnd }
}

/** An engine whose picture of a code is the code. */
function engine() {
  const decoded = /** @type {Float32Array[]} */ ([])
  const decode = (/** @type {Float32Array} */ z) => {
    decoded.push(z)
    return Promise.resolve(z)
  }
  return { decoded, latent: 2, shape: /** @type {Shape} */ ([1, 1, 2]), decode }
}

Deno.test("an end has the code with one number changed", () => {
  const z = Float32Array.of(0.5, 1)
  deepStrictEqual(endCodes(z, row(1, []), ways), [Float32Array.of(0.5, -3), Float32Array.of(0.5, 2)])
  deepStrictEqual(z, Float32Array.of(0.5, 1))
})

Deno.test("a row whose pictures would be the same is not drawn again", async () => {
  const ends = new EndPictures(), model = engine(), rows = [row(0, []), row(1, [])]
  await ends.draw(model, "m", rows, Float32Array.of(0, 0), ways)
  deepStrictEqual(model.decoded.length, 4)
  await ends.draw(model, "m", rows, Float32Array.of(1, 0), ways) // the first row's own number alone
  deepStrictEqual(model.decoded.length, 6)
  await ends.draw(model, "other", rows, Float32Array.of(1, 0), ways)
  deepStrictEqual(model.decoded.length, 10)
})

Deno.test("a later code takes the place of one that is not drawn yet", async () => {
  const painted = /** @type {[number, number, number[]][]} */ ([])
  const ends = new EndPictures(), model = engine(), rows = [row(0, painted)]
  const first = ends.draw(model, "m", rows, Float32Array.of(0, 0), ways)
  await Promise.all([first, ends.draw(model, "m", rows, Float32Array.of(0, 1), ways)])
  deepStrictEqual(painted, [[0, 0, [-3, 1]], [0, 1, [2, 1]]])
  const stopped = ends.draw(model, "m", rows, Float32Array.of(0, 2), ways)
  ends.stop()
  await stopped
  deepStrictEqual(painted.length, 2)
})
