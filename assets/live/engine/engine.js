// @ts-check
// One model in this page: its weights fetched once, its decoder run where it is quick enough to follow the pointer.
import { modelAt, openModel } from "./model.js"
import { PageEngine } from "./page.js"
import { RemoteEngine } from "./queue.js"
import { StreamEngine } from "./socket.js"
import { say } from "../kit/words.js"

/** @import { AtWeight, ModelSource, WeightsSource } from "../kit/wire.js" */
/** @import { Beta, Model } from "./model.js" */
/** @import { PaintScene, SceneView } from "./page.js" */
/** @import { Request } from "./queue.js" */
/** @import { Scene, ScenePictures } from "./scene.js" */
/** @typedef {PageEngine | WorkerEngine} WholeEngine of a model that the browser runs, which draws scenes too */
/** @typedef {WholeEngine | StreamEngine} Engine */

const PAGE_MS = 8 // a decoder that takes longer would hold up what the page draws besides
const SCENE_PASSES = 24 // through a network of a multi-rate model, to draw a scene: eight images to codes and back, eight codes
const NO_WORKER = "This browser runs no workers, so the picture may lag behind the pointer."
const UNREACHABLE = "The server cannot be reached: check that it runs, then reload the page."

/** @type {Map<string, Promise<Engine>>} */
const engines = new Map()
/** @type {Map<string, Promise<Model>>} */
const multirates = new Map() // by the hash of their weights

/**
 * @overload
 * @param {WeightsSource} source
 * @returns {Promise<WholeEngine>}
 */
/**
 * @overload
 * @param {ModelSource} source
 * @returns {Promise<Engine>}
 */
/**
 * The engine for a source; the same hash always gives the same engine.
 * Rejects with a plain sentence where the weights cannot be had or are damaged; the next call then tries again.
 * @param {ModelSource} source
 * @returns {Promise<Engine>}
 */
export function openEngine(source) {
  if (source.stream === null && source.at) return engineAt(source.weights, source.at)
  const { hash } = source
  const opening = engines.get(hash) ?? startEngine(source)
  if (!engines.has(hash)) {
    opening.catch(() => engines.delete(hash))
    engines.set(hash, opening)
  }
  return opening
}

/** A multi-rate model at one KL weight, in the page; whatever the weight, its numbers are opened once. @param {string} address @param {AtWeight} at */
async function engineAt(address, { hash, beta }) {
  const opening = multirates.get(hash) ?? fetchedModel(address).then(({ model }) => model)
  if (!multirates.has(hash)) {
    opening.catch(() => multirates.delete(hash))
    multirates.set(hash, opening)
  }
  return new PageEngine(modelAt(await opening, beta.length === 1 ? beta[0] : beta))
}

/** @param {ModelSource} source */
async function startEngine(source) {
  if (source.stream !== null) return new StreamEngine(source)
  const { model, weights } = await fetchedModel(source.weights)
  if (source.worker === false || millisecondsOf(model) <= PAGE_MS) return new PageEngine(model)
  try {
    return new WorkerEngine(model, await startWorker(weights))
  } catch {
    return new PageEngine(model, say(NO_WORKER))
  }
}

/** @param {string} address */
async function fetchedModel(address) {
  const kept = await fetched(address)
  try {
    return { model: openModel(kept), weights: kept }
  } catch {
    const weights = await fetched(address, "reload") // it may be damaged only where the browser keeps it
    return { model: openModel(weights), weights }
  }
}

/** The bytes behind an address. @param {string} address @param {RequestCache} cache */
export async function fetched(address, cache = "default") {
  let answer, content
  try {
    answer = await fetch(address, { cache })
    content = await answer.arrayBuffer()
  } catch {
    throw new Error(say(UNREACHABLE))
  }
  if (answer.ok) return content
  // what the app refuses, it refuses in a sentence; anything else comes from a fault, or from a server in between
  const refused = answer.status < 500 && answer.headers.get("Content-Type")?.startsWith("text/plain")
  throw new Error(refused ? new TextDecoder().decode(content) : say`The server answered with error ${answer.status}: reload the page.`)
}

/** How long it takes here at best to draw what follows the pointer: one decode, or a scene. @param {Model} model */
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

/**
 * A worker that has opened the model; rejects where the browser has none, or will not start it.
 * @param {ArrayBuffer} weights
 * @returns {Promise<Worker>}
 */
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

/** A model that runs in a thread of its own, which worker.js holds. */
class WorkerEngine extends RemoteEngine {
  /** @param {Model} model @param {Worker} worker */
  constructor(model, worker) {
    super("worker", model)
    this.worker = worker
    worker.onmessage = ({ data: { id, result, error } }) => error === undefined ? this.answered(id, result) : this.refused(id, error)
  }

  /** The same as PageEngine's. @param {Scene} scene @param {PaintScene} paint @returns {SceneView} */
  scene(scene, paint) {
    const ask = (/** @type {Beta} */ beta) => /** @type {Promise<ScenePictures>} */ (this.ask({ scene, beta }))
    return this.newest(ask, paint)
  }

  /** @override @param {Request} request */
  send(request) {
    this.worker.postMessage(request)
  }
}
