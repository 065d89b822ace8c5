// @ts-check
// Numbers as people read them.

/** A number with so many digits after the point, a true minus sign, and none before a zero. @param {number} value @param {number} digits */
export function decimal(value, digits) {
  return value.toFixed(digits).replace(/^-(?=0(\.0+)?$)/, "").replace("-", "−")
}
