// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { factsOf, mix, placeAfter, whenOf, windowOfAll } from "../../../../assets/live/parts/replay/reel.js"

Deno.test("who watches the newest snapshot goes on to the next one, and who looks back stays", () => {
  strictEqual(placeAfter([0, 1, 5], 2, [0, 1, 5, 9]), 3)
  strictEqual(placeAfter([0, 1, 5], 1, [0, 1, 5, 9]), 1)
  strictEqual(placeAfter([0, 1, 5, 7], 3, [0, 1, 5, 9]), 3)
  strictEqual(placeAfter([0, 3, 5, 7], 1, [0, 2, 9]), 1, "the snapshot before one that is gone")
  strictEqual(placeAfter([3, 5, 7], 0, [4, 9]), 0)
})

Deno.test("between two snapshots points run straight", () => {
  const now = new Float32Array(4)
  mix(Float32Array.of(0, 1, 2, 3), Float32Array.of(4, 1, 0, -5), 0.25, now)
  deepStrictEqual([...now], [1, 1, 1.5, 1])
})

Deno.test("the window holds the places of all snapshots and the prior's circles", () => {
  deepStrictEqual(windowOfAll(Float32Array.of(0, 5, -4, 0), [1, 1]), { x: [-4, 3.2], y: [-1.2000000000000002, 5] })
  deepStrictEqual(windowOfAll(Float32Array.of(8, 5, 9, 7), null), { x: [8, 9], y: [5, 7] })
})

Deno.test("a snapshot is named by its step and its epoch", () => {
  const data = { steps: [0, 12, 1200], epochs: [0, 0.123, 64.25], used: [0, 1, 2], dims: ["z₀", "z₁"], errors: [0.4, 0.25, 0.1] }
  deepStrictEqual([0, 1, 2].map((at) => whenOf(data, at)), ["Before the first step", "Step 12, epoch 0.12", "Step 1,200, epoch 64.3"])
  strictEqual(factsOf(data, 1), "1 of 2 dimensions in use, error of the pictures 25.0 %")
})
