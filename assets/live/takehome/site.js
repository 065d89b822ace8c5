// @ts-check
// The script of a static site. Its pages are those to take home, but what they share stands in files of its own, and so do each one's bytes.
import { addressed, addressOfBytes } from "./given.js"
import { startParts } from "./page.js"

/** @import { SiteData } from "../kit/wire.js" */

const QUOTE = 'LOOM="' // what a model's file begins with
const BACKSLASH = 92
/** @type {Record<number, number>} */
const ESCAPED = { 110: 10, 114: 13 } // \n and \r; any other escaped byte stands for itself
const COMING = "The model is on its way."
const NOT_COME = "The model has not come, or has come damaged. Reload the page to try again. The card below is complete without it."

/**
 * Start a page of the site; the one with all models has no parts.
 * @param {Document} page
 * @param {Record<string, string>} styles of each part, by its name
 * @param {string} shared style of all parts
 */
export async function openSite(page, styles, shared) {
  const given = page.getElementById("loom-data")?.textContent
  const files = [page.URL]
  if (given) {
    /** @type {SiteData} */
    const { file, integrity, page: data } = JSON.parse(given)
    const notice = /** @type {HTMLElement} */ (page.getElementById("not-run"))
    notice.textContent = COMING
    try {
      const content = page.location.protocol === "file:" ? await contentBeside(page, file) : await fetchedContent(file, integrity)
      dress(page, styles, shared)
      startParts(page, addressed(data, (start, end, type) => addressOfBytes(content.subarray(start, end), type)))
    } catch {
      notice.textContent = NOT_COME
      return
    }
    files.push(new URL(file, page.URL).href)
  }
  await keepOffline(page, files)
}

/** What a model's file holds. @param {string} file @param {string} integrity */
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

/** Give each part its style, which no policy counts as one in the page. @param {Document} page @param {Record<string, string>} styles @param {string} shared */
function dress(page, styles, shared) {
  const sheets = [shared, ...Object.values(styles)].map((text) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    return sheet
  })
  Object.keys(styles).forEach((part, i) => {
    const shadow = /** @type {ShadowRoot} */ (page.getElementById(part)?.shadowRoot)
    shadow.adoptedStyleSheets = [sheets[0], sheets[i + 1]]
  })
}

/** Have these files at hand without a network, where the browser lets a site do that: over https, and from this machine. @param {Document} page @param {string[]} files */
async function keepOffline(page, files) {
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
