// The tools above a map: what the pointer does, zoom, and what is drawn besides points.

const TOOL_NAMES = { explore: "Explore", pan: "Pan", lasso: "Lasso" }

/** The tools inside `parent`. `on` has choose(tool), zoomIn(), zoomOut(), fit(), thumbnails(), posteriors() and legend(). */
export class MapControls {
  constructor(parent, on) {
    const tools = controlPart(parent, "div", "map-tools")
    const choice = controlPart(tools, "fieldset", "map-choice")
    controlPart(choice, "legend", "visually-hidden", "Tool")
    for (const [tool, name] of Object.entries(TOOL_NAMES)) {
      const label = controlPart(choice, "label", "")
      const input = controlPart(label, "input", "visually-hidden")
      Object.assign(input, { type: "radio", name: "map-tool", checked: tool === "explore" })
      input.addEventListener("change", () => on.choose(tool))
      controlPart(label, "span", "", name)
    }
    const button = (text, title, act) => {
      const made = Object.assign(controlPart(tools, "button", "", text), { type: "button", title })
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

function controlPart(parent, tag, className, text = "") {
  const part = Object.assign(document.createElement(tag), { className, textContent: text })
  parent.append(part)
  return part
}
