// @ts-check
// Where the user of the page to take home has been, and the pixels of the images that can be taken.
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { bytesOf } from "../../../assets/live/kit/base64.js"
import { bytesOfColours } from "../../../assets/live/takehome/examples.js"
import { Stops } from "../../../assets/live/takehome/stops.js"

Deno.test("walks and drawings lead on from the place that was set by hand, which stays", () => {
  const stops = new Stops([0])
  stops.add({ z: [1], picture: null, walked: false })
  stops.add({ z: [2], picture: null, walked: true })
  stops.add({ z: [2.5], picture: "", walked: false })
  deepStrictEqual([stops.here.z, stops.set.z], [[2.5], [1]])
  stops.step("undo")
  stops.step("undo")
  stops.step("undo")
  stops.step("undo")
  deepStrictEqual([stops.here.z, stops.set.z], [[0], [0]])
  stops.step("redo")
  strictEqual(stops.here.z[0], 1)
  stops.add({ z: [3], picture: null, walked: false })
  stops.step("redo")
  deepStrictEqual(stops.list.map(({ z }) => z[0]), [0, 1, 3])
})

Deno.test("the colours of a canvas become an image, channels first and without the opacity", () => {
  const colours = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255)
  deepStrictEqual([...bytesOf(bytesOfColours(colours, 3))], [1, 4, 2, 5, 3, 6])
  deepStrictEqual([...bytesOf(bytesOfColours(colours, 1))], [1, 4])
})
