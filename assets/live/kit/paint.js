// @ts-check
// Images on a canvas at their own pixel size; the style sheet enlarges them with square pixels.
import { bytesOf } from "./base64.js"
import { say } from "./words.js"

/** @typedef {[channels: number, height: number, width: number]} Shape of an image; it has 1 or 3 channels */

/** @type {WeakMap<HTMLCanvasElement, ImageData>} */
const sheets = new WeakMap()

/** What draws on a canvas. @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} settings */
export function brushOf(canvas, settings = {}) {
  const brush = canvas.getContext("2d", settings)
  if (!brush) throw new Error(say("This browser cannot draw on a canvas."))
  return brush
}

/**
 * The canvas's image data for a [C, H, W] image, made once per size.
 * @param {HTMLCanvasElement} canvas
 * @param {number} height
 * @param {number} width
 */
function sheetOf(canvas, height, width) {
  let sheet = sheets.get(canvas)
  if (!sheet || sheet.width !== width || sheet.height !== height) {
    canvas.width = width
    canvas.height = height
    sheet = brushOf(canvas).createImageData(width, height)
    sheet.data.fill(255)
    sheets.set(canvas, sheet)
  }
  return sheet
}

/**
 * Draw pixel value `level(index)`, any number, rounded and cut to 0…255, for each index of a [C, H, W] image.
 * @param {HTMLCanvasElement} canvas
 * @param {Shape} shape
 * @param {(index: number) => number} level
 */
function fill(canvas, [channels, height, width], level) {
  const sheet = sheetOf(canvas, height, width)
  const pixels = sheet.data // clamped: it rounds halves to even, as torch does, and cuts by itself
  const plane = height * width
  for (let place = 0; place < plane; place++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[4 * place + channel] = level(channels === 3 ? channel * plane + place : place)
    }
  }
  brushOf(canvas).putImageData(sheet, 0, 0)
}

/** Draw an image [C, H, W] from 0 to 1. @param {HTMLCanvasElement} canvas @param {Float32Array} image @param {Shape} shape */
export function paint(canvas, image, shape) {
  fill(canvas, shape, (index) => 255 * image[index])
}

/**
 * Draw an image of bytes [C, H, W], as Python sends it: in base64.
 * @param {HTMLCanvasElement} canvas
 * @param {string} text
 * @param {Shape} shape
 */
export function paintBytes(canvas, text, shape) {
  const bytes = bytesOf(text)
  fill(canvas, shape, (index) => bytes[index])
}

/**
 * Draw where an image departs from another: mid grey is equal, lighter is brighter than the reference. Half the difference, so that all
 * fits.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} image
 * @param {Float32Array} reference
 * @param {Shape} shape
 */
export function paintDifference(canvas, image, reference, shape) {
  fill(canvas, shape, (index) => 128 + Math.floor((level8(image[index]) - level8(reference[index])) / 2))
}

/** A pixel from 0 to 1 as the grey level 0…255 it is shown with. @param {number} value */
function level8(value) {
  return Math.round(255 * Math.min(1, Math.max(0, value)))
}
