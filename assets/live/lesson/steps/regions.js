// @ts-check
// Step 3: the machine of the Home page, with the dice: a region of codes for each image, and one picture for each roll.
import { bytesOf } from "../../kit/base64.js"
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { mountMachine } from "../../parts/machine/machine.js"
import { addPictures } from "../widgets.js"

/** @import { RegionsStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

/** @param {Step} step @param {RegionsStep} content @returns {Promise<Mounted>} */
export async function mountRegions(step, { machine: data, pairs, digits, overlap, apart }) {
  const source = await step.source("mnist-2d")
  const root = element("div", { className: "live", parent: step.root })
  const machine = mountMachine(root, {
    send: (event) => {
      if (event.kind === "choose") step.set("taken", event.numbers[0])
      else if (event.kind === "failed") root.textContent = event.reason
    },
  })
  const taken = step.get("taken", -1)
  machine.update({ ...data, model: { stream: null, worker: false, ...source }, start: data.names[taken] === undefined ? null : taken })
  const [pixels, size] = [bytesOf(pairs), data.shape.reduce((product, side) => product * side)]
  const words = [
    say("These two share most of their regions: they overlap by {overlap}.", { overlap }),
    say("These two lie farthest apart, {apart} widths.", { apart }),
  ]
  for (const [pair, sentence] of words.entries()) {
    const row = addPictures(step.root, 2, data.shape, "small")
    for (const side of [0, 1]) {
      const place = 2 * pair + side
      const image = Float32Array.from(pixels.subarray(place * size, (place + 1) * size), (level) => level / 255)
      row.show(side, image, say("A digit, a {digit}", { digit: digits[place] }))
    }
    element("p", { className: "note", parent: step.root }, sentence)
  }
  return { close: () => machine.close() }
}
