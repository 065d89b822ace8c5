// @ts-check
// What is on the board when the machine moves by itself: one picture after the other is drawn before one's eyes, and rests a while.

/** @import { Shape } from "../../kit/paint.js" */

const DRAWN = 2400 // milliseconds in which a picture appears
const REST = 2000 // milliseconds for which it stays
const STEPS = 36 // in which it appears: enough to see it grow, and few enough for a small computer
const SLANT = 0.3 // rows by which each column is later than the one before it

/**
 * After so many milliseconds: which of `count` pictures is shown, and how much of it is there (0 to 1). It begins with the first at rest.
 * @param {number} count
 * @param {number} milliseconds
 */
export function drawnAt(count, milliseconds) {
  const gone = milliseconds + DRAWN
  const turn = Math.floor(gone / (DRAWN + REST))
  const part = Math.min(1, (gone - turn * (DRAWN + REST)) / DRAWN)
  return { shown: turn % count, part: Math.ceil(part * STEPS) / STEPS }
}

/**
 * This part of a picture, bytes [C, H, W], from the top; the rest is ground, one byte per channel.
 * @param {Uint8Array} pixels
 * @param {number[]} ground
 * @param {Shape} shape
 * @param {number} part
 */
export function partOf(pixels, ground, [channels, height, width], part) {
  const front = part * (height + SLANT * width)
  return pixels.map((level, at) => {
    const place = at % (height * width)
    const later = Math.floor(place / width) + SLANT * (place % width)
    return later < front ? level : ground[Math.floor(at / (height * width)) % channels]
  })
}
