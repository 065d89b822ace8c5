// @ts-check
// The walk from A to B: its picture, its scrubber, and what both ends are.
import { element } from "../kit/dom.js"
import { channel } from "../kit/link.js"
import { Player } from "../parts/path/player.js"
import { WayScreen } from "../parts/path/screen.js"
import { wordsAt } from "../parts/path/way.js"

/** @import { FailedEvent, MoveEvent, WeightsSource } from "../kit/wire.js" */
/** @import { Kind } from "../parts/path/way.js" */
/** @typedef {{value: string, name: string}} Choice of an end */
/** @typedef {{kind: "ends", ends: string[]}} EndsEvent the user has chosen other ends: two values of choices */
/**
 * What the walk is given: where the user is, the ends, each the value of a choice, and the codes of A and B.
 * @typedef {{channel: string, model: WeightsSource, z: number[], choices: Choice[], ends: string[], a: number[], b: number[]}} WalkData
 */

const SIDE = 320 // screen pixels of the picture, at least
const SIDE_NARROW = 252 // on a narrow screen, so that the scrubber is in sight below it
const NARROW = 640
const QUIET = 150 // milliseconds without a key that end a move
/** @type {Record<Kind, string>} */
const KINDS = { linear: "Straight", spherical: "Spherical: turns around the middle" }

/**
 * The walk in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: MoveEvent | EndsEvent | FailedEvent) => void}} io
 */
export function mountWalk(root, io) {
  return new Walk(root, io)
}

class Walk {
  /** @param {HTMLElement} root @param {{send: (event: MoveEvent | EndsEvent | FailedEvent) => void}} io */
  constructor(root, io) {
    this.io = io
    /** @type {WalkData | null} */
    this.data = null
    this.t = 0
    this.before = 0 // where the scrubber was when it was gripped
    this.moved = false // by the user, since the page was told
    /** @type {ReturnType<typeof channel> | null} */
    this.shared = null
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined
    this.screen = new WayScreen("Nine pictures on the way from A to B")
    const attributes = { "aria-label": "Place on the way from A to B" }
    this.scrub = element("input", { type: "range", min: "0", max: "1", step: "0.01", attributes })
    this.words = element("span", { className: "walk-words" })
    const button = element("button", { type: "button" })
    this.player = new Player(button, { place: () => this.t, goTo: (t) => this.lead(t) })
    this.ends = ["A", "B"].map((letter) => labelledSelect(letter))
    this.kind = labelledSelect("Path")
    fill(this.kind.select, Object.entries(KINDS).map(([value, name]) => ({ value, name })))
    this.status = element("p", { attributes: { role: "status" } })
    const line = element("div", { className: "walk-line" }, button, this.words)
    const choices = element("div", { className: "walk-choices" }, this.ends[0].whole, this.kind.whole, this.ends[1].whole)
    const side = element("div", { className: "walk-side" }, line, this.scrub, this.screen.row, choices, this.status)
    this.frame = element("div", { className: "walk", parent: root }, this.screen.figure, side)
    new ResizeObserver(() => this.resize()).observe(this.frame)
    this.listen(button)
  }

  /** @param {HTMLButtonElement} button */
  listen(button) {
    const { scrub, ends, kind } = this
    button.onclick = () => (this.player.playing ? this.halt() : this.player.start())
    scrub.onpointerdown = () => {
      this.halt()
      this.before = this.t
    }
    scrub.oninput = () => {
      this.player.stop()
      this.lead(scrub.valueAsNumber)
    }
    scrub.onpointercancel = () => { // a finger that turned out to scroll the page, though it has moved the slider it landed on
      this.show(this.before)
      this.moved = false
      if (this.data) this.shared?.set(Float32Array.from(this.data.z), this)
    }
    scrub.onchange = () => {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.tell(), QUIET)
    }
    kind.select.onchange = () => this.lay()
    for (const { select } of ends) select.onchange = () => this.io.send({ kind: "ends", ends: ends.map((end) => end.select.value) })
  }

  /** @param {WalkData} data */
  update(data) {
    const before = this.data
    this.data = data
    if (!before) {
      this.shared = channel(data.channel)
      this.shared.listen((_, from) => {
        if (from === this) return
        this.player.stop() // another part leads now
        this.moved = false
      })
      for (const { select } of this.ends) fill(select, data.choices)
    }
    this.ends.forEach(({ select }, end) => (select.value = data.ends[end]))
    this.screen.open(data.model, {
      ready: () => {
        this.resize()
        this.lay()
      },
      say: (sentence) => (this.status.textContent = sentence),
      fail: (reason) => this.io.send({ kind: "failed", reason }),
    })
    if (String([before?.a, before?.b]) !== String([data.a, data.b])) this.lay()
  }

  /** The way is another one; the place on it stays. */
  lay() {
    if (!this.data) return
    const { screen, data, kind } = this
    screen.lay(Float32Array.from(data.a), Float32Array.from(data.b), /** @type {Kind} */ (kind.select.value))
    screen.wayChanged()
    this.show(this.t)
  }

  /** Show the place t. @param {number} t */
  show(t) {
    this.t = t
    const words = wordsAt(Number(t.toFixed(2)))
    this.words.textContent = words
    this.scrub.value = String(t)
    this.scrub.setAttribute("aria-valuetext", words)
    this.screen.goTo(t, `Decoded picture: ${words}`)
  }

  /** Go to the place t, and take the rest of the page along. @param {number} t */
  lead(t) {
    this.show(t)
    this.moved = true
    this.shared?.set(this.screen.z, this)
  }

  /** Stop playing, at a step of the scrubber. */
  halt() {
    if (!this.player.playing) return
    this.player.stop()
    this.lead(this.scrub.valueAsNumber)
    this.tell()
  }

  tell() {
    clearTimeout(this.timer)
    if (!this.moved) return
    this.moved = false
    this.io.send({ kind: "move", z: Array.from(this.screen.z) })
  }

  resize() {
    const width = this.frame.clientWidth
    const side = width < NARROW ? SIDE_NARROW : SIDE
    this.screen.resize(side, Math.min(width, side + 40))
  }
}

/** A choice below its name. @param {string} name */
function labelledSelect(name) {
  const id = `walk-${name}`
  const select = element("select", { id })
  return { select, whole: element("div", {}, element("label", { htmlFor: id }, name), select) }
}

/** @param {HTMLSelectElement} select @param {Choice[]} choices */
function fill(select, choices) {
  select.replaceChildren(...choices.map(({ value, name }) => element("option", { value }, name)))
}
