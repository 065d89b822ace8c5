// @ts-check
// The elements of the canvas to draw on: tools, boards and the table of the posterior.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { PosteriorTable } from "./posterior.js"

/** @import { Board } from "./board.js" */

const SWATCHES = {
  Black: "#000000",
  Grey: "#808080",
  White: "#ffffff",
  Brown: "#6b4226",
  Tan: "#c68642",
  Peach: "#f1c27d",
  Red: "#d62828",
  Orange: "#f77f00",
  Yellow: "#fcd34d",
  Green: "#2a9d4a",
  Blue: "#2563eb",
  Violet: "#7c3aed",
}

/**
 * A range with its label above it and its value beside that.
 * @param {Element} parent
 * @param {string} name
 * @param {{min: string, max: string, step: string}} range
 */
function labelledRange(parent, name, range) {
  const label = element("label", { parent }, element("span", {}, `${name} `))
  const value = element("span", { parent: label, attributes: { "aria-hidden": "true" } }) // the range says it by itself
  return { input: element("input", { type: "range", parent: label, ...range }), value }
}

/** The elements around a board, by their use. @param {Element} root @param {Board} board */
export function openParts(root, board) {
  const whole = element("div", { className: "draw", parent: root })
  const tools = element("div", { className: "tools", parent: whole, attributes: { role: "group", "aria-label": say("Brush") } })
  const width = labelledRange(tools, say("Brush width"), { min: "1", max: "64", step: "0.5" })
  const greyTools = element("div", { className: "ink", parent: tools })
  const grey = labelledRange(greyTools, say("Grey level"), { min: "0", max: "255", step: "1" })
  const sample = element("span", { className: "sample", parent: greyTools })
  const colourTools = element("div", { className: "ink", parent: tools })
  const colour = element("input", { type: "color" })
  element("label", { parent: colourTools }, say("Colour"), " ", colour)
  const palette = element("div", { className: "palette", parent: colourTools, attributes: { role: "group", "aria-label": say("Palette") } })
  const swatches = Object.entries(SWATCHES).map(([title, shade]) => {
    const name = say(title)
    const button = element("button", { type: "button", title: name, parent: palette, attributes: { "aria-label": name } })
    button.style.background = shade
    return { button, shade }
  })
  const buttons = element("div", { className: "buttons", parent: whole })
  const button = (/** @type {string} */ name, /** @type {string} */ title) =>
    element("button", { type: "button", title, parent: buttons }, name)
  const erase = button(say("Erase"), say("Paint with the background of the data's images"))
  const fill = button(say("Fill"), say("Fill the canvas with the brush's colour"))
  const clear = button(say("Clear"), say("An empty canvas"))
  const undo = button(say("Undo"), say("Take the last stroke back (Ctrl+Z)"))
  const redo = button(say("Redo"), say("Draw it again (Ctrl+Y)"))
  const boards = element("div", { className: "boards", parent: whole })
  element("figure", { parent: boards }, board.element, element("figcaption", {}, say("Your drawing")))
  const rebuilt = element("canvas", {
    className: "rebuilt",
    attributes: { role: "img", "aria-label": say("Reconstruction of your drawing") },
  })
  const error = element("p", { className: "error" })
  element("figure", { parent: boards }, rebuilt, element("figcaption", {}, say("Reconstruction"), error))
  const posterior = new PosteriorTable(boards)
  const status = element("p", { className: "status", parent: whole, attributes: { role: "status" } })
  const help = "Draw with mouse, finger or pen. By keyboard: arrow keys move, Space paints, and draws a line while it is held. " +
    "You can also start from an image and paint on it."
  element("p", { className: "note", id: "draw-help", parent: whole }, say(help))
  const live = element("p", { className: "visually-hidden", parent: whole, attributes: { "aria-live": "polite" } })
  return {
    whole,
    width: width.input,
    widthValue: width.value,
    greyTools,
    grey: grey.input,
    greyValue: grey.value,
    sample,
    colourTools,
    colour,
    swatches,
    erase,
    fill,
    clear,
    undo,
    redo,
    rebuilt,
    error,
    posterior,
    status,
    live,
  }
}
