// @ts-check
// The deck and the map in a notebook: what anywidget calls. Where the user is, the choice and the KL weights are values that Python
// sees and sets.
import { element } from "../kit/dom.js"
import { mountDeck } from "../parts/deck/deck.js"
import { mountMap } from "../parts/map/map.js"
import { Sliders } from "../parts/multirate/sliders.js"
import { addressed, addressOfBytes } from "./given.js"
import { sourceAt } from "./source.js"
import { Stops } from "./stops.js"

/** @import { DeckEvent, MapEvent } from "../kit/wire.js" */
/** @import { TakehomeData } from "../kit/wire_pages.js" */
/**
 * The values that Python shares: z, selected, beta; what the parts are given, its bytes, a note below the map, and what ties views of one
 * widget together.
 * @typedef {object} Values
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(name: string, tell: () => void) => void} on
 * @property {(name: string, tell: () => void) => void} off
 */

/**
 * A view of the widget in an empty element; returns what closes it.
 * @param {{model: Values, el: HTMLElement}} given
 * @param {string} style of everything in it
 */
export function renderWidget({ model: values, el }, style) {
  /** @type {DataView<ArrayBuffer>} */
  const content = values.get("_content")
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
  /** @type {string[]} */
  const addresses = []
  const { model, weight, deck, map } = addressed(/** @type {TakehomeData} */ (values.get("_page")), (start, end, type) => {
    const address = addressOfBytes(bytes.subarray(start, end), type)
    addresses.push(address)
    return address
  })
  const stops = new Stops(values.get("z"))
  /** @type {number[] | null} */
  let beta = weight && values.get("beta")
  const both = element("div", { className: map ? "widget widget-both" : "widget" })
  /** @type {{update: () => void, close: () => void}[]} */
  const parts = []

  /** Python hears of it, and every view of this widget. @param {string} name @param {unknown} value */
  const tell = (name, value) => {
    values.set(name, value)
    values.save_changes()
  }
  const update = () => parts.forEach((part) => part.update())
  /** z is another one: by a finger here or in another view of this widget, or from Python. */
  const moved = () => {
    const z = values.get("z")
    if (!same(z, stops.here.z)) stops.add({ z, picture: null, walked: false })
    update()
  }
  const weighed = () => {
    beta = values.get("beta")
    update()
  }
  /** @param {DeckEvent | MapEvent} event */
  const hear = (event) => {
    if ("z" in event) tell("z", event.z)
    else if (event.kind === "choose") tell("selected", event.numbers)
    else if (event.kind === "undo" || event.kind === "redo") {
      stops.step(event.kind)
      tell("z", stops.here.z)
    }
  }

  /**
   * @template Data
   * @param {string} name
   * @param {(root: HTMLElement, io: {send: (event: DeckEvent | MapEvent) => void}) => {update: (data: Data) => void, close: () => void}} mount
   * @param {() => Data} data
   */
  const open = (name, mount, data) => {
    const root = element("div", { className: "live" })
    element("div", { parent: both, attributes: { "data-part": name } }, root)
    try {
      const view = mount(root, { send: (event) => event.kind === "failed" ? root.replaceChildren(event.reason) : hear(event) })
      parts.push({ update: () => view.update(data()), close: () => view.close() })
    } catch (error) {
      root.textContent = /** @type {Error} */ (error).message
    }
    return root
  }

  dress(el, both, style)
  const shared = () => ({ channel: values.get("_channel"), model: sourceAt(model, beta) })
  if (weight) {
    const root = element("div", { className: "live multirate", attributes: { role: "group", "aria-label": "KL weight" } })
    element("div", { parent: both, attributes: { "data-part": "weight" } }, root)
    const move = () => {
      beta = sliders.weights
      update()
    }
    const sliders = new Sliders(root, { move, rest: () => tell("beta", sliders.weights) })
    parts.push({ update: () => sliders.update(weight.axes, beta ?? [], 0), close: () => sliders.close() })
  }
  open("deck", mountDeck, () => ({ ...deck, ...shared(), z: stops.here.z }))
  const below = map ? open("map", mountMap, () => ({ ...map, ...shared(), pin: stops.here.z, selected: values.get("selected") })) : both
  element("p", { className: "note", parent: below.parentElement ?? both }, values.get("_note"))
  const events = { "change:z": moved, "change:selected": update, "change:beta": weighed }
  for (const [name, heard] of Object.entries(events)) values.on(name, heard)
  const unwatch = watchTheme(update)
  update()
  return () => {
    for (const [name, heard] of Object.entries(events)) values.off(name, heard)
    unwatch()
    for (const part of parts) part.close()
    addresses.forEach((address) => URL.revokeObjectURL(address))
  }
}

/** Whether two codes are the same to the model; Python gives the fewest digits that say so. @param {number[]} one @param {number[]} other */
function same(one, other) {
  return String(Float32Array.from(one)) === String(Float32Array.from(other))
}

/**
 * Put what the notebook shows into a tree of its own, so that neither's style reaches the other, and no key that is meant for a slider is
 * taken for a command of the notebook.
 * @param {HTMLElement} el
 * @param {HTMLElement} content
 * @param {string} style
 */
function dress(el, content, style) {
  const host = element("div", { parent: el, attributes: { "data-lm-suppress-shortcuts": "true" } })
  const shadow = host.attachShadow({ mode: "open" })
  element("style", { textContent: style, parent: /** @type {any} */ (shadow) })
  shadow.append(content)
  host.addEventListener("keydown", (event) => event.stopPropagation())
}

/** Hear of other colours: of the notebook, or of the system; returns what ends it. @param {() => void} tell */
function watchTheme(tell) {
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const notebook = new MutationObserver(tell)
  notebook.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] })
  dark.addEventListener("change", tell)
  return () => {
    notebook.disconnect()
    dark.removeEventListener("change", tell)
  }
}
