// @ts-check
// Where a kernel, or any other window, stands on an image.

/** @import { Sides } from "./weights.js" */
/** @typedef {{kernel: Sides, stride: Sides, padding: Sides, end?: Sides, dilation?: Sides}} Window `padding` is that above and left, `end` that below and right, where it differs */

/** How far a window reaches along a side, 0 or 1. @param {Window} entry @param {number} side */
export function reachOf({ kernel, dilation = [1, 1] }, side) {
  return dilation[side] * (kernel[side] - 1) + 1
}

/** Places of a window on an image [H, W], as [h, w]. @param {Window} entry @param {number[]} sides */
export function stopsOf(entry, sides) {
  const { stride, padding, end = padding } = entry
  return [0, 1].map((side) => Math.floor((sides[side] + padding[side] + end[side] - reachOf(entry, side)) / stride[side]) + 1)
}

/**
 * Where a kernel's taps fall when it slides over a large image [H, W], one stop for each place of a small one [h, w]:
 * Int32Array [h, w, kernel rows, kernel columns] of places in the large image, −1 outside it.
 * @param {number[]} small
 * @param {number[]} large
 * @param {Window} entry
 */
export function tapPlaces([h, w], [height, width], { kernel, stride, padding, dilation = [1, 1] }) {
  const places = new Int32Array(h * w * kernel[0] * kernel[1])
  let next = 0
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const row = y * stride[0] - padding[0] + ky * dilation[0]
          const column = x * stride[1] - padding[1] + kx * dilation[1]
          const inside = row >= 0 && row < height && column >= 0 && column < width
          places[next++] = inside ? row * width + column : -1
        }
      }
    }
  }
  return places
}
