// @ts-nocheck -- not typed yet
// Charts in which a point moves: a curve that never changes while it does, and bars that do.
import { roundTicks } from "../map/camera.js"
import { appendName, nameParts } from "./words.js"

const SPACE = { left: 58, right: 14, top: 14, bottom: 38 } // pixels around the plot
const HEIGHT = 240
export const UNUSED_NATS = 0.01 // of KL, below which a dimension counts as unused
const LABEL_ROOM = 70 // pixels that a point's label takes
const MARK_ROOM = 24 // from the point to a mark whose label would be printed over it, and over its own
const TICK = { x: 60, y: 36 } // pixels from one number to the next, at least

/** A new element of a drawing, inside `parent`. */
export function addDrawn(parent, tag, attributes = {}, text = "") {
  const part = document.createElementNS("http://www.w3.org/2000/svg", tag)
  setAttributes(part, attributes)
  part.textContent = text
  parent.append(part)
  return part
}

export function setAttributes(part, attributes) {
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value)
}

/** One axis: values from `low` to `high`, by their logarithm or not, to pixels from `start` to `end`. */
class Scale {
  constructor({ low, high, log }, start, end) {
    this.log = log
    this.of = log ? Math.log10 : (value) => value
    this.low = this.of(low)
    this.high = this.of(high)
    this.start = start
    this.end = end
  }

  at(value) {
    return this.start + ((this.of(value) - this.low) / (this.high - this.low)) * (this.end - this.start)
  }

  /** [value, text] at round places. */
  ticks(apart) {
    const most = Math.max(2, Math.abs(this.end - this.start) / apart)
    if (!this.log) {
      const { values, digits } = roundTicks(this.low, this.high, most)
      return values.map((value) => [value, value.toFixed(digits).replace(/^-(?=0(\.0+)?$)/, "").replace("-", "−")])
    }
    const [first, last] = [Math.ceil(this.low - 1e-9), Math.floor(this.high + 1e-9)]
    const every = Math.ceil((last - first + 1) / most)
    const found = []
    for (let power = first; power <= last; power += every) {
      found.push([10 ** power, (10 ** power).toLocaleString("en", { maximumFractionDigits: 9 })])
    }
    return found
  }
}

/** A heading, a drawing with ticks and axis titles, and a note. Whoever extends it draws the rest in `lay()` and moves it later. */
class Chart {
  constructor(parent, title, labels, note = "") {
    this.labels = labels
    this.domain = null
    this.element = Object.assign(document.createElement("div"), { className: "multirate-chart" })
    this.heading = Object.assign(document.createElement("h3"), { textContent: title })
    this.element.append(this.heading)
    this.svg = addDrawn(this.element, "svg", { role: "img", "aria-label": title })
    this.note = Object.assign(document.createElement("p"), { className: "note" })
    appendName(this.note, note)
    this.element.append(this.note)
    parent.append(this.element)
    this.watcher = new ResizeObserver(() => this.redraw())
    this.watcher.observe(this.svg)
  }

  /** From now on the axes go from `low` to `high`, by logarithms or not: {low, high, log}; x is null where it has no numbers. */
  span(x, y) {
    this.domain = { x, y }
  }

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
    this.plot = { left, top, end, floor }
    this.y = new Scale(this.domain.y, floor, top)
    this.x = this.domain.x && new Scale(this.domain.x, left, end)
    for (const [value, text] of this.y.ticks(TICK.y)) {
      const y = this.y.at(value)
      addDrawn(this.svg, "line", { class: "multirate-grid", x1: left, x2: end, y1: y, y2: y })
      addDrawn(this.svg, "text", { x: left - 6, y: y + 4, "text-anchor": "end" }, text)
    }
    for (const [value, text] of this.x?.ticks(TICK.x) ?? []) {
      const x = this.x.at(value)
      addDrawn(this.svg, "line", { class: "multirate-grid", x1: x, x2: x, y1: top, y2: floor })
      addDrawn(this.svg, "text", { x, y: floor + 16, "text-anchor": "middle" }, text)
    }
    this.title({ x: (left + end) / 2, y: floor + 33 }, this.labels[0])
    this.title({ transform: `translate(12 ${(top + floor) / 2}) rotate(-90)` }, this.labels[1])
    this.lay()
  }

  /** What an axis is called. */
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
  constructor(parent, title, labels, note) {
    super(parent, title, labels, note)
    this.curve = []
    this.marks = []
    this.now = null
  }

  /** What the horizontal axis is called from the next curve on. */
  rename(label) {
    this.labels[0] = label
  }

  /** The curve through [[x, y], …], and marks [{x, y, text}], which are squares. */
  trace(curve, marks) {
    this.curve = curve
    this.marks = marks
    this.redraw()
  }

  lay() {
    const { left, top, end, floor } = this.plot
    const clip = `clip-${this.heading.textContent.replaceAll(/\W/g, "-")}`
    const frame = { x: left, y: top, width: end - left, height: floor - top }
    addDrawn(addDrawn(this.svg, "clipPath", { id: clip }), "rect", frame)
    const inside = addDrawn(this.svg, "g", { "clip-path": `url(#${clip})` })
    this.tangent = addDrawn(inside, "line", { class: "multirate-tangent" })
    const places = this.curve.filter(([, y]) => Number.isFinite(y)).map(([x, y]) => [this.x.at(x), this.y.at(y)])
    addDrawn(inside, "polyline", { class: "multirate-curve", points: places.map((place) => place.join()).join(" ") })
    for (const [cx, cy] of places) addDrawn(inside, "circle", { class: "multirate-station", cx, cy, r: 2 })
    this.named = this.marks.map(({ x, y, text }) => {
      const [px, py] = [this.x.at(x), this.y.at(y)]
      addDrawn(this.svg, "rect", { class: "multirate-mark", x: px - 5, y: py - 5, width: 10, height: 10 })
      return { px, py, label: addDrawn(this.svg, "text", { x: px + 9, y: py - 7 }, text) }
    })
    this.point = addDrawn(this.svg, "path", { class: "multirate-point", d: "M0 -9 L9 0 L0 9 L-9 0 Z" })
    this.label = addDrawn(this.svg, "text", { class: "multirate-label" })
    if (this.now) this.move(...this.now)
  }

  /** Put the point at (x, y), labelled; `slope` of the tangent, or null. */
  move(x, y, text, slope = null) {
    this.now = [x, y, text, slope]
    const shown = Number.isFinite(y)
    if (!this.point) return
    for (const part of [this.point, this.label]) part.style.display = shown ? "" : "none"
    this.tangent.style.display = shown && slope !== null ? "" : "none"
    if (!shown) return
    const [px, py] = [this.x.at(x), this.y.at(y)]
    const { left, top, end } = this.plot
    const below = slope !== null && px > left + LABEL_ROOM // where the curve and the marks' labels are not
    const onLeft = below || px > end - LABEL_ROOM
    setAttributes(this.point, { transform: `translate(${px} ${py})` })
    for (const mark of this.named) mark.label.style.display = Math.hypot(mark.px - px, mark.py - py) < MARK_ROOM ? "none" : ""
    setAttributes(this.label, {
      x: px + (onLeft ? -13 : 13),
      y: below ? py + 17 : Math.max(top + 10, py - 8),
      "text-anchor": onLeft ? "end" : "start",
    })
    this.label.textContent = text
    if (slope === null) return
    const along = (at) => y + slope * (at - x)
    const { low, high } = this.domain.x
    setAttributes(this.tangent, { x1: left, y1: this.y.at(along(low)), x2: end, y2: this.y.at(along(high)) })
  }
}

/** A bar per latent dimension; those that are unused are hatched, and named in the note. */
export class BarChart extends Chart {
  constructor(parent, title, labels) {
    super(parent, title, labels)
    this.names = []
    this.bars = []
    this.values = null
    this.log = Object.assign(document.createElement("input"), { type: "checkbox" })
    const label = Object.assign(document.createElement("label"), { className: "multirate-check" })
    label.append(this.log, "Logarithmic axis")
    this.heading.after(label)
    this.log.addEventListener("change", () => this.name(this.names, this.most))
  }

  /** Have these bars, of which the longest ever is `most` nats. */
  name(names, most) {
    if (String(names) !== String(this.names)) this.values = null
    this.names = names
    this.most = most
    const log = this.log.checked
    const linear = { low: 0, high: 1.05 * Math.max(most, UNUSED_NATS) }
    this.span(null, log ? { low: UNUSED_NATS / 10, high: 2 * Math.max(1, most), log } : linear)
    this.redraw()
  }

  lay() {
    const { left, end, floor } = this.plot
    const tile = { width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }
    const hatch = addDrawn(this.svg, "pattern", { id: "unused", ...tile })
    addDrawn(hatch, "rect", { width: 6, height: 6, class: "multirate-hatch-ground" })
    addDrawn(hatch, "line", { y2: 6, class: "multirate-hatch" })
    const step = (end - left) / this.names.length
    const every = Math.ceil(22 / step)
    this.bars = this.names.map((name, place) => {
      const x = left + (place + 0.5) * step
      if (place % every === 0) addDrawn(this.svg, "text", { x, y: floor + 16, "text-anchor": "middle" }, name)
      const group = addDrawn(this.svg, "g")
      const bar = addDrawn(group, "rect", { class: "multirate-bar", x: x - 0.38 * step, width: 0.76 * step })
      if (step > 14) {
        addDrawn(group, "text", { class: "multirate-word", transform: `translate(${x + 4} ${floor - 14}) rotate(-90)` }, "unused")
      }
      return { group, bar }
    })
    const y = this.y.at(UNUSED_NATS)
    addDrawn(this.svg, "line", { class: "multirate-limit", x1: left, x2: end, y1: y, y2: y })
    if (this.values) this.move(this.values)
  }

  /** Show these values, in the order of the names. */
  move(values) {
    this.values = values
    const unused = this.names.filter((_, place) => values[place] < UNUSED_NATS)
    const all = unused.length === this.names.length ? "All are unused" : `Unused: ${unused.join(", ")}`
    const note = unused.length ? `${all}. Hatched bars are below ${UNUSED_NATS} nats.` : "All dimensions are used."
    if (this.note.textContent !== note) this.note.textContent = note
    if (!this.plot) return
    const { floor } = this.plot
    this.bars.forEach(({ group, bar }, place) => {
      const unused = values[place] < UNUSED_NATS
      const height = Math.max(unused ? 5 : 2, floor - this.y.at(Math.max(values[place], this.domain.y.low))) // so that the hatch is seen
      setAttributes(bar, { y: floor - height, height })
      group.classList.toggle("multirate-unused", unused)
    })
  }
}
