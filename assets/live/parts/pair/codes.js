// @ts-check
// Both codes in figures, a dimension a line.
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say } from "../../kit/words.js"

export class Codes {
  /** @param {Element} parent */
  constructor(parent) {
    this.table = element("table")
    element(
      "div",
      { className: "pair-codes", attributes: { tabindex: "0", role: "group", "aria-label": say("Both codes") }, parent },
      this.table,
    )
    /** @type {HTMLTableCellElement[][]} */
    this.cells = []
  }

  /** Have so many lines and columns with these names. @param {string[]} dims @param {string[]} columns */
  lay(dims, columns) {
    const head = element("tr", {}, element("th"), ...columns.map((name) => element("th", { scope: "col" }, name)))
    this.cells = dims.map(() => columns.map(() => element("td")))
    const lines = dims.map((name, k) => element("tr", {}, element("th", { scope: "row" }, name), ...this.cells[k]))
    this.table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...lines))
  }

  /** Show codes, a column each, which need not be equally long. @param {Float32Array[]} codes */
  show(codes) {
    this.cells.forEach((line, k) => line.forEach((cell, at) => (cell.textContent = k < codes[at].length ? decimal(codes[at][k], 2) : "–")))
  }
}
