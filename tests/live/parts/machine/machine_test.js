// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { faceOf, thrown } from "../../../../assets/live/parts/machine/dice.js"
import { changedAt } from "../../../../assets/live/parts/machine/ends.js"
import { drawnAt, partOf } from "../../../../assets/live/parts/machine/walk.js"

Deno.test("a picture rests, then the next one appears, and the first follows the last", () => {
  deepStrictEqual(drawnAt(3, 0), { shown: 0, part: 1 })
  deepStrictEqual(drawnAt(3, 2001), { shown: 1, part: 1 / 36 })
  deepStrictEqual(drawnAt(3, 2000 + 1200), { shown: 1, part: 0.5 })
  deepStrictEqual(drawnAt(3, 2 * 4400), { shown: 2, part: 1 })
  deepStrictEqual(drawnAt(3, 3 * 4400), { shown: 0, part: 1 })
  const parts = Array.from({ length: 240 }, (_, tick) => drawnAt(3, 2001 + 10 * tick).part)
  deepStrictEqual(parts, parts.toSorted((one, other) => one - other))
})

Deno.test("of a picture that appears, what is not there yet is ground, in every channel", () => {
  const [pixels, ground] = [Uint8Array.from({ length: 3 * 4 * 2 }, (_, at) => 100 + at), [1, 2, 3]]
  const grounds = Uint8Array.from(pixels, (_, at) => ground[Math.floor(at / 8)])
  deepStrictEqual(partOf(pixels, ground, [3, 4, 2], 0), grounds)
  deepStrictEqual(partOf(pixels, ground, [3, 4, 2], 1), pixels)
  const half = partOf(pixels, ground, [3, 4, 2], 0.5)
  for (const channel of [0, 8, 16]) {
    deepStrictEqual(half.slice(channel, channel + 5), pixels.slice(channel, channel + 5)) // two rows and the first of the third
    deepStrictEqual(half.slice(channel + 6, channel + 8), grounds.slice(channel + 6, channel + 8))
  }
})

Deno.test("a throw is the quantile of N(0, 1), and always one that can be shown", () => {
  ok(Math.abs(thrown(0.975) - 1.959964) < 1e-6)
  ok(Math.abs(thrown(1 / 6) + 0.967422) < 1e-6)
  for (const chance of [0, 1]) ok(Math.abs(thrown(chance)) < 6 && faceOf(thrown(chance)) === 1 + 5 * chance)
})

Deno.test("each face stands for a sixth of the throws", () => {
  const faces = Array.from({ length: 600 }, (_, n) => faceOf(thrown((n + 0.5) / 600)))
  deepStrictEqual([1, 2, 3, 4, 5, 6].map((face) => faces.filter((each) => each === face).length), [100, 100, 100, 100, 100, 100])
  strictEqual(faceOf(99), 6)
  strictEqual(faceOf(-99), 1)
})

Deno.test("a code with another number at one place is a new one", () => {
  const code = new Float32Array([1, 2])
  deepStrictEqual([...changedAt(code, 1, 5)], [1, 5])
  deepStrictEqual([...code], [1, 2])
})
