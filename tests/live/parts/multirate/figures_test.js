// @ts-check
import { deepStrictEqual, ok } from "node:assert/strict"
import { Measured } from "../../../../assets/live/parts/multirate/figures.js"
import { factRows } from "../../../../assets/live/parts/multirate/facts.js"
import { assertClose } from "../../close.js"

/** Three stations, at β = 0.1, 1 and 10, of three dimensions. */
const FIGURES = {
  distortion: [10, 20, 40],
  rate: [8, 4, 0],
  rate_mu: [4, 2, 0],
  sharpness: [0.9, null, 0.3],
  effective: [1, 3, 99],
  kl: [1, 4, 3, 0.5, 1.5, 2, 0, 0, 0.005],
  errors: [0.5, 0.1, 0.02, 0.2, 0.6, 0.2, null, 0.3, 0.8, 0.3, 0.04, 0.4],
}
/** @type {{precision: number[], recall: number[], count: number, best: [number, number]}} */
const SAMPLES = { precision: [0.5, 0.8, 1], recall: [0.9, 0.7, 0.1], count: 100, best: [0.95, 0.9] }
const OTHERS = { axes: [[0.1, 1, 10]], samples: SAMPLES, names: ["z₀", "z₁", "z₂"] }
const MEASURED = new Measured({ ...OTHERS, figures: FIGURES })

Deno.test("half the way to the next station on log β every figure is in the middle", () => {
  const now = MEASURED.at(MEASURED.stations.around([Math.sqrt(10)]))
  assertClose([now.distortion, now.rate, now.rateOfMeans, now.effective, ...now.kl], [30, 2, 1, 51, 0, 0, 0.005], 1e-12)
  assertClose([now.precision, now.recall], [0.9, 0.4], 1e-12)
  ok(Number.isNaN(now.sharpness))
  const uncounted = new Measured({ ...OTHERS, figures: FIGURES, samples: null })
  ok(Number.isNaN(uncounted.at([{ station: 0, share: 1 }]).precision))
  ok(Number.isNaN(uncounted.at([{ station: 0, share: 1 }]).errors.precision))
})

Deno.test("a figure's standard error is that of its station, a share's that of so many", () => {
  const { errors } = MEASURED.at([{ station: 2, share: 1 }])
  deepStrictEqual([errors.distortion, errors.rate, errors.sharpness, errors.effective, errors.precision], [0.8, 0.3, 0.04, 0.4, 0])
  assertClose([errors.recall], [Math.sqrt(0.1 * 0.9 / 100)], 1e-12)
  const between = MEASURED.at(MEASURED.stations.around([Math.sqrt(10)])).errors
  assertClose([between.distortion, between.rate, between.effective], [0.7, 0.25, 0.35], 1e-12)
  ok(Number.isNaN(between.sharpness))
})

Deno.test("between stations a used dimension's KL is in the middle, and one that is unused at either is unused", () => {
  deepStrictEqual([...MEASURED.at([{ station: 0, share: 0.5 }, { station: 1, share: 0.5 }]).kl], [0.75, 2.75, 2.5])
  deepStrictEqual([...MEASURED.at([{ station: 1, share: 0.99 }, { station: 2, share: 0.01 }]).kl], [0, 0, 0.005])
  deepStrictEqual([...MEASURED.at([{ station: 1, share: 1 }, { station: 2, share: 0 }]).kl], [0.5, 1.5, 2])
})

Deno.test("dimensions by the KL they have at the lowest weight", () => {
  deepStrictEqual(MEASURED.order, [1, 2, 0])
})

Deno.test("the map begins with the two dimensions that carry most where at least two are used", () => {
  deepStrictEqual(MEASURED.widest(-1), [1, 2])
  const kl = [...FIGURES.kl.slice(0, 3), 0.005, 0.001, 2, 0, 0, 0.005] // only one is used at the second station
  deepStrictEqual(new Measured({ ...OTHERS, figures: { ...FIGURES, kl } }).widest(-1), [1, 2])
})

Deno.test("of a model of its own the map shows what carries most there, and of a plain autoencoder what it began with", () => {
  const own = { rate: [null, 5, 8], kl: [0, 0, 0, 3, 0.001, 2, 1, 4, 3] }
  const measured = new Measured({ ...OTHERS, figures: { ...FIGURES, ...own } })
  deepStrictEqual([0, 1, -1].map((own) => measured.widest(own)), [[1, 2], [0, 2], [1, 2]])
})

Deno.test("what is known of a figure, here and of models of one weight", () => {
  const dedicated = [{ beta: 1, distortion: 25, rate: 3, sharpness: null, errors: /** @type {[null, null]} */ ([null, null]) }]
  deepStrictEqual(MEASURED.known("sharpness", dedicated), [0.9, 0.3])
  deepStrictEqual(MEASURED.known("rate", dedicated), [8, 4, 0, 3])
})

Deno.test("the figures in words", () => {
  deepStrictEqual(factRows(MEASURED.at([{ station: 2, share: 1 }])), [
    ["40.00 ± 0.80", "nats an image"],
    ["0.00 ± 0.30", "nats, 0.00 of centres, ½Σμ², 0.00 of widths"],
    ["3 of 3", "below 0.01 nats"],
    ["30.0 ± 4.0 %", "of the images'"],
    ["99.00 ± 0.40", "images share a place"],
  ])
  deepStrictEqual(factRows(MEASURED.at([{ station: 0, share: 1 }]))[4], ["1.00 ± 0.20", "images share a place: none blurs"])
})
