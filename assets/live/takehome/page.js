// @ts-nocheck -- not typed yet
// The page to take home: what Python does for the live parts in the app, this does for them in one file.
import { mountDeck } from "../deck/deck.js"
import { mountGrid } from "../grid/grid.js"
import { mountMap } from "../map/map.js"

/** Start the parts of a page that vae_core/export/takehome.py has written. */
export function openPage(page) {
  const { model, deck, map, grid } = JSON.parse(page.getElementById("loom-data").textContent)
  const codes = [deck.z] // where the user has been
  let now = 0
  let selected = []
  const shown = new Map() // the data of each part that works, by its view

  const show = () => {
    const z = codes[now]
    for (const [view, data] of shown) view.update({ ...data, channel: "page", model, z, pin: z, selected })
  }

  /** A part has something to tell. */
  const hear = ({ kind, z, numbers }) => {
    if (kind === "undo") now = Math.max(0, now - 1)
    else if (kind === "redo") now = Math.min(codes.length - 1, now + 1)
    else if (kind === "choose") selected = numbers
    else codes.splice(++now, codes.length, z)
    show()
  }

  const open = (name, mount, data) => {
    const root = page.getElementById(name).shadowRoot.querySelector(".live")
    let view
    const fail = (reason) => {
      shown.delete(view)
      root.textContent = reason
    }
    try {
      view = mount(root, { send: (event) => (event.kind === "failed" ? fail(event.reason) : hear(event)) })
      shown.set(view, data)
    } catch (error) {
      fail(error.message)
    }
  }

  open("deck", mountDeck, deck)
  if (map) open("map", mountMap, map)
  if (grid) open("grid", mountGrid, grid)
  show()
  page.getElementById("not-run").remove()
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show)
}
