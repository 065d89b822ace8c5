// @ts-check
// The tools above a map: what the pointer does, zoom, and what is drawn besides points.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { SINGLE_CODES } from "./words.js"

/** @typedef {"explore" | "pan" | "lasso"} Tool what the pointer does */

/** @type {[Tool, string][]} */
const TOOLS = [["explore", "Explore"], ["pan", "Pan"], ["lasso", "Lasso"]]

export class Controls {
  /**
   * The tools inside `parent`.
   * @param {Element} parent
   * @param {{
   *   choose: (tool: Tool) => void,
   *   zoomIn: () => void,
   *   zoomOut: () => void,
   *   fit: () => void,
   *   thumbnails: () => void,
   *   posteriors: () => void,
   *   legend: () => void,
   * }} on
   */
  constructor(parent, on) {
    const tools = element("div", { className: "map-tools", parent })
    const choice = element("fieldset", { className: "map-choice", parent: tools })
    element("legend", { className: "visually-hidden", parent: choice }, say("Tool"))
    for (const [tool, name] of TOOLS) {
      const input = element("input", { className: "visually-hidden", type: "radio", name: "map-tool", checked: tool === "explore" })
      input.addEventListener("change", () => on.choose(tool))
      element("label", { parent: choice }, input, element("span", {}, say(name)))
    }
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ act) => {
      const made = element("button", { type: "button", title, parent: tools }, text)
      made.addEventListener("click", act)
      return made
    }
    button("+", say("Zoom in"), on.zoomIn).setAttribute("aria-label", say("Zoom in"))
    button("−", say("Zoom out"), on.zoomOut).setAttribute("aria-label", say("Zoom out"))
    button(say("Fit"), say("Show everything"), on.fit)
    this.thumbnails = button(say("Thumbnails"), say("Pictures among the points"), on.thumbnails)
    this.posteriors = button(say("Posteriors"), "", on.posteriors)
    this.legend = button(say("Legend"), say("What the colours mean"), on.legend)
  }

  /**
   * Show which are on, and why there are no posteriors: a sentence, empty where there are.
   * @param {{thumbnails: boolean, posteriors: boolean, legend: boolean, noPosteriors: string}} state
   */
  mark({ thumbnails, posteriors, legend, noPosteriors }) {
    this.thumbnails.setAttribute("aria-pressed", String(thumbnails))
    this.posteriors.setAttribute("aria-pressed", String(posteriors))
    this.legend.setAttribute("aria-pressed", String(legend))
    this.posteriors.disabled = Boolean(noPosteriors)
    this.posteriors.hidden = noPosteriors === SINGLE_CODES
    this.posteriors.title = say(noPosteriors) || say("Ellipses at 1 and 2 standard deviations, to scale")
  }
}
