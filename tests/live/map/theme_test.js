// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { hexColour, mixedColour, packedColour } from "../../../assets/live/map/theme.js"

Deno.test("a colour between two", () => {
  deepStrictEqual(mixedColour([0, 100, 255], [255, 0, 255], 0), [0, 100, 255])
  deepStrictEqual(mixedColour([0, 100, 255], [255, 0, 255], 0.25), [64, 75, 255])
  deepStrictEqual(mixedColour([0, 100, 255], [255, 0, 255], 1), [255, 0, 255])
})

Deno.test("a colour as one number has the bytes of an image", () => {
  deepStrictEqual([...new Uint8Array(Uint32Array.of(packedColour([1, 2, 253])).buffer)], [1, 2, 253, 255])
})

Deno.test("a colour of Python", () => {
  deepStrictEqual(hexColour("#0072B2"), [0, 114, 178])
})
