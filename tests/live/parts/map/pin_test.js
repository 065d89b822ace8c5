// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { channel } from "../../../../assets/live/kit/link.js"
import { Pin } from "../../../../assets/live/parts/map/pin.js"
import { openPlane } from "../../../../assets/live/parts/map/plane.js"

const PLANE = openPlane({ centre: [0, 0, 0], axes: [[0, 0, 1], [0, 1, 0]] })

/** A pin on a channel, and how often it was moved from elsewhere. @param {string} name */
function pinOn(name, follows = true) {
  const heard = { count: 0 }
  const pin = new Pin(() => heard.count++)
  pin.listen(name, follows)
  pin.lay(PLANE)
  return { pin, heard }
}

Deno.test("it stands where another part of the page is", () => {
  const { pin, heard } = pinOn("follows")
  channel("follows").set(Float32Array.of(1, 2, 3), "deck")
  deepStrictEqual([[...(pin.z ?? [])], pin.place, heard.count], [[1, 2, 3], [3, 2], 1])
  pin.close()
  channel("follows").set(Float32Array.of(4, 5, 6), "deck")
  deepStrictEqual([...(pin.z ?? [])], [1, 2, 3])
})

Deno.test("while it is held, and where it is not the user's to move, it stays", () => {
  const { pin, heard } = pinOn("held")
  pin.held = true
  channel("held").set(Float32Array.of(1, 2, 3), "deck")
  pin.stand([7, 8, 9])
  strictEqual(pin.z, null)
  const other = pinOn("fixed", false)
  channel("fixed").set(Float32Array.of(1, 2, 3), "deck")
  strictEqual(other.pin.z, null)
  strictEqual(heard.count + other.heard.count, 0)
})

Deno.test("a move is told to all others, and not to itself", () => {
  const { pin, heard } = pinOn("moves")
  /** @type {number[][]} */
  const told = []
  channel("moves").listen((z) => told.push([...(z ?? [])]))
  pin.move(Float32Array.of(1, 2, 3))
  deepStrictEqual([told, pin.place, heard.count], [[[1, 2, 3]], [3, 2], 0])
  pin.move(Float32Array.of(4, 5, 6), [0.5, 0.5])
  deepStrictEqual(pin.place, [0.5, 0.5])
})

Deno.test("it follows one channel at a time", () => {
  const { pin } = pinOn("before")
  pin.listen("after", true)
  channel("before").set(Float32Array.of(1, 1, 1), "deck")
  strictEqual(pin.z, null)
  channel("after").set(Float32Array.of(2, 2, 2), "deck")
  deepStrictEqual(pin.place, [2, 2])
})
