// @ts-check
// What is drawn, in the model's own pixels, and every stroke of it.

/** @import { Shape } from "../../kit/paint.js" */
/** @typedef {{x: number, y: number, radius: number}} Point of a stroke, in pixels from the upper left corner */

export const STROKE_EDGE = 1.5 // pixels over which a stroke fades out
const KEPT_STROKES = 100

/** An image of bytes [C, H, W] under strokes that can be undone. `ink` and `ground` are one byte per channel. */
export class Drawing {
  /** @param {Shape} shape @param {number[]} ground */
  constructor([channels, height, width], ground) {
    this.channels = channels
    this.height = height
    this.width = width
    /** @type {Uint8Array} */
    this.pixels = new Uint8Array(channels * height * width)
    this.cover = new Float32Array(height * width) // how much of each pixel the stroke under way covers
    /** @type {Uint8Array[]} */
    this.undone = []
    /** @type {Uint8Array[]} */
    this.done = []
    this.flood(ground)
  }

  /** All pixels in this ink. @param {number[]} ink */
  flood(ink) {
    const plane = this.cover.length
    ink.forEach((level, index) => this.pixels.fill(level, index * plane, (index + 1) * plane))
  }

  /** Before a stroke: what is there now can be had back. */
  begin() {
    this.done.push(this.pixels.slice())
    if (this.done.length > KEPT_STROKES) this.done.shift()
    this.undone.length = 0
    this.cover.fill(0)
  }

  /**
   * Go on with the stroke that has begun, from one point to another.
   * A pixel takes the most that any part of the stroke covers of it, so that slow and fast strokes look the same.
   * @param {Point} from
   * @param {Point} to
   * @param {number[]} ink
   */
  line(from, to, ink) {
    const under = this.done[this.done.length - 1]
    const reach = Math.max(from.radius, to.radius) + STROKE_EDGE
    const [dx, dy] = [to.x - from.x, to.y - from.y]
    const squared = dx * dx + dy * dy
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach))
    const right = Math.min(this.width, Math.ceil(Math.max(from.x, to.x) + reach))
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach))
    const bottom = Math.min(this.height, Math.ceil(Math.max(from.y, to.y) + reach))
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const [x, y] = [column + 0.5 - from.x, row + 0.5 - from.y]
        const along = squared ? Math.min(1, Math.max(0, (x * dx + y * dy) / squared)) : 0
        const radius = from.radius + along * (to.radius - from.radius)
        const covered = Math.min(1, 0.5 + (radius - Math.hypot(x - along * dx, y - along * dy)) / STROKE_EDGE)
        const place = row * this.width + column
        if (covered <= this.cover[place]) continue
        this.cover[place] = covered
        for (let index = 0, at = place; index < this.channels; index++, at += this.cover.length) {
          this.pixels[at] = Math.round(under[at] + covered * (ink[index] - under[at]))
        }
      }
    }
  }

  undo() {
    this.turn(this.done, this.undone)
  }

  redo() {
    this.turn(this.undone, this.done)
  }

  /**
   * Take the last of one list, if there is one, and put what is there now on the other.
   * @param {Uint8Array[]} from
   * @param {Uint8Array[]} to
   */
  turn(from, to) {
    const pixels = from.pop()
    if (!pixels) return
    to.push(this.pixels)
    this.pixels = pixels
  }
}
