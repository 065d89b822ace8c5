// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { faceOf, thrown } from "../../../../assets/live/parts/machine/dice.js"
import { changedAt } from "../../../../assets/live/parts/machine/ends.js"
import { walkAt } from "../../../../assets/live/parts/machine/walk.js"

Deno.test("the walk rests at a code, goes to the next without a jump, and begins again after the last", () => {
  deepStrictEqual(walkAt(3, 0), { from: 0, to: 1, t: 0, shown: 0 })
  deepStrictEqual(walkAt(3, 1400 + 1400), { from: 0, to: 1, t: 0.5, shown: 1 })
  deepStrictEqual(walkAt(3, 3 * 4200 - 1), { ...walkAt(3, 3 * 4200 - 1), from: 2, to: 0, shown: 0 })
  let before = 0
  for (let now = 0; now < 3 * 4200; now += 16) {
    const { from, t } = walkAt(3, now)
    ok(from + t >= before && from + t - before < 0.02)
    before = from + t
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
