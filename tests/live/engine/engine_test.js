// @ts-check
// What an engine asks for, and when: the newest code wanted, one at a time, over connections that come and go.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict"
import { openEngine } from "../../../assets/live/engine/engine.js"
import { assertClose } from "../close.js"
import models from "../expected/models.json" with { type: "json" }

/** @import { StreamSource } from "../../../assets/live/kit/wire.js" */

/** A browser whose frames, time and connections move only when told. */
class Browser {
  constructor() {
    this.now = 0
    this.lastId = 0
    /** @type {Map<number, {at: number, run: () => void}>} */
    this.timers = new Map()
    /** @type {Map<number, () => void>} */
    this.frames = new Map()
    /** @type {Socket[]} */
    this.sockets = []
    /** @type {(address: string) => Response} */
    this.fetch = () => new Response("", { status: 404 })
    const { sockets } = this
    Object.assign(globalThis, {
      setTimeout: (/** @type {() => void} */ run, /** @type {number} */ wait) => {
        this.timers.set(++this.lastId, { at: this.now + wait, run })
        return this.lastId
      },
      clearTimeout: (/** @type {number} */ id) => this.timers.delete(id),
      requestAnimationFrame: (/** @type {() => void} */ draw) => {
        this.frames.set(++this.lastId, draw)
        return this.lastId
      },
      cancelAnimationFrame: (/** @type {number} */ id) => this.frames.delete(id),
      fetch: (/** @type {string} */ address) => Promise.resolve(this.fetch(address)),
      WebSocket: class extends Socket {
        constructor() {
          super()
          sockets.push(this)
        }
      },
    })
    Object.defineProperty(globalThis, "location", { value: new URL("http://loom.test/map"), configurable: true, writable: true })
  }

  /** The connection under way. */
  get socket() {
    return this.sockets[this.sockets.length - 1]
  }

  async frame() {
    await settled()
    const due = [...this.frames.values()]
    this.frames.clear()
    for (const draw of due) draw()
  }

  /** @param {number} milliseconds */
  async wait(milliseconds) {
    this.now += milliseconds
    for (const [id, { at, run }] of [...this.timers]) {
      if (at <= this.now && this.timers.delete(id)) run()
    }
    await settled()
  }
}

/** A connection: what was sent through it, and what the server says. */
class Socket {
  constructor() {
    /** @type {{id: number, z: number[]}[]} */
    this.sent = []
    this.closed = false
    /** @type {((event: {data: string | ArrayBuffer}) => void) | null} */
    this.onmessage = null
    /** @type {(() => void) | null} */
    this.onclose = null
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text))
  }

  close() {
    this.closed = true
  }

  /** @param {object} message */
  async say(message) {
    this.onmessage?.({ data: JSON.stringify(message) })
    await settled()
  }

  /** The picture of this number, of these grey levels. @param {number} id @param {number[]} levels */
  async answer(id, levels) {
    const bytes = new Uint8Array(4 + levels.length)
    new DataView(bytes.buffer).setUint32(0, id, true)
    bytes.set(levels, 4)
    this.onmessage?.({ data: bytes.buffer })
    await settled()
  }
}

/** All that follows from what has happened. */
async function settled() {
  for (let turn = 0; turn < 20; turn++) await null
}

let sources = 0
/** A model that the server runs, with codes of one number and images of two pixels. @returns {StreamSource} */
const streamed = () => ({ hash: `stream ${++sources}`, stream: "/live/stream/x", latent: 1, shape: [1, 1, 2], variational: true })
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

/** A view of a model that the server runs, connected. @param {Browser} browser */
async function connected(browser) {
  const engine = await openEngine(streamed())
  /** @type {{image: number[], z: number[]}[]} */
  const drawn = []
  const view = engine.view((/** @type {Float32Array} */ image, /** @type {Float32Array} */ z) => {
    drawn.push({ image: [...image], z: [...z] })
  })
  /** @type {(string | null)[]} */
  const told = []
  engine.listen((/** @type {string | null} */ sentence) => told.push(sentence))
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
  const engine = await openEngine(streamed())
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
