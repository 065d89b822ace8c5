// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { contrast, hexColour, mixedColour, packedColour, seenOn } from "../../../../assets/live/parts/map/theme.js"

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

Deno.test("contrast is that of WCAG", () => {
  strictEqual(contrast([0, 0, 0], [255, 255, 255]), 21)
  strictEqual(contrast([9, 9, 9], [9, 9, 9]), 1)
  strictEqual(contrast([119, 119, 119], [255, 255, 255]).toFixed(2), "4.48") // #777 on white, the example of the guideline's own texts
})

Deno.test("a colour that is lost on its ground is brought out, another stays", () => {
  const dark = { textBytes: [241, 235, 225], groundBytes: [16, 14, 34] }
  const blue = [0, 114, 178]
  ok(contrast([51, 34, 136], dark.groundBytes) < 3)
  ok(contrast(seenOn([51, 34, 136], dark), dark.groundBytes) >= 3)
  deepStrictEqual(seenOn(blue, dark), blue)
})
