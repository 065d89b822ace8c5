// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { crosshairStep } from "../../../../assets/live/parts/map/stage.js"

Deno.test("arrow keys move the crosshair, and with Shift in small steps", () => {
  deepStrictEqual(crosshairStep({ key: "ArrowUp", shiftKey: false }), [0, -10])
  deepStrictEqual(crosshairStep({ key: "ArrowRight", shiftKey: true }), [1, 0])
  strictEqual(crosshairStep({ key: "Enter", shiftKey: false }), null)
})
