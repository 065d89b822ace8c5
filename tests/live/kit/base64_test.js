// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { base64Of, bytesOf } from "../../../assets/live/kit/base64.js"

Deno.test("bytes of every value are written and read", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value)
  deepStrictEqual(bytesOf(base64Of(bytes)), bytes)
  strictEqual(base64Of([0, 255, 128]), "AP+A")
})
