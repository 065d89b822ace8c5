// @ts-check
import { stepTo } from "../../../../assets/live/parts/picker/steps.js"

/** @param {unknown} found @param {unknown} expected */
const same = (found, expected) => {
  if (found !== expected) throw new Error(`${found} is not ${expected}`)
}

Deno.test("arrow keys lead through tiles that wrap, and stay at the ends", () => {
  // five tiles in rows of three: 0 1 2 / 3 4
  same(stepTo("ArrowRight", 2, 5, 3), 3)
  same(stepTo("ArrowDown", 1, 5, 3), 4)
  same(stepTo("ArrowDown", 2, 5, 3), 2)
  same(stepTo("ArrowUp", 4, 5, 3), 1)
  same(stepTo("ArrowLeft", 0, 5, 3), 0)
  same(stepTo("Home", 3, 5, 3), 0)
  same(stepTo("End", 1, 5, 3), 4)
  same(stepTo("Enter", 1, 5, 3), null)
})
