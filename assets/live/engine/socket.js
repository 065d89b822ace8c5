// @ts-check
// An engine whose model the server runs: the socket, its messages, and what happens when it is lost.
import { base64Of } from "../kit/base64.js"
import { RemoteEngine } from "./queue.js"
import { say } from "../kit/words.js"

/** @import { StreamSource } from "../kit/wire.js" */
/** @import { Request } from "./queue.js" */
/** @typedef {ReturnType<typeof setTimeout> | 0} Timer 0 while it does not run */

const RETRY_MS = 500
const LONGEST_RETRY_MS = 8000
const SILENCE_MS = 20000 // a connection that answers nothing for so long is taken for lost; a server that just starts needs a while
const IDLE_MS = 10000 // a connection that nobody on the page needs is given back after so long
const LOST = "The connection to the server is lost; the picture follows when you let go."

/** A model that the server runs. It is connected while a view, or a request, needs it. */
export class StreamEngine extends RemoteEngine {
  /** @param {StreamSource} source */
  constructor(source) {
    super("stream", source)
    this.address = new URL(source.stream, location.href)
    this.address.protocol = this.address.protocol.replace("http", "ws")
    /** @type {WebSocket | null} */
    this.socket = null
    this.ready = false // connected, and the server has opened the model
    this.lost = false // the connection was there or tried, and is not back
    /** @type {string | null} */
    this.refusal = null // why the server did not take the connection
    this.wait = RETRY_MS
    /** @type {Timer} */
    this.retry = 0
    /** @type {Timer} */
    this.silence = 0
    /** @type {Timer} */
    this.idle = 0
  }

  /** @override @param {Request} request */
  send(request) {
    if (this.ready) this.transmit(request)
    else if (this.lost) this.giveUp()
    else this.connect()
  }

  /** @param {Request} request */
  transmit(request) {
    if (!this.silence) this.watch()
    this.socket?.send(JSON.stringify(messageOf(request)))
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

  /** A message has come: a picture as bytes, all else as JSON. @param {ArrayBuffer | string} data */
  hear(data) {
    this.watch()
    if (data instanceof ArrayBuffer) {
      const { id, image } = pictureOf(data)
      this.answered(id, image)
      return
    }
    const { ready, id, error, mean, logvar } = JSON.parse(data)
    if (ready) this.begin()
    else if (!Number.isInteger(id)) this.refusal = error
    else if (error) this.refused(id, error)
    else {
      const widths = logvar ? Float32Array.from(logvar) : new Float32Array(this.latent).fill(-Infinity)
      this.answered(id, { mean: Float32Array.from(mean), logvar: widths })
    }
  }

  /** The server is ready: send what waits, and ask for what the views lack. */
  begin() {
    this.ready = true
    this.lost = false
    this.wait = RETRY_MS
    this.tell(null)
    for (const { request } of this.pending.values()) this.transmit(request)
    for (const follow of [...this.followers]) follow()
    this.settled()
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
    this.tell(this.refusal ?? say(LOST))
    this.refusal = null
    this.giveUp()
    this.retry = setTimeout(() => this.connect(), this.wait)
    this.wait = Math.min(2 * this.wait, LONGEST_RETRY_MS)
    this.settled()
  }

  giveUp() {
    for (const { reject } of this.pending.values()) reject(new Error(this.message ?? say(LOST)))
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

  /** @override */
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

/** A request as the server reads it: a code as numbers, an image as bytes. @param {Request} request */
function messageOf(request) {
  const { id } = request
  if ("z" in request) return { id, z: Array.from(request.z) }
  const { pixels } = /** @type {{pixels: Float32Array}} */ (request) // no view of this engine asks for a scene
  return { id, pixels: base64Of(Uint8Array.from(pixels, (level) => Math.round(255 * level))) }
}

/** A picture that the server sent: the number of its request, and the image [C·H·W] from 0 to 1. @param {ArrayBuffer} data */
function pictureOf(data) {
  const bytes = new Uint8Array(data, 4)
  const image = new Float32Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) image[i] = bytes[i] / 255
  return { id: new DataView(data).getUint32(0, true), image }
}
