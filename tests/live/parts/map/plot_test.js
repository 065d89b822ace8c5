// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { PlaneCamera } from "../../../../assets/live/parts/map/camera.js"
import { pictureWidth, roomyPlaces, spread } from "../../../../assets/live/parts/map/plot.js"
import { PointCloud } from "../../../../assets/live/parts/map/points.js"

/** A camera with one pixel per unit. */
function plain() {
  const camera = new PlaneCamera()
  camera.scale = 1
  return camera
}

Deno.test("some of a list are taken evenly from all of it", () => {
  deepStrictEqual(spread([5, 6, 7, 8, 9, 10], 3), [5, 7, 9])
  deepStrictEqual(spread([5, 6], 3), [5, 6])
})

Deno.test("a picture's pixels cover a whole number of the screen's, unless it is large", () => {
  strictEqual(pictureWidth(28, 28, 1), 28)
  strictEqual(pictureWidth(28, 28, 2), (28 * 3) / 2)
  strictEqual(pictureWidth(96, 192, 1), 24)
})

Deno.test("pictures do not cover one another, and the first come first", () => {
  const places = [[0, 0], [9, 0], [10, 0], [15, 9], [10, 11], [31, 31]]
  const cloud = new PointCloud(Float32Array.from(places.flat()))
  const indices = [0, 1, 2, 3, 4, 5]
  deepStrictEqual(roomyPlaces(indices, cloud, plain(), 10, 10, 6), [0, 2, 4, 5])
  deepStrictEqual(roomyPlaces(indices, cloud, plain(), 10, 10, 2), [0, 2])
})

Deno.test("of many points in any order none that are shown overlap, and none that is left out had room", () => {
  const places = Array.from({ length: 300 }, (_, i) => [(i * 37.7) % 100, (i * 61.3) % 100])
  const cloud = new PointCloud(Float32Array.from(places.flat()))
  const indices = places.map((_, i) => i)
  const shown = roomyPlaces(indices, cloud, plain(), 12, 8, 300)
  const near = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.abs(places[a][0] - places[b][0]) < 12 - 1e-4 && Math.abs(places[a][1] - places[b][1]) < 8 - 1e-4
  for (const a of shown) ok(shown.every((b) => a === b || !near(a, b)))
  for (const a of indices) ok(shown.includes(a) || shown.some((b) => b < a && near(a, b)))
})
