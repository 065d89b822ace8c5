// @ts-nocheck -- not typed yet
// What is drawn, in the model's own pixels, and every stroke of it.

export const STROKE_EDGE = 1.5 // pixels over which a stroke fades out
const KEPT_STROKES = 100

/** An image of bytes [C, H, W] under strokes that can be undone. `ink` and `ground` are one byte per channel. */
export class Drawing {
  constructor(shape, ground) {
    ;[this.channels, this.height, this.width] = shape
    this.pixels = new Uint8Array(this.channels * this.height * this.width)
    this.cover = new Float32Array(this.height * this.width) // how much of each pixel the stroke under way covers
    this.undone = []
    this.done = []
    this.flood(ground)
  }

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
   * Go on with the stroke from one point {x, y, radius} to another, both in pixels from the upper left corner.
   * A pixel takes the most that any part of the stroke covers of it, so that slow and fast strokes look the same.
   */
  line(from, to, ink) {
    const under = this.done.at(-1)
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
    this.undone.push(this.pixels)
    this.pixels = this.done.pop()
  }

  redo() {
    this.done.push(this.pixels)
    this.pixels = this.undone.pop()
  }
}
