// @ts-check
// Step 7: what this image costs, its KL by the formula and by draws, and a training in which both costs pull.
import { element } from "../../kit/dom.js"
import { brushOf } from "../../kit/paint.js"
import { say, whole } from "../../kit/words.js"
import { mountReplay } from "../../parts/replay/replay.js"
import { normals } from "../chance.js"
import { bellCost, expectedCost, gaussianOf, klOf, pixelCosts } from "../likelihood.js"
import { BLUE, drawCurve, drawWord, Plot, RED } from "../plot.js"
import { SHAPE } from "../step.js"
import { addPictures, addSlider } from "../widgets.js"
import { addDigits, chosenDigit } from "./digit.js"

/** @import { ReplayData } from "../../kit/wire.js" */
/** @import { ForcesStep } from "../../kit/wire_pages.js" */
/** @import { Gaussian } from "../likelihood.js" */
/** @import { Mounted, Step } from "../step.js" */

const DRAWS = [10, 30, 100, 300, 1000, 5000]
const FIRST = 3
const [NARROW, WIDE] = [0.1, 0.3] // spreads of bell curves that the text names

/** log q(z) − log p(z) in nats at so many draws from q: what its mean estimates is the KL. @param {Gaussian} q @param {number} count @param {number} seed */
export function klDraws({ mean, std }, count, seed) {
  const noise = normals(count * mean.length, seed)
  return Float64Array.from({ length: count }, (_, draw) =>
    mean.reduce((sum, middle, k) => {
      const epsilon = noise[draw * mean.length + k]
      const z = middle + std[k] * epsilon
      return sum + 0.5 * (z * z - epsilon * epsilon) - Math.log(std[k])
    }, 0))
}

/** @param {Step} step @param {ForcesStep} content @returns {Promise<Mounted>} */
export async function mountForces(step, content) {
  const engine = await step.engine("mnist-2d")
  const decode = (/** @type {Float32Array} */ z) => engine.kind === "page" ? engine.model.decode(z) : new Float32Array(0)
  let asked = 0

  const show = async () => {
    const [turn, digit] = [++asked, chosenDigit(step)]
    const image = step.digits[digit]
    const q = gaussianOf(await engine.encode(image))
    if (turn !== asked) return
    const white = decode(Float32Array.from(q.mean)).slice()
    const paid = pixelCosts(white, image)
    const dearest = Math.max(...paid)
    const words = [say("image x"), say("p(x|z): how likely white"), say("cost of each pixel")]
    for (const [place, picture] of [image, white, Float32Array.from(paid, (nats) => nats / dearest)].entries()) {
      pictures.show(place, picture, words[place], words[place])
    }
    const parts = klOf(q)
    const rate = parts.reduce((sum, part) => sum + part)
    const cost = expectedCost(decode, image, q)
    const count = DRAWS[step.get("draws", FIRST)] ?? DRAWS[FIRST]
    const ratios = klDraws(q, count, digit)
    const estimate = ratios.reduce((sum, ratio) => sum + ratio) / count
    const spread = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - estimate) ** 2, 0) / (count - 1))
    const error = spread / Math.sqrt(count)
    const figures = { draws: whole(count), estimate: estimate.toFixed(2), error: error.toFixed(2), rate: rate.toFixed(2) }
    const terms = parts.flatMap((part, k) => [
      [`mean_${k}`, q.mean[k].toFixed(2).replace("-", "−")],
      [`std_${k}`, q.std[k].toFixed(3)],
      [`kl_${k}`, part.toFixed(2)],
    ])
    const bells = { narrow: whole(bellCost(white, image, NARROW)), wide: whole(bellCost(white, image, WIDE)) }
    step.tell({ ...figures, ...bells, ...Object.fromEntries(terms) })
    const names = [say("R, what the code tells"), say("D, what the picture misses")]
    costs.show({
      x: { low: 0, high: 1.5 * cost, title: say("nats") },
      y: { low: -0.6, high: 1.6, names },
      words: say("D is {distortion:.1f} nats, R is {rate:.1f} nats.", { distortion: cost.toFixed(1), rate: rate.toFixed(1) }),
      paint: (sheet) => {
        const { brush, x, y } = sheet
        for (const [place, amount] of [rate, cost].entries()) {
          brush.fillStyle = [BLUE, RED][place]
          brush.fillRect(x.at(0), y.at(place + 0.35), x.at(amount) - x.at(0), y.at(place - 0.35) - y.at(place + 0.35))
          drawWord(sheet, `${amount.toFixed(1)} ${say("nats")}`, x.at(amount) + 6, y.at(place))
        }
      },
    })
    running.show({
      x: { low: 1, high: count, log: true, title: say("Draws") },
      y: { low: Math.min(0.8 * rate, ...meansOf(ratios).ys), high: Math.max(1.2 * rate, ...meansOf(ratios).ys), title: say("KL, nats") },
      words: say("After {draws} draws the KL is estimated as {estimate:.2f} ± {error:.2f} nats; the formula says {rate:.2f}.", figures),
      paint: (sheet) => {
        const { xs, ys } = meansOf(ratios)
        drawCurve(sheet, xs, ys, { colour: BLUE })
        drawCurve(sheet, [1, count], [rate, rate], { colour: RED, dash: [6, 4] })
        drawWord(sheet, say("the formula: {rate:.2f}", { rate: figures.rate }), sheet.x.end - 4, sheet.y.at(rate) - 12, "right")
      },
    })
  }

  addDigits(step, show)
  const pictures = addPictures(step.root, 3, SHAPE, "medium")
  const costs = new Plot(step.root, 130)
  addSlider(step.root, say("Draws"), {
    min: 0,
    max: DRAWS.length - 1,
    step: 1,
    value: step.get("draws", FIRST),
    words: (place) => whole(DRAWS[place]),
    moved: (place) => {
      step.set("draws", place)
      show()
    },
  })
  const running = new Plot(step.root, 210)
  const replayed = addReplay(step, content)
  await show()
  return {
    close: () => {
      costs.close()
      running.close()
      replayed.close()
    },
  }
}

/** The means after 1, 2, … draws, at places that lie evenly in their logarithms. @param {Float64Array} ratios */
function meansOf(ratios) {
  /** @type {{xs: number[], ys: number[]}} */
  const found = { xs: [], ys: [] }
  let sum = 0
  let next = 1
  ratios.forEach((ratio, place) => {
    sum += ratio
    if (place + 1 < next && place + 1 < ratios.length) return
    found.xs.push(place + 1)
    found.ys.push(sum / (place + 1))
    next = Math.max(place + 2, 1.04 * (place + 1))
  })
  return found
}

/** The training of a small model; a point that is clicked puts its picture first in the row. @param {Step} step @param {ForcesStep} content */
function addReplay(step, { replay: data, images }) {
  const details = element("details", { parent: step.root }, element("summary", {}, say("Watch both forces in a training")))
  element(
    "p",
    { className: "note", parent: details },
    say(
      "A small model of digits. At first all images have nearly the same code, and the same blurred picture. D pulls the codes apart, so that the pictures sharpen; R keeps most of them within the circles of the prior.",
    ),
  )
  const root = element("div", { className: "live", parent: details })
  /** @type {ReturnType<typeof mountReplay> | null} */
  let replay = null
  const open = async () => {
    if (!details.open || replay) return
    const sheet = Object.assign(new Image(), { src: step.address(data.pictures.sheet, "image/png") })
    const view = replay = mountReplay(root, { send: (event) => (event.kind === "choose" ? choose(event.numbers[0]) : undefined) })
    await sheet.decode()
    const choose = async (/** @type {number} */ first) => {
      const shown = [first, ...data.shown.filter((index) => index !== first)].slice(0, data.shown.length)
      view.update({ ...data, shown, pictures: { ...data.pictures, sheet: await rowOf(sheet, data, shown, images) } })
    }
    await choose(data.shown[0])
  }
  const failed = () => root.replaceChildren(say("The picture has not come: reload the page to try again."))
  details.addEventListener("toggle", () => open().catch(failed))
  return { close: () => replay?.close() }
}

/** The sheet of some of the images alone. @param {HTMLImageElement} sheet of all of them @param {ReplayData} data @param {number[]} shown @param {number} images how many it holds */
async function rowOf(sheet, { steps, pictures: { shape: [, height, width] } }, shown, images) {
  if (sheet.naturalWidth !== images * width) throw new Error("The pictures of the training are not those of its snapshots.")
  const rows = height * (1 + steps.length)
  const canvas = element("canvas", { width: shown.length * width, height: rows })
  shown.forEach((index, place) => brushOf(canvas).drawImage(sheet, index * width, 0, width, rows, place * width, 0, width, rows))
  return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ? URL.createObjectURL(blob) : "")))
}
