// @ts-check
// Charts in which a point moves: a curve that never changes while it does, and bars that do.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { isUnused, UNUSED_NATS } from "./figures.js"
import { Scale } from "./scale.js"
import { appendName, nameParts } from "./words.js"

/** @import { Span } from "./scale.js" */
/** @typedef {[x: number, y: number]} Place in the numbers of the axes */
/** @typedef {{at: Place, error: Place}} Known a place, and the standard errors of both its numbers, NaN where one is not known */
/** @typedef {{x: number, y: number, text: string, error: Place}} Mark a square and its label */
/** @typedef {{left: number, top: number, end: number, floor: number, x: Scale, y: Scale}} Frame the plot's edges, in pixels, and its axes */

const SPACE = { left: 58, right: 14, top: 14, bottom: 38 } // pixels around the plot
const HEIGHT = 240
const LABEL_ROOM = 96 // pixels that a point's label takes
const MARK_ROOM = 24 // from the point to a mark whose label would be printed over it, and over its own
const TICK = { x: 60, y: 36 } // pixels from one number to the next, at least

/**
 * A new element of a drawing, inside `parent`.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElementTagNameMap[Tag]}
 */
function addDrawn(parent, tag, attributes = {}, text = "") {
  const part = document.createElementNS("http://www.w3.org/2000/svg", tag)
  setAttributes(part, attributes)
  part.textContent = text
  parent.append(part)
  return part
}

/** @param {Element} part @param {Record<string, string | number>} attributes */
function setAttributes(part, attributes) {
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, String(value))
}

/** A heading, a drawing with ticks and axis titles, and a note. Whoever extends it draws the rest in `lay()` and moves it later. */
class Chart {
  /**
   * `labels` are what the axes are called; `numbered` says whether there are numbers along the horizontal one.
   * @param {Element} parent
   * @param {string} title
   * @param {[x: string, y: string]} labels
   * @param {{note?: string, numbered?: boolean}} options
   */
  constructor(parent, title, labels, { note = "", numbered = true } = {}) {
    this.labels = labels
    this.numbered = numbered
    /** @type {{x: Span, y: Span} | null} */
    this.domain = null
    this.heading = element("h3", {}, title)
    this.element = element("div", { className: "multirate-chart", parent }, this.heading)
    this.svg = addDrawn(this.element, "svg", { role: "img", "aria-label": title })
    this.note = element("p", { className: "note", parent: this.element })
    appendName(this.note, note)
    this.watcher = new ResizeObserver(() => this.redraw())
    this.watcher.observe(this.svg)
  }

  /** From now on these are the axes. @param {Span} x @param {Span} y */
  span(x, y) {
    this.domain = { x, y }
  }

  /** @param {string} text */
  describe(text) {
    this.svg.setAttribute("aria-label", text)
  }

  redraw() {
    const width = this.svg.clientWidth
    if (!width || !this.domain) return
    const { left, right, top, bottom } = SPACE
    const [end, floor] = [width - right, HEIGHT - bottom]
    setAttributes(this.svg, { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT })
    this.svg.replaceChildren()
    const [x, y] = [new Scale(this.domain.x, left, end), new Scale(this.domain.y, floor, top)]
    for (const { value, text } of y.ticks(TICK.y)) {
      const at = y.at(value)
      addDrawn(this.svg, "line", { class: "multirate-grid", x1: left, x2: end, y1: at, y2: at })
      addDrawn(this.svg, "text", { x: left - 6, y: at + 4, "text-anchor": "end" }, text)
    }
    for (const { value, text } of this.numbered ? x.ticks(TICK.x) : []) {
      const at = x.at(value)
      addDrawn(this.svg, "line", { class: "multirate-grid", x1: at, x2: at, y1: top, y2: floor })
      addDrawn(this.svg, "text", { x: at, y: floor + 16, "text-anchor": "middle" }, text)
    }
    this.title({ x: (left + end) / 2, y: floor + 33 }, this.labels[0])
    this.title({ transform: `translate(12 ${(top + floor) / 2}) rotate(-90)` }, this.labels[1])
    this.lay({ left, top, end, floor, x, y })
  }

  /** Draw what is within the axes. @param {Frame} _frame */
  lay(_frame) {}

  /** What an axis is called. @param {Record<string, string | number>} place @param {string} name */
  title(place, name) {
    const text = addDrawn(this.svg, "text", { "text-anchor": "middle", ...place })
    nameParts(name).forEach((part, number) => {
      addDrawn(text, "tspan", number % 2 ? { dy: 3, "font-size": "75%" } : { dy: number ? -3 : 0 }, part)
    })
  }

  close() {
    this.watcher.disconnect()
  }
}

/** A curve, marks of another kind beside it, and a point that travels on it, with a tangent where one is wanted. */
export class CurveChart extends Chart {
  /** @param {Element} parent @param {string} title @param {[x: string, y: string]} labels */
  constructor(parent, title, labels, note = "") {
    super(parent, title, labels, { note })
    /** @type {Known[]} */
    this.curve = []
    /** @type {Mark[]} */
    this.marks = []
    /** @type {{x: number, y: number, text: string, slope: number | null} | null} */
    this.now = null
    /** @type {ReturnType<CurveChart["parts"]> | null} */
    this.drawn = null
  }

  /** What the horizontal axis is called from the next curve on. @param {string} label */
  rename(label) {
    this.labels[0] = label
  }

  /** The curve through these places, and marks, which are squares. @param {Known[]} curve @param {Mark[]} marks */
  trace(curve, marks) {
    this.curve = curve
    this.marks = marks
    this.redraw()
  }

  /** @override @param {Frame} frame */
  lay(frame) {
    this.drawn = this.parts(frame)
    if (this.now) this.move(this.now)
  }

  /** Draw the curve and the marks; what moves on them is nowhere yet. @param {Frame} frame */
  parts(frame) {
    const { left, top, end, floor, x, y } = frame
    const clip = `clip-${this.heading.textContent.replaceAll(/\W/g, "-")}`
    addDrawn(addDrawn(this.svg, "clipPath", { id: clip }), "rect", { x: left, y: top, width: end - left, height: floor - top })
    const inside = addDrawn(this.svg, "g", { "clip-path": `url(#${clip})` })
    const tangent = addDrawn(inside, "line", { class: "multirate-tangent" })
    const shown = this.curve.filter(({ at }) => at.every(Number.isFinite))
    const places = shown.map(({ at }) => [x.at(at[0]), y.at(at[1])])
    for (const { at, error } of [...shown, ...this.marks.map((mark) => ({ at: [mark.x, mark.y], error: mark.error }))]) {
      errorBars(inside, frame, at, error)
    }
    addDrawn(inside, "polyline", { class: "multirate-curve", points: places.map((place) => place.join()).join(" ") })
    for (const [cx, cy] of places) addDrawn(inside, "circle", { class: "multirate-station", cx, cy, r: 2 })
    const named = this.marks.map((mark) => {
      const [px, py] = [x.at(mark.x), y.at(mark.y)]
      addDrawn(this.svg, "rect", { class: "multirate-mark", x: px - 5, y: py - 5, width: 10, height: 10 })
      return { px, py, label: addDrawn(this.svg, "text", { x: px + 9, y: py - 7 }, mark.text) }
    })
    const point = addDrawn(this.svg, "path", { class: "multirate-point", d: "M0 -9 L9 0 L0 9 L-9 0 Z" })
    const label = addDrawn(this.svg, "text", { class: "multirate-label" })
    return { frame, tangent, named, point, label }
  }

  /** Put the point at (x, y), labelled; `slope` of the tangent, or null. @param {{x: number, y: number, text: string, slope: number | null}} now */
  move(now) {
    this.now = now
    if (!this.drawn || !this.domain) return
    const { frame, tangent, named, point, label } = this.drawn
    const { x, y, text, slope } = now
    const shown = Number.isFinite(x) && Number.isFinite(y)
    for (const part of [point, label]) part.style.display = shown ? "" : "none"
    tangent.style.display = shown && slope !== null ? "" : "none"
    if (!shown) return
    const [px, py] = [frame.x.at(x), frame.y.at(y)]
    const below = slope !== null && px > frame.left + LABEL_ROOM // where the curve and the marks' labels are not
    const onLeft = below || px > frame.end - LABEL_ROOM
    setAttributes(point, { transform: `translate(${px} ${py})` })
    for (const mark of named) mark.label.style.display = Math.hypot(mark.px - px, mark.py - py) < MARK_ROOM ? "none" : ""
    setAttributes(label, {
      x: px + (onLeft ? -13 : 13),
      y: below ? py + 17 : Math.max(frame.top + 10, py - 8),
      "text-anchor": onLeft ? "end" : "start",
    })
    label.textContent = text
    if (slope === null) return
    const along = (/** @type {number} */ at) => frame.y.at(y + slope * (at - x))
    const { low, high } = this.domain.x
    setAttributes(tangent, { x1: frame.left, y1: along(low), x2: frame.end, y2: along(high) })
  }
}

/**
 * A standard error to both sides of a place, along each axis; none where it is not known.
 * @param {Element} parent
 * @param {Frame} frame
 * @param {number[]} at
 * @param {Place} error
 */
function errorBars(parent, { x, y }, [across, up], [errorAcross, errorUp]) {
  const bar = (/** @type {number[]} */ [x1, y1, x2, y2]) => addDrawn(parent, "line", { class: "multirate-error", x1, y1, x2, y2 })
  const least = (/** @type {Scale} */ scale, /** @type {number} */ value) => scale.at(scale.log ? Math.max(value, 10 ** scale.low) : value)
  if (errorUp > 0) bar([x.at(across), least(y, up - errorUp), x.at(across), y.at(up + errorUp)])
  if (errorAcross > 0) bar([least(x, across - errorAcross), y.at(up), x.at(across + errorAcross), y.at(up)])
}

/** A bar per latent dimension; those that are unused are hatched, and named in the note. */
export class BarChart extends Chart {
  /** @param {Element} parent @param {string} title @param {[x: string, y: string]} labels */
  constructor(parent, title, labels) {
    super(parent, title, labels, { numbered: false })
    /** @type {string[]} */
    this.names = []
    this.most = 0
    /** @type {number[] | null} */
    this.values = null
    /** @type {{frame: Frame, bars: ReturnType<BarChart["bar"]>[]} | null} */
    this.drawn = null
    this.log = element("input", { type: "checkbox" })
    this.heading.after(element("label", { className: "multirate-check" }, this.log, say("Logarithmic axis")))
    this.log.addEventListener("change", () => this.name(this.names, this.most))
  }

  /** Have these bars, of which the longest ever is `most` nats. @param {string[]} names @param {number} most */
  name(names, most) {
    if (String(names) !== String(this.names)) this.values = null
    this.names = names
    this.most = most
    const log = this.log.checked
    const linear = { low: 0, high: 1.05 * Math.max(most, UNUSED_NATS) }
    this.span({ low: 0, high: names.length }, log ? { low: UNUSED_NATS / 10, high: 2 * Math.max(1, most), log } : linear)
    this.redraw()
  }

  /** @override @param {Frame} frame */
  lay(frame) {
    const { left, end, y } = frame
    const tile = { width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }
    const hatch = addDrawn(this.svg, "pattern", { id: "unused", ...tile })
    addDrawn(hatch, "rect", { width: 6, height: 6, class: "multirate-hatch-ground" })
    addDrawn(hatch, "line", { y2: 6, class: "multirate-hatch" })
    const bars = this.names.map((name, place) => this.bar(name, place, frame))
    const limit = y.at(UNUSED_NATS)
    addDrawn(this.svg, "line", { class: "multirate-limit", x1: left, x2: end, y1: limit, y2: limit })
    this.drawn = { frame, bars }
    if (this.values) this.move(this.values)
  }

  /** One bar, without a height yet. @param {string} name @param {number} place among the bars @param {Frame} frame */
  bar(name, place, { left, end, floor, x: across }) {
    const step = (end - left) / this.names.length
    const x = across.at(place + 0.5)
    const every = Math.ceil(22 / step)
    if (place % every === 0) addDrawn(this.svg, "text", { x, y: floor + 16, "text-anchor": "middle" }, name)
    const group = addDrawn(this.svg, "g")
    const bar = addDrawn(group, "rect", { class: "multirate-bar", x: x - 0.38 * step, width: 0.76 * step })
    if (step > 14) {
      addDrawn(group, "text", { class: "multirate-word", transform: `translate(${x + 4} ${floor - 14}) rotate(-90)` }, say("unused"))
    }
    return { group, bar }
  }

  /** Show these values, in the order of the names; NaN where there is no KL term. @param {number[]} values */
  move(values) {
    this.values = values
    const unused = this.names.filter((_, place) => isUnused(values[place]))
    const all = unused.length === this.names.length ? say("All are unused") : say`Unused: ${unused.join(", ")}`
    const none = values.some(Number.isNaN)
    const note = none
      ? say("No KL term: there is nothing to show.")
      : unused.length
      ? say`${all}. Hatched bars are below ${UNUSED_NATS} nats.`
      : say("All dimensions are used.")
    if (this.note.textContent !== note) this.note.textContent = note
    if (!this.drawn || !this.domain) return
    const { floor, y } = this.drawn.frame
    const { low } = this.domain.y
    this.drawn.bars.forEach(({ group, bar }, place) => {
      group.style.display = none ? "none" : ""
      if (none) return
      const unused = isUnused(values[place])
      const height = Math.max(unused ? 5 : 8, floor - y.at(Math.max(values[place], low))) // so that the hatch is seen, and a used bar above it
      setAttributes(bar, { y: floor - height, height })
      group.classList.toggle("multirate-unused", unused)
    })
  }
}
