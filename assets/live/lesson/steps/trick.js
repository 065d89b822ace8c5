// @ts-check
// Step 5: the reparameterisation trick: one draw with its numbers, and a thousand estimates of the slope with the trick and without.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say, whole } from "../../kit/words.js"
import { chances } from "../chance.js"
import { crossEntropy, gaussianOf } from "../likelihood.js"
import { BLUE, drawCurve, drawDots, GREY, Plot, RED } from "../plot.js"
import { floatsIn, SHAPE } from "../step.js"
import { addPictures, addSlider } from "../widgets.js"
import { addDigits, chosenDigit } from "./digit.js"

/** @import { TrickStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

const FIRST = 1
const NUDGE = 1e-2 // of z, to both sides, for its slope

/** The mean and the standard deviation of numbers, from their squares over one less than there are. @param {Float32Array} numbers */
export function spreadOf(numbers) {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, spread: Math.sqrt(squares / (numbers.length - 1)) }
}

/** @param {Step} step @param {TrickStep} content @returns {Promise<Mounted>} */
export async function mountTrick(step, content) {
  const engine = await step.engine("mnist-2d")
  const all = floatsIn(step.part(content.estimates))
  const count = all.length / 20
  const jitter = chances(0)
  const heights = [0, 1].map((place) => Float32Array.from({ length: count }, () => place + 0.6 * jitter() - 0.3))
  const names = [say("Without the trick"), say("With the trick")]
  const noise = () => step.get("noise", FIRST)
  let asked = 0

  const show = async () => {
    const [turn, digit, epsilon] = [++asked, chosenDigit(step), noise()]
    const image = step.digits[digit]
    const { mean, std } = gaussianOf(await engine.encode(image))
    const z = Float32Array.of(mean[0] + std[0] * epsilon, mean[1])
    const costAt = async (/** @type {number} */ shift) => crossEntropy(await engine.decode(Float32Array.of(z[0] + shift, z[1])), image)
    const [drawn, cost, before, after] = await Promise.all([engine.decode(z), costAt(0), costAt(-NUDGE), costAt(NUDGE)])
    if (turn !== asked) return
    const slope = (after - before) / (2 * NUDGE)
    pictures.show(0, image, say("The digit"), say("image x"))
    pictures.show(1, drawn, say("What the code drawn decodes to"), say("from z"))
    const numbers = [decimal(epsilon, 1), `${decimal(mean[0], 2)} + ${std[0].toFixed(3)} · ${decimal(epsilon, 1)} = ${decimal(z[0], 2)}`]
    nodes[0].textContent = numbers[0]
    nodes[1].textContent = numbers[1]
    nodes[2].textContent = `${cost.toFixed(1)} ${say("nats")}`
    const back = `${decimal(slope, 0)} ${say("nats per unit")}`
    nodes[3].textContent = back
    const at = digit * 2 * count
    const [pathwise, score] = [all.subarray(at, at + count), all.subarray(at + count, at + 2 * count)]
    const [easy, hard] = [spreadOf(pathwise), spreadOf(score)]
    const times = hard.spread / easy.spread
    step.tell({
      with_trick: easy.spread.toFixed(0),
      without: whole(hard.spread),
      times: times.toFixed(0),
      more: whole(times ** 2),
      mean: mean[0].toFixed(2),
      std: std[0].toFixed(3),
      cost: cost.toFixed(1),
    }, content.right[digit])
    const reach = score.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    plot.show({
      x: { low: -1.05 * reach, high: 1.05 * reach, title: say("Estimate of the slope of D by μ₀, nats per unit; dotted: the mean") },
      y: { low: -0.5, high: 1.5, names },
      words: say("A thousand estimates of the slope: they scatter by {with_trick:.0f} with the trick and by {without:.0f} without.", {
        "with_trick": easy.spread.toFixed(0),
        without: hard.spread.toFixed(0),
      }),
      paint: (sheet) => {
        drawDots(sheet, score, heights[0], () => `${RED}80`, 2, false)
        drawDots(sheet, pathwise, heights[1], () => `${BLUE}80`, 2.5, true)
        drawCurve(sheet, [easy.mean, easy.mean], [-0.5, 1.5], { colour: GREY, dash: [2, 3] })
      },
    })
  }

  addDigits(step, show)
  addSlider(step.root, say("Noise ε"), {
    min: -3,
    max: 3,
    step: 0.1,
    value: noise(),
    words: (value) => decimal(value, 1),
    moved: (value) => {
      step.set("noise", Number(value.toFixed(1)))
      show()
    },
  })
  const graph = element("div", { className: "lesson-graph", parent: step.root })
  const nodes = ["ε", "z₀ = μ + σ·ε", say("D, what it misses")].map((name, place) => {
    if (place) element("span", { className: "lesson-edge", parent: graph, attributes: { "aria-hidden": "true" } }, "→")
    const value = element("b")
    element("div", { parent: graph }, element("span", {}, name), value)
    return value
  })
  element("span", { className: "lesson-edge", parent: graph, attributes: { "aria-hidden": "true" } }, "↩")
  nodes.push(element("b"))
  element("div", { parent: graph }, element("span", {}, say("Back through z: the slope of D")), nodes[3])
  const pictures = addPictures(step.root, 2, SHAPE, "medium")
  const plot = new Plot(step.root, 230)
  await show()
  return { close: () => plot.close() }
}
