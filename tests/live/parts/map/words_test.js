// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { drawnWords, placeLines, whyNoPosteriors } from "../../../../assets/live/parts/map/words.js"

/** @import { MapView } from "../../../../assets/live/kit/wire.js" */
/** @type {MapView} */
const RAW = { method: "raw", labels: ["z₀", "z₁"], centre: [0, 0], axes: [[1, 0], [0, 1]] }
/** @type {MapView} */
const PCA = { ...RAW, method: "pca", labels: ["PC 1 (60 %)", "PC 2 (20 %)"] }
/** @type {MapView} */
const UMAP = { ...RAW, method: "umap", centre: null, axes: null }

Deno.test("a place has as many digits as the eye can tell", () => {
  deepStrictEqual(placeLines(RAW, 2, [1.23456, -0.001], 100), ["z₀ 1.23, z₁ 0.00"])
  deepStrictEqual(placeLines(RAW, 2, [1.23456, -0.001], 1000), ["z₀ 1.235, z₁ −0.001"])
})

Deno.test("how a code was found for a place", () => {
  deepStrictEqual(placeLines(RAW, 3, [1, 2], 1), ["z₀ 1, z₁ 2", "Other dimensions at 0"])
  deepStrictEqual(placeLines(PCA, 3, [1, 2], 1), ["PC 1 1, PC 2 2", "Other dimensions at their mean"])
  deepStrictEqual(placeLines(UMAP, 2, [1, 2], 1)[1], "From the mean of the 5 nearest codes, weighted by distance")
})

Deno.test("a map says why it has no posteriors", () => {
  strictEqual(whyNoPosteriors(RAW, true), "")
  strictEqual(whyNoPosteriors(RAW, false), "This model gives each image a single code: a point without a width")
  strictEqual(whyNoPosteriors(UMAP, true), "UMAP keeps no lengths, so posteriors have no shape here")
})

Deno.test("what is drawn besides points", () => {
  deepStrictEqual(drawnWords({ inSight: 1797, posteriors: { drawn: 100, larger: 0 }, pictures: null }, false), {
    posteriors: "Posteriors of 100 of 1,797 points in sight, at 1 and 2 standard deviations.",
    larger: "",
    pictures: "",
  })
  strictEqual(
    drawnWords({ inSight: 12, posteriors: { drawn: 9, larger: 0, asked: true }, pictures: null }, false).posteriors,
    "Posteriors of what is chosen and its nearest neighbours, 9 points, at 1 and 2 standard deviations.",
  )
  deepStrictEqual(drawnWords({ inSight: 12, posteriors: { drawn: 12, larger: 12 }, pictures: 12 }, true), {
    posteriors: "Posteriors of all 12 points in sight, at 1 and 2 standard deviations.",
    larger: "The ellipses are larger than what is in sight: zoom out to see them.",
    pictures: "Pictures of all 12 points in sight, decoded from their codes.",
  })
  strictEqual(
    drawnWords({ inSight: 12, posteriors: { drawn: 12, larger: 3 }, pictures: null }, false).larger,
    "3 of the ellipses are larger than what is in sight: zoom out to see them.",
  )
  deepStrictEqual(drawnWords({ inSight: 12, posteriors: null, pictures: 7 }, false).pictures, "Pictures of 7 of 12 points in sight.")
})
