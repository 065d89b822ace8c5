// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { insidePolygon, PointCloud, SHAPES, stencil } from "../../../../assets/live/parts/map/points.js"
import { assertClose } from "../../close.js"

/** Numbers from 0 to 1 that come the same each time (mulberry32). @param {number} seed */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

Deno.test("the nearest point is the one found by comparing all", () => {
  const random = numbers(1)
  const points = Float32Array.from({ length: 1000 }, random)
  points.fill(0.5, 0, 40) // many in one place
  const cloud = new PointCloud(points)
  for (let query = 0; query < 200; query++) {
    const [x, y] = [random(), random()]
    let best = -1
    let least = 0.05
    for (let i = 1; i < 500; i += 2) {
      const apart = Math.hypot(points[2 * i] - x, points[2 * i + 1] - y)
      if (apart < least) [best, least] = [i, apart]
    }
    strictEqual(cloud.nearest(x, y, 0.05, (index) => index % 2 === 1), best)
  }
})

Deno.test("the points inside a lasso", () => {
  const cloud = new PointCloud(Float32Array.of(0, 0, 1, 1, 0.5, 0.2, 0.9, 0.05, -1, 0.5))
  deepStrictEqual([...cloud.inside([[-0.1, -0.1], [1.2, -0.1], [-0.1, 1.2]], () => true)], [0, 2, 3])
  deepStrictEqual([...cloud.inside([[-0.1, -0.1], [1.2, -0.1], [-0.1, 1.2]], (index) => index !== 2)], [0, 3])
})

Deno.test("a place in the notch of a polygon is outside it", () => {
  const arrow = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]]
  ok(insidePolygon(arrow, 1, 1))
  ok(!insidePolygon(arrow, 2, 2))
  ok(!insidePolygon(arrow, 5, 1))
})

Deno.test("a marker covers as much as its shape has area, and lies in the middle", () => {
  const { dx, dy, cover } = stencil(SHAPES[0], 6)
  const area = cover.reduce((sum, part) => sum + part / 256, 0)
  assertClose([area], [Math.PI * 36], 1.5)
  for (const along of [dx, dy]) assertClose([along.reduce((sum, at, i) => sum + at * cover[i], 0)], [0], 1e-9)
})
