// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { extremes, meanOver, middles, nearestTo } from "../../../../assets/live/parts/pair/kin.js"

Deno.test("neighbours come in the order of their distance, the image itself never", () => {
  const codes = Float32Array.of(0, 0, 3, 0, 0, 1, -2, 0, 0, 0)
  deepStrictEqual(nearestTo(codes, 2, 0, 3), [4, 2, 3])
  deepStrictEqual(nearestTo(codes, 2, 0, 9), [4, 2, 3, 1])
})

Deno.test("those who kept the fewest and the most, none in both rows", () => {
  const kept = [5, 0, 9, 3, 3, 10]
  deepStrictEqual(extremes([0, 1, 2, 3, 4, 5], kept, 2), { fewest: [1, 3], most: [5, 2] })
  deepStrictEqual(extremes([2, 5, 1], kept, 10), { fewest: [1, 2], most: [5] })
  deepStrictEqual(extremes([2], kept, 10), { fewest: [2], most: [] })
  strictEqual(meanOver([0, 1, 5], kept), 5)
})

Deno.test("a class is named at the median of its images, one without images nowhere", () => {
  const places = Float32Array.of(0, 0, 1, 5, 9, 6, 4, 4)
  deepStrictEqual(middles(places, [0, 0, 0, 2], ["a", "b", "c"]), [
    { name: "a", group: 0, place: [1, 5] },
    { name: "c", group: 2, place: [4, 4] },
  ])
})
