// @ts-check
import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict"
import { channel, windowOf } from "../../../assets/live/kit/link.js"

Deno.test("who listens hears who moved what, until it ends", () => {
  const heard = /** @type {unknown[]} */ ([])
  const end = channel("one").listen((/** @type {unknown} */ z, /** @type {unknown} */ from) => heard.push([z, from]))
  const z = Float32Array.of(1)
  channel("one").set(z, "a slider")
  channel("two").set(z, "another page")
  end()
  channel("one").set(null, "a slider")
  deepStrictEqual(heard, [[z, "a slider"]])
  strictEqual(channel("one").z, null)
  strictEqual(channel("two").z, z)
})

Deno.test("a code and a window of one name are two things", () => {
  notStrictEqual(channel("one"), windowOf("one"))
  strictEqual(windowOf("one"), windowOf("one"))
})
