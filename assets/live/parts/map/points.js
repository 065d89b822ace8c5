// @ts-check
// Many points: found by place, and written pixel by pixel, since that is many times quicker than a path for each.
import { fetched } from "../../engine/engine.js"

/** @import { PlaneCamera, Window } from "./camera.js" */
/** @typedef {(u: number, v: number) => boolean} Marker whether a place is inside a shape */
/** @typedef {{places: Int32Array, cover: Int32Array}} Stamp what to add to a pixel's place, and how much of 256 to mix in there */
/** @typedef {Float32ArrayConstructor | Int32ArrayConstructor} Kind of the numbers behind an address */

/** @type {Map<string, Promise<Float32Array | Int32Array>>} */
const arrays = new Map()
const ARRAYS_KEPT = 16

/**
 * The numbers behind an address, as an array of this typed kind; fetched once; the newest 16 are kept.
 * @template {Kind} Wanted
 * @param {string} address
 * @param {Wanted} Kind
 * @returns {Promise<InstanceType<Wanted>>}
 */
export function arrayAt(address, Kind) {
  let coming = arrays.get(address)
  if (!coming) {
    coming = fetched(address).then((/** @type {ArrayBuffer} */ buffer) => new Kind(buffer))
    coming.catch(() => arrays.delete(address))
    arrays.set(address, coming)
    for (const oldest of arrays.keys()) if (arrays.size > ARRAYS_KEPT) arrays.delete(oldest)
  }
  return /** @type {Promise<InstanceType<Wanted>>} */ (coming)
}

/**
 * Whether a place lies inside a polygon [[x, y], …]: a line from it crosses the edges an odd number of times.
 * @param {number[][]} polygon
 * @param {number} x
 * @param {number} y
 */
export function insidePolygon(polygon, x, y) {
  let inside = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i]
    const [bx, by] = polygon[j]
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside
  }
  return inside
}

/** N points, sorted into the squares of a grid. */
export class PointCloud {
  /** `points` is [N, 2]. @param {Float32Array} points */
  constructor(points) {
    this.points = points
    this.count = points.length / 2
    this.bounds = boundsOf(points)
    const { x, y } = this.bounds
    const area = (x[1] - x[0]) * (y[1] - y[0])
    this.side = Math.sqrt((4 * area) / this.count) || Math.max(x[1] - x[0], y[1] - y[0], 1) / 64
    this.columns = Math.floor((x[1] - x[0]) / this.side) + 1
    this.lines = Math.floor((y[1] - y[0]) / this.side) + 1
    this.starts = new Int32Array(this.columns * this.lines + 1)
    this.members = new Int32Array(this.count)
    this.sort()
  }

  /** A counting sort: the points of cell c are `members[starts[c]]` to before `members[starts[c + 1]]`. */
  sort() {
    const cells = new Int32Array(this.count)
    for (let i = 0; i < this.count; i++) {
      cells[i] = this.lineOf(this.points[2 * i + 1]) * this.columns + this.columnOf(this.points[2 * i])
      this.starts[cells[i] + 1]++
    }
    for (let cell = 0; cell < this.columns * this.lines; cell++) this.starts[cell + 1] += this.starts[cell]
    const next = this.starts.slice()
    for (let i = 0; i < this.count; i++) this.members[next[cells[i]]++] = i
  }

  /** Where a point is: [x, y]. @param {number} index */
  place(index) {
    return [this.points[2 * index], this.points[2 * index + 1]]
  }

  /** @param {number} x */
  columnOf(x) {
    return Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.bounds.x[0]) / this.side)))
  }

  /** @param {number} y */
  lineOf(y) {
    return Math.min(this.lines - 1, Math.max(0, Math.floor((y - this.bounds.y[0]) / this.side)))
  }

  /** Call `visit(index)` for every point of a window. @param {Window} window @param {(index: number) => void} visit */
  within({ x, y }, visit) {
    const { points, members, starts } = this
    for (let line = this.lineOf(y[0]); line <= this.lineOf(y[1]); line++) {
      const first = starts[line * this.columns + this.columnOf(x[0])]
      const end = starts[line * this.columns + this.columnOf(x[1]) + 1]
      for (let at = first; at < end; at++) {
        const i = members[at]
        if (points[2 * i] >= x[0] && points[2 * i] <= x[1] && points[2 * i + 1] >= y[0] && points[2 * i + 1] <= y[1]) visit(i)
      }
    }
  }

  /**
   * The point nearest to (x, y), at most `reach` away, of those that `wanted(index)`; −1 for none.
   * @param {number} x
   * @param {number} y
   * @param {number} reach
   * @param {(index: number) => boolean} wanted
   */
  nearest(x, y, reach, wanted) {
    let best = -1
    let least = reach * reach
    this.within({ x: [x - reach, x + reach], y: [y - reach, y + reach] }, (i) => {
      const square = (this.points[2 * i] - x) ** 2 + (this.points[2 * i + 1] - y) ** 2
      if (square <= least && wanted(i)) {
        best = i
        least = square
      }
    })
    return best
  }

  /**
   * The points inside a polygon [[x, y], …], ascending, of those that `wanted(index)`.
   * @param {number[][]} polygon
   * @param {(index: number) => boolean} wanted
   */
  inside(polygon, wanted) {
    /** @type {number[]} */
    const found = []
    const { x, y } = boundsOf(Float64Array.from(polygon.flat()))
    this.within({ x, y }, (i) => {
      if (wanted(i) && insidePolygon(polygon, this.points[2 * i], this.points[2 * i + 1])) found.push(i)
    })
    return found.sort((a, b) => a - b)
  }
}

/** The least window that holds all points [N, 2]; around 0 where there are none. @param {Float32Array | Float64Array} points */
function boundsOf(points) {
  if (!points.length) return { x: [-1, 1], y: [-1, 1] }
  const x = [Infinity, -Infinity]
  const y = [Infinity, -Infinity]
  for (let i = 0; i < points.length; i += 2) {
    x[0] = Math.min(x[0], points[i])
    x[1] = Math.max(x[1], points[i])
    y[0] = Math.min(y[0], points[i + 1])
    y[1] = Math.max(y[1], points[i + 1])
  }
  return { x, y }
}

const STAR_POLYGON = Array.from({ length: 10 }, (_, i) => {
  const radius = i % 2 ? 0.48 : 1.15
  return [radius * Math.sin((i * Math.PI) / 5), -radius * Math.cos((i * Math.PI) / 5)]
})
/** @type {Marker} */
const insideCross = (u, v) => Math.max(Math.abs(u), Math.abs(v)) <= 1.05 && Math.min(Math.abs(u), Math.abs(v)) <= 0.36

/** The shapes of markers, each as a test whether (u, v) is inside; about 1 in radius, v downwards. @type {Marker[]} */
export const SHAPES = [
  (u, v) => u * u + v * v <= 1,
  (u, v) => Math.max(Math.abs(u), Math.abs(v)) <= 0.88,
  (u, v) => Math.abs(u) + Math.abs(v) <= 1.2,
  insideCross,
  (u, v) => insideCross((u + v) * Math.SQRT1_2, (u - v) * Math.SQRT1_2),
  (u, v) => v <= 0.75 && v >= -1.05 && Math.abs(u) <= (v + 1.05) * 0.6,
  (u, v) => v >= -0.75 && v <= 1.05 && Math.abs(u) <= (1.05 - v) * 0.6,
  (u, v) => insidePolygon(STAR_POLYGON, u, v),
  (u, v) => Math.abs(u) <= 1.05 && Math.abs(v) <= Math.abs(u) * 0.95,
  (u, v) => Math.abs(v) <= 1.05 && Math.abs(u) <= Math.abs(v) * 0.95,
]
/** @type {Marker} */
const insideRing = (u, v) => u * u + v * v <= 1 && u * u + v * v >= 0.6
const SAMPLES_ACROSS = 4 // samples across a pixel

/** How much of each pixel a shape of this radius, in pixels, covers, one per pixel that it touches; cover is 0 to 256. @param {Marker} shape @param {number} radius */
export function stencil(shape, radius) {
  const reach = Math.ceil(radius * 1.2) + 1
  /** @type {{dx: number[], dy: number[], cover: number[]}} */
  const touched = { dx: [], dy: [], cover: [] }
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      let samples = 0
      for (let place = 0; place < SAMPLES_ACROSS * SAMPLES_ACROSS; place++) {
        const u = dx + ((place % SAMPLES_ACROSS) + 0.5) / SAMPLES_ACROSS - 0.5
        const v = dy + (Math.floor(place / SAMPLES_ACROSS) + 0.5) / SAMPLES_ACROSS - 0.5
        if (shape(u / radius, v / radius)) samples++
      }
      if (!samples) continue
      touched.dx.push(dx)
      touched.dy.push(dy)
      touched.cover.push((256 * samples) / SAMPLES_ACROSS ** 2)
    }
  }
  return touched
}

const RASTER_MARGIN = 32 // pixels around the plot that a marker may reach into

/** A plot's pixels: ground, grid lines and markers. */
export class PointRaster {
  constructor() {
    this.sheet = new ImageData(1, 1)
    this.pixels = new Uint32Array(this.sheet.data.buffer)
    /** @type {Map<string, Stamp>} */
    this.stamps = new Map()
  }

  /**
   * Begin with the ground alone, a packed colour, for a plot of this size in pixels of the screen.
   * @param {number} width
   * @param {number} height
   * @param {number} ground
   */
  begin(width, height, ground) {
    if (this.sheet.width !== width + 2 * RASTER_MARGIN || this.sheet.height !== height + 2 * RASTER_MARGIN) {
      this.sheet = new ImageData(width + 2 * RASTER_MARGIN, height + 2 * RASTER_MARGIN)
      this.pixels = new Uint32Array(this.sheet.data.buffer)
      this.stamps.clear()
    }
    this.pixels.fill(ground)
  }

  /** A line across the whole plot at this pixel. @param {number} place @param {boolean} vertical @param {number} colour */
  line(place, vertical, colour) {
    const { width, height } = this.sheet
    const at = Math.round(place) + RASTER_MARGIN
    if (vertical) { for (let row = 0; row < height; row++) this.pixels[row * width + at] = colour }
    else this.pixels.fill(colour, at * width, (at + 1) * width)
  }

  /**
   * A shape's stamp, kept for the next frame.
   * @param {string} name
   * @param {Marker} shape
   * @param {number} radius
   * @param {number} opacity
   */
  stamp(name, shape, radius, opacity) {
    const key = `${name} ${radius} ${opacity}`
    let stamp = this.stamps.get(key)
    if (!stamp) {
      if (this.stamps.size > 200) this.stamps.clear()
      const { dx, dy, cover } = stencil(shape, radius)
      const places = Int32Array.from(dx, (across, i) => dy[i] * this.sheet.width + across)
      stamp = { places, cover: Int32Array.from(cover, (part) => part * opacity) }
      this.stamps.set(key, stamp)
    }
    return stamp
  }

  /**
   * Markers for all points that are shown.
   * `ink` Uint16Array [N] indexes `shown` (1 or 0), `shapes`, and the packed `colours` and `edges`. Where `chosen` Uint8Array [N] is
   * given, the others are drawn in `faint` colours, and those chosen on top, with a ring of the packed colour `ring` if that is given.
   * Points of the ink `under`, if that is not 0, are drawn first and smaller, so that they hide nothing.
   * `ratio` is pixels of the screen per CSS pixel, `radius` is of a marker in CSS pixels.
   * @param {PointCloud} cloud
   * @param {PlaneCamera} camera
   * @param {{
   *   ink: Uint16Array,
   *   shown: Uint8Array,
   *   shapes: Uint8Array,
   *   colours: ArrayLike<number>,
   *   edges: ArrayLike<number>,
   *   faint: ArrayLike<number>,
   *   chosen: Uint8Array | null,
   *   ring: number | null,
   *   under?: number,
   *   ratio: number,
   *   radius: number,
   * }} look
   */
  markers(cloud, camera, { ink, shown, shapes, colours, edges, faint, chosen, ring, under = 0, ratio, radius }) {
    const plain = radius < 2.5 // too small to tell a shape
    const opacity = plain ? 0.65 : 0.92
    const stamps = (/** @type {string} */ name, /** @type {number} */ size) =>
      SHAPES.map((shape, s) => this.stamp(`${name} ${s}`, plain ? SHAPES[0] : shape, size * ratio, opacity))
    const fills = stamps("fill", radius)
    const outer = plain ? null : stamps("edge", radius + 0.8)
    const small = under ? stamps("small", radius * 0.6) : fills
    const around = ring === null ? null : this.stamp("ring", insideRing, (radius + 4) * ratio, 1)
    const draw = (/** @type {0 | 1} */ which, /** @type {boolean} */ low) => {
      const { points } = cloud
      const { pixels } = this
      const { width, height } = this.sheet
      const inks = which === 0 ? faint : colours
      const scale = camera.scale * ratio
      const originX = (camera.screenX(0) - camera.left) * ratio + RASTER_MARGIN + 0.5
      const originY = (camera.screenY(0) - camera.top) * ratio + RASTER_MARGIN + 0.5
      const least = RASTER_MARGIN - radius * ratio
      const right = width - least
      const bottom = height - least
      for (let i = 0; i < cloud.count; i++) {
        if ((chosen && chosen[i] !== which) || !shown[ink[i]] || (under !== 0 && (ink[i] === under) !== low)) continue
        const px = points[2 * i] * scale + originX
        const py = originY - points[2 * i + 1] * scale
        if (px < least || px >= right || py < least || py >= bottom) continue
        const at = (py | 0) * width + (px | 0)
        const shape = shapes[ink[i]]
        if (around && ring !== null && which) stampInk(pixels, at, around, ring)
        if (outer && !low) stampInk(pixels, at, outer[shape], which === 0 && chosen ? inks[ink[i]] : edges[ink[i]])
        stampInk(pixels, at, low ? small[shape] : fills[shape], inks[ink[i]])
      }
    }
    for (const which of /** @type {(0 | 1)[]} */ (chosen ? [0, 1] : [1])) {
      if (under) draw(which, true)
      draw(which, false)
    }
  }

  /**
   * Put all on a canvas, with the plot's top left corner at this pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {number} left
   * @param {number} top
   */
  put(context, left, top) {
    const { width, height } = this.sheet
    const margin = RASTER_MARGIN
    context.putImageData(this.sheet, left - margin, top - margin, margin, margin, width - 2 * margin, height - 2 * margin)
  }
}

/** Mix a colour into the pixels of a stamp. @param {Uint32Array} pixels @param {number} at @param {Stamp} stamp @param {number} colour */
function stampInk(pixels, at, { places, cover }, colour) {
  for (let i = 0; i < places.length; i++) mixInk(pixels, at + places[i], colour, cover[i])
}

/**
 * Mix `part` of 256 of a colour into a pixel. Red and blue are mixed in one product, since a byte lies free between them.
 * @param {Uint32Array} pixels
 * @param {number} at
 * @param {number} colour
 * @param {number} part
 */
function mixInk(pixels, at, colour, part) {
  const before = pixels[at]
  const redBlue = before & 0xff00ff
  const green = before & 0x00ff00
  const mixedRedBlue = (redBlue + (Math.imul((colour & 0xff00ff) - redBlue, part) >> 8)) & 0xff00ff
  const mixedGreen = (green + (Math.imul((colour & 0x00ff00) - green, part) >> 8)) & 0x00ff00
  pixels[at] = 0xff000000 | mixedRedBlue | mixedGreen
}
