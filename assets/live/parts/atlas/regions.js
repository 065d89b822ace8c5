// @ts-check
// The region of each code, to scale.

/** @import { PathPoints } from "../../kit/wire.js" */

/**
 * Ellipses with half axes of so many pixels for each unit of σ, behind the points.
 * @param {CanvasRenderingContext2D} brush
 * @param {PathPoints} points
 * @param {number[]} regions σ of each across and up, [2N]
 * @param {number} unit
 * @param {(place: ArrayLike<number>) => [x: number, y: number]} toScreen
 * @param {string} ink the colour of points without a class
 */
export function drawRegions(brush, { xy, classes, palette }, regions, unit, toScreen, ink) {
  brush.globalAlpha = 0.12
  for (let at = 0; at < xy.length; at += 2) {
    brush.fillStyle = classes ? palette[classes[at / 2] % palette.length] : ink
    brush.beginPath()
    brush.ellipse(...toScreen([xy[at], xy[at + 1]]), unit * regions[at], unit * regions[at + 1], 0, 0, 2 * Math.PI)
    brush.fill()
  }
  brush.globalAlpha = 1
}
