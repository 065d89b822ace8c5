// @ts-check
// Who is whose neighbour in a model, and who kept how many.

/**
 * The images nearest to one of them, the nearest first, itself left out.
 * @param {Float32Array} codes [N, K]
 * @param {number} latent K
 * @param {number} index
 * @param {number} most
 */
export function nearestTo(codes, latent, index, most) {
  const count = codes.length / latent
  const squares = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < latent; k++) squares[row] += (codes[row * latent + k] - codes[index * latent + k]) ** 2
  }
  const others = Array.from({ length: count }, (_, row) => row).filter((row) => row !== index)
  return others.sort((a, b) => squares[a] - squares[b] || a - b).slice(0, most)
}

/**
 * Of some images those that kept the fewest neighbours, and those that kept the most: at most `most` of each, and none in both.
 * @param {number[]} some
 * @param {number[]} kept of every image, how many
 * @param {number} most
 */
export function extremes(some, kept, most) {
  const order = [...some].sort((a, b) => kept[a] - kept[b] || a - b)
  const each = Math.min(most, Math.ceil(order.length / 2))
  return { fewest: order.slice(0, each), most: order.slice(each).reverse().slice(0, most) }
}

/** The mean of a quantity over some images. @param {number[]} some @param {number[]} quantity */
export function meanOver(some, quantity) {
  return some.reduce((sum, index) => sum + quantity[index], 0) / some.length
}

/**
 * The name of each group with the median place of its images; groups without images are left out.
 * @param {Float32Array} places [N, 2]
 * @param {number[]} groups [N]
 * @param {string[]} names
 * @returns {{name: string, group: number, place: [number, number]}[]}
 */
export function middles(places, groups, names) {
  return names.flatMap((name, group) => {
    const own = [...groups.keys()].filter((index) => groups[index] === group)
    const median = (/** @type {number} */ axis) => own.map((index) => places[2 * index + axis]).sort((a, b) => a - b)[own.length >> 1]
    return own.length ? [{ name, group, place: /** @type {[number, number]} */ ([median(0), median(1)]) }] : []
  })
}
