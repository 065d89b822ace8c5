// @ts-check
// A way that plays by itself, to and fro between A and B.
import { say } from "../../kit/words.js"

const WALK = 4000 // milliseconds from A to B

/** Plays a way: `place()` is where it is, `goTo(t)` shows it at t. The button says what a press of it would do. */
export class Player {
  /** @param {HTMLButtonElement} button @param {{place: () => number, goTo: (t: number) => void}} way */
  constructor(button, way) {
    this.button = button
    this.way = way
    this.frame = 0
    button.textContent = say("Play")
  }

  get playing() {
    return this.frame !== 0
  }

  /** Walk from here to B, or from beyond it to A, and to and fro between them, until stopped. */
  start() {
    const { way } = this
    let before = performance.now(), towards = way.place() < 1 ? 1 : 0
    const step = (/** @type {number} */ now) => {
      this.frame = requestAnimationFrame(step)
      const part = Math.max(0, now - before) / WALK // a frame may have begun before the click
      before = now
      const t = towards ? Math.min(1, way.place() + part) : Math.max(0, way.place() - part)
      if (t === towards) towards = 1 - towards
      way.goTo(t)
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
