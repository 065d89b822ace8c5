// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { withNeighbours } from "../../../../assets/live/parts/map/neighbours.js"

Deno.test("the nearest codes are those that sorting all of them finds", () => {
  const latent = 3, count = 200
  const codes = Float32Array.from({ length: count * latent }, (_, i) => Math.sin(12.9898 * i) * 5)
  const distance = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.hypot(...[0, 1, 2].map((k) => codes[a * latent + k] - codes[b * latent + k]))
  const chosen = new Uint8Array(count)
  chosen[7] = chosen[90] = 1
  const expected = new Set([7, 90])
  for (const own of [7, 90]) {
    const others = Array.from(chosen.keys()).filter((i) => !chosen[i]).sort((a, b) => distance(own, a) - distance(own, b))
    for (const near of others.slice(0, 8)) expected.add(near)
  }
  deepStrictEqual(withNeighbours(codes, latent, chosen, 8), [...expected].sort((a, b) => a - b))
})

Deno.test("where all are chosen, or few are left, there are no more than there are", () => {
  deepStrictEqual(withNeighbours(Float32Array.of(1, 2), 1, Uint8Array.of(1, 1), 8), [0, 1])
  deepStrictEqual(withNeighbours(Float32Array.of(1, 2, 5), 1, Uint8Array.of(0, 1, 0), 8), [0, 1, 2])
})
