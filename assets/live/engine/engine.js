// @ts-nocheck -- not typed yet
// One model in this page: its weights fetched once, its decoder run where it is quick enough to follow the pointer.
import { openModel } from "./model.js"
import { sceneAt } from "./scene.js"

const PAGE_MS = 8 // a decoder that takes longer would hold up what the page draws besides
const SCENE_PASSES = 24 // through a network of a model of many KL weights, to draw a scene: eight images to codes and back, eight codes
const RETRY_MS = 500
const LONGEST_RETRY_MS = 8000
const SILENCE_MS = 20000 // a connection that answers nothing for so long is taken for lost; a server that just starts needs a while
const IDLE_MS = 10000 // a connection that nobody on the page needs is given back after so long
const NO_WORKER = "This browser runs no workers, so the picture may lag behind the pointer."
const LOST = "The connection to the server is lost; the picture follows when you let go."
const UNREACHABLE = "The server cannot be reached: check that it runs, then reload the page."

const engines = new Map()

/**
 * The engine for a source; the same hash always gives the same engine.
 * source = {hash, weights: address, stream: null, worker: false where none may be used} for a model that the browser runs, or
 * {hash, stream: address, latent, shape, variational} for one that the server runs.
 * Rejects with a plain sentence where the weights cannot be had or are damaged; the next call then tries again.
 */
export function openEngine(source) {
  if (!engines.has(source.hash)) {
    const opening = startEngine(source)
    opening.catch(() => engines.delete(source.hash))
    engines.set(source.hash, opening)
  }
  return engines.get(source.hash)
}

async function startEngine(source) {
  if (source.stream) return new StreamEngine(source)
  const { model, weights } = await fetchedModel(source.weights)
  if (source.worker === false || millisecondsOf(model) <= PAGE_MS) return new PageEngine(model)
  try {
    return new WorkerEngine(model, await startWorker(weights))
  } catch {
    return new PageEngine(model, NO_WORKER)
  }
}

async function fetchedModel(address) {
  const kept = await fetched(address)
  try {
    return { model: openModel(kept), weights: kept }
  } catch {
    const weights = await fetched(address, "reload") // it may be damaged only where the browser keeps it
    return { model: openModel(weights), weights }
  }
}

/** The bytes behind an address, as an ArrayBuffer; `cache` as fetch takes it. */
export async function fetched(address, cache = "default") {
  let answer, content
  try {
    answer = await fetch(address, { cache })
    content = await answer.arrayBuffer()
  } catch {
    throw new Error(UNREACHABLE)
  }
  if (answer.ok) return content
  // what the app refuses, it refuses in a sentence; anything else comes from a fault, or from a server in between
  const refused = answer.status < 500 && answer.headers.get("Content-Type")?.startsWith("text/plain")
  throw new Error(refused ? new TextDecoder().decode(content) : `The server answered with error ${answer.status}: reload the page.`)
}

/** How long it takes here at best to draw what follows the pointer: one decode, or a scene. */
function millisecondsOf(model) {
  const z = new Float32Array(model.latent)
  const beta = model.betaRange?.[0]
  let best = Infinity
  for (let run = 0; run < 4; run++) {
    const start = performance.now()
    model.decode(z, beta)
    if (run > 0) best = Math.min(best, performance.now() - start) // the first run also compiles
  }
  return model.betaRange ? SCENE_PASSES * best : best
}

/** A worker that has opened the model; rejects where the browser has none, or will not start it. */
function startWorker(weights) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" })
    worker.onerror = (event) => {
      event.preventDefault()
      reject(event)
    }
    worker.onmessage = () => resolve(worker)
    worker.postMessage({ weights })
  })
}

/** `draw()` in the next animation frame, once however often `ask()` is called before it: {ask, close}. */
function nextFrame(draw) {
  let frame = 0
  const drawn = () => {
    frame = 0
    draw()
  }
  return { ask: () => (frame ||= requestAnimationFrame(drawn)), close: () => cancelAnimationFrame(frame) }
}

/** A model that is quick enough to run between two frames, or has to. A model of many KL weights is told one with each request. */
class PageEngine {
  constructor(model, note = null) {
    this.model = model
    this.note = note
    this.kind = "page"
    this.latent = model.latent
    this.shape = model.shape
    this.variational = model.variational
  }

  /** The mean image of a code, a copy: Float32Array [C·H·W]. */
  // deno-lint-ignore require-await -- what the model throws must be a rejection, as it is of the other engines
  async decode(z, beta) {
    return this.model.decode(z, beta).slice()
  }

  /** The posterior of an image, Float32Array [C·H·W] from 0 to 1: {mean, logvar}, copies, Float32Array [K]. */
  // deno-lint-ignore require-await -- as above
  async encode(pixels, beta) {
    const { mean, logvar } = this.model.encode(pixels, beta)
    return { mean: mean.slice(), logvar: logvar.slice() }
  }

  /** Hear a sentence while the engine cannot answer as it should, and null once it can; returns what ends it. */
  listen(tell) {
    if (this.note) tell(this.note)
    this.note = null
    return () => {}
  }

  /** What draws the newest code wanted, once per animation frame: `paint(image, z)`. The image is only good until paint returns. */
  view(paint) {
    const wanted = new Float32Array(this.latent)
    let weight
    const frame = nextFrame(() => paint(this.model.decode(wanted, weight), wanted))
    return {
      show: (z, beta) => {
        wanted.set(z)
        weight = beta
        frame.ask()
      },
      close: frame.close,
    }
  }

  /**
   * What draws a scene, {images: Float32Array [n, C·H·W], codes: Float32Array [m, K]}, at the newest KL weight wanted, once per animation
   * frame: `paint(pictures)`, as sceneAt answers. {show(beta), close()}.
   */
  scene(scene, paint) {
    let weight
    const frame = nextFrame(() => paint(sceneAt(this.model, scene, weight)))
    return {
      show: (beta) => {
        weight = beta
        frame.ask()
      },
      close: frame.close,
    }
  }
}

/** A model that runs elsewhere and answers later. What runs it is `send(request)`'s to say; each request has a number, `id`. */
class RemoteEngine {
  constructor(kind, { latent, shape, variational }) {
    this.kind = kind
    this.latent = latent
    this.shape = shape
    this.variational = variational
    this.pending = new Map() // id -> {request, resolve, reject}
    this.lastId = 0
    this.followers = new Set() // one function per view: ask for what it lacks
    this.listeners = new Set()
    this.message = null
  }

  decode(z, beta) {
    return this.ask({ z: Float32Array.from(z), beta })
  }

  encode(pixels, beta) {
    return this.ask({ pixels: Float32Array.from(pixels), beta })
  }

  listen(tell) {
    this.listeners.add(tell)
    if (this.message) tell(this.message)
    return () => this.listeners.delete(tell)
  }

  /** The same as PageEngine's, with one decode on its way at a time. */
  view(paint) {
    const { show, close } = this.newest(({ z, beta }) => this.decode(z, beta), (image, { z }) => paint(image, z))
    return { show: (z, beta) => show({ z: Float32Array.from(z), beta }), close }
  }

  /** What asks for the newest thing wanted, one request at a time, and gives each answer to `paint(answer, wanted)` in a frame. */
  newest(ask, paint) {
    let wanted = null, asking = false, answer = null, answered = null
    const frame = nextFrame(() => paint(answer, answered))
    const follow = async () => {
      if (asking) return
      asking = true
      await null // what is wanted several times at once is asked for once
      while (wanted && this.followers.has(follow)) {
        const asked = wanted
        wanted = null
        try {
          answer = await ask(asked)
        } catch {
          wanted ??= asked // listeners have been told; it is asked again with the next one, or when the connection is back
          break
        }
        answered = asked
        if (this.followers.has(follow)) frame.ask()
      }
      asking = false
    }
    this.followers.add(follow)
    return {
      show: (newest) => {
        wanted = newest
        follow()
      },
      close: () => {
        this.followers.delete(follow)
        frame.close()
        this.settled()
      },
    }
  }

  ask(request) {
    const id = (this.lastId = (this.lastId + 1) % 2 ** 32)
    return new Promise((resolve, reject) => {
      this.pending.set(id, { request: { id, ...request }, resolve, reject })
      this.send({ id, ...request })
    })
  }

  /** An answer has come: `result`, or an error's sentence. */
  answered(id, result, error = null) {
    const asked = this.pending.get(id)
    this.pending.delete(id)
    this.tell(error)
    if (error) asked?.reject(new Error(error))
    else asked?.resolve(result)
    this.settled()
  }

  /** Called whenever there is less to do. */
  settled() {}

  tell(message) {
    if (message === this.message) return
    this.message = message
    for (const tell of [...this.listeners]) tell(message)
  }
}

class WorkerEngine extends RemoteEngine {
  constructor(model, worker) {
    super("worker", model)
    this.worker = worker
    worker.onmessage = ({ data: { id, result, error } }) => this.answered(id, result, error)
  }

  /** The same as PageEngine's. */
  scene(scene, paint) {
    return this.newest((beta) => this.ask({ scene, beta }), paint)
  }

  send(request) {
    this.worker.postMessage(request)
  }
}

/** A model that the server runs. It is connected while a view, or a request, needs it. */
class StreamEngine extends RemoteEngine {
  constructor(source) {
    super("stream", source)
    this.address = new URL(source.stream, location.href)
    this.address.protocol = this.address.protocol.replace("http", "ws")
    this.socket = null
    this.ready = false // connected, and the server has opened the model
    this.lost = false // the connection was there or tried, and is not back
    this.refusal = null // why the server did not take the connection
    this.wait = RETRY_MS
    this.retry = 0
    this.silence = 0
    this.idle = 0
  }

  send(request) {
    if (this.ready) this.transmit(request)
    else if (this.lost) this.giveUp()
    else this.connect()
  }

  transmit({ id, z, pixels }) {
    if (!this.silence) this.watch()
    this.socket.send(JSON.stringify(z ? { id, z: Array.from(z) } : { id, pixels: base64Of(pixels) }))
  }

  connect() {
    clearTimeout(this.retry)
    if (this.socket) return
    this.socket = new WebSocket(this.address)
    this.socket.binaryType = "arraybuffer"
    this.socket.onmessage = ({ data }) => this.hear(data)
    this.socket.onclose = () => this.lose()
    this.watch()
  }

  hear(data) {
    this.watch()
    if (data instanceof ArrayBuffer) {
      this.answered(new DataView(data).getUint32(0, true), imageOf(new Uint8Array(data, 4)))
      return
    }
    const { ready, id, error, mean, logvar } = JSON.parse(data)
    if (ready) {
      this.ready = true
      this.lost = false
      this.wait = RETRY_MS
      this.tell(null)
      for (const { request } of this.pending.values()) this.transmit(request)
      for (const follow of [...this.followers]) follow()
      this.settled()
    } else if (Number.isInteger(id)) {
      const widths = logvar ? Float32Array.from(logvar) : new Float32Array(this.latent).fill(-Infinity)
      this.answered(id, error ? null : { mean: Float32Array.from(mean), logvar: widths }, error)
    } else {
      this.refusal = error
    }
  }

  /** From now on the server has so long to say something. */
  watch() {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.lose(), SILENCE_MS)
  }

  /** The connection is gone: say so, and try again later, each time after twice as long. */
  lose() {
    this.hangUp()
    this.lost = true
    this.tell(this.refusal ?? LOST)
    this.refusal = null
    this.giveUp()
    this.retry = setTimeout(() => this.connect(), this.wait)
    this.wait = Math.min(2 * this.wait, LONGEST_RETRY_MS)
    this.settled()
  }

  giveUp() {
    for (const { reject } of this.pending.values()) reject(new Error(this.message))
    this.pending.clear()
  }

  hangUp() {
    clearTimeout(this.silence)
    clearTimeout(this.retry)
    this.silence = 0
    this.ready = false
    if (!this.socket) return
    this.socket.onclose = null
    this.socket.onmessage = null
    this.socket.close()
    this.socket = null
  }

  settled() {
    if (this.pending.size === 0) {
      clearTimeout(this.silence)
      this.silence = 0
    }
    if (!this.needed()) this.idle ||= setTimeout(() => this.rest(), IDLE_MS)
  }

  needed() {
    return this.pending.size > 0 || this.followers.size > 0
  }

  rest() {
    this.idle = 0
    if (this.needed()) return
    this.hangUp()
    this.lost = false
    this.tell(null)
  }
}

/** An image of bytes as numbers from 0 to 1. */
function imageOf(bytes) {
  const image = new Float32Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) image[i] = bytes[i] / 255
  return image
}

/** An image of numbers from 0 to 1 as bytes. */
function base64Of(pixels) {
  let letters = ""
  for (const pixel of pixels) letters += String.fromCharCode(Math.round(255 * pixel))
  return btoa(letters)
}
