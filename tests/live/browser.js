// @ts-check
// A browser for tests: its frames, time and connections move only when told.

/** Puts itself in the place of what modules ask a browser for. */
export class Browser {
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
export class Socket {
  constructor() {
    /** @type {{id: number, z?: number[], pixels?: string}[]} */
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
export async function settled() {
  for (let turn = 0; turn < 20; turn++) await null
}
