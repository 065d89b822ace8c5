// What ties the parts of one page together in the browser: a value that several of them show and any of them may move.

class Shared {
  constructor() {
    this.z = null
    this.listeners = new Set()
  }

  /** Give the value and tell everyone; `from` is the part that moved it, so that it can ignore its own move. */
  set(z, from) {
    this.z = z
    for (const tell of [...this.listeners]) tell(z, from)
  }

  /** Hear of every move as `tell(z, from)`; returns what ends it. */
  listen(tell) {
    this.listeners.add(tell)
    return () => this.listeners.delete(tell)
  }
}

const channels = new Map()
const windows = new Map()

function sharedIn(map, name) {
  if (!map.has(name)) map.set(name, new Shared())
  return map.get(name)
}

/** The code, Float32Array [K] or null, that all parts of this name are at. */
export function channel(name) {
  return sharedIn(channels, name)
}

/** The part of the latent plane in sight on the map of this name: {x: [low, high], y: [low, high]} or null. */
export function windowOf(name) {
  return sharedIn(windows, name)
}
