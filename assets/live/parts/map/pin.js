// @ts-check
// The pin on a map: a code and its place in the plane, where other parts of the page stand too.
import { channel } from "../../kit/link.js"

/** @import { Plane } from "./plane.js" */
/** @import { Place } from "./stage.js" */

export class Pin {
  /** `moved()` is called when another part of the page has moved it, unless it is held. @param {() => void} moved */
  constructor(moved) {
    this.moved = moved
    /** @type {Float32Array | null} */
    this.z = null
    /** @type {Place | null} */
    this.place = null
    /** @type {Plane | null} */
    this.plane = null
    this.held = false // by the hand: then it stands nowhere else
    this.follows = false
    /** @type {ReturnType<typeof channel> | null} */
    this.channel = null
    this.unlisten = () => {}
  }

  /** Follow the channel of this name; where the pin is not the user's to move, `follows` is false. @param {string} name @param {boolean} follows */
  listen(name, follows) {
    this.follows = follows
    const shared = channel(name)
    if (shared === this.channel) return
    this.unlisten()
    this.channel = shared
    this.unlisten = shared.listen((z, from) => {
      if (from === this || !this.follows || this.held) return
      this.stand(z)
      this.moved()
    })
  }

  /** Stand at a code, unless it is held. @param {ArrayLike<number> | null} z */
  stand(z) {
    if (this.held) return
    this.z = z && Float32Array.from(z)
    this.lay(this.plane)
  }

  /** Have this plane from now on. @param {Plane | null} plane */
  lay(plane) {
    this.plane = plane
    this.place = this.z && plane ? plane.place(this.z) : null
  }

  /** Move to a code, and to this place where the plane has no way back of its own, and tell everyone. @param {Float32Array | null} z @param {Place | null} place */
  move(z, place = null) {
    this.z = z
    this.lay(this.plane)
    if (place) this.place = place
    if (z) this.channel?.set(z, this)
  }

  close() {
    this.unlisten()
  }
}
