// @ts-nocheck -- not typed yet
// The tools above a map: what the pointer does, zoom, and what is drawn besides points.
import { addPart } from "../kit/part.js"

const TOOL_NAMES = { explore: "Explore", pan: "Pan", lasso: "Lasso" }

/** The tools inside `parent`. `on` has choose(tool), zoomIn(), zoomOut(), fit(), thumbnails(), posteriors() and legend(). */
export class Controls {
  constructor(parent, on) {
    const tools = addPart(parent, "div", { className: "map-tools" })
    const choice = addPart(tools, "fieldset", { className: "map-choice" })
    addPart(choice, "legend", { className: "visually-hidden", textContent: "Tool" })
    for (const [tool, name] of Object.entries(TOOL_NAMES)) {
      const label = addPart(choice, "label")
      const kind = { type: "radio", name: "map-tool", checked: tool === "explore" }
      const input = addPart(label, "input", { className: "visually-hidden", ...kind })
      input.addEventListener("change", () => on.choose(tool))
      addPart(label, "span", { textContent: name })
    }
    const button = (text, title, act) => {
      const made = addPart(tools, "button", { type: "button", textContent: text, title })
      made.addEventListener("click", act)
      return made
    }
    button("+", "Zoom in", on.zoomIn).setAttribute("aria-label", "Zoom in")
    button("−", "Zoom out", on.zoomOut).setAttribute("aria-label", "Zoom out")
    button("Fit", "Show everything", on.fit)
    this.thumbnails = button("Thumbnails", "Pictures among the points", on.thumbnails)
    this.posteriors = button("Posteriors", "", on.posteriors)
    this.legend = button("Legend", "What the colours mean", on.legend)
  }

  /** Show which are on, and why there are no posteriors: a sentence, empty where there are. */
  mark({ thumbnails, posteriors, legend, noPosteriors }) {
    this.thumbnails.setAttribute("aria-pressed", String(thumbnails))
    this.posteriors.setAttribute("aria-pressed", String(posteriors))
    this.legend.setAttribute("aria-pressed", String(legend))
    this.posteriors.disabled = Boolean(noPosteriors)
    this.posteriors.title = noPosteriors || "Ellipses at 1 and 2 standard deviations, to scale"
  }
}
