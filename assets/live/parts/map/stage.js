// @ts-check
// Where a map stands on the page: the plot and the marks over it, the card, the legend, and the words below them.
import { element } from "../../kit/dom.js"
import { ARROWS } from "../../kit/keys.js"
import { brushOf } from "../../kit/paint.js"
import { PlaneCamera } from "./camera.js"
import { Card } from "./card.js"
import { themeOf } from "./theme.js"
import { Legend } from "./legend.js"
import { drawCrosshair, drawLasso, drawPin, drawRing, drawStar } from "./marks.js"
import { markerRadius, Plot } from "./plot.js"

/** @import { Inks } from "./inks.js" */
/** @import { PointCloud } from "./points.js" */
/** @typedef {ArrayLike<number>} Place [x, y] in the plane */
/** @typedef {[number, number]} Spot x and y on the screen, in pixels from the top left corner of the stage */

const REACH = 14 // pixels from the pointer within which a point is meant
const NARROW = 480 // pixels of a stage below which the numbers at the left are set closer
const LEFT = 56 // pixels around the plot, which axes and numbers take
const LEFT_NARROW = 48
const BOTTOM = 40
const MARGIN = 8
const KEY_STEP = 10 // pixels that an arrow key moves the crosshair

/** How far a key moves the crosshair, in pixels; null for a key that is no arrow. @param {{key: string, shiftKey: boolean}} event */
export function crosshairStep({ key, shiftKey }) {
  const arrow = ARROWS[key]
  return arrow ? arrow.map((sign) => sign * (shiftKey ? 1 : KEY_STEP)) : null
}

/**
 * The stage of a map. Whoever draws on it gives it `cloud` and `inks`, and looks about with `camera`, `spot`, `keyed`, `touched` and
 * `hovered`.
 * `on.resize()` is called when the canvases have another size and are empty, `on.legend()` when a class is hidden or shown again.
 */
export class Stage {
  /**
   * Its parts come last inside `parent`; `help` is what a screen reader says of the keys, in an element with this id.
   * @param {Element} parent
   * @param {{id: string, text: string}} help
   * @param {{resize: () => void, legend: () => void}} on
   */
  constructor(parent, help, on) {
    this.parent = parent
    this.on = on
    this.element = element("div", { className: "map-stage", parent })
    this.plot = new Plot(element("canvas", { className: "map-plot", attributes: { "aria-hidden": "true" }, parent: this.element }))
    // An application, since the arrow keys are the map's own: a screen reader must hand them on.
    const attributes = { role: "application", "aria-roledescription": "map", "aria-describedby": help.id, tabindex: "0" }
    this.marks = element("canvas", { className: "map-marks keyed", attributes, parent: this.element })
    this.card = new Card(this.element)
    this.probed = element("canvas") // the picture that is decoded where nothing lies
    this.legend = new Legend(on.legend)
    parent.append(this.legend.element)
    this.status = element("p", { className: "note map-status", parent })
    this.spoken = element("p", { className: "visually-hidden", attributes: { "aria-live": "polite" }, parent })
    element("p", { className: "visually-hidden keys", id: help.id, parent }, help.text)
    this.camera = new PlaneCamera()
    this.theme = themeOf(parent)
    this.ratio = 0 // pixels of the screen per CSS pixel; 0 while there is no room
    /** @type {PointCloud | null} */
    this.cloud = null
    /** @type {Inks | null} */
    this.inks = null
    /** @type {Spot | null} */
    this.spot = null // where the pointer or the crosshair is
    this.keyed = false // it is the crosshair
    this.touched = false // it is a finger, under which nothing is seen
    this.hovered = -1 // the point that is meant there
    this.watcher = new ResizeObserver(() => this.resize())
    this.watcher.observe(this.element)
  }

  /** The page's colours may be others now. */
  readTheme() {
    const { ground } = this.theme
    this.theme = themeOf(this.parent)
    if (this.inks && ground !== this.theme.ground) this.colour(this.inks)
  }

  /** Colour the points with these inks, and the legend. @param {Inks} inks */
  colour(inks) {
    inks.suit(this.theme)
    this.inks = inks
    this.legend.clear()
    this.legend.show(inks)
  }

  resize() {
    const { clientWidth, clientHeight } = this.element
    if (!clientWidth || !clientHeight) return
    this.ratio = devicePixelRatio
    for (const canvas of [this.plot.canvas, this.marks]) {
      canvas.width = Math.round(clientWidth * this.ratio)
      canvas.height = Math.round(clientHeight * this.ratio)
    }
    const left = clientWidth < NARROW ? LEFT_NARROW : LEFT
    this.camera.resize(left, MARGIN, clientWidth - left - MARGIN, clientHeight - MARGIN - BOTTOM)
    this.on.resize()
  }

  /** What is there to draw; null before there are points, and while there is no room. */
  get scene() {
    const { camera, ratio, theme, cloud, inks } = this
    return cloud && inks && ratio ? { camera, ratio, theme, cloud, inks } : null
  }

  /** Whether a point's class is not hidden. @param {number} index */
  isShown(index) {
    return this.inks !== null && this.inks.shown[this.inks.ink[index]] === 1
  }

  /** The point that is meant at a place on the screen, −1 for none. @param {number} x @param {number} y @param {number} reach */
  pointNear(x, y, reach = REACH) {
    const [across, up] = this.camera.planeAt(x, y)
    return this.cloud?.nearest(across, up, reach / this.camera.scale, (index) => this.isShown(index)) ?? -1
  }

  /** Where the crosshair is, or where it begins. @returns {Spot} */
  get crosshair() {
    const { left, top, width, height } = this.camera
    return this.spot ?? [left + width / 2, top + height / 2]
  }

  /** Show nothing, as before there were points. */
  empty() {
    this.leave()
    this.cloud = this.inks = null
    this.legend.clear()
    for (const canvas of [this.plot.canvas, this.marks]) {
      const brush = brushOf(canvas)
      brush.setTransform(1, 0, 0, 1, 0, 0)
      brush.fillStyle = this.theme.ground
      if (canvas === this.marks) brush.clearRect(0, 0, canvas.width, canvas.height)
      else brush.fillRect(0, 0, canvas.width, canvas.height)
    }
  }

  /** Point at nothing. */
  leave() {
    this.spot = null
    this.keyed = false
    this.hovered = -1
    this.card.hide()
  }

  /** @param {string} text */
  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text
  }

  /**
   * Draw what changes more often than points do: a star, the ring around the point that is meant, the pin, a lasso's corners, the crosshair.
   * @param {{star?: Place | null, pin: Place | null, lasso?: Place[]}} marks
   */
  drawMarks({ star = null, pin, lasso = [] }) {
    const { scene } = this
    if (!scene) return
    const { camera, ratio, theme, cloud } = scene
    const brush = brushOf(this.marks)
    brush.setTransform(ratio, 0, 0, ratio, 0, 0)
    brush.clearRect(0, 0, this.marks.width, this.marks.height)
    brush.save()
    brush.beginPath()
    brush.rect(camera.left, camera.top, camera.width, camera.height)
    brush.clip()
    /** @type {(place: Place) => Spot} */
    const screen = ({ 0: x, 1: y }) => [camera.screenX(x), camera.screenY(y)]
    if (star) drawStar(brush, ...screen(star), theme)
    if (this.hovered >= 0) drawRing(brush, ...screen(cloud.place(this.hovered)), markerRadius(cloud, camera) + 4, theme)
    if (pin) drawPin(brush, ...screen(pin), theme)
    if (lasso.length) drawLasso(brush, lasso.map(screen), theme)
    if (this.keyed && this.spot) drawCrosshair(brush, ...this.spot, theme)
    brush.restore()
  }

  close() {
    this.watcher.disconnect()
  }
}
