// @ts-check
// Which part of a plane is seen: between its places and the pixels of a canvas, at one scale both ways.

const FILLED = 0.86 // of the canvas by what must be seen

export class PlaneWindow {
  constructor() {
    this.width = 0
    this.height = 0
    this.scale = 1
    this.centre = [0, 0]
  }

  /**
   * Choose the window of this size, in pixels, so that all places, each list [x, y, x, y, …], are in it.
   * @param {number} width
   * @param {number} height
   * @param {ArrayLike<number>[]} lists
   */
  fit(width, height, lists) {
    let left = Infinity, right = -Infinity, bottom = Infinity, top = -Infinity
    for (const places of lists) {
      for (let index = 0; index < places.length; index += 2) {
        left = Math.min(left, places[index])
        right = Math.max(right, places[index])
        bottom = Math.min(bottom, places[index + 1])
        top = Math.max(top, places[index + 1])
      }
    }
    this.width = width
    this.height = height
    this.scale = FILLED * Math.min(width / (right - left || 1), height / (top - bottom || 1))
    this.centre = [(left + right) / 2, (bottom + top) / 2]
  }

  /** The pixel of a place. @param {ArrayLike<number>} place @returns {[x: number, y: number]} */
  toScreen({ 0: x, 1: y }) {
    return [this.width / 2 + this.scale * (x - this.centre[0]), this.height / 2 - this.scale * (y - this.centre[1])]
  }

  /**
   * The place of a pixel; beyond the canvas, of the nearest one on it.
   * @param {number} x
   * @param {number} y
   * @returns {[x: number, y: number]}
   */
  toPlane(x, y) {
    const [across, down] = [Math.min(this.width, Math.max(0, x)), Math.min(this.height, Math.max(0, y))]
    return [this.centre[0] + (across - this.width / 2) / this.scale, this.centre[1] - (down - this.height / 2) / this.scale]
  }
}
