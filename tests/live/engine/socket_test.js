// @ts-check
// What is asked of the server, and when: the newest code wanted, one at a time, over connections that come and go.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict"
import { StreamEngine } from "../../../assets/live/engine/socket.js"
import { bytesOf } from "../../../assets/live/kit/base64.js"
import { Browser, settled } from "../browser.js"

/** A model that the server runs, with codes of one number and images of two pixels. */
const streamed = () => new StreamEngine({ hash: "x", stream: "/live/stream/x", latent: 1, shape: [1, 1, 2], variational: true })

/** A view of a model that the server runs, connected. @param {Browser} browser */
async function connected(browser) {
  const engine = streamed()
  /** @type {{image: number[], z: number[]}[]} */
  const drawn = []
  const view = engine.view((image, z) => {
    drawn.push({ image: [...image], z: [...z] })
  })
  /** @type {(string | null)[]} */
  const told = []
  engine.listen((sentence) => told.push(sentence))
  view.show(Float32Array.of(0))
  await settled()
  await browser.socket.say({ ready: true })
  return { engine, view, drawn, told }
}

Deno.test("one code is on its way at a time, and then the newest", async () => {
  const browser = new Browser()
  const { view, drawn } = await connected(browser)
  const { socket } = browser
  for (const value of [1, 2, 3]) view.show(Float32Array.of(value))
  await settled()
  deepStrictEqual(socket.sent.map(({ z }) => z), [[0]])
  await socket.answer(socket.sent[0].id, [0, 255])
  deepStrictEqual(socket.sent.map(({ z }) => z), [[0], [3]])
  await browser.frame()
  deepStrictEqual(drawn, [{ image: [0, 1], z: [0] }])
  await socket.answer(socket.sent[1].id, [255, 0])
  await browser.frame()
  deepStrictEqual(drawn[1], { image: [1, 0], z: [3] })
})

Deno.test("what is wanted several times at once is asked for once", async () => {
  const browser = new Browser()
  const engine = streamed()
  const view = engine.view(() => {})
  for (const value of [1, 2, 3]) view.show(Float32Array.of(value))
  await settled()
  await browser.socket.say({ ready: true })
  deepStrictEqual(browser.socket.sent.map(({ z }) => z), [[3]])
})

Deno.test("a lost connection is said, tried again after longer and longer, and what was wanted asked for when it is back", async () => {
  const browser = new Browser()
  const { drawn, told } = await connected(browser)
  browser.socket.onclose?.()
  await settled()
  deepStrictEqual(told, ["The connection to the server is lost; the picture follows when you let go."])
  for (const wait of [500, 1000, 2000]) {
    const before = browser.sockets.length
    await browser.wait(wait - 1)
    strictEqual(browser.sockets.length, before)
    await browser.wait(1)
    strictEqual(browser.sockets.length, before + 1)
    if (wait < 2000) browser.socket.onclose?.()
  }
  await browser.socket.say({ ready: true })
  strictEqual(told.at(-1), null)
  deepStrictEqual(browser.socket.sent.map(({ z }) => z), [[0]])
  await browser.socket.answer(browser.socket.sent[0].id, [255, 255])
  await browser.frame()
  deepStrictEqual(drawn, [{ image: [1, 1], z: [0] }])
})

Deno.test("a server that falls silent is taken for lost", async () => {
  const browser = new Browser()
  const { engine, told } = await connected(browser)
  const asked = engine.decode(Float32Array.of(9))
  const refused = rejects(asked, /lost/)
  await browser.wait(20_000)
  await refused
  ok(told.at(-1)?.startsWith("The connection to the server is lost"))
  ok(browser.sockets[0].closed)
})

Deno.test("why a server refuses is said in its words", async () => {
  const browser = new Browser()
  const { told } = await connected(browser)
  await browser.socket.say({ error: "Too many browsers are connected." })
  browser.socket.onclose?.()
  deepStrictEqual(told, ["Too many browsers are connected."])
})

Deno.test("a connection that nobody needs is given back", async () => {
  const browser = new Browser()
  const { view } = await connected(browser)
  const { socket } = browser
  await socket.answer(socket.sent[0].id, [0, 0])
  await browser.wait(60_000)
  ok(!socket.closed) // a view may want a picture at any time
  view.close()
  await browser.wait(9_999)
  ok(!socket.closed)
  await browser.wait(1)
  ok(socket.closed)
})

Deno.test("an image is sent as bytes, and its posterior comes back", async () => {
  const browser = new Browser()
  const { engine } = await connected(browser)
  const { socket } = browser
  const answer = engine.encode(Float32Array.of(0, 0.999))
  const { id, pixels } = socket.sent[1]
  deepStrictEqual([...bytesOf(pixels ?? "")], [0, 255])
  await socket.say({ id, mean: [0.5], logvar: [-2] })
  deepStrictEqual(await answer, { mean: Float32Array.of(0.5), logvar: Float32Array.of(-2) })
})

Deno.test("a code without a width is one of no variance", async () => {
  const browser = new Browser()
  const { engine } = await connected(browser)
  const answer = engine.encode(Float32Array.of(0, 1))
  await browser.socket.say({ id: browser.socket.sent[1].id, mean: [0.5], logvar: null })
  deepStrictEqual((await answer).logvar, Float32Array.of(-Infinity))
})

Deno.test("a request that fails is refused in the server's words, and the next is answered", async () => {
  const browser = new Browser()
  const { engine, told } = await connected(browser)
  const { socket } = browser
  const [first, second] = [engine.decode(Float32Array.of(1)), engine.decode(Float32Array.of(2))]
  const refused = rejects(first, { message: "Too large a number." })
  await socket.say({ id: socket.sent[1].id, error: "Too large a number." })
  await refused
  strictEqual(told.at(-1), "Too large a number.")
  await socket.answer(socket.sent[2].id, [255, 0])
  deepStrictEqual(await second, Float32Array.of(1, 0))
  strictEqual(told.at(-1), null)
})

Deno.test("what was asked for before the server is ready waits for it", async () => {
  const browser = new Browser()
  const engine = streamed()
  const answer = engine.decode(Float32Array.of(3))
  await settled()
  strictEqual(String(engine.address), "ws://loom.test/live/stream/x")
  strictEqual(browser.socket.sent.length, 0)
  await browser.socket.say({ ready: true })
  deepStrictEqual(browser.socket.sent.map(({ z }) => z), [[3]])
  await browser.socket.answer(browser.socket.sent[0].id, [0, 255])
  deepStrictEqual(await answer, Float32Array.of(0, 1))
})
