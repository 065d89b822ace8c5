// @ts-check
// How a model came to be: a slider over the snapshots of its training, and the map, the pictures and the dimensions at each of them.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { Bars } from "./bars.js"
import { halvesOf } from "./halves.js"
import { ReplayMap } from "./map.js"
import { letterOf, Pictures } from "./pictures.js"
import { factsOf, placeAfter, whenOf } from "./reel.js"

/** @import { ReplayData, ReplayEvent } from "../../kit/wire.js" */

const PLAYED = 500 // milliseconds from one snapshot to the next while it plays
const GLIDE = 180 // in which points reach the snapshot that was chosen by hand
const REST = 400 // after which what is shown is said aloud

/**
 * The snapshots in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: ReplayEvent) => void}} io
 */
export function mountReplay(root, io) {
  return new ReplayView(root, io)
}

class ReplayView {
  /** @param {HTMLElement} root @param {{send: (event: ReplayEvent) => void}} io */
  constructor(root, io) {
    this.root = root
    /** @type {ReplayData | null} */
    this.data = null
    this.at = 0
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.playing = undefined
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches
    this.glide = still ? { played: 0, chosen: 0 } : { played: PLAYED, chosen: GLIDE }
    const frame = element("div", { className: "replay", parent: root })
    const plane = element("div", { className: "replay-plane", parent: frame })
    const controls = element("div", { className: "replay-controls", parent: frame })
    const side = element("div", { className: "replay-side", parent: frame })
    this.map = new ReplayMap(plane, (index) => io.send({ kind: "choose", numbers: [index] }))
    frame.append(this.map.stage.legend.element)
    this.button = element("button", { type: "button", parent: controls })
    this.scrub = element("input", {
      type: "range",
      min: "0",
      attributes: { "aria-label": say("Snapshot of the training") },
      parent: controls,
    })
    this.when = element("p", { className: "replay-when", parent: controls })
    this.facts = element("p", { className: "note replay-facts", parent: controls })
    this.pictures = new Pictures(side)
    this.bars = new Bars(side)
    this.spoken = element("p", { className: "visually-hidden", attributes: { "aria-live": "polite" }, parent: root })
    this.scrub.addEventListener("input", () => {
      this.stop()
      this.goTo(Number(this.scrub.value), this.glide.chosen)
      this.speak()
    })
    this.button.addEventListener("click", () => this.turn())
    frame.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.target instanceof HTMLButtonElement) return // a button hears of it as a click
      event.preventDefault() // the page would scroll
      this.turn()
    })
    this.stop()
  }

  /** @param {ReplayData} data */
  update(data) {
    const { data: before } = this
    if (before && before.run !== data.run) this.stop()
    this.at = before?.run === data.run ? placeAfter(before.steps, this.at, data.steps) : data.steps.length - 1
    this.data = data
    this.scrub.max = String(data.steps.length - 1)
    this.map.update(data, halvesOf(data.places))
    this.pictures.update(data.pictures)
    this.bars.update(data.dims, data.amounts, data.unit)
    this.goTo(this.at, before?.run === data.run ? this.glide.chosen : 0)
  }

  /** Show a snapshot; points take so many milliseconds to get there. @param {number} at @param {number} glide */
  goTo(at, glide) {
    const { data } = this
    if (!data) return
    this.at = at
    this.scrub.value = String(at)
    const when = whenOf(data, at)
    this.when.textContent = when
    this.facts.textContent = factsOf(data, at)
    this.scrub.setAttribute("aria-valuetext", when)
    this.map.goTo(at, glide)
    this.pictures.show(at)
    this.bars.show(at)
    const row = data.shown.map((_, place) => letterOf(place)).join(", ")
    this.pictures.describe(say`Images ${row} above their reconstructions. ${when}: ${factsOf(data, at)}`)
    this.map.stage.marks.setAttribute("aria-label", say`Map of the codes. ${when}. ${data.labels[0]} across, ${data.labels[1]} up`)
  }

  /** Say aloud what is shown, once the user rests: not what comes by itself while a run trains. */
  speak() {
    clearTimeout(this.resting)
    this.resting = setTimeout(() => (this.spoken.textContent = `${this.when.textContent}: ${this.facts.textContent}`), REST)
  }

  turn() {
    if (this.playing) {
      this.stop()
      this.speak()
    } else this.play()
  }

  /** From here to the last snapshot, or from the first where this is the last. */
  play() {
    const { data } = this
    if (!data) return
    const last = data.steps.length - 1
    if (this.at >= last) this.goTo(0, 0)
    this.playing = setInterval(() => {
      this.goTo(Math.min(this.at + 1, Number(this.scrub.max)), this.glide.played)
      if (this.at < Number(this.scrub.max)) return
      this.stop()
      this.speak()
    }, PLAYED)
    this.button.textContent = say("Pause")
  }

  stop() {
    clearInterval(this.playing)
    this.playing = undefined
    this.button.textContent = say("Play")
  }

  close() {
    this.stop()
    clearTimeout(this.resting)
    this.map.close()
    this.root.replaceChildren()
  }
}
