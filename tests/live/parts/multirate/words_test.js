// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { figureText, imagesText, nameParts, percentText, weightText } from "../../../../assets/live/parts/multirate/words.js"

Deno.test("numbers as they are read", () => {
  deepStrictEqual([0.012345, 1, 1234, 1e-7].map(weightText), ["0.0123", "1", "1230", "1e-7"])
  deepStrictEqual([figureText(-1234.56, 1), figureText(NaN, 1), figureText(2, 2)], ["−1,234.6", "–", "2.00"])
  deepStrictEqual([imagesText(3.21), imagesText(321.4)], ["3.2", "321"])
  strictEqual(percentText(0.456), "46 %")
})

Deno.test("what stands lower in a name", () => {
  deepStrictEqual(nameParts("N_eff, images"), ["N", "eff", ", images"])
  deepStrictEqual(nameParts("β_μ and β_σ"), ["β", "μ", " and β", "σ", ""])
})
