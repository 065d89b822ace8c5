// The elements of the canvas to draw on: tools, boards and the table of the posterior.

export const POSTERIOR_MOST = 16 // rows of the table, however many dimensions there are
export const DRAW_SWATCHES = {
  Black: "#000000", Grey: "#808080", White: "#ffffff", Brown: "#6b4226", Tan: "#c68642", Peach: "#f1c27d",
  Red: "#d62828", Orange: "#f77f00", Yellow: "#fcd34d", Green: "#2a9d4a", Blue: "#2563eb", Violet: "#7c3aed",
}

function drawPart(parent, tag, properties = {}, attributes = {}) {
  const part = Object.assign(document.createElement(tag), properties)
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value)
  parent.append(part)
  return part
}

/** A range with its label above it and its value beside that. */
function labelledRange(parent, name, range) {
  const label = drawPart(parent, "label")
  drawPart(label, "span", { textContent: `${name} ` })
  const value = drawPart(label, "span", {}, { "aria-hidden": "true" }) // the range says it by itself
  return [drawPart(label, "input", { type: "range", ...range }), value]
}

/** The elements, by their use. */
export function drawParts(root) {
  const whole = drawPart(root, "div", { className: "draw" })
  const tools = drawPart(whole, "div", { className: "tools" }, { role: "group", "aria-label": "Brush" })
  const [width, widthValue] = labelledRange(tools, "Brush width", { min: "1", max: "64", step: "0.5" })
  const greyTools = drawPart(tools, "div", { className: "ink" })
  const [grey, greyValue] = labelledRange(greyTools, "Grey level", { min: "0", max: "255", step: "1" })
  const sample = drawPart(greyTools, "span", { className: "sample" })
  const colourTools = drawPart(tools, "div", { className: "ink" })
  const colourLabel = drawPart(colourTools, "label", { textContent: "Colour " })
  const colour = drawPart(colourLabel, "input", { type: "color" })
  const palette = drawPart(colourTools, "div", { className: "palette" }, { role: "group", "aria-label": "Palette" })
  const swatches = Object.entries(DRAW_SWATCHES).map(([title, shade]) => {
    const swatch = drawPart(palette, "button", { type: "button", title }, { "aria-label": title })
    swatch.style.background = shade
    return swatch
  })
  const buttons = drawPart(whole, "div", { className: "buttons" })
  const button = (textContent, title) => drawPart(buttons, "button", { type: "button", textContent, title })
  const erase = button("Erase", "Paint with what is behind the data's images")
  const fill = button("Fill", "All pixels in the brush's colour")
  const clear = button("Clear", "An empty canvas")
  const undo = button("Undo", "Take the last stroke back (Ctrl+Z)")
  const redo = button("Redo", "Draw it again (Ctrl+Y)")
  const boards = drawPart(whole, "div", { className: "boards" })
  const drawn = drawPart(boards, "figure")
  const sheet = drawPart(drawn, "div", { className: "sheet" })
  const board = drawPart(sheet, "canvas", { className: "board", tabIndex: 0 }, { role: "application" })
  const cursor = drawPart(sheet, "div", { className: "cursor", hidden: true })
  drawPart(drawn, "figcaption", { textContent: "Your drawing" })
  const made = drawPart(boards, "figure")
  const rebuilt = drawPart(made, "canvas", { className: "rebuilt" }, { role: "img", "aria-label": "Reconstruction of your drawing" })
  const caption = drawPart(made, "figcaption", { textContent: "Reconstruction" })
  const error = drawPart(caption, "p", { className: "error" })
  const posterior = drawPart(boards, "table")
  drawPart(posterior, "caption", { textContent: "Posterior, mean ± σ" })
  const status = drawPart(whole, "p", { className: "status" }, { role: "status" })
  const help = "Draw with mouse, finger or pen. By keyboard: arrow keys move, Space paints, and draws a line while it is held. " +
    "An image file is the other way in, and can be painted on."
  drawPart(whole, "p", { className: "note", textContent: help, id: "draw-help" })
  board.setAttribute("aria-describedby", "draw-help")
  const live = drawPart(whole, "p", { className: "visually-hidden" }, { "aria-live": "polite" })
  return {
    whole, width, widthValue, greyTools, grey, greyValue, sample, colourTools, colour, swatches,
    erase, fill, clear, undo, redo, board, cursor, rebuilt, error, posterior, status, live,
  }
}

/** A row for each dimension shown: its name, a bar from low to high, and its numbers. */
export function posteriorRows(table, count) {
  for (const body of [...table.tBodies]) body.remove()
  const body = drawPart(table, "tbody")
  const rows = Array.from({ length: Math.min(count, POSTERIOR_MOST) }, () => {
    const row = drawPart(body, "tr")
    const name = drawPart(row, "th", {}, { scope: "row" })
    const track = drawPart(drawPart(row, "td"), "div", { className: "track" }, { "aria-hidden": "true" })
    const band = drawPart(track, "div", { className: "band" })
    const mark = drawPart(track, "div", { className: "mark" })
    return { name, band, mark, value: drawPart(row, "td", { className: "value" }) }
  })
  table.caption.textContent = `Posterior, mean ± σ${count > rows.length ? `: ${rows.length} of ${count} dimensions` : ""}`
  return rows
}
