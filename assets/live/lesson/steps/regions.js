// @ts-check
// Step 3: the machine of the Home page, with the dice: a region of codes for each image, and one picture for each roll.
import { element } from "../../kit/dom.js"
import { mountMachine } from "../../parts/machine/machine.js"

/** @import { RegionsStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

/** @param {Step} step @param {RegionsStep} content @returns {Promise<Mounted>} */
export async function mountRegions(step, { machine: data }) {
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
  return { close: () => machine.close() }
}
