// @ts-check
// The files of a static site: how a page gets the bytes in one, from a server or from the disk, and keeps it for times without a network.

import { addressOfBytes } from "./given.js"

const QUOTE = 'LOOM="' // what such a file begins with
const BACKSLASH = 92
/** @type {Record<number, number>} */
const ESCAPED = { 110: 10, 114: 13 } // \n and \r; any other escaped byte stands for itself

/** What a file beside the page holds. @param {Document} page @param {{file: string, integrity: string}} file @returns {Promise<Uint8Array<ArrayBuffer>>} */
export function contentOf(page, { file, integrity }) {
  return page.location.protocol === "file:" ? contentBeside(page, file) : fetchedContent(file, integrity)
}

/** @param {string} file @param {string} integrity */
async function fetchedContent(file, integrity) {
  const answer = await fetch(file, { integrity }).catch(() => fetch(file, { integrity, cache: "reload" })) // it may be damaged only where it is kept
  if (!answer.ok) throw new Error(`The server answered with error ${answer.status}.`)
  return unquoted(new Uint8Array(await answer.arrayBuffer()))
}

/** The same from the disk, where a page can fetch nothing, but run the file as the script that it is. @param {Document} page @param {string} file */
function contentBeside(page, file) {
  return /** @type {Promise<Uint8Array<ArrayBuffer>>} */ (new Promise((resolve, reject) => {
    const script = page.createElement("script")
    script.charset = "x-user-defined" // which gives each byte a letter
    script.src = file
    script.onerror = reject
    script.onload = () => resolve(bytesOfLetters(/** @type {{LOOM?: string}} */ (globalThis).LOOM ?? ""))
    page.head.append(script)
  }))
}

/** The bytes behind letters of the encoding x-user-defined: U+0000 to U+007F, then U+F780 to U+F7FF. @param {string} letters */
export function bytesOfLetters(letters) {
  const bytes = new Uint8Array(letters.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i) // its lower eight bits
  return bytes
}

/** The bytes in the one string of a script that is otherwise empty. @param {Uint8Array} script */
export function unquoted(script) {
  const content = new Uint8Array(script.length)
  let length = 0
  for (let at = QUOTE.length; at < script.length - 1; at++) {
    const escaped = script[at] === BACKSLASH
    if (escaped) at++
    content[length++] = escaped ? ESCAPED[script[at]] ?? script[at] : script[at]
  }
  return content.slice(0, length)
}

/** An address for a part of some bytes, "start-end". @param {Uint8Array<ArrayBuffer>} content @param {string} place @param {string} [type] */
export function addressOf(content, place, type = "application/octet-stream") {
  return addressOfBytes(partOf(content, place), type)
}

/** A part of some bytes. @param {Uint8Array<ArrayBuffer>} content @param {string} place "start-end" */
export function partOf(content, place) {
  const [start, end] = place.split("-").map(Number)
  return content.subarray(start, end)
}

/** Have these files at hand without a network, where the browser lets a site do that: over https, and from this machine. @param {Document} page @param {string[]} files */
export async function keepOffline(page, files) {
  const { serviceWorker } = navigator
  if (!serviceWorker || page.location.protocol === "file:") return
  try {
    await serviceWorker.register("sw.js")
    const { active } = await serviceWorker.ready
    active?.postMessage(files)
  } catch {
    // the site works all the same, as long as there is a network
  }
}
