// @ts-check
// What a map shows of the place that is looked at, on the card beside it: a point's picture, or what is decoded where no point lies.
import { limitOf } from "../../kit/limits.js"
import { say } from "../../kit/words.js"
import { placeLines } from "./words.js"

/** @import { MapData } from "../../kit/wire.js" */
/** @import { PointPictures } from "./thumbnails.js" */
/** @import { Plane } from "./plane.js" */
/** @import { Stage } from "./stage.js" */

/**
 * What there is to look at: `model.view` draws on the stage's own canvas what a code decodes to.
 * @typedef {{
 *   data: MapData | null,
 *   plane: Plane | null,
 *   model: {view: {show: (z: Float32Array) => void}} | null,
 *   pictures: PointPictures,
 *   numberOf: (index: number) => number,
 * }} SeenMap
 */

const DWELL = 125 // milliseconds on one point before its picture is asked for

export class Look {
  /** `moved()` is called when the marks are to be drawn anew. @param {Stage} stage @param {SeenMap} map @param {() => void} moved */
  constructor(stage, map, moved) {
    this.stage = stage
    this.map = map
    this.moved = moved
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.dwell = undefined
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.speaking = undefined
  }

  /**
   * Show what lies at a place: the nearest point, else what is decoded there.
   * @param {number} x
   * @param {number} y
   * @param {boolean} keyed by the keyboard
   */
  at(x, y, keyed) {
    const { stage } = this
    if (!stage.cloud || !stage.camera.holds(x, y)) return this.leave()
    stage.keyed = keyed
    const index = stage.pointNear(x, y)
    if (index < 0) this.probe(x, y)
    else {
      this.stand(x, y)
      this.atPoint(index)
    }
  }

  /** @param {number} x @param {number} y */
  stand(x, y) {
    this.stage.spot = [x, y]
    this.stage.card.place(x, y, this.stage.touched)
    this.moved()
  }

  /** @param {number} index */
  atPoint(index) {
    if (index === this.stage.hovered) return
    this.hide()
    this.stage.hovered = index
    if (this.map.pictures.has(index)) this.openCard()
    else this.dwell = setTimeout(() => this.openCard(), DWELL)
    this.speak()
  }

  openCard() {
    const { inks, hovered, card } = this.stage
    const { data, pictures } = this.map
    if (!inks) return
    const canvas = pictures.get(hovered)
    const lines = [inks.words(hovered)]
    if (canvas && !data?.pictures) lines.push(say("Decoded from its code"))
    card.show(say`Image ${this.map.numberOf(hovered)}`, lines, canvas)
  }

  /** Show on the card what there is by now, where it is open on a point. */
  refresh() {
    if (this.stage.card.shown && this.stage.hovered >= 0) this.openCard()
  }

  /** Decode at a place and return the code; null where there is no way back from the map. @param {number} x @param {number} y */
  probe(x, y) {
    const { data, plane, model } = this.map
    const { camera, card, probed } = this.stage
    this.stand(x, y)
    this.hide()
    if (!data || !plane) return null
    const at = camera.planeAt(x, y)
    const z = plane.lift(at)
    const limit = limitOf(z.length)
    const beyond = z.some((part) => Math.abs(part) > limit)
    if (beyond) z.forEach((part, k) => (z[k] = Math.min(limit, Math.max(-limit, part))))
    if (model) {
      model.view.show(z)
      const decodedAt = beyond && data.view.axes ? plane.place(z) : at
      const lines = placeLines(data.view, data.latent, decodedAt, camera.scale)
      if (beyond) lines.push(say`Held at ±${limit}`)
      card.show(say("Decoded here"), lines, probed)
    }
    this.speak()
    return z
  }

  /** Say what the crosshair is at, once it rests. */
  speak() {
    clearTimeout(this.speaking)
    if (!this.stage.keyed) return
    this.speaking = setTimeout(() => {
      if (this.stage.hovered >= 0) this.openCard()
      this.stage.spoken.textContent = this.stage.card.text
    }, DWELL)
  }

  hide() {
    this.close()
    this.stage.hovered = -1
    this.stage.card.hide()
  }

  /** Look at nothing. */
  leave() {
    this.close()
    this.stage.leave()
    this.moved()
  }

  close() {
    clearTimeout(this.dwell)
    clearTimeout(this.speaking)
  }
}
