// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { insidePolygon, PointCloud, PointRaster, SHAPES, stencil } from "../../../../assets/live/parts/map/points.js"
import { PlaneCamera } from "../../../../assets/live/parts/map/camera.js"
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

Deno.test("points of the others lie under those with a colour, and are smaller", () => {
  const [grey, red] = [0xff999999, 0xff0000ff]
  const seen = (/** @type {number} */ under) => {
    const raster = new PointRaster()
    raster.begin(40, 40, 0xff000000)
    const camera = new PlaneCamera()
    camera.resize(0, 0, 40, 40)
    const look = {
      ink: Uint16Array.of(1, 2),
      shown: Uint8Array.of(1, 1, 1),
      shapes: new Uint8Array(3),
      colours: [0, red, grey],
      edges: [0, red, grey],
      faint: [0, red, grey],
      chosen: null,
      ring: null,
      ratio: 1,
      radius: 5,
    }
    raster.markers(new PointCloud(Float32Array.of(0, 0, 0, 0)), camera, { ...look, under })
    return [...raster.pixels].filter((pixel) => (pixel & 0xff) > 0x80 && (pixel & 0xff00) < 0x4000).length
  }
  ok(seen(2) > 40, "the red point is on top")
  strictEqual(seen(0), 0)
})
