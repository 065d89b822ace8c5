// @ts-check
import { deepStrictEqual } from "node:assert/strict"
import { historyStep } from "../../../assets/live/kit/keys.js"

/** A key pressed with others. @param {string} key @param {...("ctrlKey" | "metaKey" | "shiftKey")} held */
function pressed(key, ...held) {
  const step = { key, ctrlKey: false, metaKey: false, shiftKey: false }
  for (const other of held) step[other] = true
  return historyStep(step)
}

Deno.test("the keys that lead back and forward in a history", () => {
  deepStrictEqual([pressed("z", "ctrlKey"), pressed("z", "metaKey")], ["undo", "undo"])
  deepStrictEqual([pressed("Z", "ctrlKey", "shiftKey"), pressed("y", "ctrlKey"), pressed("y", "metaKey")], ["redo", "redo", "redo"])
})

Deno.test("other keys, and letters by themselves, do not", () => {
  deepStrictEqual([pressed("z"), pressed("y"), pressed("Z", "shiftKey"), pressed("a", "ctrlKey")], [null, null, null, null])
})
