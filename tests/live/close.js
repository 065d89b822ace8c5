// @ts-check
import { ok, strictEqual } from "node:assert/strict"

/**
 * Fail unless there are as many numbers as expected, and each is as near to its own.
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 * @param {number} apart
 * @param {string} [about] what they are of
 */
export function assertClose(found, expected, apart, about = "") {
  strictEqual(found.length, expected.length, about)
  for (let i = 0; i < expected.length; i++) {
    ok(Math.abs(found[i] - expected[i]) <= apart, `${about} [${i}]: ${found[i]} and not ${expected[i]}`)
  }
}
