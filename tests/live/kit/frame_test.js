// @ts-check
import { strictEqual } from "node:assert/strict"
import { nextFrame } from "../../../assets/live/kit/frame.js"
import { Browser } from "../browser.js"

Deno.test("what is asked for several times is drawn once a frame, and not at all after closing", async () => {
  const browser = new Browser()
  let drawn = 0
  const frame = nextFrame(() => drawn++)
  frame.ask()
  frame.ask()
  strictEqual(drawn, 0)
  await browser.frame()
  await browser.frame()
  strictEqual(drawn, 1)
  frame.ask()
  frame.close()
  await browser.frame()
  strictEqual(drawn, 1)
  frame.ask()
  await browser.frame()
  strictEqual(drawn, 2)
})
