// @ts-nocheck -- not typed yet
// The elements of the canvas to draw on: tools, boards and the table of the posterior.
import { addPart } from "../kit/part.js"

export const MOST_ROWS = 16 // rows of the table, however many dimensions there are
export const SWATCHES = {
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

/** A range with its label above it and its value beside that. */
function labelledRange(parent, name, range) {
  const label = addPart(parent, "label")
  addPart(label, "span", { textContent: `${name} ` })
  const value = addPart(label, "span", {}, { "aria-hidden": "true" }) // the range says it by itself
  return [addPart(label, "input", { type: "range", ...range }), value]
}

/** The elements, by their use. */
export function openParts(root) {
  const whole = addPart(root, "div", { className: "draw" })
  const tools = addPart(whole, "div", { className: "tools" }, { role: "group", "aria-label": "Brush" })
  const [width, widthValue] = labelledRange(tools, "Brush width", { min: "1", max: "64", step: "0.5" })
  const greyTools = addPart(tools, "div", { className: "ink" })
  const [grey, greyValue] = labelledRange(greyTools, "Grey level", { min: "0", max: "255", step: "1" })
  const sample = addPart(greyTools, "span", { className: "sample" })
  const colourTools = addPart(tools, "div", { className: "ink" })
  const colourLabel = addPart(colourTools, "label", { textContent: "Colour " })
  const colour = addPart(colourLabel, "input", { type: "color" })
  const palette = addPart(colourTools, "div", { className: "palette" }, { role: "group", "aria-label": "Palette" })
  const swatches = Object.entries(SWATCHES).map(([title, shade]) => {
    const swatch = addPart(palette, "button", { type: "button", title }, { "aria-label": title })
    swatch.style.background = shade
    return swatch
  })
  const buttons = addPart(whole, "div", { className: "buttons" })
  const button = (textContent, title) => addPart(buttons, "button", { type: "button", textContent, title })
  const erase = button("Erase", "Paint with what is behind the data's images")
  const fill = button("Fill", "All pixels in the brush's colour")
  const clear = button("Clear", "An empty canvas")
  const undo = button("Undo", "Take the last stroke back (Ctrl+Z)")
  const redo = button("Redo", "Draw it again (Ctrl+Y)")
  const boards = addPart(whole, "div", { className: "boards" })
  const drawn = addPart(boards, "figure")
  const sheet = addPart(drawn, "div", { className: "sheet" })
  const board = addPart(sheet, "canvas", { className: "board", tabIndex: 0 }, { role: "application" })
  const cursor = addPart(sheet, "div", { className: "cursor", hidden: true })
  addPart(drawn, "figcaption", { textContent: "Your drawing" })
  const made = addPart(boards, "figure")
  const rebuilt = addPart(made, "canvas", { className: "rebuilt" }, { role: "img", "aria-label": "Reconstruction of your drawing" })
  const caption = addPart(made, "figcaption", { textContent: "Reconstruction" })
  const error = addPart(caption, "p", { className: "error" })
  const posterior = addPart(boards, "table")
  addPart(posterior, "caption", { textContent: "Posterior, mean ± σ" })
  const status = addPart(whole, "p", { className: "status" }, { role: "status" })
  const help = "Draw with mouse, finger or pen. By keyboard: arrow keys move, Space paints, and draws a line while it is held. " +
    "An image file is the other way in, and can be painted on."
  addPart(whole, "p", { className: "note", textContent: help, id: "draw-help" })
  board.setAttribute("aria-describedby", "draw-help")
  const live = addPart(whole, "p", { className: "visually-hidden" }, { "aria-live": "polite" })
  return {
    whole,
    width,
    widthValue,
    greyTools,
    grey,
    greyValue,
    sample,
    colourTools,
    colour,
    swatches,
    erase,
    fill,
    clear,
    undo,
    redo,
    board,
    cursor,
    rebuilt,
    error,
    posterior,
    status,
    live,
  }
}

/** A row for each dimension shown: its name, a bar from low to high, and its numbers. */
export function posteriorRows(table, count) {
  for (const body of [...table.tBodies]) body.remove()
  const body = addPart(table, "tbody")
  const rows = Array.from({ length: Math.min(count, MOST_ROWS) }, () => {
    const row = addPart(body, "tr")
    const name = addPart(row, "th", {}, { scope: "row" })
    const track = addPart(addPart(row, "td"), "div", { className: "track" }, { "aria-hidden": "true" })
    const band = addPart(track, "div", { className: "band" })
    const mark = addPart(track, "div", { className: "mark" })
    return { name, band, mark, value: addPart(row, "td", { className: "value" }) }
  })
  table.caption.textContent = `Posterior, mean ± σ${count > rows.length ? `: ${rows.length} of ${count} dimensions` : ""}`
  return rows
}
