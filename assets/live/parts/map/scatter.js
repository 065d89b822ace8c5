// @ts-check
// Small points with the names of their groups among them: a map to look at, on which other things move.

/** @import { PathPoints } from "../../kit/wire.js" */
/** @typedef {[words: string, x: number, y: number]} Name where it is written, in pixels */
/** @typedef {(place: ArrayLike<number>) => [x: number, y: number]} ToScreen the pixel of a place [x, y] */
/** @typedef {{ink: string, paper: string, font: string}} Look the colours of text and ground, and the family of letters */

const NAME_HEIGHT = 16

/**
 * Whether two names stay clear of one another.
 * @param {CanvasRenderingContext2D} brush
 * @param {Name} one
 * @param {Name} other
 */
function apart(brush, [name, x, y], [otherName, otherX, otherY]) {
  const room = (brush.measureText(name).width + brush.measureText(otherName).width) / 2 + 4
  return Math.abs(x - otherX) > room || Math.abs(y - otherY) > NAME_HEIGHT
}

/** Words that any ground shows, as the brush's font and alignment have them. @param {CanvasRenderingContext2D} brush @param {Look} look @param {Name} name */
export function writeName(brush, { ink, paper }, [words, x, y]) {
  brush.globalAlpha = 1
  brush.lineWidth = 4
  brush.lineJoin = "round"
  brush.strokeStyle = paper
  brush.strokeText(words, x, y)
  brush.fillStyle = ink
  brush.fillText(words, x, y)
}

/**
 * The points, and the name of each group in the middle of its own; names that would overlap are left to a legend.
 * @param {CanvasRenderingContext2D} brush
 * @param {PathPoints} points
 * @param {ToScreen} toScreen
 * @param {Look} look
 */
export function drawScatter(brush, { xy, classes, names, palette }, toScreen, look) {
  const sums = names.map(() => [0, 0, 0])
  brush.globalAlpha = 0.55
  for (let index = 0; index < xy.length / 2; index++) {
    const group = classes ? classes[index] : -1
    brush.fillStyle = group < 0 ? look.ink : palette[group % palette.length]
    const [x, y] = toScreen([xy[2 * index], xy[2 * index + 1]])
    brush.fillRect(x - 1.5, y - 1.5, 3, 3)
    const sum = sums[group]
    if (sum) {
      sum[0] += x
      sum[1] += y
      sum[2]++
    }
  }
  brush.font = `600 13px ${look.font}`
  brush.textAlign = "center"
  brush.textBaseline = "middle"
  const centres = sums.flatMap(([x, y, count], group) => count ? [/** @type {Name} */ ([names[group], x / count, y / count])] : [])
  for (const centre of centres) {
    if (centres.every((other) => other === centre || apart(brush, centre, other))) writeName(brush, look, centre)
  }
}
