// @ts-check
// Step 4: how much pictures change over a small step of their codes, with an autoencoder and with a variational one.
import { halfOf } from "../../parts/replay/halves.js"
import { say } from "../../kit/words.js"
import { normals } from "../chance.js"
import { BLUE, drawCurve, drawDots, drawWord, Plot, RED } from "../plot.js"
import { off, percent } from "../shares.js"
import { addSlider } from "../widgets.js"

/** @import { ContinuityStep } from "../../kit/wire_pages.js" */
/** @import { Mounted, Step } from "../step.js" */

const COLOURS = [RED, BLUE]
const TENTH = 0.1
const SPREAD = 0.12 // of the dots above and below the line of their model

/** @param {Step} step @param {ContinuityStep} content @returns {Mounted} */
export function mountContinuity(step, content) {
  const { shares, lengths, middles } = content
  const bytes = step.part(content.changes)
  const all = Float32Array.from({ length: bytes.length / 2 }, (_, i) => 100 * halfOf(bytes[2 * i] | (bytes[2 * i + 1] << 8)))
  const count = all.length / (2 * shares.length)
  const most = all.reduce((most, change) => Math.max(most, change), 0)
  const heights = [0, 1].map((place) => normals(count, place).map((height) => place + SPREAD * Math.max(-2, Math.min(2, height))))
  const names = [say("Autoencoder"), say("Variational")]

  const halfOfThem = (/** @type {number} */ place, /** @type {number} */ at) =>
    say("half change by more than {middle}", { middle: off(middles[place][at]) })

  const show = () => {
    const at = shares.reduce((best, share, place) => Math.abs(share - now()) < Math.abs(shares[best] - now()) ? place : best, 0)
    step.tell({ share: percent(shares[at]), ae_length: lengths[0][at].toFixed(2), vae_length: lengths[1][at].toFixed(2) })
    plot.show({
      x: { low: 0, high: 1.02 * most, title: say("Change of the picture, %") },
      y: { low: -0.6, high: 1.7, names },
      words: [
        say("Change of 500 pictures over one step, of both models."),
        ...names.map((name, place) => `${name}: ${halfOfThem(place, at)}.`),
      ].join(" "),
      paint: (sheet) => {
        for (const place of [0, 1]) {
          const from = (place * shares.length + at) * count
          drawDots(sheet, all.subarray(from, from + count), heights[place], () => COLOURS[place] + "99", 2.5, place === 1)
          const middle = 100 * middles[place][at]
          drawCurve(sheet, [middle, middle], [place - 0.35, place + 0.35], { colour: COLOURS[place], width: 4 })
          drawWord(sheet, halfOfThem(place, at), Math.max(sheet.x.at(middle), sheet.x.start + 125), sheet.y.at(place + 0.47), "center")
        }
      },
    })
  }

  const now = () => step.get("step", TENTH)
  addSlider(step.root, say("Step, as a share of how far the codes spread"), {
    min: shares[0],
    max: shares[shares.length - 1],
    step: Number((shares[1] - shares[0]).toFixed(2)),
    value: now(),
    words: percent,
    moved: (value) => {
      step.set("step", Number(value.toFixed(2)))
      show()
    },
  })
  const plot = new Plot(step.root, 340)
  show()
  return { close: () => plot.close() }
}
