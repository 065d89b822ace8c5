// @ts-check
// What pointer and keyboard do on a map: choose points, hold the pin, draw the lasso, move the crosshair.
import { followPointers } from "./gestures.js"
import { crosshairStep } from "./stage.js"

/** @import { MapEvent } from "../../kit/wire.js" */
/** @import { Tool } from "./controls.js" */
/** @import { Look } from "./look.js" */
/** @import { Pin } from "./pin.js" */
/** @import { Place, Stage } from "./stage.js" */

/**
 * The map in a hand. `choosing` says that some image is chosen, `putPin` moves the pin to a place of the screen, `schedule` draws in the next
 * frame, the points too unless told otherwise.
 * @typedef {{
 *   stage: Stage,
 *   look: Pick<Look, "at" | "leave"> & {probe: (x: number, y: number) => unknown},
 *   pin: Pick<Pin, "place" | "z" | "held" | "move">,
 *   pinnable: boolean,
 *   choosing: boolean,
 *   send: (event: MapEvent) => void,
 *   numberOf: (index: number) => number,
 *   putPin: (x: number, y: number) => void,
 *   pan: (dx: number, dy: number) => void,
 *   zoom: (factor: number, x?: number, y?: number) => void,
 *   fit: () => void,
 *   schedule: (points: boolean) => void,
 * }} HeldMap
 */

const POINTER_REACH = 14 // pixels within which the pin or the lasso's first corner is meant
const FINGER_REACH = 24
const KEY_ZOOM = 1.5

/** The hand on a map: `corners` are the lasso's, in the plane. What it does, it does to the map. */
export class Hand {
  /** @param {HeldMap} map @param {HTMLElement} element @param {AbortSignal} signal that ends it */
  constructor(map, element, signal) {
    this.map = map
    /** @type {Tool} */
    this.tool = "explore"
    /** @type {"pin" | "probe" | "point" | "lasso" | null} */
    this.held = null // what it has hold of
    /** @type {Float32Array | null} */
    this.pinBefore = null
    /** @type {number[][]} */
    this.corners = []
    this.spaced = false // the space bar is down
    element.addEventListener("keydown", (event) => this.key(event), { signal })
    element.addEventListener("keyup", (event) => event.key === " " && (this.spaced = false), { signal })
    element.addEventListener("blur", () => this.blur(), { signal })
    followPointers(element, signal, {
      pans: () => this.tool === "pan" || this.spaced,
      hover: (x, y) => this.map.look.at(x, y, false),
      leave: () => this.map.look.leave(),
      press: (x, y, touch) => this.press(x, y, touch),
      drag: (x, y) => this.drag(x, y),
      release: (x, y, moved) => this.release(x, y, moved),
      cancel: () => this.cancel(),
      pan: (dx, dy) => this.map.pan(dx, dy),
      zoom: (factor, x, y) => this.map.zoom(factor, x, y),
    })
  }

  get camera() {
    return this.map.stage.camera
  }

  /** @param {Tool} tool */
  take(tool) {
    this.cancel()
    this.tool = tool
  }

  /** @param {number} x @param {number} y @param {boolean} touch */
  press(x, y, touch) {
    const { map, camera } = this
    const { stage, pin, pinnable } = map
    if (!stage.cloud || !camera.holds(x, y)) return
    stage.touched = touch
    if (this.tool === "lasso") {
      map.look.leave()
      this.held = "lasso"
      this.corners = [camera.planeAt(x, y)]
      return
    }
    const onPin = pinnable && pin.place && this.near(pin.place, x, y, touch ? FINGER_REACH : POINTER_REACH)
    map.look.at(x, y, false)
    if (onPin) this.holdPin()
    else if (stage.hovered >= 0) this.held = "point"
    else if (touch || !pinnable) this.held = "probe"
    else {
      this.holdPin()
      map.putPin(x, y)
    }
  }

  /** Whether a place of the plane is that near to one on the screen. @param {Place} place @param {number} x @param {number} y @param {number} reach */
  near(place, x, y, reach) {
    return Math.hypot(x - this.camera.screenX(place[0]), y - this.camera.screenY(place[1])) <= reach
  }

  /** @param {number} x @param {number} y */
  drag(x, y) {
    const { map, camera } = this
    if (this.held === "lasso") {
      this.corners.push(camera.planeAt(x, y))
      map.schedule(false)
      return
    }
    const [atX, atY] = camera.nearestHeld(x, y)
    if (this.held === "pin") map.putPin(atX, atY)
    else if (this.held === "point" && map.stage.touched) map.look.at(atX, atY, false) // a finger has no other way to look about
    else if (this.held && map.pinnable) {
      this.holdPin()
      map.putPin(atX, atY)
    } else if (this.held) map.look.probe(atX, atY)
  }

  /** @param {number} x @param {number} y @param {boolean} moved */
  release(x, y, moved) {
    const { held } = this
    this.letGo()
    if (held === "lasso") this.closeLasso()
    else if (held === "pin") this.sendPin()
    else if (held && !moved) this.click(x, y)
    this.map.schedule(false)
  }

  /** As the Enter key, or a finger that only taps. @param {number} x @param {number} y */
  click(x, y) {
    const { map } = this
    const index = map.stage.pointNear(x, y)
    if (index >= 0) map.send({ kind: "choose", numbers: [map.numberOf(index)] })
    else this.putPin(x, y)
  }

  holdPin() {
    this.held = "pin"
    this.map.pin.held = true
    this.pinBefore = this.map.pin.z
  }

  letGo() {
    this.held = null
    this.map.pin.held = false
  }

  sendPin() {
    const { z } = this.map.pin
    if (z && z !== this.pinBefore) this.map.send({ kind: "pin", z: [...z] })
  }

  /** @param {number} x @param {number} y */
  putPin(x, y) {
    if (!this.map.pinnable) return
    this.pinBefore = this.map.pin.z
    this.map.putPin(x, y)
    this.sendPin()
  }

  closeLasso() {
    const { corners, map } = this
    this.corners = []
    if (corners.length < 3) return
    const found = map.stage.cloud?.inside(corners, (index) => map.stage.isShown(index)) ?? []
    map.send({ kind: "choose", numbers: found.map((index) => map.numberOf(index)) })
  }

  /** Let go of everything as if it had not been taken hold of; returns whether there was anything. */
  cancel() {
    const { map, held } = this
    const had = held !== null || this.corners.length > 0
    this.letGo()
    if (held === "pin") map.pin.move(this.pinBefore)
    this.corners = []
    map.look.leave()
    return had
  }

  blur() {
    this.spaced = false
    if (this.map.stage.keyed) this.map.look.leave()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { map } = this
    const { spot, cloud } = map.stage
    if (event.ctrlKey || event.metaKey || event.altKey || !cloud) return
    const step = crosshairStep(event)
    const act = step ? () => this.step(step) : this.actOf(event.key, spot)
    if (!act) return
    event.preventDefault()
    act()
  }

  /** What a key does at a place of the screen; undefined for a key without a meaning. @param {string} key @param {[number, number] | null} spot @returns {(() => unknown) | undefined} */
  actOf(key, spot) {
    const { map } = this
    const [x, y] = spot ?? []
    /** @type {Record<string, () => unknown>} */
    const acts = {
      "+": () => map.zoom(KEY_ZOOM, x, y),
      "=": () => map.zoom(KEY_ZOOM, x, y),
      "-": () => map.zoom(1 / KEY_ZOOM, x, y),
      0: () => map.fit(),
      enter: () => (spot ? this.enter(...spot) : this.step([0, 0])),
      p: () => (spot ? this.putPin(...spot) : this.step([0, 0])),
      escape: () => this.cancel() || (map.choosing && map.send({ kind: "choose", numbers: [] })),
      " ": () => (this.spaced = true),
    }
    return acts[key.toLowerCase()]
  }

  /** Move the crosshair, which begins in the middle; at the edge it takes the map along. @param {number[]} step */
  step([dx, dy]) {
    const { map, camera } = this
    const [fromX, fromY] = map.stage.crosshair
    const [x, y] = camera.nearestHeld(fromX + dx, fromY + dy)
    if (x !== fromX + dx || y !== fromY + dy) map.pan(x - fromX - dx, y - fromY - dy)
    map.stage.touched = false
    map.look.at(x, y, true)
  }

  /** With the lasso, Enter sets a corner, and at the first one closes it. @param {number} x @param {number} y */
  enter(x, y) {
    if (this.tool !== "lasso") return this.click(x, y)
    if (this.corners.length > 2 && this.near(this.corners[0], x, y, POINTER_REACH)) this.closeLasso()
    else this.corners.push(this.camera.planeAt(x, y))
    this.map.schedule(false)
  }
}
