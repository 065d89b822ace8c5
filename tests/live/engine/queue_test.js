// @ts-check
// The queue of requests, of an engine that answers when told.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict"
import { RemoteEngine } from "../../../assets/live/engine/queue.js"
import { Browser, settled } from "../browser.js"

/** @import { Request } from "../../../assets/live/engine/queue.js" */

class Slow extends RemoteEngine {
  constructor() {
    super("worker", { latent: 1, shape: [1, 1, 1], variational: true })
    /** @type {Request[]} */
    this.sent = []
  }

  /** @override @param {Request} request */
  send(request) {
    this.sent.push(request)
  }
}

Deno.test("answers come to who asked, in whatever order", async () => {
  const engine = new Slow()
  const [first, second] = [engine.decode([1], 0.5), engine.encode([2])]
  const [code, image] = engine.sent
  deepStrictEqual(code, { id: code.id, z: Float32Array.of(1), beta: 0.5 })
  deepStrictEqual(image, { id: image.id, pixels: Float32Array.of(2), beta: undefined })
  const posterior = { mean: Float32Array.of(3), logvar: Float32Array.of(4) }
  engine.answered(image.id, posterior)
  engine.answered(code.id, Float32Array.of(5))
  engine.answered(99, Float32Array.of(6)) // nobody has asked
  strictEqual(await second, posterior)
  deepStrictEqual(await first, Float32Array.of(5))
})

Deno.test("what a view wants after a refusal waits until something else is wanted", async () => {
  const browser = new Browser()
  const engine = new Slow()
  /** @type {number[]} */
  const drawn = []
  const view = engine.view((_image, z) => drawn.push(z[0]))
  view.show([1])
  await settled()
  engine.refused(engine.sent[0].id, "Not now.")
  await settled()
  strictEqual(engine.sent.length, 1)
  view.show([2])
  await settled()
  engine.answered(engine.sent[1].id, Float32Array.of(0))
  await browser.frame()
  deepStrictEqual(drawn, [2])
})

Deno.test("a view that is closed asks for nothing and draws nothing", async () => {
  const browser = new Browser()
  const engine = new Slow()
  let drawn = 0
  const view = engine.view(() => drawn++)
  view.show([1])
  await settled()
  view.show([2])
  view.close()
  engine.answered(engine.sent[0].id, Float32Array.of(0))
  await browser.frame()
  strictEqual(engine.sent.length, 1)
  strictEqual(drawn, 0)
})

Deno.test("each sentence is told once, and the one that holds to who listens later", async () => {
  const engine = new Slow()
  /** @type {unknown[][]} */
  const told = [[], []]
  const end = engine.listen((sentence) => told[0].push(sentence))
  for (let n = 0; n < 2; n++) {
    const refused = rejects(engine.decode([n]), { message: "Not now." })
    engine.refused(engine.sent[n].id, "Not now.")
    await refused
  }
  engine.listen((sentence) => told[1].push(sentence))
  end()
  engine.tell(null)
  deepStrictEqual(told, [["Not now."], ["Not now.", null]])
})
