// @ts-check
// Step 2: random codes in an autoencoder and in a variational one, twins but for the KL term.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { priorCodes } from "../chance.js"
import { drawDots, drawStars, Plot } from "../plot.js"
import { floatsIn, SHAPE } from "../step.js"
import { addPictures, addSeed } from "../widgets.js"

/** @import { DreamStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

const COUNT = 10
const CIRCLE = 2 // standard deviations, which hold 86 % of what the prior of two dimensions draws

/** @param {Step} step @param {DreamStep} content @returns {Promise<Mounted>} */
export async function mountDream(step, content) {
  const names = [say("Autoencoder"), say("Variational autoencoder")]
  const engines = await Promise.all(["mnist-2d-ae", "mnist-2d"].map(step.engine))
  const points = floatsIn(step.part(content.points))
  const half = points.length / 2
  const row = element("div", { className: "lesson-twins", parent: step.root })
  const sides = names.map((name, place) => {
    const side = element("div", { parent: row }, element("h3", {}, name))
    const codes = points.subarray(place * half, (place + 1) * half)
    const across = codes.filter((_, i) => i % 2 === 0)
    const up = codes.filter((_, i) => i % 2 === 1)
    return { name, across, up, plot: new Plot(side, 300, true), pictures: addPictures(side, COUNT, SHAPE, "small") }
  })
  let asked = 0

  const show = async () => {
    const turn = ++asked
    const codes = priorCodes(COUNT, 2, step.get("seed", 0))
    const axis = { low: -content.reach, high: content.reach }
    for (const [place, { name, across, up, plot, pictures }] of sides.entries()) {
      const images = await Promise.all(codes.map((code) => engines[place].decode(code)))
      if (turn !== asked) return
      images.forEach((image, number) => pictures.show(number, image, say("{name}, random code {number}", { name, number: number + 1 })))
      plot.show({
        x: { ...axis },
        y: { ...axis },
        words: say("{name}: codes of images, with the circle that holds 86 % of random codes.", { name }),
        paint: (sheet) => {
          const { brush, x, y, theme } = sheet
          drawDots(sheet, across, up, (i) => content.palette[content.labels[i]], 1.5)
          brush.beginPath()
          brush.ellipse(x.at(0), y.at(0), x.at(CIRCLE) - x.at(0), y.at(0) - y.at(CIRCLE), 0, 0, 2 * Math.PI)
          for (const [colour, width] of /** @type {const} */ ([[theme.ground, 5], [theme.text, 2]])) {
            brush.strokeStyle = colour
            brush.lineWidth = width
            brush.stroke()
          }
          drawStars(sheet, codes.map(([z]) => z), codes.map(([, z]) => z), 7, theme.text)
        },
      })
    }
  }

  addSeed(step.root, step.get("seed", 0), (seed) => {
    step.set("seed", seed)
    show()
  })
  await show()
  return { close: () => sides.forEach(({ plot }) => plot.close()) }
}
