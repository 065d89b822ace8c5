// @ts-check
// The page to take home, and each page of a static site: what Python does for the live parts in the app, this does for them there.
import { mountDeck } from "../parts/deck/deck.js"
import { mountDraw } from "../parts/draw/draw.js"
import { openEngine } from "../engine/engine.js"
import { mountGrid } from "../parts/grid/grid.js"
import { base64Of } from "../kit/base64.js"
import { mountMap } from "../parts/map/map.js"
import { Sliders } from "../parts/multirate/sliders.js"
import { codeOf, Examples } from "./examples.js"
import { sourceAt } from "./source.js"
import { Stops } from "./stops.js"
import { mountWalk } from "./walk.js"

/** @import { WholeEngine } from "../engine/engine.js" */
/** @import { ChooseEvent, DrawnEvent, FailedEvent, HistoryEvent, MoveEvent, NameEvent, PinEvent, WeightsSource } from "../kit/wire.js" */
/** @import { TakehomeData } from "../kit/wire_pages.js" */
/** @import { EndsEvent } from "./walk.js" */
/** @typedef {MoveEvent | HistoryEvent | NameEvent | ChooseEvent | PinEvent | DrawnEvent | EndsEvent} Told what a part tells; names are given in the app alone */
/**
 * What all parts share. The picture is the one on the canvas, the ends are those of the walk, a and b their codes.
 * @typedef {{
 *   channel: string,
 *   model: WeightsSource,
 *   z: number[],
 *   pin: number[],
 *   selected: number[],
 *   picture: string,
 *   ends: string[],
 *   a: number[],
 *   b: number[],
 * }} State
 */

/**
 * What starts a part that shows this content.
 * @template Content
 * @typedef {(root: HTMLElement, io: {send: (event: Told | FailedEvent) => void}) => {update: (data: Content & State) => void}} Mount
 */

const SET = "set", DRAWING = "drawing" // ends of the walk besides the examples, whose values are their numbers

/** Start the parts of a page that vae_core/export/takehome.py has written. @param {Document} page */
export function openPage(page) {
  startParts(page, JSON.parse(page.getElementById("loom-data")?.textContent ?? ""))
}

/** Start the parts of a page of vae_core/export/live_page.py. @param {Document} page @param {TakehomeData} data */
export function startParts(page, { model, weight, deck, draw, examples: list, map, grid }) {
  const stops = new Stops(deck.z)
  const examples = new Examples(list, map)
  /** @type {number[]} */
  let selected = []
  let picture = emptyPicture(draw.shape, draw.ground)
  let ends = list.length > 1 ? ["0", "1"] : [SET, DRAWING]
  let codes = [deck.z, deck.z] // of both ends
  let turn = 0
  /** @type {Set<string>} */
  const resting = new Set() // parts out of sight, which cost nothing until they are seen
  /** @type {Map<string, (state: State) => void>} */
  const shown = new Map() // what updates each part that works

  /** @type {Sliders | null} */
  let sliders = null

  /** The model, if need be at the KL weight of now. */
  const source = () => sourceAt(model, sliders && sliders.weights)

  const update = () => {
    const { z } = stops.here
    const state = { channel: "page", model: source(), z, pin: z, selected, picture, ends, a: codes[0], b: codes[1] }
    for (const [name, part] of shown) if (!resting.has(name)) part(state)
  }

  /** @param {WholeEngine} engine @param {string} end */
  const endCode = (engine, end) => {
    if (end === SET) return stops.set.z
    return end === DRAWING ? codeOf(engine, picture) : examples.code(engine, Number(end))
  }

  /** Something is another: first the codes of pictures follow, of where the user is and of both ends, and then all parts. */
  const show = async () => {
    const asked = ++turn
    const { here } = stops
    try {
      const engine = await openEngine(source())
      if (here.picture !== null) here.z = await codeOf(engine, here.picture)
      const both = !resting.has("walk") && await Promise.all(ends.map((end) => endCode(engine, end)))
      if (both && asked === turn) codes = both
    } catch {
      // each part says what is wrong
    }
    if (asked === turn) update()
  }

  /** There is another picture on the canvas. @param {string} pixels */
  const take = (pixels) => {
    picture = pixels
    stops.add({ z: stops.here.z, picture, walked: false })
    show()
  }

  /** A part has something to tell. @param {string} name @param {Told} event */
  const hear = (name, event) => {
    if (event.kind === "drawn") return take(event.pixels)
    if ("z" in event) stops.add({ z: event.z, picture: null, walked: name === "walk" })
    else if (event.kind === "choose") selected = event.numbers
    else if (event.kind === "ends") ends = event.ends
    else if (event.kind !== "name") stops.step(event.kind)
    show()
  }

  /** The element of a part, with the style that all parts share, which stands in the page once. @param {string} name */
  const rootOf = (name) => {
    const shadow = /** @type {ShadowRoot} */ (page.getElementById(name)?.shadowRoot)
    const style = page.getElementById("live-style")
    if (style) shadow.prepend(style.cloneNode(true))
    return /** @type {HTMLElement} */ (shadow.querySelector(".live"))
  }

  /**
   * @template Content
   * @param {string} name
   * @param {Mount<Content>} mount
   * @param {Content} content
   */
  const open = (name, mount, content) => {
    const root = rootOf(name)
    const fail = (/** @type {string} */ reason) => {
      shown.delete(name)
      root.textContent = reason
    }
    try {
      const view = mount(root, { send: (event) => (event.kind === "failed" ? fail(event.reason) : hear(name, event)) })
      shown.set(name, (state) => view.update({ ...content, ...state }))
    } catch (error) {
      fail(/** @type {Error} */ (error).message)
    }
    return root
  }

  /** @param {string} name @param {HTMLElement} root */
  const restUnseen = (name, root) => {
    const watcher = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) resting.add(name)
      else if (resting.delete(name)) show()
    })
    watcher.observe(root)
  }

  if (weight) {
    const root = rootOf("weight")
    root.classList.add("multirate")
    sliders = new Sliders(root, { move: show, rest: () => {} })
    sliders.update(weight.axes, weight.beta, 0)
  }
  const choices = list.map(({ name }, index) => ({ value: String(index), name }))
  choices.push({ value: DRAWING, name: "Your drawing" }, { value: SET, name: "Where you set the sliders" })
  open("deck", mountDeck, deck)
  const canvas = open("draw", mountDraw, draw)
  examples.lay(canvas, draw.shape, openEngine(source()), take)
  restUnseen("draw", canvas)
  restUnseen("walk", open("walk", mountWalk, { choices }))
  if (map) open("map", mountMap, map)
  if (grid) open("grid", mountGrid, grid)
  update()
  show()
  page.getElementById("not-run")?.remove()
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update)
}

/** A canvas on which nothing is drawn yet, bytes in base64. @param {[number, number, number]} shape @param {number[]} ground */
function emptyPicture([channels, height, width], ground) {
  const plane = height * width
  return base64Of(Uint8Array.from({ length: channels * plane }, (_, i) => ground[Math.floor(i / plane)]))
}
