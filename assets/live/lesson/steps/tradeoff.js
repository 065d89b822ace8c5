// @ts-check
// Step 8: one model that knows every KL weight, under its slider.
import { element } from "../../kit/dom.js"
import { mountMultirate } from "../../parts/multirate/multirate.js"

/** @import { TradeoffStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

/** @param {Step} step @param {TradeoffStep} content @returns {Promise<Mounted>} */
export async function mountTradeoff(step, { multirate: data }) {
  const sourceOf = async (/** @type {string} */ id) => ({ stream: null, worker: /** @type {const} */ (false), ...await step.source(id) })
  const model = await sourceOf(data.model.weights)
  const alone = await Promise.all(data.alone.map(async ({ model, words }) => ({ model: await sourceOf(model.weights), words })))
  const root = element("div", { className: "live", parent: step.root })
  const multirate = mountMultirate(root, {
    send: (event) => {
      if (event.kind === "beta") step.set("beta", Number(event.beta[0].toPrecision(4)))
    },
  })
  const [axis] = data.axes
  const asked = step.get("beta", data.beta[0])
  const beta = asked >= axis[data.alone.length] && asked <= axis[axis.length - 1] ? asked : nearest(axis, asked)
  const [codes, labels] = [step.address(data.codes), data.labels === null ? null : step.address(data.labels)]
  multirate.update({ ...data, model, alone, beta: [beta], codes, labels })
  return { close: () => multirate.close() }
}

/** @param {number[]} axis @param {number} asked */
function nearest(axis, asked) {
  return axis.reduce((best, weight) => Math.abs(weight - asked) < Math.abs(best - asked) ? weight : best)
}
