// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { Scale } from "../../../../assets/live/parts/multirate/scale.js"
import { assertClose } from "../../close.js"

Deno.test("an axis runs from its start to its end, and upwards where that is above", () => {
  const scale = new Scale({ low: -1, high: 3 }, 200, 100)
  assertClose([-1, 0, 3].map((value) => scale.at(value)), [200, 175, 100], 1e-12)
})

Deno.test("a logarithmic axis gives each power of ten the same length", () => {
  const scale = new Scale({ low: 0.01, high: 10, log: true }, 0, 300)
  assertClose([0.01, 0.1, 1, 10].map((value) => scale.at(value)), [0, 100, 200, 300], 1e-9)
})

Deno.test("its numbers are round, and as many as there is room for", () => {
  const scale = new Scale({ low: -0.4, high: 1 }, 0, 300)
  deepStrictEqual(scale.ticks(60).map(({ text }) => text), ["0.0", "0.5", "1.0"])
  const log = new Scale({ low: 0.001, high: 1000, log: true }, 0, 400)
  deepStrictEqual(log.ticks(50).map(({ text }) => text), ["0.001", "0.01", "0.1", "1", "10", "100", "1,000"])
  deepStrictEqual(log.ticks(100).map(({ value }) => value), [0.001, 0.1, 10, 1000])
})
