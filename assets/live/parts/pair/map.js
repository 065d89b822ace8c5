// @ts-check
// One of the two maps: its points, which the other shares, a hand that picks, lassos and moves the code, and the marks of both models.
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { Hand } from "../map/hand.js"
import { drawPin } from "../map/marks.js"
import { PointCloud } from "../map/points.js"
import { writeName } from "../map/scatter.js"
import { Stage } from "../map/stage.js"

/** @import { MapEvent } from "../../kit/wire.js" */
/** @import { Inks } from "../map/inks.js" */
/** @import { PlaneCamera } from "../map/camera.js" */
/** @import { middles } from "./kin.js" */

/**
 * What both maps show, and what is done on either; of the two it is said which by its place, 0 or 1.
 * @typedef {object} Pair
 * @property {Inks | null} inks
 * @property {Uint8Array | null} chosen 1 for each image of the group, [N]; null: there is none
 * @property {number[]} group the same images
 * @property {number} index of the image
 * @property {number[][]} near its nearest neighbours in both models
 * @property {Float32Array} step by which its code was moved, [x, y] in the plane
 * @property {string[]} labels of the axes
 * @property {Float32Array} origins places of the images in the first model, [N, 2]
 * @property {(index: number) => {title: string, lines: string[], picture: HTMLCanvasElement | null}} card
 * @property {(indices: number[]) => void} gather
 * @property {(index: number) => void} pick
 * @property {(step: Float32Array) => void} move
 * @property {() => void} moved the user has let go of the code
 * @property {(index: number) => void} hover
 * @property {(camera: PlaneCamera) => void} look
 * @property {() => void} changed by the legend
 */

const APART = 14 // pixels from one name to the next, at least
const SAID = 300 // milliseconds the crosshair rests before what it is at is said

export class PairMap {
  /** @param {Element} parent @param {Pair} pair @param {string} id of the words about keys @param {string} help */
  constructor(parent, pair, id, help) {
    this.pair = pair
    this.stale = false
    this.carrying = false // the crosshair takes the code along
    this.frame = 0
    this.trails = false
    /** @type {Float32Array} */
    this.places = new Float32Array()
    /** @type {ReturnType<typeof middles>} */
    this.names = []
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.speaking = undefined
    this.ending = new AbortController()
    this.stage = new Stage(parent, { id, text: help }, { resize: () => this.draw(true), legend: () => pair.changed() })
    this.look = { at: this.lookAt.bind(this), leave: this.leave.bind(this), probe: this.probe.bind(this) }
    this.pin = new Dot(this)
    const keyed = (/** @type {KeyboardEvent} */ event) => this.key(event)
    this.stage.marks.addEventListener("keydown", keyed, { signal: this.ending.signal })
    this.stage.marks.addEventListener("blur", () => this.letGo(), { signal: this.ending.signal })
    this.hand = new Hand(this, this.stage.marks, this.ending.signal)
  }

  pinnable = true

  get choosing() {
    return this.pair.chosen !== null
  }

  /** Put the points here. @param {Float32Array} places [N, 2] @param {ReturnType<typeof middles>} names @param {boolean} trails from where the first model has them */
  lay(places, names, trails) {
    this.places = places
    this.names = names
    this.trails = trails
    this.stage.cloud = places.length ? new PointCloud(places) : null
    this.schedule()
  }

  // What the hand asks for

  /** @param {MapEvent} event */
  send(event) {
    if (event.kind === "pin") this.pair.moved()
    else if (event.kind === "choose") {
      if (this.hand.tool === "lasso" || !event.numbers.length) this.pair.gather(event.numbers)
      else this.pair.pick(event.numbers[0])
    }
  }

  /** Images have their numbers elsewhere. @param {number} index */
  numberOf(index) {
    return index
  }

  /** @param {number} x @param {number} y */
  putPin(x, y) {
    const place = this.stage.camera.planeAt(x, y)
    this.pair.move(Float32Array.from(place, (part, axis) => part - this.places[2 * this.pair.index + axis]))
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.stage.camera.pan(dx, dy)
    this.pair.look(this.stage.camera)
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  zoom(factor, x, y) {
    this.stage.camera.zoom(factor, x, y)
    this.pair.look(this.stage.camera)
  }

  fit() {
    this.stage.camera.fit()
    this.pair.look(this.stage.camera)
  }

  /** @param {number} x @param {number} y @param {boolean} keyed */
  lookAt(x, y, keyed) {
    const { stage } = this
    if (!stage.cloud || !stage.camera.holds(x, y)) return this.leave()
    stage.keyed = keyed
    stage.spot = [x, y]
    if (keyed && this.carrying) this.putPin(x, y)
    this.pair.hover(this.carrying ? -1 : stage.pointNear(x, y))
    if (stage.hovered >= 0) {
      const { title, lines, picture } = this.pair.card(stage.hovered)
      stage.card.place(x, y, stage.touched)
      stage.card.show(title, lines, picture)
    } else stage.card.hide()
    if (!keyed) return
    clearTimeout(this.speaking)
    this.speaking = setTimeout(() => (stage.spoken.textContent = stage.card.text), SAID)
  }

  /** @param {number} x @param {number} y */
  probe(x, y) {
    this.stage.spot = [x, y]
    this.stage.card.hide()
    this.pair.hover(-1)
    return null
  }

  leave() {
    clearTimeout(this.speaking)
    this.stage.leave()
    this.pair.hover(-1)
  }

  /** C takes the code along. @param {KeyboardEvent} event */
  key(event) {
    if (event.key.toLowerCase() !== "c" || event.ctrlKey || event.metaKey || event.altKey || !this.stage.cloud) return
    event.preventDefault()
    if (this.carrying) return this.letGo()
    this.carrying = true
    const { camera } = this.stage
    const [across, up] = this.pin.place ?? [0, 0]
    const [x, y] = camera.nearestHeld(camera.screenX(across), camera.screenY(up))
    this.lookAt(x, y, true)
    this.stage.spoken.textContent = say("The code moves with the arrow keys. C lets it go.")
  }

  letGo() {
    if (!this.carrying) return
    this.carrying = false
    this.pair.moved()
    this.stage.spoken.textContent = say("Let go.")
  }

  // What is drawn

  /** In the next frame; the points too unless told otherwise. */
  schedule(points = true) {
    this.stale ||= points
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0
      if (this.stage.ratio === devicePixelRatio || !this.stage.ratio) this.draw(this.stale)
      else this.stage.resize()
    })
  }

  /** @param {boolean} points */
  draw(points) {
    const { stage, pair } = this
    const { scene } = stage
    if (!scene) return
    if (points) {
      this.stale = false
      const also = { chosen: pair.chosen, labels: pair.labels, thumbnails: false, prior: null, pictures: null, posteriors: null }
      stage.plot.draw({ ...scene, ...also })
    }
    stage.drawMarks({ pin: null, lasso: this.hand.corners })
    const brush = brushOf(stage.marks)
    const { camera, theme } = scene
    brush.save()
    brush.beginPath()
    brush.rect(camera.left, camera.top, camera.width, camera.height)
    brush.clip()
    if (this.trails) this.drawTrails(brush, scene)
    this.drawNeighbours(brush, scene)
    this.drawNames(brush, scene)
    const place = this.pin.place
    if (place) drawPin(brush, camera.screenX(place[0]), camera.screenY(place[1]), theme)
    brush.restore()
  }

  /** From where the first model has the images of the group, and the neighbours, to where they are. @param {CanvasRenderingContext2D} brush @param {NonNullable<Stage["scene"]>} scene */
  drawTrails(brush, { camera, theme }) {
    const { origins, group, near, index } = this.pair
    brush.strokeStyle = theme.text
    brush.globalAlpha = 0.35
    brush.lineWidth = 1
    brush.beginPath()
    for (const i of group.length ? group : [index, ...near[0]]) {
      brush.moveTo(camera.screenX(origins[2 * i]), camera.screenY(origins[2 * i + 1]))
      brush.lineTo(camera.screenX(this.places[2 * i]), camera.screenY(this.places[2 * i + 1]))
    }
    brush.stroke()
    brush.globalAlpha = 1
  }

  /** Names of the classes, but for those that would cover another. @param {CanvasRenderingContext2D} brush @param {NonNullable<Stage["scene"]>} scene */
  drawNames(brush, { camera, theme, inks }) {
    brush.font = `600 13px ${theme.font}`
    brush.textAlign = "center"
    brush.textBaseline = "middle"
    const look = { ink: theme.text, paper: theme.ground, font: theme.font }
    /** @type {number[][]} */
    const written = []
    for (const { name, group, place } of this.names) {
      const [x, y] = [camera.screenX(place[0]), camera.screenY(place[1])]
      if (!inks.shown[group + 1] || written.some(([otherX, otherY]) => Math.hypot(x - otherX, y - otherY) < APART)) continue
      written.push([x, y])
      writeName(brush, look, [name, x, y])
    }
  }

  /** Circles around the neighbours in the first model, squares around those in the second. @param {CanvasRenderingContext2D} brush @param {NonNullable<Stage["scene"]>} scene */
  drawNeighbours(brush, { camera, theme }) {
    this.pair.near.forEach((indices, model) => {
      for (const index of indices) {
        const [x, y] = [camera.screenX(this.places[2 * index]), camera.screenY(this.places[2 * index + 1])]
        brush.beginPath()
        if (model) brush.rect(x - 7.5, y - 7.5, 15, 15)
        else brush.arc(x, y, 5.5, 0, 2 * Math.PI)
        for (const [style, width] of [[theme.ground, 4], [model ? theme.primary : theme.text, 2]]) {
          brush.strokeStyle = String(style)
          brush.lineWidth = Number(width)
          brush.stroke()
        }
      }
    })
  }

  close() {
    clearTimeout(this.speaking)
    cancelAnimationFrame(this.frame)
    this.ending.abort()
    this.stage.close()
  }
}

/** The code on a map, as its hand holds it: it stands the step of both away from where the image is. */
class Dot {
  /** @param {PairMap} map */
  constructor(map) {
    this.map = map
    this.held = false
  }

  get z() {
    return this.map.pair.step
  }

  /** Where it stands, [x, y]; null before there are points. */
  get place() {
    const { places, pair } = this.map
    if (pair.index < 0 || !places.length) return null
    return [places[2 * pair.index] + pair.step[0], places[2 * pair.index + 1] + pair.step[1]]
  }

  /** @param {Float32Array | null} step */
  move(step) {
    if (step) this.map.pair.move(step)
  }
}
