// @ts-check
// Which codes lie nearest to those that are chosen, in all dimensions of latent space.

const MOST_CENTRES = 12 // of the chosen, whose neighbours are looked for: many have their neighbours among themselves

/**
 * The chosen points and, for at most 12 of them taken evenly, the `most` others nearest to each: ascending, each once.
 * @param {Float32Array} codes the means [N, K], with or without what follows them
 * @param {number} latent K
 * @param {Uint8Array} chosen 1 for each point that is chosen, [N]
 * @param {number} most
 */
export function withNeighbours(codes, latent, chosen, most) {
  const count = chosen.length
  const own = Array.from(chosen.keys()).filter((i) => chosen[i])
  const found = new Set(own)
  const centres = Math.min(MOST_CENTRES, own.length)
  for (let centre = 0; centre < centres; centre++) {
    const at = own[Math.floor((centre * own.length) / centres)] * latent
    /** @type {{index: number, square: number}[]} */
    const nearest = [] // ascending by distance
    for (let index = 0; index < count; index++) {
      if (chosen[index]) continue
      const limit = nearest.length < most ? Infinity : nearest[most - 1].square
      let square = 0
      for (let k = 0; k < latent && square < limit; k++) square += (codes[index * latent + k] - codes[at + k]) ** 2
      if (square >= limit) continue
      let place = nearest.length
      while (place > 0 && nearest[place - 1].square > square) place--
      nearest.splice(place, 0, { index, square })
      nearest.length = Math.min(most, nearest.length)
    }
    for (const { index } of nearest) found.add(index)
  }
  return [...found].sort((a, b) => a - b)
}
