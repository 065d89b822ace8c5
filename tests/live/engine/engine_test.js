// @ts-check
// One engine for each model, and one that draws in the page itself.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict"
import { openEngine } from "../../../assets/live/engine/engine.js"
import { Browser } from "../browser.js"
import { assertClose } from "../close.js"
import models from "../expected/models.json" with { type: "json" }

const weights = () => Uint8Array.from(atob(models[0].bundle), (letter) => letter.charCodeAt(0))

Deno.test("a model's weights are fetched once for all parts of a page", async () => {
  const browser = new Browser()
  let fetches = 0
  browser.fetch = () => {
    fetches++
    return new Response(weights())
  }
  const source = { hash: "one", weights: "/one", stream: null }
  const [first, second] = await Promise.all([openEngine(source), openEngine(source)])
  strictEqual(first, second)
  strictEqual(fetches, 1)
  assertClose(await first.decode(Float32Array.from(models[0].codes[0])), models[0].decoded[0], 1e-4)
})

Deno.test("weights that cannot be had are asked for again by the next part", async () => {
  const browser = new Browser()
  const source = { hash: "late", weights: "/late", stream: null }
  browser.fetch = () => new Response("There is no such model.", { status: 404, headers: { "Content-Type": "text/plain" } })
  await rejects(openEngine(source), { message: "There is no such model." })
  browser.fetch = () => new Response("<html>", { status: 502 })
  await rejects(openEngine(source), { message: "The server answered with error 502: reload the page." })
  browser.fetch = () => new Response(weights())
  strictEqual((await openEngine(source)).kind, "page")
})

Deno.test("a page draws the newest code once per frame", async () => {
  const browser = new Browser()
  browser.fetch = () => new Response(weights())
  const engine = await openEngine({ hash: "frames", weights: "/frames", stream: null })
  /** @type {number[][]} */
  const drawn = []
  const view = engine.view((/** @type {Float32Array} */ _image, /** @type {Float32Array} */ z) => drawn.push([...z]))
  view.show(Float32Array.of(1, 1, 1))
  view.show(Float32Array.of(2, 2, 2))
  await browser.frame()
  await browser.frame()
  deepStrictEqual(drawn, [[2, 2, 2]])
  view.show(Float32Array.of(3, 3, 3))
  view.close()
  await browser.frame()
  deepStrictEqual(drawn, [[2, 2, 2]])
})

Deno.test("a model of every KL weight is opened once, and is another model at each weight", async () => {
  const expected = models.find(({ betas }) => betas && Array.isArray(betas[0]))
  if (!expected?.betas) throw new Error("there is no such model")
  const browser = new Browser()
  let fetches = 0
  browser.fetch = () => {
    fetches++
    return new Response(Uint8Array.from(atob(expected.bundle), (letter) => letter.charCodeAt(0)))
  }
  const engines = await Promise.all([expected.betas[0], expected.betas[1]].map((beta) => {
    const at = { hash: "every", beta: [beta].flat() }
    return openEngine({ hash: `every at ${beta}`, weights: "/every", stream: null, at })
  }))
  strictEqual(fetches, 1)
  for (const n of [0, 1, 0]) {
    assertClose(await engines[n].decode(Float32Array.from(expected.codes[n])), expected.decoded[n], 1e-4, `weight ${n}`)
  }
})
