// @ts-nocheck -- not typed yet
// Rows of pictures that follow the KL weight: images, below each its reconstruction, and samples from the prior.
import { paint } from "../kit/paint.js"

/** A canvas that a screen reader calls `alt`. */
function rowCanvas(alt) {
  const canvas = document.createElement("canvas")
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", alt)
  return canvas
}

/** A heading, a note and a row of stacks, each of as many canvases as `alts` has texts: alts(number) -> [text, …], numbers from 1. */
class PictureRow {
  constructor(parent, title, alts) {
    this.alts = alts
    this.stacks = []
    this.note = Object.assign(document.createElement("p"), { className: "note" })
    this.row = Object.assign(document.createElement("div"), { className: "multirate-row" })
    parent.append(Object.assign(document.createElement("h3"), { textContent: title }), this.row, this.note)
  }

  /** Have this many stacks, for images of this shape. */
  lay(count, [, height, width]) {
    this.row.style.setProperty("--own", `${Math.max(height, width)}px`)
    if (this.stacks.length === count) return
    this.stacks = Array.from({ length: count }, (_, index) => this.alts(index + 1).map(rowCanvas))
    this.row.replaceChildren(
      ...this.stacks.map((canvases) => {
        const stack = document.createElement("div")
        stack.append(...canvases)
        return stack
      }),
    )
  }

  /** Draw images Float32Array [n, C·H·W], in the canvas at this level of each stack. */
  paint(level, images, shape) {
    const pixels = shape[0] * shape[1] * shape[2]
    this.stacks.forEach((canvases, index) => paint(canvases[level], images.subarray(index * pixels, (index + 1) * pixels), shape))
  }
}

/** The pictures inside `parent`. */
export class Pictures {
  constructor(parent) {
    this.images = new PictureRow(parent, "Images and reconstructions", (number) => [`Image ${number}`, `Reconstruction of image ${number}`])
    this.samples = new PictureRow(parent, "Samples from the prior", (number) => [`Sample ${number} from the prior`])
    this.samples.note.textContent = "The same random codes at every KL weight."
  }

  /** Show the originals; `note` says what they are. */
  update(images, samples, note, shape) {
    const pixels = shape[0] * shape[1] * shape[2]
    this.shape = shape
    this.images.note.textContent = `${note} Below each its reconstruction, decoded from the mean of its code.`.trim()
    this.images.lay(images.length / pixels, shape)
    this.samples.lay(samples, shape)
    this.images.paint(0, images, shape)
  }

  show({ reconstructions, samples }) {
    this.images.paint(1, reconstructions, this.shape)
    this.samples.paint(0, samples, this.shape)
  }
}
