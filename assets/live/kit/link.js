// @ts-check
// What ties the parts of one page together in the browser: a value that several of them show and any of them may move.

/** @template {object} Value */
class Shared {
  constructor() {
    /** @type {Value | null} */
    this.z = null
    /** @type {Set<(z: Value | null, from: unknown) => void>} */
    this.listeners = new Set()
  }

  /**
   * Give the value and tell everyone; `from` is the part that moved it, so that it can ignore its own move.
   * @param {Value | null} z
   * @param {unknown} from
   */
  set(z, from) {
    this.z = z
    for (const tell of [...this.listeners]) tell(z, from)
  }

  /** Hear of every move; returns what ends it. @param {(z: Value | null, from: unknown) => void} tell */
  listen(tell) {
    this.listeners.add(tell)
    return () => this.listeners.delete(tell)
  }
}

/** @type {Map<string, Shared<Float32Array>>} */
const channels = new Map()
/** @type {Map<string, Shared<{x: number[], y: number[]}>>} */
const windows = new Map()

/**
 * @template {object} Value
 * @param {Map<string, Shared<Value>>} map
 * @param {string} name
 */
function sharedIn(map, name) {
  const shared = map.get(name) ?? new Shared()
  map.set(name, shared)
  return shared
}

/** The code, Float32Array [K] or null, that all parts of this name are at. @param {string} name */
export function channel(name) {
  return sharedIn(channels, name)
}

/** The part of the latent plane in sight on the map of this name: {x: [low, high], y: [low, high]} or null. @param {string} name */
export function windowOf(name) {
  return sharedIn(windows, name)
}
