// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { mixStations, placeOnAxis, Stations, takenPlace, weightOnAxis } from "../../../../assets/live/parts/multirate/stations.js"
import { assertClose } from "../../close.js"
import stations from "../../expected/stations.json" with { type: "json" }

const AXIS = [0.01, 0.1, 1, 10]

Deno.test("between stations values run straight over log β", () => {
  for (const { axes, values, weights, mixed } of stations) {
    const found = new Stations(axes)
    weights.forEach((beta, n) => {
      const around = found.around(beta)
      assertClose([around.reduce((sum, { share }) => sum + share, 0)], [1], 1e-12)
      assertClose(mixStations(values, 2, around, new Float64Array(2)), mixed[n], 1e-9, `β = ${beta}`)
    })
  }
})

Deno.test("a place on an axis and its weight are one another's", () => {
  AXIS.forEach((beta, index) => {
    strictEqual(placeOnAxis(AXIS, beta), index)
    strictEqual(weightOnAxis(AXIS, index), beta)
  })
  for (const place of [0.25, 1.5, 2.9]) assertClose([placeOnAxis(AXIS, weightOnAxis(AXIS, place))], [place], 1e-12)
  assertClose([weightOnAxis(AXIS, 1.5)], [Math.sqrt(0.1)], 1e-12)
  deepStrictEqual([placeOnAxis(AXIS, 0.001), placeOnAxis(AXIS, 99)], [0, 3])
})

Deno.test("the stations at which both weights are equal", () => {
  const both = new Stations([AXIS, AXIS])
  strictEqual(both.count, 16)
  deepStrictEqual(both.usual, [0, 5, 10, 15])
  deepStrictEqual(new Stations([AXIS]).usual, [0, 1, 2, 3])
})

Deno.test("a line through the weights along one axis, and along both", () => {
  const both = new Stations([[1, 2], [3, 4]])
  deepStrictEqual(both.line([7, 8], 0, false), [[1, 8], [2, 8]])
  deepStrictEqual(both.line([7, 8], 1, false), [[7, 3], [7, 4]])
  deepStrictEqual(both.line([7, 8], 1, true), [[3, 3], [4, 4]])
})

Deno.test("left of the crossing the slider takes the nearest model of one weight, and 0 has a place", () => {
  const axis = [0, 1e-4, 1e-3, 0.01, 0.1, 1]
  strictEqual(placeOnAxis(axis, 0), 0)
  strictEqual(placeOnAxis(axis, 1e-4), 1)
  strictEqual(weightOnAxis(axis, 0), 0)
  deepStrictEqual([0.3, 0.7, 2.4, 3.9, 4.3].map((place) => takenPlace(axis, place, 4)), [0, 1, 2, 4, 4.3])
  deepStrictEqual([0.2, 1.8].map((place) => takenPlace([0.01, 0.1, 1], place, 0)), [0.2, 1.8])
})
