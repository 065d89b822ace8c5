// @ts-check
// The plot of a map: ground, points, posteriors, pictures and axes, on one canvas.
import { brushOf } from "../../kit/paint.js"
import { mixedColour, packedColour } from "./theme.js"
import { holdsWindow, seenEllipse, SIGMAS } from "./ellipses.js"
import { axisTicks, drawAxes, drawPrior } from "./marks.js"
import { PointRaster } from "./points.js"

/** @import { Shape } from "../../kit/paint.js" */
/** @import { PlaneCamera } from "./camera.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Inks } from "./inks.js" */
/** @import { PointPictures } from "./thumbnails.js" */
/** @import { PointCloud } from "./points.js" */

/** @typedef {{kept: PointPictures, shape: Shape, most: number}} ScenePictures pictures among the points, at most so many */

/**
 * The posteriors of points: `axes` [2, K] of the plane, `codes` [2, N, K] the means, then the standard deviations, and `some` the points whose
 * are drawn, where it is left out those in sight.
 * @typedef {{axes: number[][], codes: Float32Array, some?: number[]}} ScenePosteriors
 */

/**
 * What a plot shows.
 * @typedef {object} Scene
 * @property {PlaneCamera} camera
 * @property {number} ratio pixels of the screen per CSS pixel
 * @property {Theme} theme
 * @property {PointCloud} cloud
 * @property {Inks} inks
 * @property {Uint8Array | null} chosen 1 for each point that is chosen, [N]; null: none is
 * @property {string[]} labels of the axes
 * @property {ArrayLike<number> | null} prior the place of its mean
 * @property {ScenePosteriors | null} posteriors
 * @property {ScenePictures | null} pictures
 * @property {boolean | null} thumbnails whether pictures are drawn; null: where few points are in sight
 */

/**
 * What came of drawing: how many points are in sight, of how many posteriors are drawn and how many of these have no outline in sight,
 * and for how many pictures there is room; null where none were wanted. Posteriors were `asked` for point by point, or are of those in sight.
 * @typedef {{inSight: number, posteriors: {drawn: number, larger: number, asked?: boolean} | null, pictures: number | null}} Drawn
 */

const MOST_POSTERIORS = 100 // more would be solid paint
const POSTERIOR_STEPS = 5e5 // pixels of outline, so that a frame stays a frame
const MOST_RINGS = 50 // of chosen points: more would hide them
const FEW_POINTS = 150 // in sight, up to which their pictures are drawn unasked
const PICTURE_SIDE = 48 // pixels of a picture among the points, at most
const POSTERIOR_PARTS = [0.95, 0.6] // how strong an outline is, by its standard deviations
const POSTERIOR_SHADE = 0.35 // of the way from the colour of a point to that of text

export class Plot {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas
    this.brush = brushOf(canvas, { alpha: false })
    this.raster = new PointRaster()
    /** @type {ReturnType<typeof packedInks> | null} */
    this.packed = null
  }

  /** @param {Scene} scene @returns {Drawn} */
  draw(scene) {
    const { camera, ratio, theme, labels } = scene
    const { brush } = this
    const ticks = axisTicks(camera)
    const indices = pointsInSight(scene)
    const thumbnails = scene.thumbnails ?? (indices.length <= FEW_POINTS && camera.zoomed > 1)
    brush.setTransform(1, 0, 0, 1, 0, 0)
    brush.fillStyle = theme.ground
    brush.fillRect(0, 0, this.canvas.width, this.canvas.height)
    this.drawGround(scene, ticks)
    this.drawMarkers(scene)
    this.raster.put(brush, Math.round(camera.left * ratio), Math.round(camera.top * ratio))
    brush.setTransform(ratio, 0, 0, ratio, 0, 0)
    brush.save()
    brush.beginPath()
    brush.rect(camera.left, camera.top, camera.width, camera.height)
    brush.clip()
    if (scene.prior) drawPrior(brush, camera, scene.prior, theme)
    const pictures = scene.pictures && thumbnails ? this.drawPictures(scene, scene.pictures, indices) : null
    const posteriors = scene.posteriors && this.drawPosteriors(scene, scene.posteriors, indices)
    brush.restore()
    drawAxes(brush, camera, ticks, labels, theme)
    return { inSight: indices.length, posteriors, pictures }
  }

  /** @param {Scene} scene @param {ReturnType<typeof axisTicks>} ticks */
  drawGround({ camera, ratio, theme }, ticks) {
    const grid = packedColour(mixedColour(theme.groundBytes, theme.textBytes, 0.08))
    this.raster.begin(Math.round(camera.width * ratio), Math.round(camera.height * ratio), packedColour(theme.groundBytes))
    for (const x of ticks.x.values) this.raster.line((camera.screenX(x) - camera.left) * ratio, true, grid)
    for (const y of ticks.y.values) this.raster.line((camera.screenY(y) - camera.top) * ratio, false, grid)
  }

  /** @param {Scene} scene */
  drawMarkers({ camera, ratio, theme, cloud, inks, chosen }) {
    const { ink, shown, shapes, others: under } = inks
    const { colours, edges, faint } = this.packedFor(inks, theme)
    const ring = chosen && chosen.reduce((sum, one) => sum + one, 0) <= MOST_RINGS ? packedColour(theme.textBytes) : null
    const radius = markerRadius(cloud, camera)
    this.raster.markers(cloud, camera, { ink, shown, shapes, colours, edges, faint, chosen, ring, under, ratio, radius })
  }

  /** @param {Inks} inks @param {Theme} theme */
  packedFor(inks, theme) {
    if (this.packed?.inks !== inks || this.packed.theme !== theme) this.packed = packedInks(inks, theme)
    return this.packed
  }

  /**
   * Above all else, in a shade that stands out from the points' own colours.
   * @param {Scene} scene
   * @param {ScenePosteriors} posteriors
   * @param {number[]} indices in sight
   */
  drawPosteriors({ camera, theme, cloud, inks }, { axes, codes, some: asked }, indices) {
    const { brush } = this
    const latent = axes[0].length
    const { scale } = camera
    const ellipseOf = (/** @type {number} */ i) => seenEllipse(axes, codes, codes.length / 2 + i * latent)
    const some = spread(asked ?? indices, MOST_POSTERIORS)
    const steps = some.reduce((sum, i) => sum + 2 * Math.PI * ellipseOf(i).major * scale, 0) * SIGMAS.length
    const drawn = spread(some, Math.max(1, Math.floor((some.length * POSTERIOR_STEPS) / Math.max(steps, POSTERIOR_STEPS))))
    let larger = 0
    for (const i of drawn) {
      const { major, minor, angle } = ellipseOf(i)
      const [planeX, planeY] = cloud.place(i)
      const [x, y] = [camera.screenX(planeX), camera.screenY(planeY)]
      const colour = `rgb(${mixedColour(inks.bytes[inks.ink[i]], theme.textBytes, POSTERIOR_SHADE).join(" ")})`
      SIGMAS.forEach((sigmas, which) => {
        brush.beginPath()
        brush.ellipse(x, y, sigmas * major * scale, sigmas * minor * scale, -angle, 0, 2 * Math.PI)
        for (const [style, width] of [[theme.ground, 3], [colour, 1.5]]) {
          brush.globalAlpha = POSTERIOR_PARTS[which]
          brush.strokeStyle = String(style)
          brush.lineWidth = Number(width)
          brush.stroke()
        }
      })
      if (holdsWindow(camera, planeX, planeY, { major, minor, angle })) larger++
    }
    brush.globalAlpha = 1
    return { drawn: drawn.length, larger, asked: asked !== undefined }
  }

  /** Returns for how many points there is room. @param {Scene} scene @param {ScenePictures} pictures @param {number[]} indices in sight */
  drawPictures({ camera, ratio, cloud, inks, chosen }, { kept, shape, most }, indices) {
    const { brush } = this
    const width = pictureWidth(shape[2], Math.max(shape[1], shape[2]), ratio)
    const height = (width * shape[1]) / shape[2]
    const places = roomyPlaces(indices, cloud, camera, width + 4, height + 4, most)
    brush.imageSmoothingEnabled = false
    brush.lineWidth = 2
    for (const index of places) {
      const canvas = kept.get(index)
      if (!canvas) continue
      const x = Math.round((camera.screenX(cloud.points[2 * index]) - width / 2) * ratio) / ratio
      const y = Math.round((camera.screenY(cloud.points[2 * index + 1]) - height / 2) * ratio) / ratio
      brush.globalAlpha = chosen && !chosen[index] ? 0.4 : 1
      brush.drawImage(canvas, x, y, width, height)
      brush.strokeStyle = inks.css(inks.ink[index])
      brush.strokeRect(x - 1, y - 1, width + 2, height + 2)
    }
    brush.globalAlpha = 1
    return places.length
  }
}

/** The colours of inks, of their markers' edges, and of markers that are not chosen, each as one number. @param {Inks} inks @param {Theme} theme */
function packedInks(inks, theme) {
  const packed = (/** @type {(bytes: number[]) => number[]} */ change) =>
    Uint32Array.from(inks.bytes, (bytes) => packedColour(change(bytes)))
  return {
    inks,
    theme,
    colours: packed((bytes) => bytes),
    edges: packed((bytes) => mixedColour(bytes, theme.textBytes, 0.4)),
    faint: packed((bytes) => mixedColour(theme.groundBytes, bytes, 0.3)),
  }
}

/**
 * A marker's radius: larger where there are few points, and as one zooms in; in quarters of a pixel, so that few sizes are ever prepared.
 * @param {PointCloud} cloud
 * @param {PlaneCamera} camera
 */
export function markerRadius(cloud, camera) {
  const room = Math.sqrt((camera.width * camera.height) / cloud.count / 9) * Math.max(1, camera.zoomed)
  return Math.round(4 * Math.min(5, Math.max(1.5, room))) / 4
}

/** The points in sight that are not hidden. @param {Scene} scene */
function pointsInSight({ camera, cloud, inks }) {
  /** @type {number[]} */
  const found = []
  cloud.within(camera.window(), (index) => {
    if (inks.shown[inks.ink[index]]) found.push(index)
  })
  return found
}

/** At most `most` of a list, evenly from all of it. @param {number[]} list @param {number} most */
export function spread(list, most) {
  const length = Math.min(most, list.length)
  return Array.from({ length }, (_, place) => list[Math.floor((place * list.length) / length)])
}

/**
 * How wide to draw a picture so that each of its pixels covers the same whole number of the screen's, if that fits.
 * @param {number} width
 * @param {number} longest of its sides
 * @param {number} ratio
 */
export function pictureWidth(width, longest, ratio) {
  const factor = Math.floor((PICTURE_SIDE * ratio) / longest)
  return factor ? (width * factor) / ratio : (PICTURE_SIDE * width) / longest
}

/**
 * Those of the points whose pictures of this size do not cover one another, at most `most`; the first come first.
 * @param {number[]} indices
 * @param {PointCloud} cloud
 * @param {PlaneCamera} camera
 * @param {number} width
 * @param {number} height
 * @param {number} most
 */
export function roomyPlaces(indices, cloud, camera, width, height, most) {
  /** @type {Map<string, number[]>} */
  const taken = new Map()
  const places = []
  for (const index of indices) {
    if (places.length === most) break
    const x = (cloud.points[2 * index] * camera.scale) / width
    const y = (cloud.points[2 * index + 1] * camera.scale) / height
    const column = Math.floor(x)
    const line = Math.floor(y)
    let free = true
    for (let near = 0; near < 9 && free; near++) {
      const other = taken.get(`${column + (near % 3) - 1} ${line + Math.floor(near / 3) - 1}`)
      free = !other || Math.abs(other[0] - x) >= 1 || Math.abs(other[1] - y) >= 1
    }
    if (!free) continue
    taken.set(`${column} ${line}`, [x, y])
    places.push(index)
  }
  return places
}
