// @ts-check
// The page to take home: what Python does for the live parts in the app, this does for them in one file.
import { mountDeck } from "../deck/deck.js"
import { mountGrid } from "../grid/grid.js"
import { mountMap } from "../map/map.js"
import { Sliders } from "../multirate/sliders.js"

/** @import { ChooseEvent, FailedEvent, HistoryEvent, MoveEvent, NameEvent, PinEvent, TakehomeData, WeightsSource } from "../kit/wire.js" */
/** @typedef {MoveEvent | HistoryEvent | NameEvent | ChooseEvent | PinEvent} Told what a part tells; names are given in the app alone */
/** @typedef {{channel: string, model: WeightsSource, z: number[], pin: number[], selected: number[]}} State what all parts share */

/**
 * What starts a part that shows this content.
 * @template Content
 * @typedef {(root: HTMLElement, io: {send: (event: Told | FailedEvent) => void}) => {update: (data: Content & State) => void}} Mount
 */

/** Start the parts of a page that vae_core/export/takehome.py has written. @param {Document} page */
export function openPage(page) {
  /** @type {TakehomeData} */
  const { model, weight, deck, map, grid } = JSON.parse(page.getElementById("loom-data")?.textContent ?? "")
  const codes = [deck.z] // where the user has been
  let now = 0
  /** @type {number[]} */
  let selected = []
  /** @type {Map<string, (state: State) => void>} */
  const shown = new Map() // what updates each part that works

  /** @type {Sliders | null} */
  let sliders = null

  /** The model, if need be at the KL weight of now. @returns {WeightsSource} */
  const source = () => {
    if (!sliders) return model
    const beta = sliders.weights
    return { ...model, hash: `${model.hash} at ${beta}`, at: { hash: model.hash, beta } }
  }

  const show = () => {
    const state = { channel: "page", model: source(), z: codes[now], pin: codes[now], selected }
    for (const update of shown.values()) update(state)
  }

  /** A part has something to tell. @param {Told} event */
  const hear = (event) => {
    if ("z" in event) codes.splice(++now, codes.length, event.z)
    else if (event.kind === "choose") selected = event.numbers
    else if (event.kind !== "name") now = Math.min(codes.length - 1, Math.max(0, now + (event.kind === "undo" ? -1 : 1)))
    show()
  }

  /**
   * @template Content
   * @param {string} name
   * @param {Mount<Content>} mount
   * @param {Content} content
   */
  const open = (name, mount, content) => {
    const root = /** @type {HTMLElement} */ (page.getElementById(name)?.shadowRoot?.querySelector(".live"))
    const fail = (/** @type {string} */ reason) => {
      shown.delete(name)
      root.textContent = reason
    }
    try {
      const view = mount(root, { send: (event) => (event.kind === "failed" ? fail(event.reason) : hear(event)) })
      shown.set(name, (state) => view.update({ ...content, ...state }))
    } catch (error) {
      fail(/** @type {Error} */ (error).message)
    }
  }

  if (weight) {
    const root = /** @type {HTMLElement} */ (page.getElementById("weight")?.shadowRoot?.querySelector(".live"))
    root.classList.add("multirate")
    sliders = new Sliders(root, { move: show, rest: () => {} })
    sliders.update(weight.axes, weight.beta, 0)
  }
  open("deck", mountDeck, deck)
  if (map) open("map", mountMap, map)
  if (grid) open("grid", mountGrid, grid)
  show()
  page.getElementById("not-run")?.remove()
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show)
}
