// @ts-check
// The model in the browser is the model in torch: every kind of layer and of likelihood, and at every KL weight.
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict"
import { openModel } from "../../../assets/live/engine/model.js"
import { assertClose } from "../close.js"
import models from "../expected/models.json" with { type: "json" }

const CLOSE = 1e-4

/** The bytes of a case's model. @param {{bundle: string}} expected */
function bytesOf(expected) {
  return Uint8Array.from(atob(expected.bundle), (letter) => letter.charCodeAt(0))
}

for (const expected of models) {
  Deno.test(`what torch decodes and encodes: ${expected.config}`, () => {
    const model = openModel(bytesOf(expected).buffer)
    expected.codes.forEach((code, n) => {
      const beta = expected.betas?.[n]
      assertClose(model.decode(Float32Array.from(code), beta), expected.decoded[n], CLOSE, `image ${n}`)
      const { mean, logvar } = model.encode(Float32Array.from(expected.images[n]), beta)
      assertClose(mean, expected.mean[n], CLOSE, `mean ${n}`)
      if (expected.logvar) assertClose(logvar, expected.logvar[n], CLOSE, `log variance ${n}`)
      else ok(logvar.every((value) => value === -Infinity))
    })
  })
}

Deno.test("a KL weight comes back as it was, after another in between", () => {
  const expected = models.find(({ betas }) => betas && Array.isArray(betas[0]))
  ok(expected)
  const model = openModel(bytesOf(expected).buffer)
  const code = Float32Array.from(expected.codes[0])
  const [first, , third] = [[0.01, 10], [10, 0.01], [0.01, 10]].map((beta) => model.decode(code, beta).slice())
  deepStrictEqual(third, first)
  deepStrictEqual(model.decode(code, [2, 2]).slice(), model.decode(code, 2))
})

Deno.test("a KL weight outside the range is refused", () => {
  const expected = models.find(({ betas }) => betas && !Array.isArray(betas[0]))
  ok(expected)
  const model = openModel(bytesOf(expected).buffer)
  throws(() => model.decode(new Float32Array(3), 0.009), { message: "KL weight 0.009 is outside this model's range, 0.01 to 10." })
  throws(() => model.encode(new Float32Array(80), 11), { message: "KL weight 11 is outside this model's range, 0.01 to 10." })
})

Deno.test("inputs of another size are refused", () => {
  const model = openModel(bytesOf(models[0]).buffer)
  throws(() => model.decode(new Float32Array(4)), { message: "A code of this model has 3 numbers, not 4." })
  throws(() => model.encode(new Float32Array(79)), { message: "An image for this model has 80 numbers, not 79." })
})

Deno.test("each call answers in the same buffers and leaves its input", () => {
  const model = openModel(bytesOf(models[0]).buffer)
  const code = Float32Array.of(1, -2, 0.5)
  const image = model.decode(code)
  const before = image.slice()
  model.encode(new Float32Array(80).fill(0.25))
  strictEqual(model.decode(code), image)
  deepStrictEqual(image, before)
  deepStrictEqual([...code], [1, -2, 0.5])
})

Deno.test("a byte that changed is found before anything is believed", () => {
  for (const place of [4, 12, 40, bytesOf(models[0]).length - 1]) {
    const bytes = bytesOf(models[0])
    bytes[place] ^= 1
    throws(() => openModel(bytes.buffer), /^Error: This model is damaged: it has changed since it was written/)
  }
})

Deno.test("what is no model, or is cut short, is refused", () => {
  const sentence = { message: "This is not a model for the browser, or it is cut short." }
  throws(() => openModel(new ArrayBuffer(0)), sentence)
  throws(() => openModel(bytesOf(models[0]).buffer.slice(0, 11)), sentence)
  throws(() => openModel(new TextEncoder().encode("<!doctype html>").buffer), sentence)
})
