// @ts-check
// Rows of pictures that follow the KL weight: images, below each its reconstruction, and samples from the prior.
import { element } from "../../kit/dom.js"
import { paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"

/** @import { Shape } from "../../kit/paint.js" */

const COARSE = 42 // pixels of a picture's side up to which each pixel is a square on the screen, all of one size

/** A heading, a row of stacks of canvases, and a note. */
class PictureRow {
  /** `alts(number)` are what the canvases of a stack show, from above; numbers begin at 1. @param {Element} parent @param {string} title @param {(number: number) => string[]} alts */
  constructor(parent, title, alts) {
    this.alts = alts
    /** @type {HTMLCanvasElement[][]} */
    this.stacks = []
    element("h3", { parent }, title)
    this.row = element("div", { className: "multirate-row", parent })
    this.note = element("p", { className: "note", parent })
  }

  /** Have this many stacks, for images of this shape. @param {number} count @param {Shape} shape */
  lay(count, [, height, width]) {
    const side = Math.max(height, width)
    this.row.style.setProperty("--own", `${side}px`)
    this.row.classList.toggle("multirate-fine", side > COARSE)
    if (this.stacks.length === count) return
    this.stacks = Array.from(
      { length: count },
      (_, index) => this.alts(index + 1).map((alt) => element("canvas", { attributes: { role: "img", "aria-label": alt } })),
    )
    this.row.replaceChildren(...this.stacks.map((canvases) => element("div", {}, ...canvases)))
  }

  /** Draw images [n, C·H·W] in the canvas at this level of each stack. @param {number} level @param {Float32Array} images @param {Shape} shape */
  paint(level, images, shape) {
    const pixels = shape[0] * shape[1] * shape[2]
    this.stacks.forEach((canvases, index) => paint(canvases[level], images.subarray(index * pixels, (index + 1) * pixels), shape))
  }
}

/** The pictures inside `parent`. */
export class Pictures {
  /** @param {Element} parent */
  constructor(parent) {
    this.images = new PictureRow(
      parent,
      say("Images and reconstructions"),
      (number) => [say`Image ${number}`, say`Reconstruction of image ${number}`],
    )
    this.samples = new PictureRow(parent, say("Samples from the prior"), (number) => [say`Sample ${number} from the prior`])
    this.samples.note.textContent = say("The same random codes at every KL weight.")
    /** @type {Shape | null} */
    this.shape = null
  }

  /**
   * Show the originals, images [n, C·H·W], with room for so many samples; `note` says what they are.
   * @param {Float32Array} images
   * @param {number} samples
   * @param {string} note
   * @param {Shape} shape
   */
  update(images, samples, note, shape) {
    const pixels = shape[0] * shape[1] * shape[2]
    this.shape = shape
    this.images.note.textContent = say`${note} Below each is its reconstruction, decoded from the mean of its code.`.trim()
    this.images.lay(images.length / pixels, shape)
    this.samples.lay(samples, shape)
    this.images.paint(0, images, shape)
  }

  /** @param {{reconstructions: Float32Array, samples: Float32Array}} drawn [n, C·H·W] each */
  show({ reconstructions, samples }) {
    if (!this.shape) return
    this.images.paint(1, reconstructions, this.shape)
    this.samples.paint(0, samples, this.shape)
  }
}
