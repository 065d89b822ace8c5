// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { PlaneCamera } from "../../../../assets/live/parts/map/camera.js"
import { axisTicks } from "../../../../assets/live/parts/map/marks.js"

Deno.test("the longer side of a window has more numbers, in the same steps", () => {
  const camera = new PlaneCamera()
  camera.resize(0, 0, 400, 200)
  camera.fit({ x: [-2, 2], y: [-1, 1] })
  const { x, y } = axisTicks(camera)
  deepStrictEqual(x.values, [-2, -1, 0, 1, 2])
  deepStrictEqual(y.values, [-1, 0, 1])
  deepStrictEqual([x.digits, y.digits], [0, 0])
})
