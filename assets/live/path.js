// The way between two codes: its picture while it is walked, and a map on which both of its ends can be moved.
import { openEngine } from "./engine.js"
import { paint } from "./paint.js"
import { openPlane } from "./plane.js"

const PATH_FROM = -0.5 // how far before A and beyond B the walk goes on, as a share of the way between them
const PATH_TO = 1.5
const PATH_LIMIT = 10 // the largest coordinate that Python takes
const PATH_SIDE = 256 // least size of the large picture, screen pixels
const PATH_SMALL = 9
const PATH_SMALL_LEAST = 56 // screen pixels that a small picture may take even where not all fit beside one another
const PATH_SMALL_MOST = 96
const PATH_SMALL_BUDGET = 4 // milliseconds of each frame in which small pictures are begun
const PATH_SAMPLES = 81 // of the line on the map: 20 to each half of the way, so that A and B are among them
const PATH_WALK = 4000 // milliseconds from A to B when played
const PATH_STEP = 0.02 // of the map's shorter side: what an arrow key moves an end by; five times as much with Shift
const PATH_NAME_HEIGHT = 16
const PATH_ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }

/**
 * The code at t on the way from a (t = 0) to b (t = 1), all Float32Array [K], written to `into`: what vae_core.explore.along computes.
 *
 * Beyond the ends the same formula goes on: the line runs straight on, and the spherical way turns on at its speed while the norm
 * goes on growing or shrinking linearly, though never below 0.
 */
export function codeAlong(a, b, t, kind, into) {
  let squaresA = 0, squaresB = 0, product = 0
  for (let k = 0; k < a.length; k++) {
    squaresA += a[k] * a[k]
    squaresB += b[k] * b[k]
    product += a[k] * b[k]
  }
  let shareA = 1 - t, shareB = t
  if (kind === "spherical" && t !== 0 && t !== 1 && squaresA > 0 && squaresB > 0) {
    const normA = Math.sqrt(squaresA), normB = Math.sqrt(squaresB)
    const angle = Math.acos(Math.min(1, Math.max(-1, product / (normA * normB))))
    if (1e-4 < angle && angle < Math.PI - 1e-4) {
      const norm = Math.max(0, (1 - t) * normA + t * normB) / Math.sin(angle)
      shareA = (norm * Math.sin((1 - t) * angle)) / normA
      shareB = (norm * Math.sin(t * angle)) / normB
    }
  }
  for (let k = 0; k < a.length; k++) into[k] = shareA * a[k] + shareB * b[k]
}

/** Where t is, in words. */
export function pathWords(t) {
  const percent = (share) => `${Math.round(100 * share)} %`
  if (t < 0) return `${percent(-t)} beyond A`
  if (t > 1) return `${percent(t - 1)} beyond B`
  if (t === 0 || t === 1) return t ? "At B" : "At A"
  return `${percent(t)} of the way from A to B`
}

/**
 * A path's picture, its scrubber and its map. Data: {model: source, a: [K], b: [K], dragged: [whether A was, whether B was], kind, t,
 * view: {labels, centre, axes}, titles: [of A, of B], points: {xy: [x, y, x, y, …], classes: [index per point] or null, names, palette}
 * or null, drawn: what Python drew at t, bytes [C·H·W] in base64, for a model that the server runs, else null}.
 * When let go it sends {kind: "walk", t, a, b}: all there is, so that nothing is lost when one event overtakes another; an end that
 * was never dragged is null.
 */
export function mountPath(root, io) {
  return new PathView(root, io)
}

/** A new element inside `parent`. */
function pathPart(parent, tag, properties = {}, attributes = {}) {
  const part = Object.assign(document.createElement(tag), properties)
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value)
  parent.append(part)
  return part
}

/** Whether two names, each [text, x, y], stay clear of one another; what has no place of its own is named in the legend alone. */
function pathApart(brush, [name, x, y], [otherName, otherX, otherY]) {
  const room = (brush.measureText(name).width + brush.measureText(otherName).width) / 2 + 4
  return Math.abs(x - otherX) > room || Math.abs(y - otherY) > PATH_NAME_HEIGHT
}

class PathView {
  constructor(root, io) {
    this.io = io
    this.held = false // the user is moving something right now
    this.moved = false // and it differs from what Python knows
    this.waiting = null // data that came meanwhile
    this.playing = 0
    this.stale = 0 // small pictures that show an older way
    this.next = 0 // which of them is drawn next
    this.source = null
    const frame = pathPart(root, "div", { className: "path" })
    const walk = pathPart(frame, "div", { className: "path-walk" })
    this.large = pathPart(walk, "canvas", { className: "path-large" }, { role: "img" })
    if (!this.large.getContext("2d")) throw new Error("This browser cannot draw on a canvas.")
    this.words = pathPart(walk, "div", { className: "path-words" })
    this.scrub = pathPart(
      walk, "input", { type: "range", min: PATH_FROM, max: PATH_TO, step: 0.01 }, { "aria-label": "Place on the way from A to B" },
    )
    const ticks = pathPart(walk, "div", { className: "path-ticks" }, { "aria-hidden": "true" })
    for (const [text, side] of [["50 % beyond A", "start"], ["A", ""], ["B", ""], ["50 % beyond B", "end"]]) {
      pathPart(ticks, "span", { textContent: text, className: side })
    }
    this.button = pathPart(walk, "button", { type: "button", textContent: "Play" })
    this.map = new PathMap(pathPart(frame, "div", { className: "path-plane" }), {
      hold: () => this.hold(),
      release: () => this.release(),
      moved: (end) => this.endMoved(end),
    })
    const row = pathPart(frame, "div", { className: "path-row" }, { role: "img", "aria-label": "Nine pictures on the way from A to B" })
    this.small = Array.from({ length: PATH_SMALL }, () => pathPart(row, "canvas"))
    this.status = pathPart(frame, "p", { className: "path-status" }, { role: "status" })
    this.sizes = new ResizeObserver(() => this.resize())
    this.sizes.observe(row)
    this.row = row
    this.listen()
  }

  listen() {
    const { scrub, button } = this
    let from = null // {t, moved} when the scrubber was gripped
    scrub.onpointerdown = (event) => {
      scrub.setPointerCapture(event.pointerId)
      this.halt()
      this.hold()
      from ??= { t: this.t, moved: this.moved }
    }
    scrub.onpointercancel = () => {
      // The finger scrolls the page after all, but the browser had moved the scrubber as soon as it was touched.
      if (!from) return
      this.moved = from.moved
      this.goTo(from.t)
    }
    scrub.onlostpointercapture = () => {
      from = null
      this.release()
    }
    scrub.onkeydown = () => this.hold()
    scrub.onkeyup = scrub.onblur = () => this.release()
    scrub.oninput = () => {
      this.halt()
      this.moved = true
      this.goTo(Number(scrub.value))
    }
    scrub.onchange = () => this.held || this.release() // moved by neither pointer nor key, as a screen reader does
    button.onclick = () => {
      if (!this.playing) return this.play()
      this.halt()
      this.release()
    }
  }

  update(data) {
    if (this.held) {
      this.waiting = data
      return
    }
    this.a = Float32Array.from(data.a)
    this.b = Float32Array.from(data.b)
    this.kind = data.kind
    this.dragged = [...data.dragged]
    this.z = new Float32Array(this.a.length)
    this.smallZ = new Float32Array(this.a.length)
    if (this.source?.hash !== data.model.hash) this.pause()
    if (!this.playing) this.t = data.t
    this.map.update(data, [this.a, this.b])
    this.connect(data.model)
    this.wayChanged()
    if (this.away && data.drawn) this.standIn(data.drawn)
  }

  /** Show what Python drew, bytes [C·H·W] in base64, while the engine cannot answer. */
  standIn(drawn) {
    paint(this.large, Float32Array.from(atob(drawn), (byte) => byte.charCodeAt(0) / 255), this.engine.shape)
  }

  /** Fetch the model, unless it is this one already. */
  async connect(source) {
    if (this.source?.hash === source.hash) return
    this.disconnect()
    this.source = source
    try {
      const engine = await openEngine(source)
      if (this.source !== source) return
      this.engine = engine
      this.view = engine.view((image) => paint(this.large, image, engine.shape))
      this.unlisten = engine.listen((message) => {
        this.status.textContent = message ?? ""
        this.away = message !== null
      })
      this.resize()
      this.wayChanged()
    } catch (error) {
      if (this.source === source) this.io.send({ kind: "failed", reason: error.message })
    }
  }

  disconnect() {
    this.view?.close()
    this.unlisten?.()
    this.stale = 0
    this.away = false
    this.status.textContent = ""
    this.source = this.engine = this.view = this.unlisten = null
  }

  /** Every picture at a whole factor of its own size. */
  resize() {
    if (!this.engine) return
    const [, height, width] = this.engine.shape
    const side = Math.max(height, width)
    const size = (canvas, factor) => {
      canvas.style.width = `${factor * width}px`
      canvas.style.height = `${factor * height}px`
    }
    size(this.large, Math.ceil(PATH_SIDE / side))
    const room = Math.max(PATH_SMALL_LEAST, Math.min(PATH_SMALL_MOST, this.row.clientWidth / PATH_SMALL - 8))
    for (const canvas of this.small) size(canvas, Math.max(1, Math.floor(room / side)))
  }

  /** An end, the kind of way or the model is another one. */
  wayChanged() {
    this.map.wayChanged(this.a, this.b, this.kind)
    this.goTo(this.t)
    const { engine, stale } = this
    if (!engine) return
    this.stale = PATH_SMALL
    if (!stale) requestAnimationFrame(() => this.drawSmall(engine))
  }

  /** Show the place t. */
  goTo(t) {
    this.t = t
    const words = pathWords(Number(t.toFixed(2)))
    this.words.textContent = words
    this.scrub.value = t
    this.scrub.setAttribute("aria-valuetext", words)
    this.large.setAttribute("aria-label", `Decoded picture: ${words}`)
    codeAlong(this.a, this.b, t, this.kind, this.z)
    this.map.goTo(this.z)
    this.view?.show(this.z)
  }

  /** Draw as many stale small pictures as a frame has time for beside the large one, each in its turn, and go on in the next frame. */
  async drawSmall(engine) {
    const end = performance.now() + PATH_SMALL_BUDGET
    while (this.engine === engine && this.stale) {
      if (performance.now() > end) {
        requestAnimationFrame(() => this.drawSmall(engine))
        return
      }
      const place = this.next
      this.next = (place + 1) % PATH_SMALL
      this.stale-- // before the picture is there: should the way change meanwhile, this one is stale again
      codeAlong(this.a, this.b, place / (PATH_SMALL - 1), this.kind, this.smallZ)
      const image = await engine.decode(this.smallZ).catch(() => null) // the engine's listener says what is wrong
      if (image && this.engine === engine) paint(this.small[place], image, engine.shape)
    }
  }

  endMoved(end) {
    this.halt()
    this.dragged[end] = this.moved = true
    this.wayChanged()
  }

  hold() {
    this.held = true
  }

  /** Tell Python what was moved; where nothing was, take what it said meanwhile. */
  release() {
    this.held = false
    const { waiting } = this
    this.waiting = null
    if (this.moved) {
      this.moved = false
      const [a, b] = [this.a, this.b].map((code, end) => (this.dragged[end] ? Array.from(code) : null))
      this.io.send({ kind: "walk", t: this.t, a, b })
    } else if (waiting) this.update(waiting)
  }

  /** Walk from here to B, or from beyond it to A, and to and fro between them, until stopped. */
  play() {
    let before = performance.now(), towards = this.t < 1 ? 1 : 0
    const step = (now) => {
      const way = Math.max(0, now - before) / PATH_WALK // a frame may have begun before the click
      before = now
      const t = towards ? Math.min(1, this.t + way) : Math.max(0, this.t - way)
      if (t === towards) towards = 1 - towards
      this.goTo(t)
      this.playing = requestAnimationFrame(step)
    }
    this.playing = requestAnimationFrame(step)
    this.button.textContent = "Pause"
  }

  /** Stop playing, at a step of the scrubber, as an address holds it. */
  halt() {
    if (!this.playing) return
    this.pause()
    this.moved = true
    this.goTo(Number(this.scrub.value))
  }

  pause() {
    cancelAnimationFrame(this.playing)
    this.playing = 0
    this.button.textContent = "Play"
  }

  close() {
    this.pause()
    this.disconnect()
    this.sizes.disconnect()
    this.map.close()
  }
}

/** The plane with the codes of the data, the way through it, and a handle at each of its ends. Calls hold(), moved(end) and release(). */
class PathMap {
  constructor(box, calls) {
    this.calls = calls
    this.box = box
    this.canvas = pathPart(box, "canvas", {}, { role: "img", "aria-label": "Map of the codes with the way from A to B" })
    this.ground = document.createElement("canvas") // the points, which stay while all else moves
    this.legend = pathPart(box, "div", { className: "path-legend" })
    const hint = pathPart(box, "p", {
      id: "path-hint",
      className: "note",
      textContent: "Drag A or B to another place, or Tab to one and press arrow keys; with Shift the steps are larger.",
    })
    this.said = pathPart(box, "div", { className: "visually-hidden" }, { role: "status" })
    this.handles = ["A", "B"].map((letter, end) => {
      const handle = pathPart(box, "button", { type: "button", textContent: letter, className: "path-end" })
      handle.setAttribute("aria-describedby", hint.id)
      this.listen(handle, end)
      return handle
    })
    this.line = new Float32Array(2 * PATH_SAMPLES)
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
      const arrow = PATH_ARROWS[event.key]
      if (!arrow) return
      event.preventDefault() // the page would scroll
      this.calls.hold()
      const code = this.ends[end].slice(), place = this.plane.place(code)
      const [x, y] = this.toScreen(place)
      const step = PATH_STEP * Math.min(this.width, this.height) * (event.shiftKey ? 5 : 1)
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
    for (let k = 0; k < z.length; k++) z[k] = Math.min(PATH_LIMIT, Math.max(-PATH_LIMIT, code[k] + there[k] - here[k]))
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
      const item = pathPart(this.legend, "span")
      pathPart(item, "i").style.background = points.palette[group]
      item.append(name)
    })
  }

  /** The way runs from a to b. */
  wayChanged(a, b, kind) {
    const z = new Float32Array(a.length)
    for (let sample = 0; sample < PATH_SAMPLES; sample++) {
      codeAlong(a, b, PATH_FROM + ((PATH_TO - PATH_FROM) * sample) / (PATH_SAMPLES - 1), kind, z)
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
    this.ratio = window.devicePixelRatio
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
      for (const centre of centres) if (centres.every((other) => other === centre || pathApart(brush, centre, other))) text(...centre)
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
    const quarter = (PATH_SAMPLES - 1) / 4
    this.stroke(brush, 0, PATH_SAMPLES - 1, this.paper, 6, [])
    this.stroke(brush, 0, quarter, this.ink, 2, [2, 5])
    this.stroke(brush, quarter, 3 * quarter, this.ink, 2.5, [])
    this.stroke(brush, 3 * quarter, PATH_SAMPLES - 1, this.ink, 2, [2, 5])
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
