// @ts-check
// Numbers of 16 bits, as codes travel: IEEE 754 binary16.
import { bytesOf } from "../../kit/base64.js"

/** The number that these 16 bits stand for. @param {number} bits */
export function halfOf(bits) {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Little-endian numbers in base64. @param {string} text */
export function halvesOf(text) {
  const bytes = bytesOf(text)
  return Float32Array.from({ length: bytes.length / 2 }, (_, place) => halfOf(bytes[2 * place] | (bytes[2 * place + 1] << 8)))
}
