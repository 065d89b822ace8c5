// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { figureText, imagesText, meanText, nameParts, percentText, weightText } from "../../../../assets/live/parts/multirate/words.js"

Deno.test("numbers as they are read", () => {
  deepStrictEqual([0.012345, 1, 1234, 1e-7].map(weightText), ["0.0123", "1", "1230", "1e-7"])
  deepStrictEqual([figureText(-1234.56, 1), figureText(NaN, 1), figureText(2, 2)], ["−1,234.6", "–", "2.00"])
  deepStrictEqual([imagesText(3.21), imagesText(321.4)], ["3.2", "321"])
  strictEqual(percentText(0.456), "46 %")
})

Deno.test("a mean with its error, as far as both are known: as in Python", () => {
  // as tests/pages/ui/ground/test_wording.py has them
  deepStrictEqual(
    [[22.0582, 0.2542], [-14699.6, 117.4], [1, 6e-12], [1.00024, 0.00026], [9e-7, 2.6e-7], [-0.004, 0.25], [8.4, 9.96]]
      .map(([value, error]) => meanText(value, error, 1)),
    ["22.06 ± 0.25", "−14,700 ± 120", "1.0000", "1.0002 ± 0.0003", "0.0000", "0.00 ± 0.25", "8.4 ± 10.0"],
  )
  deepStrictEqual([meanText(NaN, 1, 1), meanText(3, NaN, 2), meanText(3, 0, 2)], ["–", "3.00", "3.00"])
})

Deno.test("what stands lower in a name", () => {
  deepStrictEqual(nameParts("N_eff, images"), ["N", "eff", ", images"])
  deepStrictEqual(nameParts("β_μ and β_σ"), ["β", "μ", " and β", "σ", ""])
})
