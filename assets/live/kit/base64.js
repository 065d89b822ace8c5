// @ts-check
// Bytes as text, as they travel between the browser and Python.

/** Bytes in base64. @param {ArrayLike<number>} bytes */
export function base64Of(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
}

/** The bytes behind base64. @param {string} text */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}
