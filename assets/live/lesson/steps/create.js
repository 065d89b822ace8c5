// @ts-check
// Step 10: pictures that nobody has drawn: eight codes at random, the way between two of them, and one number of a code at a time.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say } from "../../kit/words.js"
import { priorCodes } from "../chance.js"
import { SHAPE } from "../step.js"
import { addChoice, addPictures, addSeed } from "../widgets.js"

/** @import { CreateStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

const COUNT = 8, FRAMES = 7
const NUMBERS = Array.from({ length: COUNT }, (_, place) => String(place + 1))
const SHARES = Array.from({ length: FRAMES }, (_, frame) => frame / (FRAMES - 1))

/** @param {Step} step @param {CreateStep} content @returns {Promise<Mounted>} */
export async function mountCreate(step, { names, dimensions, ranges, nats }) {
  const engine = await step.engine("mnist-16d")
  const plain = (/** @type {string} */ text) => text.replaceAll("**", "")
  let asked = 0

  const show = async () => {
    const turn = ++asked
    const codes = priorCodes(COUNT, engine.latent, step.get("throw", 0))
    const [from, to, along] = [step.get("from", 0), step.get("to", 1), step.get("along", 0)]
    const way = SHARES.map((t) => codes[from].map((start, k) => start + t * (codes[to][k] - start)))
    const [low, high] = ranges[along]
    const turned = SHARES.map((t) => {
      const code = codes[from].slice()
      code[dimensions[along]] = low + t * (high - low)
      return code
    })
    const [samples, walk, row] = await Promise.all([codes, way, turned].map((some) => Promise.all(some.map((code) => engine.decode(code)))))
    if (turn !== asked) return
    samples.forEach((image, place) => sampled.show(place, image, say("Sample {number}", { number: place + 1 }), NUMBERS[place]))
    const [start, end] = [NUMBERS[from], NUMBERS[to]]
    const words = say("The walk from sample {start} to sample {end} in {frames} pictures", { start, end, frames: FRAMES })
    walk.forEach((image, place) => walked.show(place, image, `${words}: ${place + 1}`))
    const [lowest, highest] = [low, high].map((value) => decimal(value, 1))
    const spoken = say("Sample {start} as {along} goes from {low:.1f} to {high:.1f}", {
      start,
      along: names[along],
      low: lowest,
      high: highest,
    })
    row.forEach((image, place) => directed.show(place, image, `${spoken}: ${place + 1}`))
    step.tell({ along: names[along], low: lowest, high: highest, nats: nats[along].toFixed(1) })
  }

  const choose = (/** @type {string} */ key) => (/** @type {number} */ place) => {
    step.set(key, place)
    show()
  }
  element("h3", { parent: step.root }, plain(say("**Sample**")))
  const sampled = addPictures(step.root, COUNT, SHAPE, "small")
  addSeed(step.root, step.get("throw", 0), choose("throw"))
  addChoice(step.root, plain(say("**Walk** from sample")), NUMBERS, step.get("from", 0), choose("from"))
  addChoice(step.root, say("to sample"), NUMBERS, step.get("to", 1), choose("to"))
  const walked = addPictures(step.root, FRAMES, SHAPE, "small")
  addChoice(step.root, plain(say("**Turn** one number of the first")), names, step.get("along", 0), choose("along"))
  const directed = addPictures(step.root, FRAMES, SHAPE, "small")
  element(
    "p",
    { parent: step.root },
    element("a", { href: "#regions" }, say("Draw your own")),
    " · ",
    say("To train your own, start the app: make run."),
  )
  await show()
  return { close: () => {} }
}
