// @ts-check
// What a map shows besides its points: axes, the prior, the pin and other marks. Places are CSS pixels.
import { decimal } from "../../kit/numbers.js"
import { SIGMAS } from "./ellipses.js"
import { roundTicks } from "./ticks.js"

/** @import { PlaneCamera } from "./camera.js" */
/** @import { Theme } from "./theme.js" */

const TICK_APART = 50 // pixels from one number of an axis to the next, at least

/** The round numbers of both axes: {x, y}, each {values, digits}. @param {PlaneCamera} camera */
export function axisTicks(camera) {
  const { x, y } = camera.window()
  return { x: roundTicks(x[0], x[1], camera.width / TICK_APART), y: roundTicks(y[0], y[1], camera.height / TICK_APART) }
}

/**
 * Numbers along the left and the bottom edge, and what the axes are called.
 * @param {CanvasRenderingContext2D} context
 * @param {PlaneCamera} camera
 * @param {ReturnType<typeof axisTicks>} ticks
 * @param {string[]} labels
 * @param {Theme} theme
 */
export function drawAxes(context, camera, ticks, labels, theme) {
  const { left, top, width, height } = camera
  context.strokeStyle = theme.faint
  context.lineWidth = 1
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1)
  context.font = `12px ${theme.font}`
  context.fillStyle = theme.text
  context.textAlign = "center"
  context.textBaseline = "top"
  for (const value of ticks.x.values) context.fillText(decimal(value, ticks.x.digits), camera.screenX(value), top + height + 5)
  context.fillText(labels[0], left + width / 2, top + height + 21)
  context.textAlign = "right"
  context.textBaseline = "middle"
  for (const value of ticks.y.values) context.fillText(decimal(value, ticks.y.digits), left - 5, camera.screenY(value))
  context.save()
  context.translate(8, top + height / 2)
  context.rotate(-Math.PI / 2)
  context.textAlign = "center"
  context.fillText(labels[1], 0, 0)
  context.restore()
}

/**
 * Circles at 1 and 2 standard deviations of the prior around the place [x, y] of its mean.
 * @param {CanvasRenderingContext2D} context
 * @param {PlaneCamera} camera
 * @param {ArrayLike<number>} mean
 * @param {Theme} theme
 */
export function drawPrior(context, camera, { 0: x, 1: y }, theme) {
  context.strokeStyle = theme.text
  context.fillStyle = theme.text
  context.lineWidth = 1.5
  context.font = `12px ${theme.font}`
  context.textAlign = "center"
  context.textBaseline = "bottom"
  context.setLineDash([2, 4])
  for (const sigmas of SIGMAS) {
    context.beginPath()
    context.arc(camera.screenX(x), camera.screenY(y), sigmas * camera.scale, 0, 2 * Math.PI)
    context.stroke()
    context.fillText(`${sigmas} σ`, camera.screenX(x), camera.screenY(y + sigmas) - 2)
  }
  context.setLineDash([])
}

/**
 * A line that any ground shows: `path` is drawn in the ground's colour, wide, and then in its own.
 * @param {CanvasRenderingContext2D} context
 * @param {Theme} theme
 * @param {string} colour
 * @param {number} width
 * @param {() => void} path
 */
function outlined(context, theme, colour, width, path) {
  context.beginPath()
  path()
  context.strokeStyle = theme.ground
  context.lineWidth = width + 3
  context.stroke()
  context.strokeStyle = colour
  context.lineWidth = width
  context.stroke()
}

/**
 * A ring around a point.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {Theme} theme
 */
export function drawRing(context, x, y, radius, theme) {
  outlined(context, theme, theme.text, 2, () => context.arc(x, y, radius, 0, 2 * Math.PI))
}

/**
 * The pin: a target that stands for the code on the sliders.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Theme} theme
 */
export function drawPin(context, x, y, theme) {
  outlined(context, theme, theme.primary, 3, () => {
    context.arc(x, y, 9, 0, 2 * Math.PI)
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 5 * dx, y + 5 * dy)
      context.lineTo(x + 14 * dx, y + 14 * dy)
    }
  })
}

/**
 * A star: an image from elsewhere.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Theme} theme
 */
export function drawStar(context, x, y, theme) {
  context.lineJoin = "round"
  outlined(context, theme, theme.text, 2, () => {
    for (let i = 0; i < 10; i++) {
      const radius = i % 2 ? 5 : 12
      context.lineTo(x + radius * Math.sin((i * Math.PI) / 5), y - radius * Math.cos((i * Math.PI) / 5))
    }
    context.closePath()
  })
  context.fillStyle = theme.ground
  context.fill()
}

/**
 * Where the keyboard is.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Theme} theme
 */
export function drawCrosshair(context, x, y, theme) {
  outlined(context, theme, theme.text, 1, () => {
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 3 * dx, y + 3 * dy)
      context.lineTo(x + 16 * dx, y + 16 * dy)
    }
  })
}

/**
 * A lasso on its way round: corners [[x, y], …].
 * @param {CanvasRenderingContext2D} context
 * @param {number[][]} corners
 * @param {Theme} theme
 */
export function drawLasso(context, corners, theme) {
  context.setLineDash([5, 4])
  outlined(context, theme, theme.primary, 2, () => {
    for (const [x, y] of corners) context.lineTo(x, y)
    context.closePath()
  })
  context.setLineDash([])
  context.globalAlpha = 0.12
  context.fillStyle = theme.primary
  context.fill("evenodd")
  context.globalAlpha = 1
}
