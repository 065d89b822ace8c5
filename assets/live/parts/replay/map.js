// @ts-check
// The map of a run's snapshots: the same images' codes, which glide from where they were at one snapshot to where they are at the next.
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { followPointing } from "../map/gestures.js"
import { Inks } from "../map/inks.js"
import { drawRing } from "../map/marks.js"
import { PointCloud } from "../map/points.js"
import { writeName } from "../map/scatter.js"
import { crosshairStep, Stage } from "../map/stage.js"
import { letterOf } from "./pictures.js"
import { mix, windowOfAll } from "./reel.js"

/** @import { ReplayData } from "../../kit/wire.js" */

const ANYWHERE = 1e6 // pixels: the nearest point, however far
const RING = 7 // pixels around a point whose picture is shown
const HELP = "Arrow keys move a crosshair, in small steps with Shift. Enter shows the picture of the image nearest to it. Space plays."

export class ReplayMap {
  /** The map inside `parent`; `chosen(index)` is called with an image whose picture is wanted. @param {Element} parent @param {(index: number) => void} chosen */
  constructor(parent, chosen) {
    this.chosen = chosen
    /** @type {ReplayData | null} */
    this.data = null
    /** @type {Float32Array} */
    this.places = new Float32Array() // [S, n, 2]
    this.now = new Float32Array() // [n, 2]
    this.frame = 0 // of a glide
    this.stage = new Stage(parent, { id: "replay-help", text: say(HELP) }, {
      resize: () => this.draw(),
      legend: () => {
        this.leave()
        this.draw()
      },
    })
    followPointing(this.stage, this)
  }

  /** @param {ReplayData} data @param {Float32Array} places [S, n, 2] */
  update(data, places) {
    const { stage } = this
    stage.readTheme()
    const count = places.length / (2 * data.steps.length)
    const inks = new Inks(
      { ...data.colour, names: data.colour.names ?? [say("Images")] },
      Float32Array.from(data.groups ?? new Array(count).fill(0)),
    )
    inks.hideAs(stage.inks)
    stage.colour(inks)
    stage.legend.element.hidden = !data.groups
    stage.camera.fit(windowOfAll(places, data.prior))
    if (places.length / data.steps.length !== this.now.length) this.now = new Float32Array(2 * count)
    this.data = data
    this.places = places
  }

  /** Bring all points to where they are at a snapshot, in so many milliseconds. @param {number} at @param {number} glide */
  goTo(at, glide) {
    const { now } = this
    const to = this.places.subarray(at * now.length, (at + 1) * now.length)
    const from = now.slice()
    cancelAnimationFrame(this.frame)
    const began = performance.now()
    const step = (/** @type {number} */ time) => {
      const share = glide ? Math.min(1, Math.max(0, time - began) / glide) : 1
      this.frame = share < 1 ? requestAnimationFrame(step) : 0
      mix(from, to, share, now)
      this.stage.cloud = new PointCloud(now)
      this.draw()
    }
    step(began)
  }

  /** The nearest image that has a picture. @param {number} x @param {number} y @param {number} [reach] */
  near(x, y, reach) {
    const { stage, data } = this
    const index = stage.pointNear(x, y, reach)
    return data && index < data.pictured ? index : -1
  }

  /** @param {number} x @param {number} y @param {boolean} keyed by the keyboard */
  look(x, y, keyed) {
    const { stage, data } = this
    if (!data || !stage.cloud) return
    stage.keyed = keyed
    stage.spot = stage.camera.holds(x, y) ? [x, y] : null
    stage.hovered = stage.spot ? this.near(x, y, keyed ? ANYWHERE : undefined) : -1
    if (stage.hovered >= 0) {
      stage.card.place(x, y, false)
      const words = data.groups && stage.inks ? stage.inks.words(stage.hovered) : say("An image")
      stage.card.show(words, [keyed ? say("Enter shows its picture") : say("Click: its picture is A")], null)
    } else stage.card.hide()
    this.drawMarks()
  }

  /** Ask for the picture of the image that is pointed at. */
  choose() {
    if (this.stage.hovered >= 0) this.chosen(this.stage.hovered)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { stage } = this
    if (event.ctrlKey || event.metaKey || event.altKey || !stage.cloud) return
    const step = crosshairStep(event)
    if (!step && event.key !== "Enter" && event.key !== "Escape") return
    event.preventDefault()
    if (event.key === "Escape") return this.leave()
    if (event.key === "Enter") return this.choose()
    const [x, y] = stage.crosshair
    const [atX, atY] = stage.camera.nearestHeld(x + (step?.[0] ?? 0), y + (step?.[1] ?? 0))
    this.look(atX, atY, true)
    stage.spoken.textContent = stage.card.text
  }

  leave() {
    this.stage.leave()
    this.drawMarks()
  }

  draw() {
    const { stage, data } = this
    const { scene } = stage
    if (!scene || !data) return
    const { labels, prior } = data
    stage.plot.draw({ ...{ ...scene, chosen: null, thumbnails: false, labels, prior, pictures: null }, posteriors: null })
    this.drawMarks()
  }

  drawMarks() {
    const { stage, data, now } = this
    stage.drawMarks({ pin: null })
    const { scene } = stage
    if (!scene || !data) return
    const { camera, theme } = scene
    const brush = brushOf(stage.marks)
    brush.font = `600 12px ${theme.font}`
    brush.textAlign = "center"
    brush.textBaseline = "middle"
    data.shown.forEach((index, place) => {
      const [x, y] = [camera.screenX(now[2 * index]), camera.screenY(now[2 * index + 1])]
      if (!camera.holds(x, y) || !stage.isShown(index)) return
      drawRing(brush, x, y, RING, theme)
      writeName(brush, { ink: theme.text, paper: theme.ground, font: theme.font }, [letterOf(place), x + RING + 7, y - RING])
    })
  }

  close() {
    cancelAnimationFrame(this.frame)
    this.stage.close()
  }
}
