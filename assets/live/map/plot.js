// @ts-nocheck -- not typed yet
// The plot of a map: ground, points, posteriors, pictures and axes, on one canvas.
import { mixedColour, packedColour } from "./colours.js"
import { axisTicks, drawAxes, drawPrior, seenEllipse, SIGMAS } from "./marks.js"
import { PointRaster } from "./points.js"

const MOST_POSTERIORS = 300 // more would be solid paint
const POSTERIOR_STEPS = 2.5e6 // pixels of outline, so that a frame stays a frame
const MOST_RINGS = 50 // of chosen points: more would hide them
const FEW_POINTS = 150 // in sight, up to which their pictures are drawn unasked
const PICTURE_SIDE = 48 // pixels of a picture among the points, at most
const POSTERIOR_PARTS = [220, 110] // of 256: how strong an outline is, by its standard deviations

/**
 * Draws what a scene holds: {camera, ratio (pixels of the screen per CSS pixel), theme, cloud, inks, chosen: Uint8Array [N] or null,
 * labels, prior: [x, y] of its mean or null, posteriors: {axes, codes, some: indices, or left out for those in sight} or null,
 * pictures: {kept: PointPictures, shape, most} or null,
 * thumbnails: true, false or null (where few points are in sight)}.
 */
export class Plot {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d", { alpha: false })
    this.raster = new PointRaster()
  }

  /** Returns what came of it: {inSight: count, posteriors: as drawPosteriors, pictures: count, or null where none were wanted}. */
  draw(scene) {
    const { camera, ratio, theme, labels } = scene
    const { context } = this
    const ticks = axisTicks(camera)
    const indices = pointsInSight(scene)
    const thumbnails = Boolean(scene.pictures) && (scene.thumbnails ?? (indices.length <= FEW_POINTS && camera.zoomed > 1))
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = theme.ground
    context.fillRect(0, 0, this.canvas.width, this.canvas.height)
    this.drawGround(scene, ticks)
    this.drawMarkers(scene)
    const posteriors = scene.posteriors && this.drawPosteriors(scene, indices)
    this.raster.put(context, Math.round(camera.left * ratio), Math.round(camera.top * ratio))
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.save()
    context.beginPath()
    context.rect(camera.left, camera.top, camera.width, camera.height)
    context.clip()
    if (scene.prior) drawPrior(context, camera, scene.prior, theme)
    const pictures = thumbnails ? this.drawPictures(scene, indices) : null
    context.restore()
    drawAxes(context, camera, ticks, labels, theme)
    return { inSight: indices.length, posteriors, pictures }
  }

  drawGround({ camera, ratio, theme }, ticks) {
    const grid = packedColour(mixedColour(theme.groundBytes, theme.textBytes, 0.08))
    this.raster.begin(Math.round(camera.width * ratio), Math.round(camera.height * ratio), packedColour(theme.groundBytes))
    for (const x of ticks.x.values) this.raster.line((camera.screenX(x) - camera.left) * ratio, true, grid)
    for (const y of ticks.y.values) this.raster.line((camera.screenY(y) - camera.top) * ratio, false, grid)
  }

  drawMarkers({ camera, ratio, theme, cloud, inks, chosen }) {
    if (this.inks !== inks || this.theme !== theme) {
      this.inks = inks
      this.theme = theme
      const packed = (change) => Uint32Array.from(inks.bytes, (bytes) => packedColour(change(bytes)))
      this.colours = packed((bytes) => bytes)
      this.edges = packed((bytes) => mixedColour(bytes, theme.textBytes, 0.4))
      this.faint = packed((bytes) => mixedColour(theme.groundBytes, bytes, 0.3))
    }
    const { ink, shown, shapes } = inks
    const { colours, edges, faint } = this
    const ring = chosen && chosen.reduce((sum, one) => sum + one, 0) <= MOST_RINGS ? packedColour(theme.textBytes) : null
    const radius = markerRadius(cloud, camera)
    this.raster.markers(cloud, camera, { ink, shown, shapes, colours, edges, faint, chosen, ring, ratio, radius })
  }

  /** Of the chosen points, where there are any; returns {drawn: of how many, larger: of how many no outline is in sight}. */
  drawPosteriors({ camera, ratio, cloud, inks, chosen, posteriors: { axes, codes, some: asked } }, indices) {
    const latent = axes[0].length
    const scale = camera.scale * ratio
    const ellipseOf = (i) => seenEllipse(axes, codes, codes.length / 2 + i * latent)
    const some = asked ?? spread(chosen ? indices.filter((i) => chosen[i]) : indices, MOST_POSTERIORS)
    const steps = some.reduce((sum, i) => sum + 2 * Math.PI * ellipseOf(i).major * scale, 0) * SIGMAS.length
    const drawn = spread(some, Math.max(1, Math.floor((some.length * POSTERIOR_STEPS) / Math.max(steps, POSTERIOR_STEPS))))
    let larger = 0
    for (const i of drawn) {
      const { major, minor, angle } = ellipseOf(i)
      const x = (camera.screenX(cloud.points[2 * i]) - camera.left) * ratio
      const y = (camera.screenY(cloud.points[2 * i + 1]) - camera.top) * ratio
      SIGMAS.forEach((sigmas, which) => {
        const colour = this.colours[inks.ink[i]]
        this.raster.ellipse(x, y, sigmas * major * scale, sigmas * minor * scale, angle, colour, POSTERIOR_PARTS[which])
      })
      if (holdsWindow(camera, cloud.points[2 * i], cloud.points[2 * i + 1], { major, minor, angle })) larger++
    }
    return { drawn: drawn.length, larger }
  }

  /** Returns for how many points there is room. */
  drawPictures({ camera, ratio, cloud, inks, chosen, pictures: { kept, shape, most } }, indices) {
    const { context } = this
    const width = pictureWidth(shape[2], Math.max(shape[1], shape[2]), ratio)
    const height = (width * shape[1]) / shape[2]
    const places = roomyPlaces(indices, cloud, camera, width + 4, height + 4, most)
    context.imageSmoothingEnabled = false
    context.lineWidth = 2
    for (const index of places) {
      const canvas = kept.get(index)
      if (!canvas) continue
      const x = Math.round((camera.screenX(cloud.points[2 * index]) - width / 2) * ratio) / ratio
      const y = Math.round((camera.screenY(cloud.points[2 * index + 1]) - height / 2) * ratio) / ratio
      context.globalAlpha = chosen && !chosen[index] ? 0.4 : 1
      context.drawImage(canvas, x, y, width, height)
      context.strokeStyle = inks.css(inks.ink[index])
      context.strokeRect(x - 1, y - 1, width + 2, height + 2)
    }
    context.globalAlpha = 1
    return places.length
  }
}

/** Larger where there are few, and as one zooms in; in quarters of a pixel, so that few sizes are ever prepared. */
export function markerRadius(cloud, camera) {
  const room = Math.sqrt((camera.width * camera.height) / cloud.count / 9) * Math.max(1, camera.zoomed)
  return Math.round(4 * Math.min(5, Math.max(1.5, room))) / 4
}

/** The points in sight that are not hidden. */
function pointsInSight({ camera, cloud, inks }) {
  const found = []
  cloud.within(camera.window(), (index) => inks.shown[inks.ink[index]] && found.push(index))
  return found
}

/** At most `most` of a list, evenly from all of it. */
function spread(list, most) {
  const length = Math.min(most, list.length)
  return Array.from({ length }, (_, place) => list[Math.floor((place * list.length) / length)])
}

/** Whether an ellipse around (x, y) has all of the window inside, so that no part of its outline is seen. */
function holdsWindow(camera, x, y, { major, minor, angle }) {
  const seen = camera.window()
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const inside = (dx, dy) => Math.hypot((dx * cos + dy * sin) / major, (dy * cos - dx * sin) / minor) < 1
  return seen.x.every((right) => seen.y.every((up) => inside(right - x, up - y)))
}

/** How wide to draw a picture so that each of its pixels covers the same whole number of the screen's, if that fits. */
function pictureWidth(width, longest, ratio) {
  const factor = Math.floor((PICTURE_SIDE * ratio) / longest)
  return factor ? (width * factor) / ratio : (PICTURE_SIDE * width) / longest
}

/** Those of the points whose pictures of this size do not cover one another, at most `most`; the first come first. */
function roomyPlaces(indices, cloud, camera, width, height, most) {
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
