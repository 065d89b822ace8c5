// @ts-check
// Where the user of a page has been, one step after another.

/**
 * One of these places: a code, the picture of which it is the code (bytes in base64; null: of none), and whether the walk led there.
 * @typedef {{z: number[], picture: string | null, walked: boolean}} Stop
 */

export class Stops {
  /** @param {number[]} z where the page opens */
  constructor(z) {
    /** @type {Stop[]} */
    this.list = [{ z, picture: null, walked: false }]
    this.now = 0
  }

  get here() {
    return this.list[this.now]
  }

  /** The newest of these places that was set by hand, on sliders, map or grid: neither walk nor drawing led there. */
  get set() {
    return this.list.slice(0, this.now + 1).findLast(({ picture, walked }) => picture === null && !walked) ?? this.list[0]
  }

  /** Go to another place; what was undone before is forgotten. @param {Stop} stop */
  add(stop) {
    this.list.splice(++this.now, this.list.length, stop)
  }

  /** One step back or forth, if there is one. @param {"undo" | "redo"} kind */
  step(kind) {
    this.now = Math.min(this.list.length - 1, Math.max(0, this.now + (kind === "undo" ? -1 : 1)))
  }
}
