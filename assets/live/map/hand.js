// @ts-nocheck -- not typed yet
// What pointer and keyboard do on a map: choose points, hold the pin, draw the lasso, move the crosshair.
import { followPointers } from "./gestures.js"

const POINTER_REACH = 14 // pixels within which the pin or the lasso's first corner is meant
const FINGER_REACH = 24
const KEY_STEP = 10 // pixels per arrow key
const KEY_ZOOM = 1.5
const KEY_ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * The hand on a map: `held` is what it has hold of ("pin", "probe", "point", "lasso" or null), `corners` are the lasso's, in the plane,
 * and `touched` says that it is a finger. What it does, it does to the map.
 */
export class Hand {
  constructor(map, element, signal) {
    this.map = map
    this.tool = "explore"
    this.held = null
    this.corners = []
    this.touched = false
    this.spaced = false // the space bar is down
    element.addEventListener("keydown", (event) => this.key(event), { signal })
    element.addEventListener("keyup", (event) => event.key === " " && (this.spaced = false), { signal })
    element.addEventListener("blur", () => this.blur(), { signal })
    followPointers(element, signal, {
      pans: () => this.tool === "pan" || this.spaced,
      hover: (x, y) => this.map.look(x, y, false),
      leave: () => this.map.leave(),
      press: (x, y, touch) => this.press(x, y, touch),
      drag: (x, y) => this.drag(x, y),
      release: (x, y, moved) => this.release(x, y, moved),
      cancel: () => this.cancel(),
      pan: (dx, dy) => this.map.pan(dx, dy),
      zoom: (factor, x, y) => this.map.zoom(factor, x, y),
    })
  }

  take(tool) {
    this.cancel()
    this.tool = tool
  }

  press(x, y, touch) {
    const { map } = this
    if (!map.cloud || !map.camera.holds(x, y)) return
    this.touched = touch
    if (this.tool === "lasso") {
      map.leave()
      this.held = "lasso"
      this.corners = [map.camera.planeAt(x, y)]
      return
    }
    const { pinnable } = map.data
    const onPin = pinnable && map.pinAt && this.near(map.pinAt, x, y, touch ? FINGER_REACH : POINTER_REACH)
    map.look(x, y, false)
    if (onPin) this.holdPin()
    else if (map.hovered >= 0) this.held = "point"
    else if (touch || !pinnable) this.held = "probe"
    else {
      this.holdPin()
      this.movePin(x, y)
    }
  }

  /** Whether a place of the plane is that near to one on the screen. */
  near(at, x, y, reach) {
    return Math.hypot(x - this.map.camera.screenX(at[0]), y - this.map.camera.screenY(at[1])) <= reach
  }

  drag(x, y) {
    const { map } = this
    if (this.held === "lasso") {
      this.corners.push(map.camera.planeAt(x, y))
      map.schedule(false)
      return
    }
    const at = map.camera.nearestHeld(x, y)
    if (this.held === "pin") this.movePin(...at)
    else if (this.held === "point" && this.touched) map.look(...at, false) // a finger has no other way to look about
    else if (this.held && map.data.pinnable) {
      this.holdPin()
      this.movePin(...at)
    } else if (this.held) map.probe(...at)
  }

  release(x, y, moved) {
    const { held } = this
    this.held = null
    if (held === "lasso") this.closeLasso()
    else if (held === "pin") this.sendPin()
    else if (held && !moved) this.click(x, y)
    this.map.schedule(false)
  }

  /** As the Enter key, or a finger that only taps. */
  click(x, y) {
    const { map } = this
    const index = map.pointNear(x, y)
    if (index >= 0) map.io.send({ kind: "choose", numbers: [map.numberOf(index)] })
    else this.putPin(x, y)
  }

  holdPin() {
    this.held = "pin"
    this.pinBefore = this.map.pin
  }

  movePin(x, y) {
    const { map } = this
    const z = map.probe(x, y)
    if (!z) return
    map.pin = z
    map.pinAt = map.data.view.axes ? map.plane.place(z) : map.camera.planeAt(x, y)
    map.channel.set(z, map)
  }

  sendPin() {
    const { pin, io } = this.map
    if (pin && pin !== this.pinBefore) io.send({ kind: "pin", z: [...pin] })
  }

  putPin(x, y) {
    if (!this.map.data.pinnable) return
    this.pinBefore = this.map.pin
    this.movePin(x, y)
    this.sendPin()
  }

  closeLasso() {
    const { corners, map } = this
    this.corners = []
    if (corners.length < 3) return
    const found = map.cloud.inside(corners, (index) => map.isShown(index))
    map.io.send({ kind: "choose", numbers: found.map((index) => map.numberOf(index)) })
  }

  /** Let go of everything as if it had not been taken hold of; returns whether there was anything. */
  cancel() {
    const { map } = this
    const had = this.held !== null || this.corners.length > 0
    if (this.held === "pin") {
      map.pin = this.pinBefore
      map.placePin()
      if (map.pin) map.channel.set(map.pin, map)
    }
    this.held = null
    this.corners = []
    map.leave()
    return had
  }

  blur() {
    this.spaced = false
    if (this.map.keyed) this.map.leave()
  }

  key(event) {
    const { map } = this
    if (event.ctrlKey || event.metaKey || event.altKey || !map.cloud) return
    const spot = map.spot ?? []
    const acts = {
      "+": () => map.zoom(KEY_ZOOM, ...spot),
      "=": () => map.zoom(KEY_ZOOM, ...spot),
      "-": () => map.zoom(1 / KEY_ZOOM, ...spot),
      0: () => map.fit(),
      enter: () => (map.spot ? this.enter(...spot) : this.step([0, 0])),
      p: () => (map.spot ? this.putPin(...spot) : this.step([0, 0])),
      escape: () => this.cancel() || (map.data.selected.length && map.io.send({ kind: "choose", numbers: [] })),
      " ": () => (this.spaced = true),
    }
    const arrow = KEY_ARROWS[event.key]
    const act = acts[event.key.toLowerCase()]
    if (!arrow && !act) return
    event.preventDefault()
    if (arrow) this.step(arrow.map((sign) => sign * (event.shiftKey ? 1 : KEY_STEP)))
    else act()
  }

  /** Move the crosshair, which begins in the middle; at the edge it takes the map along. */
  step([dx, dy]) {
    const { map } = this
    const { left, top, width, height } = map.camera
    const [fromX, fromY] = map.spot ?? [left + width / 2, top + height / 2]
    const [x, y] = map.camera.nearestHeld(fromX + dx, fromY + dy)
    if (x !== fromX + dx || y !== fromY + dy) map.pan(x - fromX - dx, y - fromY - dy)
    this.touched = false
    map.look(x, y, true)
  }

  /** With the lasso, Enter sets a corner, and at the first one closes it. */
  enter(x, y) {
    if (this.tool !== "lasso") return this.click(x, y)
    if (this.corners.length > 2 && this.near(this.corners[0], x, y, POINTER_REACH)) this.closeLasso()
    else this.corners.push(this.map.camera.planeAt(x, y))
    this.map.schedule(false)
  }
}
