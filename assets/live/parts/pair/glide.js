// @ts-check
// The slider from the first map to the second, and the button that plays it.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"

const PLAYED = 2400 // milliseconds from one map to the other

export class Glide {
  /** `shown(share)` is called with each place on the way: 0 is the first map, 1 the second. @param {Element} parent @param {(share: number) => void} shown */
  constructor(parent, shown) {
    this.shown = shown
    this.share = 1
    this.frame = 0
    this.still = matchMedia("(prefers-reduced-motion: reduce)")
    const row = element("div", { className: "pair-glide", parent })
    this.button = element("button", { type: "button", parent: row })
    element("span", { parent: row, attributes: { "aria-hidden": "true" } }, say("First"))
    this.scrub = element("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "0.01",
      attributes: { "aria-label": say("From the first map to the second") },
      parent: row,
    })
    element("span", { parent: row, attributes: { "aria-hidden": "true" } }, say("Second"))
    this.scrub.oninput = () => {
      this.stop()
      this.goTo(Number(this.scrub.value))
    }
    this.button.onclick = () => (this.frame ? this.stop() : this.play())
    this.goTo(1)
    this.stop()
  }

  /** @param {number} share */
  goTo(share) {
    this.share = share
    this.scrub.value = String(share)
    this.scrub.setAttribute("aria-valuetext", wordsOf(share))
    this.shown(share)
  }

  /** From here to the second map, or from the first where this is the second; who wants no motion is brought to the other end. */
  play() {
    if (this.still.matches) return this.goTo(this.share < 1 ? 1 : 0)
    let before = performance.now(), at = this.share < 1 ? this.share : 0
    const step = (/** @type {number} */ now) => {
      at = Math.min(1, at + Math.max(0, now - before) / PLAYED) // a frame may have begun before the click
      before = now
      this.frame = at < 1 ? requestAnimationFrame(step) : 0
      this.goTo(at)
      if (!this.frame) this.stop()
    }
    this.frame = requestAnimationFrame(step)
    this.button.textContent = say("Pause")
  }

  stop() {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    this.button.textContent = say("Play")
  }
}

/** Where on the way that is. @param {number} share */
export function wordsOf(share) {
  if (share === 0) return say("Where the first model has them")
  if (share === 1) return say("Where the second model has them")
  return say("{share} % of the way to the second", { share: Math.round(100 * share) })
}
