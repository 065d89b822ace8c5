// @ts-check
import { strictEqual } from "node:assert/strict"
import { PlaneCamera } from "../../../../assets/live/parts/map/camera.js"
import { holdsWindow, seenEllipse } from "../../../../assets/live/parts/map/ellipses.js"
import { assertClose } from "../../close.js"
import ellipses from "../../expected/ellipses.json" with { type: "json" }

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

Deno.test("an ellipse holds the window only if every corner is inside", () => {
  const camera = new PlaneCamera()
  camera.resize(0, 0, 200, 200)
  camera.fit({ x: [-1, 1], y: [-1, 1] })
  const [left, right] = camera.window().x
  const half = (right - left) / 2
  strictEqual(holdsWindow(camera, 0, 0, { major: 1.5 * half, minor: 1.5 * half, angle: 0 }), true)
  strictEqual(holdsWindow(camera, 0, 0, { major: 9 * half, minor: 1.3 * half, angle: 0.5 }), false)
  strictEqual(holdsWindow(camera, half, 0, { major: 1.5 * half, minor: 1.5 * half, angle: 0 }), false)
})
