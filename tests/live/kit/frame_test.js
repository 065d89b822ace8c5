// @ts-check
import { strictEqual } from "node:assert/strict"
import { nextFrame } from "../../../assets/live/kit/frame.js"

Deno.test("what is asked for several times is drawn once a frame, and not at all after closing", () => {
  /** @type {Map<number, () => void>} */
  const frames = new Map()
  let asked = 0
  Object.assign(globalThis, {
    requestAnimationFrame: (/** @type {() => void} */ draw) => {
      frames.set(++asked, draw)
      return asked
    },
    cancelAnimationFrame: (/** @type {number} */ id) => frames.delete(id),
  })
  const pass = () => {
    const due = [...frames.values()]
    frames.clear()
    for (const draw of due) draw()
  }
  let drawn = 0
  const frame = nextFrame(() => drawn++)
  frame.ask()
  frame.ask()
  strictEqual(drawn, 0)
  pass()
  strictEqual(drawn, 1)
  pass()
  strictEqual(drawn, 1)
  frame.ask()
  pass()
  strictEqual(drawn, 2)
  frame.ask()
  frame.close()
  pass()
  strictEqual(drawn, 2)
  frame.ask()
  pass()
  strictEqual(drawn, 3)
})
