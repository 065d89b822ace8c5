// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { drawRegions } from "../../../../assets/live/parts/atlas/regions.js"

/** @import { PathPoints } from "../../../../assets/live/kit/wire.js" */

/** What is filled, and in which colour. @param {PathPoints} points @param {number} unit */
function filled(points, unit) {
  /** @type {unknown[]} */
  const found = []
  const brush = {
    globalAlpha: 1,
    fillStyle: "",
    beginPath() {},
    ellipse: (/** @type {number[]} */ ...numbers) => found.push(numbers.slice(0, 5)),
    fill: () => found.push(brush.fillStyle),
  }
  const toScreen = (/** @type {ArrayLike<number>} */ { 0: x, 1: y }) => /** @type {[number, number]} */ ([10 * x, -10 * y])
  const any = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (brush))
  drawRegions(any, points, [0.1, 0.2, 0.5, 0.25], unit, toScreen, "black")
  return found
}

Deno.test("each region has half axes of its σ in pixels, at the place and in the colour of its code", () => {
  const points = { xy: [1, 2, -3, 0], classes: [1, 0], names: ["a", "b"], palette: ["red", "blue"] }
  deepStrictEqual(filled(points, 10), [[10, -20, 1, 2, 0], "blue", [-30, -0, 5, 2.5, 0], "red"])
  deepStrictEqual(filled(points, 60), [[10, -20, 6, 12, 0], "blue", [-30, -0, 30, 15, 0], "red"])
  deepStrictEqual(filled({ ...points, classes: null }, 10)[1], "black")
})
