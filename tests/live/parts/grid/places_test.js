// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { drawingOrder, gridPlaces, nearestPlace, normalQuantile, normalShare } from "../../../../assets/live/parts/grid/places.js"
import { assertClose } from "../../close.js"
import normal from "../../expected/quantiles.json" with { type: "json" }

Deno.test("quantiles and shares of the prior", () => {
  normal.shares.forEach((share, n) => {
    assertClose([normalQuantile(share)], [normal.quantiles[n]], 2e-9 * Math.abs(normal.quantiles[n]) + 1e-12)
  })
  normal.places.forEach((place, n) => assertClose([normalShare(place)], [normal.below[n]], 1e-9 * normal.below[n]))
})

Deno.test("places have equal shares of the prior between them, within its middle", () => {
  const found = gridPlaces(-9, 9, 5)
  const end = 2.5758293035489
  assertClose([found[0], found[2], found[4]], [-end, 0, end], 1e-6)
  const shares = Array.from(found, normalShare)
  for (let n = 1; n < 4; n++) assertClose([shares[n] - shares[n - 1]], [shares[n + 1] - shares[n]], 1e-6)
})

Deno.test("beyond that middle places are at equal distances", () => {
  deepStrictEqual([...gridPlaces(4, 7, 4)], [4, 5, 6, 7])
})

Deno.test("the place nearest to a value, within half a cell of the ends", () => {
  const places = [-1, 0, 2]
  deepStrictEqual([-1.9, -0.6, -0.4, 0.9, 1.1, 2.9].map((value) => nearestPlace(places, value)), [0, 0, 1, 1, 2, 2])
  deepStrictEqual([-2.1, 3.1, NaN].map((value) => nearestPlace(places, value)), [-1, -1, -1])
})

Deno.test("a coarse picture of the grid is drawn first, and each cell once", () => {
  const order = drawingOrder(6)
  deepStrictEqual(order.slice(0, 4), [[0, 4], [4, 4], [0, 0], [4, 0]])
  ok(order.slice(4, 9).every(([column, row]) => column % 2 === 0 && row % 2 === 0))
  strictEqual(new Set(order.map(String)).size, 36)
})
