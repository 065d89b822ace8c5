// @ts-check
// The way between two codes: its picture while it is walked, and a map on which both of its ends can be moved.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { Ends } from "./ends.js"
import { WayMap } from "./map.js"
import { Player } from "./player.js"
import { WayScreen } from "./screen.js"
import { FROM, TO, wordsAt } from "./way.js"

/** @import { PathData, PathEvent } from "../../kit/wire.js" */
/** @import { Kind } from "./way.js" */
/** @typedef {{send: (event: PathEvent) => void}} Io */

const SIDE = 360 // least size of the large picture, screen pixels, where there is room
const SIDE_NARROW = 288 // on a narrow screen, so that the scrubber is in sight below it
const NARROW = 640
const ASIDE = 320 // pixels that both ends take beside the pictures

/**
 * A path's picture, its scrubber and its map, in an empty element. When let go it sends all there is, so that nothing is lost when one
 * event overtakes another; an end that was never dragged is null.
 * @param {HTMLElement} root
 * @param {Io} io
 */
export function mountPath(root, io) {
  return new PathView(root, io)
}

class PathView {
  /** @param {HTMLElement} root @param {Io} io */
  constructor(root, io) {
    this.io = io
    this.held = false // the user is moving something right now
    this.moved = false // and it differs from what Python knows
    this.waiting = /** @type {PathData | null} */ (null) // data that came meanwhile
    this.data = /** @type {PathData | null} */ (null)
    this.twin = /** @type {WayScreen | null} */ (null)
    this.a = new Float32Array(0)
    this.b = new Float32Array(0)
    this.kind = /** @type {Kind} */ ("linear")
    this.dragged = [false, false]
    this.t = 0
    root.classList.add("path-root")
    this.frame = element("div", { className: "path", parent: root })
    this.main = new WayScreen(say("Nine pictures on the way from A to B"))
    this.ends = new Ends()
    this.screens = element("div", { className: "path-screens" }, this.main.figure)
    this.words = element("div", { className: "path-words" })
    this.scrub = element("input", {
      type: "range",
      min: String(FROM),
      max: String(TO),
      step: "0.01",
      attributes: { "aria-label": say("Place on the way from A to B") },
    })
    const ticks = [[say("50 % beyond A"), "start"], ["A", ""], ["B", ""], [say("50 % beyond B"), "end"]]
      .map(([text, side]) => element("span", { className: side }, text))
    const scale = element("div", { className: "path-ticks", attributes: { "aria-hidden": "true" } }, ...ticks)
    this.button = element("button", { type: "button" })
    this.player = new Player(this.button, { place: () => this.t, goTo: (t) => this.goTo(t) })
    const [a, b] = this.ends.both.map((end) => end.element)
    const walk = element("div", { className: "path-walk" }, this.screens, this.words, this.scrub, scale, this.button)
    const plane = element("div", { className: "path-plane" })
    this.map = new WayMap(plane, {
      hold: () => this.hold(),
      release: () => this.release(),
      moved: (end) => this.endMoved(end),
    })
    this.rows = element("div", { className: "path-rows" }, this.main.row)
    this.status = element("p", { className: "path-status", attributes: { role: "status" } })
    this.frame.append(a, walk, b, plane, this.rows, this.status)
    this.sizes = new ResizeObserver(() => this.resize())
    this.sizes.observe(this.frame)
    this.listen()
  }

  listen() {
    const { scrub, button } = this
    /** @type {{t: number, moved: boolean} | null} */
    let from = null // when the scrubber was gripped
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
    scrub.onchange = () => {
      if (!this.held) this.release() // moved by neither pointer nor key, as a screen reader does
    }
    button.onclick = () => {
      if (!this.player.playing) return this.player.start()
      this.halt()
      this.release()
    }
  }

  /** @param {PathData} data */
  update(data) {
    if (this.held) {
      this.waiting = data
      return
    }
    this.data = data
    this.a = Float32Array.from(data.a)
    this.b = Float32Array.from(data.b)
    this.kind = data.kind
    this.dragged = [...data.dragged]
    const { main } = this
    if (main.source?.hash !== data.model.hash) {
      this.player.stop()
      this.ends.connect(null)
    }
    if (!this.player.playing) this.t = data.t
    this.map.update(data, [this.a, this.b])
    main.lay(this.a, this.b, this.kind)
    main.caption.textContent = data.name
    this.pairUp(data)
    main.open(data.model, {
      ready: () => {
        this.resize()
        this.ends.connect(main.engine)
        this.ends.show(this.data ?? data)
        this.wayChanged()
      },
      say: (sentence) => (this.status.textContent = sentence),
      fail: (reason) => this.io.send({ kind: "failed", reason }),
    })
    this.ends.show(data)
    this.wayChanged()
    main.standIn(data.drawn)
  }

  /** Bring the second model, or take it away. @param {PathData} data */
  pairUp({ twin, kind }) {
    this.frame.classList.toggle("path-pair", twin !== null)
    if (!twin) {
      this.twin?.close()
      this.twin = null
      this.resize()
      return
    }
    this.twin ??= new WayScreen(say("The same way through the second model, in nine pictures"))
    const screen = this.twin
    this.screens.append(screen.figure)
    this.rows.append(screen.row)
    screen.caption.textContent = twin.name
    screen.lay(Float32Array.from(twin.a), Float32Array.from(twin.b), kind)
    const tell = (/** @type {string} */ sentence) => {
      screen.caption.textContent = sentence ? `${twin.name}: ${sentence}` : twin.name
    }
    const ready = () => {
      this.resize()
      screen.wayChanged()
      this.goTo(this.t)
    }
    screen.open(twin.model, { ready, say: tell, fail: tell })
    screen.wayChanged()
    this.resize()
  }

  /** Every picture at a whole factor of its own size. */
  resize() {
    const width = this.frame.clientWidth
    const narrow = width < NARROW
    const count = this.twin ? 2 : 1
    const room = narrow ? Math.min(SIDE_NARROW, width / count - 8) : (width - ASIDE) / count
    for (const screen of [this.main, this.twin]) screen?.resize(narrow ? SIDE_NARROW : SIDE, room)
  }

  /** An end, the kind of way or the model is another one. */
  wayChanged() {
    this.map.wayChanged(this.a, this.b, this.kind)
    this.goTo(this.t)
    this.main.wayChanged()
    this.ends.draw([this.a, this.b])
  }

  /** Show the place t. @param {number} t */
  goTo(t) {
    this.t = t
    const words = wordsAt(Number(t.toFixed(2)))
    this.words.textContent = words
    this.scrub.value = String(t)
    this.scrub.setAttribute("aria-valuetext", words)
    this.main.goTo(t, say`Decoded picture: ${words}`)
    this.twin?.goTo(t, say`The second model's picture: ${words}`)
    this.map.goTo(this.main.z)
  }

  /** @param {number} end */
  endMoved(end) {
    this.halt()
    this.dragged[end] = this.moved = true
    if (this.data) this.ends.dragged(end, this.data)
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

  /** Stop playing, at a step of the scrubber, as an address holds it. */
  halt() {
    if (!this.player.playing) return
    this.player.stop()
    this.moved = true
    this.goTo(Number(this.scrub.value))
  }

  close() {
    this.player.stop()
    this.ends.connect(null)
    this.main.close()
    this.twin?.close()
    this.sizes.disconnect()
    this.map.close()
  }
}
