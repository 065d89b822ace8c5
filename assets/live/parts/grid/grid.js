// @ts-check
// The manifold of a two-dimensional model: decoded pictures at the prior's quantiles, over the part of the plane that the map shows.
import { openEngine } from "../../engine/engine.js"
import { element } from "../../kit/dom.js"
import { ARROWS } from "../../kit/keys.js"
import { channel, windowOf } from "../../kit/link.js"
import { decimal } from "../../kit/numbers.js"
import { brushOf, paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { drawingOrder, gridPlaces, nearestPlace } from "./places.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { GridData, GridEvent, ModelSource } from "../../kit/wire.js" */
/** @import { Cell } from "./places.js" */

const BUDGET = 8 // milliseconds of each frame spent on decoding

/**
 * The grid in an empty element. It follows the window of the map with the same channel.
 * @param {HTMLElement} root
 * @param {{send: (event: GridEvent) => void}} io
 */
export function mountGrid(root, io) {
  const canvas = element("canvas", { tabIndex: 0, attributes: { role: "img" } })
  const mark = element("div", { className: "grid-mark", hidden: true })
  const cursor = element("div", { className: "grid-cursor", hidden: true })
  const pen = brushOf(canvas)
  const stage = element("div", { className: "grid-stage", parent: root }, canvas, mark, cursor)
  const status = element("p", { className: "note", parent: root, attributes: { role: "status" } })
  const tile = element("canvas")

  let hash = /** @type {string | null} */ (null)
  let engine = /** @type {Engine | null} */ (null)
  let side = 0
  let across = new Float32Array(0)
  let up = new Float32Array(0)
  let order = /** @type {Cell[]} */ ([])
  let next = 0
  let stale = 0 // how many cells, from `next` on, show an older window
  let drawn = "" // the window that the cells belong to, once they are drawn
  let filling = false
  let closed = false
  let pinned = /** @type {ArrayLike<number> | null} */ (null) // the code that the pin is at
  let chosen = /** @type {Cell | null} */ (null) // under the pointer or the arrow keys
  let link = /** @type {ReturnType<typeof channel> | null} */ (null)
  let sight = /** @type {ReturnType<typeof windowOf> | null} */ (null)
  let unlisten = /** @type {(() => void)[]} */ ([])
  let unhear = () => {}
  const self = {}

  const range = (/** @type {Float32Array} */ places) => say`${decimal(places[0], 2)} to ${decimal(places[side - 1], 2)}`
  const extent = () => say`z₀ from ${range(across)} across, z₁ from ${range(up)} up.`

  /** Lay an outline over a cell. @param {HTMLElement} outlined @param {Cell | null} cell */
  const outline = (outlined, cell) => {
    outlined.hidden = !cell
    if (!cell) return
    const { style } = outlined
    style.left = `${(100 * cell[0]) / side}%`
    style.bottom = `${(100 * cell[1]) / side}%`
    style.width = style.height = `${100 / side}%`
  }

  /** Say which code the chosen cell shows, or what the grid shows. @param {Cell | null} cell */
  const point = (cell) => {
    chosen = cell
    outline(cursor, cell)
    status.textContent = cell
      ? say`z = (${decimal(across[cell[0]], 2)}, ${decimal(up[cell[1]], 2)}). Click, or press Enter, to put the pin here.`
      : extent()
  }

  const pin = () => {
    if (!chosen) return
    const z = Float32Array.of(across[chosen[0]], up[chosen[1]])
    link?.set(z, self)
    follow(z)
    io.send({ kind: "pin", z: Array.from(z) })
  }

  /** Mark the cell where the pin is. @param {ArrayLike<number> | null} z */
  const follow = (z) => {
    pinned = z
    if (!side) return
    const [column, row] = z ? [nearestPlace(across, z[0]), nearestPlace(up, z[1])] : [-1, -1]
    outline(mark, column < 0 || row < 0 ? null : [column, row])
  }

  /** The window has moved: every cell is to be drawn again, going on from the last one drawn. */
  const look = () => {
    if (!side) return
    const seen = sight?.z ?? { x: [-Infinity, Infinity], y: [-Infinity, Infinity] }
    if (String([seen.x, seen.y]) === drawn) return
    drawn = String([seen.x, seen.y])
    across = gridPlaces(seen.x[0], seen.x[1], side)
    up = gridPlaces(seen.y[0], seen.y[1], side)
    stale = order.length
    canvas.setAttribute("aria-label", say`${side} × ${side} decoded pictures. ${extent()} Arrow keys choose one, Enter puts the pin there.`)
    point(chosen)
    follow(pinned)
    fill()
  }

  /** Draw what is stale, a little in each frame. */
  const fill = async () => {
    if (filling || !engine) return
    filling = true
    const z = new Float32Array(2)
    let begun = performance.now()
    while (stale > 0 && engine && !closed) {
      /** @type {Engine} */
      const asked = engine
      const cell = order[next]
      next = (next + 1) % order.length
      stale -= 1
      z[0] = across[cell[0]]
      z[1] = up[cell[1]]
      let image
      try {
        image = await asked.decode(z)
      } catch {
        stale = order.length // the engine says why, and says when it can answer again
        break
      }
      if (asked !== engine || !order.includes(cell)) continue
      const [, height, width] = asked.shape
      paint(tile, image, asked.shape)
      pen.drawImage(tile, cell[0] * width, (side - 1 - cell[1]) * height)
      if (performance.now() - begun < BUDGET) continue
      await new Promise(requestAnimationFrame)
      begun = performance.now()
    }
    filling = false
  }

  /** The size on screen: a whole multiple of the pictures' pixels where that fits. */
  const fit = () => {
    if (!engine || !side) return
    const width = side * engine.shape[2]
    canvas.style.width = `${Math.max(1, Math.floor(root.clientWidth / width)) * width}px`
    stage.style.setProperty("--cell", `${100 / side}%`)
  }
  const sizes = new ResizeObserver(fit)
  sizes.observe(root)

  /** Begin with a blank grid for this engine and this many pictures; where pictures of this size stand already, each stays until its turn. */
  const lay = () => {
    if (!engine || !side) return
    const [height, width] = [side * engine.shape[1], side * engine.shape[2]]
    drawn = ""
    if (order.length !== side * side || canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
      order = drawingOrder(side)
      next = 0
      chosen = null
      fit()
    }
    look()
  }

  const open = (/** @type {ModelSource} */ source) => {
    if (source.hash === hash) return
    hash = source.hash
    engine = null
    unhear()
    openEngine(source).then((opened) => {
      if (hash !== source.hash || closed) return
      engine = opened
      unhear = opened.listen((sentence) => {
        if (sentence) status.textContent = sentence
        else fill()
      })
      lay()
    }).catch((error) => {
      if (hash === source.hash) status.textContent = error.message
    })
  }

  /** The cell under a pointer. @param {MouseEvent} event @returns {Cell | null} */
  const cellAt = (event) => {
    const box = canvas.getBoundingClientRect()
    const column = Math.floor((side * (event.clientX - box.left)) / box.width)
    const row = Math.floor((side * (box.bottom - event.clientY)) / box.height)
    return [column, row].every((place) => place >= 0 && place < side) ? [column, row] : null
  }
  const leave = () => {
    if (side && engine) point(null)
  }
  canvas.onpointermove = (event) => {
    if (side && engine) point(cellAt(event))
  }
  canvas.onpointerleave = leave
  canvas.onblur = leave
  canvas.onclick = (event) => {
    if (!engine) return
    point(cellAt(event))
    pin()
  }
  canvas.onkeydown = (event) => {
    const step = ARROWS[event.key]
    if (!engine || !(step || event.key === "Enter")) return
    event.preventDefault()
    if (!step) return pin()
    const within = (/** @type {number} */ place) => Math.min(side - 1, Math.max(0, place))
    const middle = Math.floor(side / 2)
    point(chosen ? [within(chosen[0] + step[0]), within(chosen[1] - step[1])] : [middle, middle])
  }

  return {
    /** @param {GridData} data */
    update: (data) => {
      follow(data.pin)
      if (link !== channel(data.channel)) {
        unlisten.forEach((stop) => stop())
        link = channel(data.channel)
        sight = windowOf(data.channel)
        const moved = link.listen((z, from) => {
          if (from !== self) follow(z)
        })
        unlisten = [moved, sight.listen(look)]
      }
      if (data.side !== side) {
        side = data.side
        lay()
      }
      open(data.model)
    },
    close: () => {
      closed = true
      sizes.disconnect()
      unhear()
      unlisten.forEach((stop) => stop())
      root.replaceChildren()
    },
  }
}
