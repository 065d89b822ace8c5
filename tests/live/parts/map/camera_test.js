// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { PlaneCamera } from "../../../../assets/live/parts/map/camera.js"
import { assertClose } from "../../close.js"

/** A plot of 200 × 100 pixels from (10, 20), which shows x from −4 to 4 and y from 0 to 2. */
function fitted() {
  const camera = new PlaneCamera()
  camera.resize(10, 20, 200, 100)
  camera.fit({ x: [-4, 4], y: [0, 2] })
  return camera
}

Deno.test("everything is in sight, in the middle, at one scale", () => {
  const camera = fitted()
  const { x, y } = camera.window()
  ok(x[0] < -4 && x[1] > 4 && y[0] < 0 && y[1] > 2)
  assertClose(camera.planeAt(110, 70), [0, 1], 1e-12)
  assertClose([x[1] - x[0]], [2 * (y[1] - y[0])], 1e-12)
  strictEqual(camera.zoomed, 1)
})

Deno.test("a place on the screen and its place in the plane are one another's", () => {
  const camera = fitted()
  camera.zoom(3, 50, 60)
  camera.pan(-7, 11)
  const [x, y] = camera.planeAt(33, 44)
  assertClose([camera.screenX(x), camera.screenY(y)], [33, 44], 1e-9)
})

Deno.test("what is zoomed at stays where it is, however far", () => {
  const camera = fitted()
  const there = camera.planeAt(50, 60)
  for (const factor of [2, 1e9, 1e-12]) {
    camera.zoom(factor, 50, 60)
    assertClose(camera.planeAt(50, 60), there, 1e-9)
    ok(camera.zoomed >= 0.25 - 1e-9 && camera.zoomed <= 200 + 1e-9)
  }
})

Deno.test("what is dragged follows the pointer", () => {
  const camera = fitted()
  const there = camera.planeAt(50, 60)
  camera.pan(30, -20)
  assertClose(camera.planeAt(80, 40), there, 1e-12)
})

Deno.test("a new size shows everything again, unless the user has looked closer", () => {
  const camera = fitted()
  camera.resize(0, 0, 400, 200)
  strictEqual(camera.zoomed, 1)
  camera.zoom(4)
  const middle = [camera.x, camera.y]
  camera.resize(0, 0, 100, 50)
  deepStrictEqual([camera.x, camera.y], middle)
  strictEqual(camera.zoomed, 16)
})

Deno.test("points that all lie in one place are shown too", () => {
  const camera = fitted()
  camera.fit({ x: [3, 3], y: [5, 5] })
  assertClose(camera.planeAt(110, 70), [3, 5], 1e-12)
  ok(Number.isFinite(camera.scale) && camera.scale > 0)
})

Deno.test("the nearest place of the plot", () => {
  const camera = fitted()
  deepStrictEqual(camera.nearestHeld(0, 500), [10, 120])
  deepStrictEqual(camera.nearestHeld(50, 60), [50, 60])
  ok(camera.holds(10, 120) && !camera.holds(9, 120) && !camera.holds(10, 121))
})
