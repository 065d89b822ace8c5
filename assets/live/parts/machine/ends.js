// @ts-check
// The two numbers that tell most, each a slider between pictures of what it does at its ends.
import { sliderEnds } from "../deck/slider.js"
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { DeckDimension } from "../../kit/wire.js" */
/** @typedef {ReturnType<typeof newRow>} Row */

const STRONGEST = 2

export class Ends {
  /**
   * `moved(index, value)` is called while a slider moves, `released()` when it is let go.
   * @param {Element} parent
   * @param {{moved: (index: number, value: number) => void, released: () => void}} calls
   */
  constructor(parent, calls) {
    this.body = element("div", { className: "machine-ends", parent })
    /** @type {Row[]} */
    this.rows = []
    this.asked = 0
    this.body.addEventListener("input", (event) => {
      const row = this.rows.find(({ input }) => input === event.target)
      if (row) calls.moved(row.index, row.input.valueAsNumber)
    })
    this.body.addEventListener("change", () => calls.released())
  }

  /** Sliders for the first of these dimensions. @param {DeckDimension[]} dims */
  lay(dims) {
    this.rows = dims.slice(0, STRONGEST).map(newRow)
    this.body.replaceChildren(...this.rows.map(({ whole }) => whole))
  }

  /** The sliders stand at a code, at their ends where it lies beyond. @param {Float32Array} z */
  stand(z) {
    for (const { index, input, value } of this.rows) {
      input.value = String(z[index])
      value.textContent = decimal(z[index], 2)
    }
  }

  /** Draw what this code would be with each number at its ends. @param {Engine} engine @param {Float32Array} z */
  async draw(engine, z) {
    const asked = ++this.asked
    for (const { index, name, ends, pictures } of this.rows) {
      for (const [end, value] of ends.entries()) {
        const image = await engine.decode(changedAt(z, index, value)).catch(() => null) // the engine says why
        if (asked !== this.asked || !image) return
        paint(pictures[end], image, engine.shape)
        pictures[end].setAttribute("aria-label", say`The picture with ${name} at ${decimal(value, 1)}`)
      }
    }
  }
}

/** The same code with another number at one place. @param {Float32Array} z @param {number} index @param {number} value */
export function changedAt(z, index, value) {
  const other = z.slice()
  other[index] = value
  return other
}

/** @param {DeckDimension} dimension */
function newRow({ index, name, note, low, high }) {
  const ends = sliderEnds(low, high)
  const [min, max] = ends.map((end) => end.toFixed(1))
  const id = `machine-end-${index}`
  const input = element("input", { type: "range", id, min, max, step: "0.01" })
  const value = element("span", { className: "machine-value", attributes: { "aria-hidden": "true" } })
  const label = element("label", { htmlFor: id }, element("b", {}, name), " ", element("span", { className: "note" }, note))
  const pictures = ends.map(() => element("canvas", { attributes: { role: "img" } }))
  const middle = element("div", { className: "machine-slider" }, label, value, input)
  return {
    index,
    name,
    ends,
    input,
    value,
    pictures,
    whole: element("div", { className: "machine-end" }, pictures[0], middle, pictures[1]),
  }
}
