// @ts-check
// Where the machine is when it moves by itself: it rests at a picture's code, then walks to the next one's.

const REST = 1400 // milliseconds at a code
const WAY = 2800 // from one to the next

/**
 * After so many milliseconds of walking round `count` codes: between which two, how far from the first to the second (0 to 1, slow at
 * both ends), and which of them is the picture shown: the one it walks to.
 * @param {number} count
 * @param {number} milliseconds
 */
export function walkAt(count, milliseconds) {
  const leg = Math.floor(milliseconds / (REST + WAY))
  const gone = Math.max(0, (milliseconds - leg * (REST + WAY) - REST) / WAY)
  const [from, to] = [leg % count, (leg + 1) % count]
  return { from, to, t: gone * gone * (3 - 2 * gone), shown: gone > 0 ? to : from }
}
