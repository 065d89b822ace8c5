// @ts-nocheck -- not typed yet
// The way between two codes: its picture while it is walked, and a map on which both of its ends can be moved.
import { openEngine } from "../engine/engine.js"
import { paint, paintBytes } from "../kit/paint.js"
import { addPart } from "../kit/part.js"
import { WayMap } from "./map.js"
import { codeAlong, FROM, TO, wordsAt } from "./way.js"

const SIDE = 256 // least size of the large picture, screen pixels
const SMALL = 9
const SMALL_LEAST = 56 // screen pixels that a small picture may take even where not all fit beside one another
const SMALL_MOST = 96
const SMALL_BUDGET = 4 // milliseconds of each frame in which small pictures are begun
const WALK = 4000 // milliseconds from A to B when played

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
    const frame = addPart(root, "div", { className: "path" })
    const walk = addPart(frame, "div", { className: "path-walk" })
    this.large = addPart(walk, "canvas", { className: "path-large" }, { role: "img" })
    if (!this.large.getContext("2d")) throw new Error("This browser cannot draw on a canvas.")
    this.words = addPart(walk, "div", { className: "path-words" })
    this.scrub = addPart(
      walk,
      "input",
      { type: "range", min: FROM, max: TO, step: 0.01 },
      { "aria-label": "Place on the way from A to B" },
    )
    const ticks = addPart(walk, "div", { className: "path-ticks" }, { "aria-hidden": "true" })
    for (const [text, side] of [["50 % beyond A", "start"], ["A", ""], ["B", ""], ["50 % beyond B", "end"]]) {
      addPart(ticks, "span", { textContent: text, className: side })
    }
    this.button = addPart(walk, "button", { type: "button", textContent: "Play" })
    this.map = new WayMap(addPart(frame, "div", { className: "path-plane" }), {
      hold: () => this.hold(),
      release: () => this.release(),
      moved: (end) => this.endMoved(end),
    })
    const row = addPart(frame, "div", { className: "path-row" }, { role: "img", "aria-label": "Nine pictures on the way from A to B" })
    this.small = Array.from({ length: SMALL }, () => addPart(row, "canvas"))
    this.status = addPart(frame, "p", { className: "path-status" }, { role: "status" })
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
    if (this.away && data.drawn) paintBytes(this.large, data.drawn, this.engine.shape)
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
    this.source = this.engine = null
    this.view = this.unlisten = null
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
    size(this.large, Math.ceil(SIDE / side))
    const room = Math.max(SMALL_LEAST, Math.min(SMALL_MOST, this.row.clientWidth / SMALL - 8))
    for (const canvas of this.small) size(canvas, Math.max(1, Math.floor(room / side)))
  }

  /** An end, the kind of way or the model is another one. */
  wayChanged() {
    this.map.wayChanged(this.a, this.b, this.kind)
    this.goTo(this.t)
    const { engine, stale } = this
    if (!engine) return
    this.stale = SMALL
    if (!stale) requestAnimationFrame(() => this.drawSmall(engine))
  }

  /** Show the place t. */
  goTo(t) {
    this.t = t
    const words = wordsAt(Number(t.toFixed(2)))
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
    const end = performance.now() + SMALL_BUDGET
    while (this.engine === engine && this.stale) {
      if (performance.now() > end) {
        requestAnimationFrame(() => this.drawSmall(engine))
        return
      }
      const place = this.next
      this.next = (place + 1) % SMALL
      this.stale-- // before the picture is there: should the way change meanwhile, this one is stale again
      codeAlong(this.a, this.b, place / (SMALL - 1), this.kind, this.smallZ)
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
      const way = Math.max(0, now - before) / WALK // a frame may have begun before the click
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
