// @ts-check
// A chart on a canvas: two axes with their numbers, and what a step paints between them.
import { element } from "../kit/dom.js"
import { nextFrame } from "../kit/frame.js"
import { brushOf } from "../kit/paint.js"
import { themeOf } from "../parts/map/theme.js"
import { Scale } from "../parts/multirate/scale.js"

/** @import { Theme } from "../parts/map/theme.js" */
/** @import { Span } from "../parts/multirate/scale.js" */
/** @typedef {Span & {title?: string, names?: string[]}} Axis of which the names stand at 0, 1, … in place of numbers */
/** @typedef {{brush: CanvasRenderingContext2D, x: Scale, y: Scale, theme: Theme}} Sheet what a step paints on */

const SPACE = { left: 46, right: 12, top: 12, bottom: 38 } // pixels around the plot
const TICK = { x: 60, y: 34 } // pixels from one number to the next, at least
const LETTER = 12
// as in vae_core/base/colours.py
export const BLUE = "#0072B2"
export const ORANGE = "#E69F00"
export const RED = "#D55E00"
export const GREY = "#999999"

export class Plot {
  /**
   * A chart inside `parent`, so many screen pixels high; or square between its axes, and at most so high.
   * @param {Element} parent
   * @param {number} height
   * @param {boolean} square
   */
  constructor(parent, height, square = false) {
    this.height = height
    this.square = square
    this.canvas = element("canvas", { className: "lesson-plot", parent, attributes: { role: "img" } })
    /** @type {{x: Axis, y: Axis, paint: (sheet: Sheet) => void} | null} */
    this.content = null
    this.frame = nextFrame(() => this.paint())
    this.watcher = new ResizeObserver(() => this.frame.ask())
    this.watcher.observe(this.canvas)
    this.dark = matchMedia("(prefers-color-scheme: dark)")
    this.turned = () => this.frame.ask()
    this.dark.addEventListener("change", this.turned)
  }

  /** Show this, said in words too. @param {{x: Axis, y: Axis, words: string, paint: (sheet: Sheet) => void}} content */
  show({ words, ...content }) {
    this.content = content
    this.canvas.setAttribute("aria-label", words)
    this.frame.ask()
  }

  paint() {
    const { canvas, content } = this
    const width = canvas.clientWidth
    if (!content || !width) return
    const most = this.height - SPACE.top - SPACE.bottom
    const inner = this.square ? Math.min(most, width - SPACE.left - SPACE.right) : most
    const height = SPACE.top + inner + SPACE.bottom
    const ratio = devicePixelRatio || 1
    canvas.style.height = `${height}px`
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const brush = brushOf(canvas)
    brush.scale(ratio, ratio)
    const theme = themeOf(canvas)
    const { x: across, y: up, paint } = content
    brush.font = `${LETTER}px ${theme.font}`
    const names = up.names ?? []
    const left = names.length ? 16 + Math.max(...names.map((name) => brush.measureText(name).width)) : SPACE.left
    const [end, floor] = [this.square ? left + inner : width - SPACE.right, height - SPACE.bottom]
    const [x, y] = [new Scale(across, left, end), new Scale(up, floor, SPACE.top)]
    const rows = names.length ? names.map((text, value) => ({ value, text })) : y.ticks(TICK.y)
    brush.strokeStyle = theme.faint
    brush.fillStyle = theme.text
    brush.lineWidth = 1
    brush.textBaseline = "middle"
    brush.textAlign = "right"
    for (const { value, text } of rows) {
      if (!names.length) line(brush, left, y.at(value), end, y.at(value))
      brush.fillText(text, left - 6, y.at(value))
    }
    brush.textAlign = "center"
    for (const { value, text } of x.ticks(TICK.x)) {
      line(brush, x.at(value), SPACE.top, x.at(value), floor)
      brush.fillText(text, x.at(value), floor + 12)
    }
    brush.fillText(across.title ?? "", (left + end) / 2, height - 8, end - left)
    if (up.title) {
      brush.save()
      brush.translate(8, (SPACE.top + floor) / 2)
      brush.rotate(-Math.PI / 2)
      brush.fillText(up.title, 0, 0, floor - SPACE.top)
      brush.restore()
    }
    brush.save()
    brush.beginPath()
    brush.rect(left, SPACE.top, end - left, floor - SPACE.top)
    brush.clip()
    paint({ brush, x, y, theme })
    brush.restore()
  }

  close() {
    this.watcher.disconnect()
    this.frame.close()
    this.dark.removeEventListener("change", this.turned)
  }
}

/** @param {CanvasRenderingContext2D} brush @param {number} fromX @param {number} fromY @param {number} toX @param {number} toY */
function line(brush, fromX, fromY, toX, toY) {
  brush.beginPath()
  brush.moveTo(fromX, fromY)
  brush.lineTo(toX, toY)
  brush.stroke()
}

/** A curve through places, in the numbers of the axes. @param {Sheet} sheet @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {{colour: string, width?: number, dash?: number[]}} style */
export function drawCurve({ brush, x, y }, xs, ys, { colour, width = 2, dash = [] }) {
  brush.strokeStyle = colour
  brush.lineWidth = width
  brush.setLineDash(dash)
  brush.beginPath()
  for (let i = 0; i < xs.length; i++) brush.lineTo(x.at(xs[i]), y.at(ys[i]))
  brush.stroke()
  brush.setLineDash([])
}

/** Dots, or diamonds. @param {Sheet} sheet @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {(i: number) => string} colour @param {number} radius @param {boolean} diamond */
export function drawDots({ brush, x, y }, xs, ys, colour, radius, diamond = false) {
  for (let i = 0; i < xs.length; i++) {
    const [px, py] = [x.at(xs[i]), y.at(ys[i])]
    brush.fillStyle = colour(i)
    brush.beginPath()
    if (diamond) {
      brush.moveTo(px, py - radius)
      brush.lineTo(px + radius, py)
      brush.lineTo(px, py + radius)
      brush.lineTo(px - radius, py)
    } else brush.arc(px, py, radius, 0, 2 * Math.PI)
    brush.fill()
  }
}

/** A word with a ground of its own. @param {Sheet} sheet @param {string} text @param {number} px @param {number} py @param {CanvasTextAlign} align */
export function drawWord({ brush, theme }, text, px, py, align = "left") {
  brush.font = `600 ${LETTER}px ${theme.font}`
  brush.textAlign = align
  brush.textBaseline = "middle"
  brush.lineWidth = 4
  brush.lineJoin = "round"
  brush.strokeStyle = theme.ground
  brush.strokeText(text, px, py)
  brush.fillStyle = theme.text
  brush.fillText(text, px, py)
}

/** Five-pointed stars with an edge. @param {Sheet} sheet @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {number} radius @param {string} colour */
export function drawStars({ brush, x, y, theme }, xs, ys, radius, colour) {
  for (let i = 0; i < xs.length; i++) {
    brush.beginPath()
    for (let corner = 0; corner < 10; corner++) {
      const [turn, reach] = [(corner * Math.PI) / 5 - Math.PI / 2, corner % 2 ? 0.45 * radius : radius]
      brush.lineTo(x.at(xs[i]) + reach * Math.cos(turn), y.at(ys[i]) + reach * Math.sin(turn))
    }
    brush.closePath()
    brush.fillStyle = colour
    brush.fill()
    brush.lineWidth = 1
    brush.strokeStyle = theme.ground
    brush.stroke()
  }
}
