// @ts-check
import { strictEqual } from "node:assert/strict"
import { PlaneWindow } from "../../../../assets/live/parts/path/window.js"
import { assertClose } from "../../close.js"

Deno.test("all places are in the window, in its middle, at one scale both ways", () => {
  const window = new PlaneWindow()
  window.fit(400, 200, [[-1, 0, 3, 1], [0, 5]])
  assertClose(window.centre, [1, 2.5], 1e-12)
  strictEqual(window.scale, 0.86 * 40) // the height is what there is little of
  const [[left, bottom], [right, top]] = [[-1, 0], [3, 5]].map((place) => window.toScreen(place))
  assertClose([left + right, bottom + top], [400, 200], 1e-9)
  assertClose([bottom - top], [0.86 * 200], 1e-9)
  assertClose([right - left], [4 * window.scale], 1e-9)
})

Deno.test("a place comes back from its pixel", () => {
  const window = new PlaneWindow()
  window.fit(300, 300, [[-2, -2, 2, 2]])
  for (const place of [[0, 0], [-2, 1.5], [0.25, -1.75]]) assertClose(window.toPlane(...window.toScreen(place)), place, 1e-9)
})

Deno.test("a pixel beyond the canvas stands for the nearest on it", () => {
  const window = new PlaneWindow()
  window.fit(300, 200, [[-1, -1, 1, 1]])
  assertClose(window.toPlane(-50, 900), window.toPlane(0, 200), 0)
})

Deno.test("a single place is a window too", () => {
  const window = new PlaneWindow()
  window.fit(100, 100, [[4, 7]])
  assertClose(window.toScreen([4, 7]), [50, 50], 0)
})
