// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { Dimensions, Directions } from "../../../../assets/live/parts/deck/directions.js"

Deno.test("a slider of a dimension stands at its number and moves that alone", () => {
  const ways = new Dimensions(), z = Float32Array.of(1, 2, 3)
  ways.put(z, 1, 5)
  deepStrictEqual([ways.value(z, 1), Array.from(z)], [5, [1, 5, 3]])
})

Deno.test("a slider of a direction moves the code along it, and no other slider", () => {
  const ways = new Directions(Float32Array.of(1, 1, 1, 2, 0, 2, 0, 3, 0, 1, 0, -1), 3)
  const z = Float32Array.of(1, 1, 1)
  deepStrictEqual([0, 1, 2].map((index) => ways.value(z, index)), [0, 0, 0])
  ways.put(z, 0, 1.5)
  deepStrictEqual(Array.from(z), [4, 1, 4])
  ways.put(z, 2, -1)
  deepStrictEqual(Array.from(z), [3, 1, 5])
  deepStrictEqual([0, 1, 2].map((index) => ways.value(z, index)), [1.5, 0, -1])
})
