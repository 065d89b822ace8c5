// @ts-check
// What colours the points of a map, and the legend that says so.
import { brushOf } from "../kit/paint.js"
import { newPart } from "../kit/part.js"
import { SHAPES, stencil } from "./points.js"

/** @typedef {ReturnType<typeof themeOf>} Theme */
/** @typedef {{title: string, names: string[] | null, palette: string[]}} Colour what colours points: classes with names, or a quantity */

const NO_COLOUR = "#999999"
const LEVELS = 256 // steps of a scale
const SWATCH = 7 // radius of a marker in the legend, pixels

/** A colour of the style sheet, or of any notation, as [red, green, blue], 0 to 255. @param {string} text */
function bytesOfColour(text) {
  const context = brushOf(newPart("canvas", { width: 1, height: 1 }))
  context.fillStyle = text
  context.fillRect(0, 0, 1, 1)
  return [...context.getImageData(0, 0, 1, 1).data.subarray(0, 3)]
}

/**
 * The colour a share of the way from one [red, green, blue] to another.
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} share
 */
export function mixedColour(from, to, share) {
  return from.map((level, channel) => Math.round(level + share * (to[channel] - level)))
}

/** A colour as one number, in the order of the bytes of an ImageData. @param {number[]} colour */
export function packedColour([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
}

/** The page's colours and its font, for a canvas below this element; two colours also as [red, green, blue]. @param {Element} element */
export function themeOf(element) {
  const style = getComputedStyle(element)
  const read = (/** @type {string} */ name, /** @type {string} */ otherwise) => style.getPropertyValue(name).trim() || otherwise
  const text = read("--st-text-color", "#222222")
  const ground = read("--st-background-color", "#ffffff")
  const [textBytes, groundBytes] = [text, ground].map(bytesOfColour)
  const faint = `rgb(${mixedColour(groundBytes, textBytes, 0.25).join(" ")})`
  return { text, ground, textBytes, groundBytes, faint, primary: read("--st-primary-color", text), font: read("--st-font", "sans-serif") }
}

/**
 * The inks of N points: `ink` Uint16Array [N] says which; ink 0 is for points without a colour, the others are classes, or the steps
 * of a scale. `bytes`, `shapes` and `shown` have an entry per ink, `counts` the number of points.
 */
export class Inks {
  /** `values` is [N]. @param {Colour} colour @param {Float32Array} values */
  constructor(colour, values) {
    this.title = colour.title
    this.names = colour.names
    this.values = values
    const palette = colour.palette.map(bytesOfColour)
    const count = this.names?.length ?? LEVELS
    const scale = (/** @type {number} */ level) => {
      const place = (level / (LEVELS - 1)) * (palette.length - 1)
      const below = Math.min(palette.length - 2, Math.floor(place))
      return mixedColour(palette[below], palette[below + 1], place - below)
    }
    this.bytes = [bytesOfColour(NO_COLOUR)]
    for (let i = 0; i < count; i++) this.bytes.push(this.names ? palette[i % palette.length] : scale(i))
    const shapeOf = (/** @type {number} */ i) => (i + Math.floor(i / palette.length)) % SHAPES.length // so that no colour comes twice with one shape
    this.shapes = Uint8Array.from(this.bytes, (_, ink) => (this.names && ink ? shapeOf(ink - 1) : 0))
    this.shown = new Uint8Array(this.bytes.length).fill(1)
    this.low = Infinity
    this.high = -Infinity
    this.ink = new Uint16Array(values.length)
    this.spread()
    this.counts = new Uint32Array(this.bytes.length)
    for (const ink of this.ink) this.counts[ink]++
  }

  spread() {
    const { values } = this
    for (const value of values) {
      if (value < this.low) this.low = value
      if (value > this.high) this.high = value
    }
    const steps = (LEVELS - 1) / (this.high - this.low || 1)
    const inkOf = (/** @type {number} */ value) => this.names ? value + 1 : 1 + Math.round((value - this.low) * steps)
    for (let i = 0; i < values.length; i++) this.ink[i] = Number.isNaN(values[i]) ? 0 : inkOf(values[i])
  }

  /** What a point's colour says. @param {number} index */
  words(index) {
    const value = this.values[index]
    if (Number.isNaN(value)) return `${this.title}: none`
    return `${this.title}: ${this.names ? this.names[value] : Number(value.toPrecision(3))}`
  }

  /** @param {number} ink */
  css(ink) {
    return `rgb(${this.bytes[ink].join(" ")})`
  }

  /** Hide the same names as another did, where it had the same. @param {Inks | undefined} other */
  hideAs(other) {
    if (other?.names && this.names && other.names.join("\n") === this.names.join("\n")) this.shown.set(other.shown)
  }
}

/** The legend: a button per class that hides it or shows it again, or the scale of a quantity. `changed()` is called on a click. */
export class Legend {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed
    /** @type {Inks | null} */
    this.inks = null
    /** @type {{button: HTMLButtonElement, ink: number}[]} */
    this.buttons = []
    this.element = document.createElement("div")
    this.element.className = "map-legend"
    this.element.setAttribute("role", "group")
  }

  /** @param {Inks} inks */
  show(inks) {
    if (inks === this.inks) return this.mark(inks)
    this.inks = inks
    this.buttons = []
    this.element.setAttribute("aria-label", inks.title)
    const title = newPart("span", { className: "map-legend-title", textContent: inks.title })
    this.element.replaceChildren(title, ...(inks.names ? this.classes(inks, inks.names) : this.scale(inks)))
    this.mark(inks)
  }

  /** @param {Inks} inks @param {string[]} names */
  classes(inks, names) {
    const { counts, shown } = inks
    const present = [...counts.keys()].filter((ink) => counts[ink])
    const parts = present.map((ink) => {
      const button = newPart("button", { className: "map-class" })
      button.type = "button"
      button.append(swatch(inks, ink), newPart("span", { textContent: ink ? names[ink - 1] : "none" }))
      button.title = `${counts[ink].toLocaleString("en")} points`
      button.addEventListener("click", () => this.turn(inks, () => (shown[ink] ^= 1)))
      this.buttons.push({ button, ink })
      return button
    })
    if (present.length < 2) return parts
    const all = (/** @type {string} */ text, /** @type {number} */ value) => {
      const button = newPart("button", { className: "map-class", textContent: text })
      button.type = "button"
      button.addEventListener("click", () => this.turn(inks, () => shown.fill(value)))
      return button
    }
    return [...parts, all("All", 1), all("None", 0)]
  }

  /** @param {Inks} inks @param {() => void} change */
  turn(inks, change) {
    change()
    this.mark(inks)
    this.changed()
  }

  /** @param {Inks} inks */
  mark(inks) {
    for (const { button, ink } of this.buttons) button.setAttribute("aria-pressed", String(Boolean(inks.shown[ink])))
  }

  /** @param {Inks} inks */
  scale(inks) {
    const { low, high, counts } = inks
    const bar = newPart("canvas", { className: "map-scale", width: LEVELS, height: 1 })
    const context = brushOf(bar)
    for (let level = 0; level < LEVELS; level++) {
      context.fillStyle = inks.css(level + 1)
      context.fillRect(level, 0, 1, 1)
    }
    bar.setAttribute("aria-hidden", "true")
    const end = (/** @type {number} */ value) =>
      newPart("span", { textContent: Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–" })
    const parts = [end(low), bar, end(high)]
    if (counts[0]) parts.push(newPart("span", { className: "note", textContent: `grey: none (${counts[0].toLocaleString("en")})` }))
    return parts
  }
}

/** A marker as the map draws it, on a canvas of its own. @param {Inks} inks @param {number} ink */
function swatch(inks, ink) {
  const side = 4 * SWATCH + 4 // twice the size on the screen, for fine screens
  const canvas = newPart("canvas", { className: "map-swatch", width: side, height: side })
  const context = brushOf(canvas)
  const { dx, dy, cover } = stencil(SHAPES[inks.shapes[ink]], 2 * SWATCH - 2)
  context.fillStyle = inks.css(ink)
  for (let i = 0; i < dx.length; i++) {
    context.globalAlpha = cover[i] / 256
    context.fillRect(side / 2 + dx[i], side / 2 + dy[i], 1, 1)
  }
  canvas.setAttribute("aria-hidden", "true")
  return canvas
}
