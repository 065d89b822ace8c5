// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { bandEnds, sliderEnds } from "../../../../assets/live/parts/deck/slider.js"

Deno.test("a slider ends at tenths beyond what it holds", () => {
  deepStrictEqual(sliderEnds(-2.31, 3.02), [-2.4, 3.1])
  deepStrictEqual(sliderEnds(-1, 2.5), [-1, 2.5])
})

Deno.test("no end lies beyond what a code may reach", () => {
  deepStrictEqual(sliderEnds(-25, 99), [-10, 10])
})

Deno.test("both ends are apart, at the limit too", () => {
  deepStrictEqual(sliderEnds(0.5, 0.5), [0.5, 0.6])
  deepStrictEqual(sliderEnds(10, 10), [9.9, 10])
  deepStrictEqual(sliderEnds(-12, -12), [-10, -9.9])
})

Deno.test("the band of a posterior ends within its slider", () => {
  deepStrictEqual(bandEnds(-2, 2, 1, 0.5), [0.625, 0.875])
  deepStrictEqual(bandEnds(-2, 2, -2, 1), [0, 0.25])
  deepStrictEqual(bandEnds(-2, 2, 5, 1), [1, 1])
})
