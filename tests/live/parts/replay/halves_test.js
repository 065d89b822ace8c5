// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { halfOf, halvesOf } from "../../../../assets/live/parts/replay/halves.js"
import { base64Of } from "../../../../assets/live/kit/base64.js"

Deno.test("all numbers of sixteen bits are those of the standard", () => {
  const view = new DataView(new ArrayBuffer(2))
  for (let bits = 0; bits < 65536; bits++) {
    view.setUint16(0, bits)
    strictEqual(halfOf(bits), view.getFloat16(0), `bits ${bits}`)
  }
})

Deno.test("they come from text, the low byte first", () => {
  deepStrictEqual([...halvesOf(base64Of([0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00]))], [1, -2, 65504, 2 ** -24])
})
