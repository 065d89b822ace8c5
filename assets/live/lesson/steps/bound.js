// @ts-check
// Step 6: the true posterior of an image, the encoder's ellipse on it, and the bound that follows the ellipse.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { expectedCost, gaussianOf, klOf } from "../likelihood.js"
import { drawCurve, Plot } from "../plot.js"
import { addChoice, addFigures, addSlider } from "../widgets.js"
import { addDigits, chosenDigit } from "./digit.js"

/** @import { BoundStep, BoundTruth } from "../../kit/wire_pages.js" */
/** @import { Gaussian } from "../likelihood.js" */
/** @import { Mounted, Step } from "../step.js" */

const SLIDERS = /** @type {const} */ ([["across", -4, 4, 0, 0.1], ["up", -4, 4, 0, 0.1], ["size", 0.25, 3, 1, 0.05]])
const TURN = Array.from({ length: 73 }, (_, i) => (2 * Math.PI * i) / 72)
/** @type {[number, number, number][]} */
const CIVIDIS = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
]

/** The colour of a share from 0 to 1, [red, green, blue]. @param {number} share */
export function colourOf(share) {
  const at = share * (CIVIDIS.length - 1)
  const low = Math.min(CIVIDIS.length - 2, Math.floor(at))
  return CIVIDIS[low].map((level, channel) => level + (at - low) * (CIVIDIS[low + 1][channel] - level))
}

/** The density as a picture, with z₀ across and z₁ up. @param {BoundTruth} truth @param {Uint8Array} density */
function heatOf({ sides: [width, height] }, density) {
  const canvas = element("canvas", { width, height })
  const brush = brushOf(canvas)
  const sheet = brush.createImageData(width, height)
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < height; row++) {
      const place = 4 * ((height - 1 - row) * width + column)
      sheet.data.set([...colourOf(density[column * height + row] / 255), 255], place)
    }
  }
  brush.putImageData(sheet, 0, 0)
  return canvas
}

/** @param {Step} step @param {BoundStep} content @returns {Promise<Mounted>} */
export async function mountBound(step, content) {
  const engine = await step.engine("mnist-2d")
  const decode = (/** @type {Float32Array} */ z) => engine.kind === "page" ? engine.model.decode(z) : new Float32Array(0)
  const heats = content.truths.map((truth) => heatOf(truth, step.part(truth.density)))
  let asked = 0

  /** @param {Float32Array} image @param {Gaussian} q */
  const bound = (image, q) => -expectedCost(decode, image, q) - klOf(q).reduce((sum, part) => sum + part)

  const show = async () => {
    const [turn, digit] = [++asked, chosenDigit(step)]
    const [truth, image] = [content.truths[digit], step.digits[digit]]
    const own = gaussianOf(await engine.encode(image))
    if (turn !== asked) return
    const best = { mean: truth.best.slice(0, 2), std: truth.best.slice(2) }
    const from = step.get("begin", 0) === 1 ? best : own
    const [across, up, size] = SLIDERS.map(([name, , , middle]) => step.get(name, middle))
    const q = {
      mean: [from.mean[0] + from.std[0] * across, from.mean[1] + from.std[1] * up],
      std: from.std.map((width) => size * width),
    }
    const reached = bound(image, q)
    const gap = truth.evidence - reached
    const figures = [reached, gap, truth.evidence].map((amount) => decimal(amount, 2))
    write(figures)
    step.tell({
      bound: figures[0],
      gap: figures[1],
      evidence: figures[2],
      own: decimal(bound(image, own), 2),
      best: decimal(bound(image, best), 2),
    })
    const span = (/** @type {[number, number]} */ [low, high], /** @type {number} */ k) => ({
      low: Math.min(low, q.mean[k] - 3 * q.std[k]),
      high: Math.max(high, q.mean[k] + 3 * q.std[k]),
    })
    plot.show({
      x: { ...span(truth.across, 0), title: "z₀" },
      y: { ...span(truth.up, 1), title: "z₁" },
      words: say("The true posterior of the image, and an ellipse around {across:.2f}, {up:.2f}. The bound lacks {gap:.2f} nats.", {
        across: decimal(q.mean[0], 2),
        up: decimal(q.mean[1], 2),
        gap: figures[1],
      }),
      paint: (sheet) => {
        const { brush, x, y } = sheet
        brush.fillStyle = `rgb(${CIVIDIS[0].join(" ")})`
        brush.fillRect(0, 0, x.end + 1, y.start + 1)
        const [left, top] = [x.at(truth.across[0]), y.at(truth.up[1])]
        brush.drawImage(heats[digit], left, top, x.at(truth.across[1]) - left, y.at(truth.up[0]) - top)
        for (const [scale, dash] of /** @type {[number, number[]][]} */ ([[1, []], [2, [6, 4]]])) {
          const xs = TURN.map((turn) => q.mean[0] + scale * q.std[0] * Math.cos(turn))
          const ys = TURN.map((turn) => q.mean[1] + scale * q.std[1] * Math.sin(turn))
          drawCurve(sheet, xs, ys, { colour: "#ffffff", dash })
        }
      },
    })
  }

  addDigits(step, show)
  const sides = element("div", { className: "lesson-sides", parent: step.root })
  const left = element("div", { parent: sides })
  const right = element("div", { parent: sides })
  const plot = new Plot(left, 330)
  addChoice(right, say("Begin from"), [say("The encoder's"), say("The best")], step.get("begin", 0), (place) => {
    step.set("begin", place)
    show()
  })
  const names = [say("Move across, in spreads"), say("Move up, in spreads"), say("Size")]
  SLIDERS.forEach(([key, min, max, middle, by], place) =>
    addSlider(right, names[place], {
      min,
      max,
      step: by,
      value: step.get(key, middle),
      words: (value) => decimal(value, by < 0.1 ? 2 : 1),
      moved: (value) => {
        step.set(key, Number(value.toFixed(2)))
        show()
      },
    })
  )
  const write = addFigures(right, [say("The bound, ELBO"), say("What it lacks"), "log p(x)"].map((name) => `${name}, ${say("nats")}`))
  await show()
  return { close: () => plot.close() }
}
