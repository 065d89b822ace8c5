// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { decimal } from "../../../assets/live/kit/numbers.js"

Deno.test("a number with a true minus sign", () => {
  deepStrictEqual([decimal(-1.256, 2), decimal(1.256, 1), decimal(-12, 0)], ["−1.26", "1.3", "−12"])
})

Deno.test("no minus before a zero", () => {
  deepStrictEqual([decimal(-0.001, 2), decimal(-0.2, 0), decimal(-0.01, 2)], ["0.00", "0", "−0.01"])
})
