// @ts-check
// Which part of a plane a rectangle of the screen shows; one scale for both axes, so that circles are round.

/** @typedef {{x: number[], y: number[]}} Window from the least to the most, on both axes */

const LEAST_ZOOM = 0.25 // zoom, in multiples of the scale that shows everything
const MOST_ZOOM = 200

/** What part of the plane is seen: (x, y) lies in the middle of the plot, and a unit is `scale` pixels long. */
export class PlaneCamera {
  constructor() {
    this.left = this.top = 0 // the plot's rectangle on the screen
    this.width = this.height = 1
    this.x = this.y = 0
    this.scale = 1
    this.fitted = 1 // the scale that shows everything
    this.atFit = true
    /** @type {Window} */
    this.everything = { x: [-1, 1], y: [-1, 1] }
  }

  /**
   * Give the plot's rectangle on the screen, in pixels; what was in its middle stays there.
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   */
  resize(left, top, width, height) {
    Object.assign(this, { left, top, width: Math.max(1, width), height: Math.max(1, height) })
    if (this.atFit) this.fit()
    else this.fitted = this.scaleFor(this.everything)
  }

  /** Show everything: {x: [low, high], y: [low, high]}. */
  fit(everything = this.everything) {
    const { x, y } = everything
    this.everything = everything
    this.scale = this.fitted = this.scaleFor(everything)
    this.x = (x[0] + x[1]) / 2
    this.y = (y[0] + y[1]) / 2
    this.atFit = true
  }

  /** @param {Window} everything */
  scaleFor({ x, y }) {
    const spans = [x[1] - x[0], y[1] - y[0]]
    const scale = 0.94 * Math.min(this.width / spans[0], this.height / spans[1])
    return Number.isFinite(scale) ? scale : 0.25 * Math.min(this.width, this.height)
  }

  /** How much larger than when everything is in sight. */
  get zoomed() {
    return this.scale / this.fitted
  }

  /** Enlarge; what lies at (px, py) on the screen stays there. @param {number} factor */
  zoom(factor, px = this.left + this.width / 2, py = this.top + this.height / 2) {
    const [x, y] = this.planeAt(px, py)
    this.scale = Math.min(MOST_ZOOM * this.fitted, Math.max(LEAST_ZOOM * this.fitted, this.scale * factor))
    const [movedX, movedY] = this.planeAt(px, py)
    this.x += x - movedX
    this.y += y - movedY
    this.atFit = false
  }

  /** Move what is seen by pixels. @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.x -= dx / this.scale
    this.y += dy / this.scale
    this.atFit = false
  }

  /** @param {number} x */
  screenX(x) {
    return this.left + this.width / 2 + (x - this.x) * this.scale
  }

  /** @param {number} y */
  screenY(y) {
    return this.top + this.height / 2 - (y - this.y) * this.scale
  }

  /** The place in the plane under a place on the screen: [x, y]. @param {number} px @param {number} py */
  planeAt(px, py) {
    return [this.x + (px - this.left - this.width / 2) / this.scale, this.y - (py - this.top - this.height / 2) / this.scale]
  }

  /** Whether a place on the screen belongs to the plot. @param {number} px @param {number} py */
  holds(px, py) {
    return px >= this.left && px <= this.left + this.width && py >= this.top && py <= this.top + this.height
  }

  /** The place of the plot nearest to a place on the screen: [x, y]. @param {number} px @param {number} py */
  nearestHeld(px, py) {
    const within = (/** @type {number} */ low, /** @type {number} */ value, /** @type {number} */ size) =>
      Math.min(low + size, Math.max(low, value))
    return [within(this.left, px, this.width), within(this.top, py, this.height)]
  }

  /** What is in sight: {x: [low, high], y: [low, high]}. */
  window() {
    const across = this.width / 2 / this.scale
    const up = this.height / 2 / this.scale
    return { x: [this.x - across, this.x + across], y: [this.y - up, this.y + up] }
  }
}
