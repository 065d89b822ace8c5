// @ts-check
// Step 1: a digit rebuilt from K numbers, by a network and by principal components.
import { BLUE, drawCurve, drawDots, drawStars, drawWord, GREY, ORANGE, Plot, RED } from "../plot.js"
import { off } from "../shares.js"
import { floatsIn, SHAPE } from "../step.js"
import { addPictures, addSlider } from "../widgets.js"
import { addDigits, chosenDigit } from "./digit.js"
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"

/** @import { CompressStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

const FIRST = 4
const PIXELS = 784

/** An image rebuilt from its first components, float32 [1 + M, D] with the mean before them. @param {ArrayLike<number>} image @param {Float32Array} components @param {number} kept */
export function byComponents(image, components, kept) {
  const size = image.length
  const rebuilt = components.slice(0, size)
  for (let row = 1; row <= kept; row++) {
    const direction = components.subarray(row * size, (row + 1) * size)
    let along = 0
    for (let i = 0; i < size; i++) along += direction[i] * (image[i] - components[i])
    for (let i = 0; i < size; i++) rebuilt[i] += along * direction[i]
  }
  return rebuilt
}

/** How far a picture is from an image, as both are shown: in levels from 0 to 255, root mean squared, from 0 to 1. @param {ArrayLike<number>} image @param {ArrayLike<number>} rebuilt */
export function errorOf(image, rebuilt) {
  let sum = 0
  for (let i = 0; i < image.length; i++) {
    const [one, other] = [image[i], rebuilt[i]].map((level) => Math.round(255 * Math.min(1, Math.max(0, level))))
    sum += ((one - other) / 255) ** 2
  }
  return Math.sqrt(sum / image.length)
}

/** @param {Step} step @param {CompressStep} content @returns {Promise<Mounted>} */
export async function mountCompress(step, content) {
  const engine = await step.engine("mnist-16d")
  const components = floatsIn(step.part(content.components))
  const [byNetwork, byThem] = content.losses
  const most = byThem.length
  const kept = () => Math.min(most, Math.max(1, Math.round(step.get("kept", FIRST))))
  let asked = 0

  const show = async () => {
    const [turn, count, digit] = [++asked, kept(), step.digits[chosenDigit(step)]]
    const code = (await engine.encode(digit)).mean.slice()
    for (const dimension of content.order.slice(count)) code[dimension] = 0
    const network = await engine.decode(code)
    if (turn !== asked) return
    const other = byComponents(digit, components.subarray(0, (1 + most) * PIXELS), count)
    const names = [
      say("The digit"),
      say("By the network, {kept} numbers", { kept: count }),
      say("By components, {kept} numbers", { kept: count }),
    ]
    ;[digit, network, other].forEach((image, place) => pictures.show(place, image, names[place], names[place]))
    step.tell({ kept: String(count), own: off(errorOf(digit, network)), own_pca: off(errorOf(digit, other)) })
    plot.show({
      x: { low: 0.5, high: most + 0.5, title: say("Numbers kept") },
      y: { low: 0, high: 110 * Math.max(...byThem, ...byNetwork), title: say("Error, %") },
      words: say("Error of unseen digits over the numbers kept, by network and by components."),
      paint: (sheet) => {
        const counts = byThem.map((_, place) => place + 1)
        drawCurve(sheet, [count, count], [0, 100], { colour: GREY, width: 1, dash: [3, 3] })
        for (
          const [errors, colour, dash] of /** @type {[number[], string, number[]][]} */ ([[byNetwork, BLUE, []], [byThem, RED, [6, 4]]])
        ) {
          const ys = errors.map((error) => 100 * error)
          drawCurve(sheet, counts, ys, { colour, dash })
          drawDots(sheet, counts, ys, () => colour, 3)
        }
        drawStars(sheet, [2], [100 * content.two], 9, ORANGE)
        drawWord(sheet, say("Principal components"), sheet.x.at(most), sheet.y.at(100 * byThem[most - 1]) + 14, "right")
        drawWord(sheet, say("The network of sixteen numbers"), sheet.x.at(2.2), sheet.y.at(100 * byNetwork[0]))
      },
    })
  }

  addDigits(step, show)
  addSlider(step.root, say("Numbers kept"), {
    min: 1,
    max: most,
    step: 1,
    value: kept(),
    moved: (value) => {
      step.set("kept", value)
      show()
    },
  })
  const pictures = addPictures(step.root, 3, SHAPE, "large")
  const plot = new Plot(step.root, 190)
  element(
    "p",
    {
      className: "note",
      parent: step.root,
    },
    say(
      "Error of 500 digits that neither has seen, as a share of the way from black to white. The star: a network made for two numbers from the start.",
    ),
  )
  await show()
  return { close: () => plot.close() }
}
