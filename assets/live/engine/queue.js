// @ts-check
// Requests to a model that runs elsewhere: which are on their way, and what is asked for next.
import { nextFrame } from "../kit/frame.js"

/** @import { Beta, Posterior, Shape } from "./model.js" */
/** @import { PaintImage, Tell, View } from "./page.js" */
/** @import { Scene, ScenePictures } from "./scene.js" */
/** @typedef {{z: Float32Array, beta?: Beta} | {pixels: Float32Array, beta?: Beta} | {scene: Scene, beta: Beta}} Question to a model */
/** @typedef {Question & {id: number}} Request */
/** @typedef {Float32Array | Posterior | ScenePictures} Answer to a code, to pixels, and to a scene */
/** @typedef {{latent: number, shape: Shape, variational: boolean}} Sizes */

/** A model that runs elsewhere and answers later. Subclasses say how a request is sent; each request has a number, `id`. */
export class RemoteEngine {
  /** @param {"worker" | "stream"} kind @param {Sizes} sizes */
  constructor(kind, { latent, shape, variational }) {
    this.kind = kind
    this.latent = latent
    this.shape = shape
    this.variational = variational
    /** @type {Map<number, {request: Request, resolve: (answer: Answer) => void, reject: (error: Error) => void}>} */
    this.pending = new Map() // by id
    this.lastId = 0
    /** @type {Set<() => void>} */
    this.followers = new Set() // one function per view: ask for what it lacks
    /** @type {Set<Tell>} */
    this.listeners = new Set()
    /** @type {string | null} */
    this.message = null
  }

  /** @param {ArrayLike<number>} z @param {Beta} [beta] */
  decode(z, beta) {
    return /** @type {Promise<Float32Array>} */ (this.ask({ z: Float32Array.from(z), beta }))
  }

  /** @param {ArrayLike<number>} pixels @param {Beta} [beta] */
  encode(pixels, beta) {
    return /** @type {Promise<Posterior>} */ (this.ask({ pixels: Float32Array.from(pixels), beta }))
  }

  /** @param {Tell} tell */
  listen(tell) {
    this.listeners.add(tell)
    if (this.message) tell(this.message)
    return () => {
      this.listeners.delete(tell)
    }
  }

  /** The same as PageEngine's, with one decode on its way at a time. @param {PaintImage} paint @returns {View} */
  view(paint) {
    const { show, close } = this.newest(
      (/** @type {{z: Float32Array, beta?: Beta}} */ { z, beta }) => this.decode(z, beta),
      (image, { z }) => paint(image, z),
    )
    return { show: (z, beta) => show({ z: Float32Array.from(z), beta }), close }
  }

  /**
   * What asks for the newest thing wanted, one request at a time, and paints each answer in a frame.
   * @template Wanted
   * @template Result
   * @param {(wanted: Wanted) => Promise<Result>} ask
   * @param {(answer: Result, wanted: Wanted) => void} paint
   */
  newest(ask, paint) {
    /** @type {Wanted | null} */
    let wanted = null
    /** @type {{answer: Result, asked: Wanted} | null} */
    let newest = null
    let asking = false
    const frame = nextFrame(() => newest && paint(newest.answer, newest.asked))
    const follow = async () => {
      if (asking) return
      asking = true
      await null // what is wanted several times at once is asked for once
      while (wanted !== null && this.followers.has(follow)) {
        const asked = wanted
        wanted = null
        try {
          newest = { answer: await ask(asked), asked }
        } catch {
          wanted ??= asked // listeners have been told; it is asked again with the next one, or when the connection is back
          break
        }
        if (this.followers.has(follow)) frame.ask()
      }
      asking = false
    }
    this.followers.add(follow)
    return {
      /** @param {Wanted} latest */
      show: (latest) => {
        wanted = latest
        follow()
      },
      close: () => {
        this.followers.delete(follow)
        frame.close()
        this.settled()
      },
    }
  }

  /** @param {Question} question @returns {Promise<Answer>} */
  ask(question) {
    const id = (this.lastId = (this.lastId + 1) % 2 ** 32)
    const request = { id, ...question }
    return new Promise((resolve, reject) => {
      this.pending.set(id, { request, resolve, reject })
      this.send(request)
    })
  }

  /** Put a request on its way, or refuse all that are waiting. @param {Request} _request */
  send(_request) {}

  /** The request of this number has been answered. @param {number} id @param {Answer} answer */
  answered(id, answer) {
    this.tell(null)
    this.taken(id)?.resolve(answer)
    this.settled()
  }

  /** It cannot be answered, and a sentence says why. @param {number} id @param {string} sentence */
  refused(id, sentence) {
    this.tell(sentence)
    this.taken(id)?.reject(new Error(sentence))
    this.settled()
  }

  /** What was pending under this number, and no longer is. @param {number} id */
  taken(id) {
    const asked = this.pending.get(id)
    this.pending.delete(id)
    return asked
  }

  /** Called whenever there is less to do. */
  settled() {}

  /** @param {string | null} message */
  tell(message) {
    if (message === this.message) return
    this.message = message
    for (const tell of [...this.listeners]) tell(message)
  }
}
