// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { PlaneCamera } from "../../../assets/live/map/camera.js"
import { axisTicks, seenEllipse } from "../../../assets/live/map/marks.js"
import { assertClose } from "../close.js"
import ellipses from "../expected/ellipses.json" with { type: "json" }

Deno.test("a posterior is seen as its covariance in the plane", () => {
  for (const { axes, deviations, covariance } of ellipses) {
    const { major, minor, angle } = seenEllipse(axes, [9, 9, ...deviations], 2)
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const across = (major * cos) ** 2 + (minor * sin) ** 2
    const up = (major * sin) ** 2 + (minor * cos) ** 2
    const together = (major ** 2 - minor ** 2) * sin * cos
    assertClose([across, together, together, up], covariance.flat(), 1e-12)
  }
})

Deno.test("the longer side of a window has more numbers, in the same steps", () => {
  const camera = new PlaneCamera()
  camera.resize(0, 0, 400, 200)
  camera.fit({ x: [-2, 2], y: [-1, 1] })
  const { x, y } = axisTicks(camera)
  deepStrictEqual(x.values, [-2, -1, 0, 1, 2])
  deepStrictEqual(y.values, [-1, 0, 1])
  deepStrictEqual([x.digits, y.digits], [0, 0])
})
