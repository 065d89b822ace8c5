// @ts-check
import { strictEqual } from "node:assert/strict"
import { roundTicks } from "../../../../assets/live/parts/map/ticks.js"
import { assertClose } from "../../close.js"

Deno.test("the numbers of an axis are round", () => {
  const cases = /** @type {const} */ ([
    [-1, 1, [-1, -0.5, 0, 0.5, 1], 1],
    [0.0012, 0.0031, [0.0015, 0.002, 0.0025, 0.003], 4],
    [-70, 320, [0, 100, 200, 300], 0],
    [0, 8, [0, 2, 4, 6, 8], 0],
  ])
  for (const [low, high, values, digits] of cases) {
    const found = roundTicks(low, high, 4)
    assertClose(found.values, values, 1e-12)
    strictEqual(found.digits, digits)
  }
})
