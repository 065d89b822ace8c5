// @ts-check
// Pictures of single points, each on a small canvas: fetched many at once, cut from one sheet, or decoded from the points' codes.
import { fetched } from "../../engine/engine.js"
import { element } from "../../kit/dom.js"
import { brushOf, paint } from "../../kit/paint.js"

/** @import { Shape } from "../../kit/paint.js" */
/** @import { PicturesByNumber, PicturesOnSheet } from "../../kit/wire.js" */
/** @typedef {(indices: number[]) => Promise<HTMLCanvasElement[]>} Make what makes the pictures of some points */
/** @typedef {{name: string, most: number, make: Make}} Source of pictures, at most so many at once */

const KEPT = 600
const GATHERING = 20 // milliseconds in which wishes gather to one request
const DECODING = 8 // milliseconds of a frame in which pictures may be decoded

/** The pictures of a map's points by their place among them. `arrived()` is called when new ones are there. */
export class PointPictures {
  /** @param {() => void} arrived */
  constructor(arrived) {
    this.arrived = arrived
    /** @type {Map<number, HTMLCanvasElement>} */
    this.canvases = new Map()
    /** @type {Set<number>} */
    this.wanted = new Set()
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined
    /** @type {Source | null} */
    this.source = null
  }

  /**
   * Take them from the source of this name from now on; `open()` gives what makes them.
   * @param {string} name
   * @param {number} most how many at once
   * @param {() => Make} open
   */
  use(name, most, open) {
    if (name === this.source?.name) return
    this.close()
    this.source = { name, most, make: open() }
  }

  /** Whether a point's picture is there already. @param {number} index */
  has(index) {
    return this.canvases.has(index)
  }

  /** The picture of a point, or null while it is on its way. @param {number} index */
  get(index) {
    const canvas = this.canvases.get(index)
    if (canvas) return canvas
    const { source } = this
    if (source) {
      this.wanted.add(index)
      this.timer ||= setTimeout(() => this.bring(source), GATHERING)
    }
    return null
  }

  /** Forget what was wished for and has not been asked for yet. */
  forget() {
    this.wanted.clear()
  }

  /** @param {Source} source */
  async bring(source) {
    while (this.source === source && this.wanted.size) {
      const indices = [...this.wanted].slice(0, source.most)
      for (const index of indices) this.wanted.delete(index)
      let canvases
      try {
        canvases = await source.make(indices)
      } catch {
        break // the next wish asks again; whoever wished shows what it has
      }
      if (this.source !== source) return
      indices.forEach((index, i) => this.canvases.set(index, canvases[i]))
      for (const oldest of this.canvases.keys()) if (this.canvases.size > KEPT) this.canvases.delete(oldest)
      this.arrived()
    }
    if (this.source === source) this.timer = undefined
  }

  close() {
    clearTimeout(this.timer)
    this.timer = undefined
    this.source = null
    this.wanted.clear()
    this.canvases.clear()
  }
}

/**
 * How to get pictures from the server: `numberOf(index)` is what it knows them by.
 * @param {PicturesByNumber} pictures
 * @param {(index: number) => number} numberOf
 * @returns {Make}
 */
export function fetchedPictures({ url, shape }, numberOf) {
  const size = shape[0] * shape[1] * shape[2]
  return async (indices) => {
    const bytes = new Uint8Array(await fetched(`${url}?n=${indices.map(numberOf).join(",")}`))
    return indices.map((_, i) => canvasOf(Float32Array.from(bytes.subarray(i * size, (i + 1) * size), (level) => level / 255), shape))
  }
}

/** How to cut pictures out of one sheet, in the order of the points. @param {PicturesOnSheet} pictures @returns {Make} */
export function cutPictures({ sheet, columns, shape: [, height, width] }) {
  const image = Object.assign(new Image(), { src: sheet })
  return async (indices) => {
    await image.decode()
    return indices.map((index) => {
      const canvas = element("canvas", { width, height })
      const left = (index % columns) * width
      const top = Math.floor(index / columns) * height
      brushOf(canvas).drawImage(image, left, top, width, height, 0, 0, width, height)
      return canvas
    })
  }
}

/**
 * How to decode pictures: `codeOf(index)` is a point's code. In small parts, so that the page stays quick.
 * @param {{decode: (z: Float32Array) => Promise<Float32Array>, shape: Shape}} engine
 * @param {(index: number) => Float32Array} codeOf
 * @returns {Make}
 */
export function decodedPictures(engine, codeOf) {
  return async (indices) => {
    const canvases = []
    let begun = performance.now()
    for (const index of indices) {
      canvases.push(canvasOf(await engine.decode(codeOf(index)), engine.shape))
      if (performance.now() - begun < DECODING) continue
      await new Promise(requestAnimationFrame)
      begun = performance.now()
    }
    return canvases
  }
}

/** @param {Float32Array} image @param {Shape} shape */
function canvasOf(image, shape) {
  const canvas = element("canvas")
  paint(canvas, image, shape)
  return canvas
}
