// @ts-check
// The numbers of an axis.

/**
 * Round numbers from low to high, at most `most` + 1 of them, as {values, digits}: digits after the point to write them with.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
export function roundTicks(low, high, most) {
  const least = (high - low) / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(least))
  const step = power * ([1, 2, 5].find((multiple) => multiple * power >= least * 0.999) ?? 10)
  const values = []
  for (let index = Math.ceil(low / step); index * step <= high; index++) values.push(index * step)
  return { values, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) }
}
