// @ts-check
// The script of a static site. Its pages are those to take home, but what they share stands in files of its own, and so do each one's bytes.
import { contentOf, keepOffline } from "./files.js"
import { addressed, addressOfBytes } from "./given.js"
import { startParts } from "./page.js"

/** @import { SiteData } from "../kit/wire_pages.js" */

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
    const { page: data, ...file } = JSON.parse(given)
    const notice = /** @type {HTMLElement} */ (page.getElementById("not-run"))
    notice.textContent = COMING
    try {
      const content = await contentOf(page, file)
      dress(page, styles, shared)
      startParts(page, addressed(data, (start, end, type) => addressOfBytes(content.subarray(start, end), type)))
    } catch {
      notice.textContent = NOT_COME
      return
    }
    files.push(new URL(file.file, page.URL).href)
  }
  await keepOffline(page, files)
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
