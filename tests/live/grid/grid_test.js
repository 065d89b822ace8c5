// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { gridPlaces, normalQuantile, normalShare } from "../../../assets/live/grid/grid.js"
import { assertClose } from "../close.js"
import normal from "../expected/quantiles.json" with { type: "json" }

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
