// @ts-check
// The script of a static site. Its pages are those to take home, but what they share stands in files of its own, and so do each one's bytes.
import { addressOf, contentOf, keepOffline } from "./files.js"
import { startParts } from "./page.js"

/** @import { SiteData, TakehomeData } from "../kit/wire.js" */

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
      startParts(page, addressed(data, content))
    } catch {
      notice.textContent = NOT_COME
      return
    }
    files.push(new URL(file.file, page.URL).href)
  }
  await keepOffline(page, files)
}

/**
 * What the parts are given, with addresses at which the browser finds the bytes.
 * @param {TakehomeData} data
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {TakehomeData}
 */
function addressed(data, content) {
  const at = (/** @type {string} */ place, type = "application/octet-stream") => addressOf(content, place, type)
  const { model, map } = data
  const pictures = map?.pictures && "sheet" in map.pictures ? map.pictures : null
  return {
    ...data,
    model: { ...model, weights: at(model.weights) },
    map: map && {
      ...map,
      points: at(map.points),
      numbers: map.numbers && at(map.numbers),
      codes: map.codes && at(map.codes),
      colour: { ...map.colour, url: at(map.colour.url) },
      pictures: pictures && { ...pictures, sheet: at(pictures.sheet, "image/png") },
    },
  }
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
