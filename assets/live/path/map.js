// @ts-nocheck -- not typed yet
// The map of a path: the codes of the data, the way through them, and its ends, which can be moved by pointer and by keys.
import { LIMIT } from "../kit/limits.js"
import { addPart } from "../kit/part.js"
import { openPlane } from "../map/plane.js"
import { codeAlong, FROM, TO } from "./way.js"

const SAMPLES = 81 // of the line on the map: 20 to each half of the way, so that A and B are among them
const STEP = 0.02 // of the map's shorter side: what an arrow key moves an end by; five times as much with Shift
const NAME_HEIGHT = 16
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }

/** Whether two names, each [text, x, y], stay clear of one another; what has no place of its own is named in the legend alone. */
function apart(brush, [name, x, y], [otherName, otherX, otherY]) {
  const room = (brush.measureText(name).width + brush.measureText(otherName).width) / 2 + 4
  return Math.abs(x - otherX) > room || Math.abs(y - otherY) > NAME_HEIGHT
}

/** The plane with the codes of the data, the way through it, and a handle at each of its ends. Calls hold(), moved(end) and release(). */
export class WayMap {
  constructor(box, calls) {
    this.calls = calls
    this.box = box
    this.canvas = addPart(box, "canvas", {}, { role: "img", "aria-label": "Map of the codes with the way from A to B" })
    this.ground = document.createElement("canvas") // the points, which stay while all else moves
    this.legend = addPart(box, "div", { className: "path-legend" })
    const hint = addPart(box, "p", {
      id: "path-hint",
      className: "note",
      textContent: "Drag A or B to another place, or Tab to one and press arrow keys; with Shift the steps are larger.",
    })
    this.said = addPart(box, "div", { className: "visually-hidden" }, { role: "status" })
    this.handles = ["A", "B"].map((letter, end) => {
      const handle = addPart(box, "button", { type: "button", textContent: letter, className: "path-end" })
      handle.setAttribute("aria-describedby", hint.id)
      this.listen(handle, end)
      return handle
    })
    this.line = new Float32Array(2 * SAMPLES)
    this.dot = [0, 0]
    this.frame = 0
    this.plane = null
    this.fitted = false // the window to the points and the way
    this.sizes = new ResizeObserver(() => {
      this.fit()
      if (this.fitted) this.placeHandles()
    })
    this.sizes.observe(this.canvas)
  }

  /** Let a handle be dragged and moved by keys. */
  listen(handle, end) {
    let from = null // {code, place: of the end when it was gripped, x, y: from the pointer to it}
    handle.onpointerdown = (event) => {
      handle.setPointerCapture(event.pointerId)
      const place = this.plane.place(this.ends[end])
      const [x, y] = this.toScreen(place)
      from = { code: this.ends[end].slice(), place, x: x - event.clientX, y: y - event.clientY }
      this.calls.hold()
    }
    handle.onpointermove = (event) => {
      if (from) this.move(end, from.code, from.place, from.x + event.clientX, from.y + event.clientY)
    }
    handle.onlostpointercapture = () => {
      from = null
      this.released(end)
    }
    handle.onkeydown = (event) => {
      const arrow = ARROWS[event.key]
      if (!arrow) return
      event.preventDefault() // the page would scroll
      this.calls.hold()
      const code = this.ends[end].slice(), place = this.plane.place(code)
      const [x, y] = this.toScreen(place)
      const step = STEP * Math.min(this.width, this.height) * (event.shiftKey ? 5 : 1)
      this.move(end, code, place, x + step * arrow[0], y - step * arrow[1])
    }
    handle.onkeyup = handle.onblur = () => this.released(end)
  }

  released(end) {
    if (this.moved) this.said.textContent = this.handles[end].getAttribute("aria-label")
    this.moved = false
    this.calls.release()
  }

  /** Move an end from `code` at `place` to a point of the screen: the code changes within the map's plane and keeps what is out of it. */
  move(end, code, place, x, y) {
    const here = this.plane.lift(place)
    const there = this.plane.lift(this.toPlane(Math.min(this.width, Math.max(0, x)), Math.min(this.height, Math.max(0, y))))
    const z = this.ends[end]
    for (let k = 0; k < z.length; k++) z[k] = Math.min(LIMIT, Math.max(-LIMIT, code[k] + there[k] - here[k]))
    this.moved = true
    this.calls.moved(end)
  }

  update({ view, points, titles }, ends) {
    this.ends = ends
    this.labels = view.labels
    this.titles = titles
    this.points = points
    this.plane = openPlane(view, null, null)
    this.fitted = false
    this.legend.replaceChildren()
    points?.names.forEach((name, group) => {
      const item = addPart(this.legend, "span")
      addPart(item, "i").style.background = points.palette[group]
      item.append(name)
    })
  }

  /** The way runs from a to b. */
  wayChanged(a, b, kind) {
    const z = new Float32Array(a.length)
    for (let sample = 0; sample < SAMPLES; sample++) {
      codeAlong(a, b, FROM + ((TO - FROM) * sample) / (SAMPLES - 1), kind, z)
      this.line.set(this.plane.place(z), 2 * sample)
    }
    if (!this.fitted) this.fit()
    if (this.fitted) this.placeHandles()
    this.draw()
  }

  placeHandles() {
    this.handles.forEach((handle, end) => {
      const place = this.plane.place(this.ends[end])
      const [left, top] = this.toScreen(place)
      handle.style.transform = `translate(-50%, -50%) translate(${left}px, ${top}px)`
      const [across, up] = Array.from(place, (value) => (Number(value.toFixed(1)) + 0).toFixed(1).replace("-", "−"))
      handle.setAttribute("aria-label", `${this.titles[end]}, at (${across}, ${up})`)
    })
  }

  /** The picture shown is of this code. */
  goTo(z) {
    this.dot = this.plane.place(z)
    this.draw()
  }

  /** Choose the window so that all points and the way, beyond its ends too, are in it, at one scale both ways, and draw the points. */
  fit() {
    const { canvas, plane, points } = this
    if (!plane || !canvas.clientWidth) return
    this.width = canvas.clientWidth
    this.height = canvas.clientHeight
    let left = Infinity, right = -Infinity, bottom = Infinity, top = -Infinity
    const include = (xy) => {
      for (let index = 0; index < xy.length; index += 2) {
        left = Math.min(left, xy[index])
        right = Math.max(right, xy[index])
        bottom = Math.min(bottom, xy[index + 1])
        top = Math.max(top, xy[index + 1])
      }
    }
    include(this.line)
    if (points) include(points.xy)
    this.scale = 0.86 * Math.min(this.width / (right - left || 1), this.height / (top - bottom || 1))
    this.centre = [(left + right) / 2, (bottom + top) / 2]
    this.fitted = true
    this.drawGround()
    this.draw()
  }

  toScreen([x, y]) {
    return [this.width / 2 + this.scale * (x - this.centre[0]), this.height / 2 - this.scale * (y - this.centre[1])]
  }

  toPlane(x, y) {
    return [this.centre[0] + (x - this.width / 2) / this.scale, this.centre[1] - (y - this.height / 2) / this.scale]
  }

  /** Points, names of classes and of the axes. */
  drawGround() {
    const { ground, points, width, height } = this
    const style = getComputedStyle(this.box)
    this.ink = style.getPropertyValue("--st-text-color")
    this.paper = style.getPropertyValue("--st-background-color")
    this.ratio = devicePixelRatio
    for (const canvas of [ground, this.canvas]) {
      canvas.width = Math.round(this.ratio * width)
      canvas.height = Math.round(this.ratio * height)
    }
    const brush = ground.getContext("2d")
    brush.scale(this.ratio, this.ratio)
    const text = (words, x, y) => {
      brush.globalAlpha = 1
      brush.lineWidth = 4
      brush.lineJoin = "round"
      brush.strokeStyle = this.paper
      brush.strokeText(words, x, y)
      brush.fillStyle = this.ink
      brush.fillText(words, x, y)
    }
    if (points) {
      const { xy, classes, names, palette } = points
      const sums = names.map(() => [0, 0, 0])
      brush.globalAlpha = 0.55
      for (let index = 0; index < xy.length / 2; index++) {
        const place = [xy[2 * index], xy[2 * index + 1]]
        const group = classes ? classes[index] : -1
        brush.fillStyle = group < 0 ? this.ink : palette[group % palette.length]
        const [x, y] = this.toScreen(place)
        brush.fillRect(x - 1.5, y - 1.5, 3, 3)
        const sum = sums[group]
        if (sum) {
          sum[0] += x
          sum[1] += y
          sum[2]++
        }
      }
      brush.font = `600 13px ${style.fontFamily}`
      brush.textAlign = "center"
      brush.textBaseline = "middle"
      const centres = sums.flatMap(([x, y, count], group) => (count ? [[names[group], x / count, y / count]] : []))
      for (const centre of centres) if (centres.every((other) => other === centre || apart(brush, centre, other))) text(...centre)
    }
    brush.font = `12px ${style.fontFamily}`
    brush.textBaseline = "alphabetic"
    brush.textAlign = "right"
    text(`${this.labels[0]} →`, width - 6, height - 8)
    brush.textAlign = "left"
    text(`↑ ${this.labels[1]}`, 6, 16)
  }

  draw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0
      if (this.fitted) this.drawNow()
    })
  }

  drawNow() {
    const brush = this.canvas.getContext("2d")
    brush.setTransform(1, 0, 0, 1, 0, 0)
    brush.clearRect(0, 0, this.canvas.width, this.canvas.height)
    brush.drawImage(this.ground, 0, 0)
    brush.scale(this.ratio, this.ratio)
    const quarter = (SAMPLES - 1) / 4
    this.stroke(brush, 0, SAMPLES - 1, this.paper, 6, [])
    this.stroke(brush, 0, quarter, this.ink, 2, [2, 5])
    this.stroke(brush, quarter, 3 * quarter, this.ink, 2.5, [])
    this.stroke(brush, 3 * quarter, SAMPLES - 1, this.ink, 2, [2, 5])
    const [x, y] = this.toScreen(this.dot)
    brush.beginPath()
    brush.arc(x, y, 7, 0, 2 * Math.PI)
    brush.fillStyle = "white"
    brush.fill()
    brush.lineWidth = 3
    brush.setLineDash([])
    brush.strokeStyle = "black"
    brush.stroke()
  }

  /** The part of the way between two of its samples. */
  stroke(brush, first, last, colour, width, dashes) {
    brush.beginPath()
    for (let sample = first; sample <= last; sample++) {
      const [x, y] = this.toScreen([this.line[2 * sample], this.line[2 * sample + 1]])
      brush.lineTo(x, y)
    }
    brush.lineWidth = width
    brush.lineCap = brush.lineJoin = "round"
    brush.strokeStyle = colour
    brush.setLineDash(dashes)
    brush.stroke()
  }

  close() {
    cancelAnimationFrame(this.frame)
    this.sizes.disconnect()
  }
}
