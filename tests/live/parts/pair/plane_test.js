// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { between, SharedPlane, windowOfMost } from "../../../../assets/live/parts/pair/plane.js"
import { assertClose } from "../../close.js"

const PLANE = new SharedPlane([1, 2, 3], [[2, 0, 0], [0, 0, -2]])

Deno.test("codes lie where the axes lead from the centre", () => {
  deepStrictEqual([...PLANE.places(Float32Array.of(1, 2, 3, 2, 9, 3, 1, 0, 2))], [0, 0, 2, 0, 0, 2])
})

Deno.test("a code that is moved lies the step further, and keeps what is out of the plane", () => {
  const z = Float32Array.of(0.5, 7, -1)
  const moved = new Float32Array(3)
  PLANE.moved(z, [0.25, -3], moved)
  const [from, to] = [PLANE.places(z), PLANE.places(moved)]
  assertClose([to[0] - from[0], to[1] - from[1]], [0.25, -3], 1e-6)
  deepStrictEqual(moved[1], 7)
})

Deno.test("the window holds all but the outermost in a thousand of each list", () => {
  const many = Float32Array.from({ length: 4000 }, (_, at) => (at % 2 ? -1 : 1) * Math.floor(at / 2))
  deepStrictEqual(windowOfMost([many, Float32Array.of(-5, 10, 2500, 11)]), { x: [-5, 2500], y: [-1997, 11] })
})

Deno.test("between two maps a place is that share of the way", () => {
  const into = new Float32Array(2)
  between(Float32Array.of(0, 4), Float32Array.of(8, 0), 0.25, into)
  deepStrictEqual([...into], [2, 3])
})
