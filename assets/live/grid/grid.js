// @ts-nocheck -- not typed yet
// The manifold of a two-dimensional model: decoded pictures at the prior's quantiles, over the part of the plane that the map shows.
import { openEngine } from "../engine/engine.js"
import { channel, windowOf } from "../kit/link.js"
import { paint } from "../kit/paint.js"

const BUDGET = 8 // milliseconds of each frame spent on decoding
const TAIL = 0.005 // where the map shows more, the grid ends at this quantile of the prior and its mirror
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

/** The polynomial with these coefficients, the highest power first. */
function polynomial(coefficients, x) {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}

// Rational approximations of Acklam (2003), relative error below 1.2e-9: numerator and denominator in the middle, and in the tails.
const MIDDLE_ABOVE = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239]
const MIDDLE_BELOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1]
const TAIL_ABOVE = [
  -0.007784894002430293,
  -0.3223964580411365,
  -2.400758277161838,
  -2.549732539343734,
  4.374664141464968,
  2.938163982698783,
]
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]

/** The place below which a share of N(0, 1) lies, for shares between 0 and 1. */
export function normalQuantile(share) {
  if (share > 0.5) return -normalQuantile(1 - share)
  if (share < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(share))
    return polynomial(TAIL_ABOVE, q) / polynomial(TAIL_BELOW, q)
  }
  const q = share - 0.5
  return (q * polynomial(MIDDLE_ABOVE, q * q)) / polynomial(MIDDLE_BELOW, q * q)
}

/** The share of N(0, 1) that lies below a place (Marsaglia 2004): its series, for places from −5 to 5. */
export function normalShare(place) {
  let sum = place
  let term = place
  for (let n = 3; Math.abs(term) > 1e-17; n += 2) sum += term *= (place * place) / n
  return 0.5 + (sum * Math.exp(-0.5 * place * place)) / Math.sqrt(2 * Math.PI)
}

/**
 * `count` places from low to high that equal shares of the prior lie between, cut to its 0.5 and 99.5 % quantiles, Float32Array [count].
 * Where all of it lies beyond those, the places are at equal distances.
 */
export function gridPlaces(low, high, count) {
  const end = normalQuantile(1 - TAIL)
  const [from, to] = [Math.max(low, -end), Math.min(high, end)]
  if (from >= to) return Float32Array.from({ length: count }, (_, n) => low + ((high - low) * n) / (count - 1))
  const [least, most] = [normalShare(from), normalShare(to)]
  return Float32Array.from({ length: count }, (_, n) => normalQuantile(least + ((most - least) * n) / (count - 1)))
}

/**
 * The grid in an empty element. `data`: {channel, model: as openEngine takes it, side: pictures per row and column, pin: [2]}. It follows
 * the window of the map with the same channel. Sends {kind: "pin", z}.
 */
export function mountGrid(root, io) {
  const canvas = document.createElement("canvas")
  const cursor = document.createElement("div")
  const mark = document.createElement("div")
  const stage = document.createElement("div")
  const status = document.createElement("p")
  const tile = document.createElement("canvas")
  const pen = canvas.getContext("2d")
  if (!pen) throw new Error("This browser cannot draw on a canvas.")
  stage.className = "grid-stage"
  mark.className = "grid-mark"
  cursor.className = "grid-cursor"
  status.className = "note"
  status.setAttribute("role", "status")
  canvas.setAttribute("role", "img")
  canvas.tabIndex = 0
  mark.hidden = cursor.hidden = true
  stage.append(canvas, mark, cursor)
  root.append(stage, status)

  let hash = null
  let engine = null
  let side = 0
  let across = new Float32Array(0)
  let up = new Float32Array(0)
  let order = [] // cells in the order they are drawn in: a coarse picture of the whole comes first
  let next = 0
  let stale = 0 // how many cells, from `next` on, show an older window
  let drawn = "" // the window that the cells belong to, once they are drawn
  let filling = false
  let closed = false
  let pinned = null // the code that the pin is at
  let chosen = null // [column, row from below] under the pointer or the arrow keys
  let link = null
  let sight = null
  let unlisten = []
  const self = {}

  const number = (value) => value.toFixed(2).replace("-", "−")
  const range = (places) => `${number(places[0])} to ${number(places[side - 1])}`
  const extent = () => `z₀ from ${range(across)} across, z₁ from ${range(up)} up.`

  /** Lay an outline over a cell. */
  const outline = (element, cell) => {
    element.hidden = !cell
    if (!cell) return
    element.style.left = `${(100 * cell[0]) / side}%`
    element.style.bottom = `${(100 * cell[1]) / side}%`
    element.style.width = element.style.height = `${100 / side}%`
  }

  /** Say which code the chosen cell shows, or what the grid shows. */
  const point = (cell) => {
    chosen = cell
    outline(cursor, cell)
    status.textContent = cell
      ? `z = (${number(across[cell[0]])}, ${number(up[cell[1]])}). Click, or press Enter, to put the pin here.`
      : extent()
  }

  const pin = () => {
    if (!chosen) return
    const z = Float32Array.of(across[chosen[0]], up[chosen[1]])
    link.set(z, self)
    follow(z)
    io.send({ kind: "pin", z: Array.from(z) })
  }

  /** The place in `places`, ascending, nearest to a value; −1 beyond the ends. */
  const nearest = (places, value) => {
    const step = Math.max(places[1] - places[0], places[side - 1] - places[side - 2])
    if (!(value > places[0] - step / 2 && value < places[side - 1] + step / 2)) return -1
    let best = 0
    for (let n = 1; n < side; n++) if (Math.abs(places[n] - value) < Math.abs(places[best] - value)) best = n
    return best
  }

  /** Mark the cell where the pin is. */
  const follow = (z) => {
    pinned = z
    if (!side) return
    const cell = [nearest(across, z[0]), nearest(up, z[1])]
    outline(mark, Math.min(...cell) < 0 ? null : cell)
  }

  /** The window has moved: every cell is to be drawn again, going on from the last one drawn. */
  const look = () => {
    if (!side) return
    const seen = sight.z ?? { x: [-Infinity, Infinity], y: [-Infinity, Infinity] }
    if (String([seen.x, seen.y]) === drawn) return
    drawn = String([seen.x, seen.y])
    across = gridPlaces(...seen.x, side)
    up = gridPlaces(...seen.y, side)
    stale = order.length
    canvas.setAttribute("aria-label", `${side} × ${side} decoded pictures. ${extent()} Arrow keys choose one, Enter puts the pin there.`)
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
    while (stale > 0 && !closed) {
      const [asked, cell] = [engine, order[next]]
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
      const [, height, width] = engine.shape
      paint(tile, image, engine.shape)
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

  /** Begin with a blank grid for this engine and this many pictures. */
  const lay = () => {
    if (!engine || !side) return
    const [, height, width] = engine.shape
    canvas.width = side * width
    canvas.height = side * height
    const level = ([column, row]) => [4, 2, 1].findIndex((step) => column % step === 0 && row % step === 0)
    order = Array.from({ length: side * side }, (_, n) => [n % side, side - 1 - Math.floor(n / side)])
    order.sort((one, other) => level(one) - level(other))
    next = 0
    drawn = ""
    chosen = null
    fit()
    look()
  }

  const open = (source) => {
    if (source.hash === hash) return
    hash = source.hash
    engine = null
    openEngine(source).then((opened) => {
      if (hash !== source.hash || closed) return
      engine = opened
      unlisten.push(engine.listen((sentence) => {
        if (sentence) status.textContent = sentence
        else fill()
      }))
      lay()
    }).catch((error) => {
      if (hash === source.hash) status.textContent = error.message
    })
  }

  const cellAt = (event) => {
    const box = canvas.getBoundingClientRect()
    const column = Math.floor((side * (event.clientX - box.left)) / box.width)
    const row = Math.floor((side * (box.bottom - event.clientY)) / box.height)
    return [column, row].every((place) => place >= 0 && place < side) ? [column, row] : null
  }
  canvas.onpointermove = (event) => side && engine && point(cellAt(event))
  canvas.onpointerleave = () => side && engine && point(null)
  canvas.onblur = canvas.onpointerleave
  canvas.onclick = (event) => {
    if (!engine) return
    point(cellAt(event))
    pin()
  }
  canvas.onkeydown = (event) => {
    const step = STEPS[event.key]
    if (!engine || !(step || event.key === "Enter")) return
    event.preventDefault()
    if (!step) return pin()
    const middle = Math.floor(side / 2)
    point(chosen ? chosen.map((place, axis) => Math.min(side - 1, Math.max(0, place + step[axis]))) : [middle, middle])
  }

  return {
    update: (data) => {
      follow(data.pin)
      if (link !== channel(data.channel)) {
        unlisten.forEach((stop) => stop())
        link = channel(data.channel)
        sight = windowOf(data.channel)
        unlisten = [link.listen((z, from) => from !== self && follow(z)), sight.listen(look)]
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
      unlisten.forEach((stop) => stop())
      root.replaceChildren()
    },
  }
}
