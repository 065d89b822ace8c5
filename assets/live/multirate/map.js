// @ts-nocheck -- not typed yet
// The map of a model of many KL weights: the codes of images in two latent dimensions, which move as the weight does.
import { paint } from "../kit/paint.js"
import { addPart } from "../kit/part.js"
import { PlaneCamera } from "../map/camera.js"
import { Card } from "../map/card.js"
import { Inks, Legend, themeOf } from "../map/colours.js"
import { drawCrosshair, drawPin, drawRing } from "../map/marks.js"
import { markerRadius, Plot } from "../map/plot.js"
import { PointCloud } from "../map/points.js"
import { mixStations } from "./stations.js"

const ELLIPSES = 60 // more would hide the points, where they are wide
const REACH = 14 // pixels from the pointer within which a point is meant
const LIMIT = 10 // no coordinate of a code that is pointed at goes beyond it, on either side
const ZOOMS = [["+", "Zoom in", 1.5], ["−", "Zoom out", 1 / 1.5], ["Fit", "Show the codes at every β", 0]]
const STEP = 10 // pixels per arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const QUIET = 200 // milliseconds without a key, after which the crosshair's place is said
const HELP = "Arrow keys move a crosshair, in small steps with Shift. Enter chooses the place. Escape hides the crosshair."
const FLAT_AXES = [[1, 0], [0, 1]]

/**
 * The map inside `parent`. `on.place(z)` is called where the user chooses a place, and `on.look(z)` for each code that is pointed at,
 * whose picture, of the shape that is set, is then given to `picture`.
 */
export class CodesMap {
  constructor(parent, on) {
    this.on = on
    this.camera = new PlaneCamera()
    this.codes = null
    this.around = null // the stations around the KL weight, with their shares
    this.dims = [0, 1]
    this.ellipses = true
    this.spot = null // where the pointer or the crosshair is
    this.keyed = false // it is the crosshair
    this.hovered = -1
    this.shape = null // of the pictures, once the model is there
    this.pin = null
    this.build(parent)
    this.watcher = new ResizeObserver(() => this.resize())
    this.watcher.observe(this.stage)
  }

  build(parent) {
    this.root = parent
    addPart(parent, "h3", { textContent: "Codes" })
    const tools = addPart(parent, "div", { className: "map-tools" })
    this.choices = addPart(tools, "span", { className: "multirate-dims" })
    this.menus = ["Across", "Up"].map((words, axis) => {
      const label = addPart(this.choices, "label", { textContent: `${words} ` })
      const menu = addPart(label, "select")
      menu.addEventListener("change", () => this.turn(axis, Number(menu.value)))
      return menu
    })
    const title = "Ellipses at 1 and 2 standard deviations, to scale"
    this.toggle = addPart(tools, "button", { textContent: "Posteriors" }, { type: "button", title })
    this.toggle.addEventListener("click", () => {
      this.ellipses = !this.ellipses
      this.draw()
    })
    for (const [text, words, factor] of ZOOMS) {
      const button = addPart(tools, "button", { textContent: text }, { type: "button", title: words, "aria-label": words })
      button.addEventListener("click", () => this.zoom(factor))
    }
    this.stage = addPart(parent, "div", { className: "map-stage" })
    const ground = addPart(this.stage, "canvas", { className: "map-plot" }, { "aria-hidden": "true" })
    this.plot = new Plot(ground)
    const role = { role: "application", "aria-roledescription": "map", "aria-describedby": "multirate-help", tabindex: "0" }
    this.marks = addPart(this.stage, "canvas", { className: "map-marks" }, role)
    this.card = new Card(this.stage)
    this.probed = document.createElement("canvas")
    this.legend = new Legend(() => {
      this.leave()
      this.draw()
    })
    parent.append(this.legend.element)
    this.status = addPart(parent, "p", { className: "note map-status" })
    this.spoken = addPart(parent, "p", { className: "visually-hidden" }, { "aria-live": "polite" })
    addPart(parent, "p", { className: "visually-hidden", textContent: HELP }, { id: "multirate-help" })
    const place = (event) => {
      const box = this.marks.getBoundingClientRect()
      return [event.clientX - box.left, event.clientY - box.top]
    }
    const listeners = {
      pointermove: (event) => event.pointerType === "mouse" && this.look(...place(event), false),
      pointerleave: () => this.keyed || this.leave(),
      click: (event) => {
        this.look(...place(event), false)
        this.choose()
      },
      keydown: (event) => this.key(event),
      blur: () => this.leave(),
    }
    for (const [kind, listener] of Object.entries(listeners)) this.marks.addEventListener(kind, listener)
  }

  /** Take a component's data, see LiveMultirate, and the two dimensions to begin with. */
  update({ names, colour, place }, dims) {
    this.colour = colour
    this.pin = place
    this.theme = themeOf(this.root)
    if (String(names) !== String(this.names)) {
      this.names = names
      this.dims = dims
      this.choices.hidden = names.length === 2
      this.menus.forEach((menu) => menu.replaceChildren(...names.map((name, k) => new Option(name, k))))
      this.select()
    }
    this.drawMarks()
  }

  /** Have no codes until some are there; a sentence says why. */
  empty(sentence) {
    this.codes = this.cloud = null
    this.leave()
    this.say(sentence)
  }

  /** Take the posteriors at all stations, Float32 [S, n, K] of means, then of standard deviations, and the classes, Float32 [n] or null. */
  open(codes, labels, stations) {
    this.codes = codes
    this.stations = stations
    this.count = codes.length / (2 * stations.count * this.names.length)
    const ellipses = Math.min(this.count, ELLIPSES)
    this.some = Array.from({ length: ellipses }, (_, place) => Math.floor((place * this.count) / ellipses)) // the same at every weight
    this.flat = new Float32Array(4 * this.count) // means [n, 2], then standard deviations [n, 2], of the two dimensions seen
    const inks = new Inks({ ...this.colour, names: this.colour.names ?? ["Images"] }, labels ?? new Float32Array(this.count))
    inks.hideAs(this.inks)
    this.inks = inks
    this.legend.show(inks)
    this.legend.element.hidden = !labels
    this.fit()
  }

  /**
   * The window that holds the prior and the codes at these stations: it stays where it is while they move. To begin with, those of equal
   * weights: where one weight is far below the other, codes are up to ten times as far away.
   */
  fit(stations = this.stations.usual) {
    const [x, y] = this.dims.map((dim) => this.reach(dim, stations))
    this.camera.fit({ x, y })
  }

  /** Enlarge around the prior's mean, where codes gather as the weight rises; by 0, show everything. */
  zoom(factor) {
    if (factor) this.camera.zoom(factor, this.camera.screenX(0), this.camera.screenY(0))
    else this.fit(Array.from({ length: this.stations.count }, (_, station) => station))
    this.leave()
    this.draw()
  }

  /** From the least to the largest mean of a dimension over some stations, and the prior's two standard deviations. */
  reach(dim, stations) {
    const reach = [-2.2, 2.2]
    const latent = this.names.length
    for (const station of stations) {
      for (let n = 0; n < this.count; n++) {
        const mean = this.codes[(station * this.count + n) * latent + dim]
        reach[0] = Math.min(reach[0], mean)
        reach[1] = Math.max(reach[1], mean)
      }
    }
    return reach
  }

  /** Show another dimension on an axis; if it is the other axis's, they change places. */
  turn(axis, dim) {
    const [kept, before] = [this.dims[1 - axis], this.dims[axis]]
    this.dims = axis ? [kept, dim] : [dim, kept]
    if (dim === kept) this.dims[1 - axis] = before
    this.select()
    this.leave()
    if (!this.codes) return
    this.fit()
    this.move(this.around)
  }

  select() {
    const [x, y] = this.dims.map((dim) => this.names[dim])
    this.menus.forEach((menu, axis) => (menu.value = this.dims[axis]))
    this.marks.setAttribute("aria-label", `Map of codes: ${x} and ${y}, coloured by ${this.colour.title}`)
  }

  say(sentence) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence
  }

  /** Show the codes as they are between these stations. */
  move(around) {
    this.around = around
    if (!this.codes || !around) return
    const { count, flat, dims } = this
    const latent = this.names.length
    const size = count * latent
    const half = this.codes.length / 2
    for (let i = 0; i < 2 * count; i++) {
      const at = (i >> 1) * latent + dims[i & 1]
      let mean = 0, deviation = 0
      for (const { station, share } of around) {
        mean += share * this.codes[station * size + at]
        deviation += share * this.codes[half + station * size + at]
      }
      flat[i] = mean
      flat[2 * count + i] = deviation
    }
    this.cloud = new PointCloud(flat.subarray(0, 2 * count))
    if (this.spot) this.look(...this.spot, this.keyed)
    this.draw()
  }

  /** The mean [K] of an image's code as it is now. */
  codeOf(index) {
    const latent = this.names.length
    return mixStations(this.codes.subarray(index * latent), this.count * latent, this.around, new Float32Array(latent))
  }

  isShown(index) {
    return this.inks.shown[this.inks.ink[index]] === 1
  }

  // What the user points at

  /** The code at a place on the screen, and the image whose code it is: {z, index}, index −1 for the place itself; null for none. */
  codeAt(x, y, reach) {
    if (!this.cloud || !this.camera.holds(x, y)) return null
    const at = this.camera.planeAt(x, y)
    const index = this.cloud.nearest(...at, reach / this.camera.scale, (i) => this.isShown(i))
    if (index < 0 && this.names.length > 2) return null
    const z = index < 0 ? Float32Array.from(at) : this.codeOf(index)
    return { z: z.map((part) => Math.min(LIMIT, Math.max(-LIMIT, part))), index }
  }

  look(x, y, keyed) {
    const found = this.codeAt(x, y, REACH)
    this.keyed = keyed
    this.spot = this.camera.holds(x, y) ? [x, y] : null
    this.hovered = found?.index ?? -1
    if (found) {
      this.card.place(x, y, false)
      this.on.look(found.z)
      const where = this.dims.map((dim) => `${this.names[dim]} ${found.z[dim].toFixed(2).replace("-", "−")}`).join(", ")
      const [, height, width] = this.shape ?? []
      const words = this.hovered >= 0 && this.colour.names ? [this.inks.words(this.hovered)] : []
      const title = this.hovered >= 0 ? "Decoded from an image's code" : "Decoded here"
      this.card.show(title, [...words, where], this.shape ? this.probed : null, width, height)
    } else this.card.hide()
    this.drawMarks()
  }

  /** What the code pointed at decodes to. */
  picture(image) {
    paint(this.probed, image, this.shape)
  }

  /** Choose where the pointer or the crosshair is: in two dimensions the place itself, else the code of the nearest image. */
  choose() {
    if (!this.spot) return
    const flat = this.names.length === 2
    const found = this.codeAt(...this.spot, flat ? 0 : 1e6)
    if (!found) return
    this.pin = found.z
    this.drawMarks()
    this.on.place([...found.z])
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.cloud) return
    const arrow = ARROWS[event.key]
    if (!arrow && event.key !== "Enter" && event.key !== "Escape") return
    event.preventDefault()
    if (event.key === "Escape") return this.leave()
    const { left, top, width, height } = this.camera
    const [x, y] = this.spot ?? [left + width / 2, top + height / 2]
    const step = event.shiftKey ? 1 : STEP
    if (arrow) this.look(...this.camera.nearestHeld(x + step * arrow[0], y + step * arrow[1]), true)
    else if (this.spot) this.choose()
    else this.look(x, y, true)
    clearTimeout(this.speaking)
    this.speaking = setTimeout(() => (this.spoken.textContent = this.card.text), QUIET)
  }

  leave() {
    this.spot = null
    this.keyed = false
    this.hovered = -1
    this.card.hide()
    this.drawMarks()
  }

  // What is drawn

  resize() {
    const { clientWidth, clientHeight } = this.stage
    if (!clientWidth || !clientHeight) return
    this.ratio = devicePixelRatio
    for (const canvas of [this.plot.canvas, this.marks]) {
      canvas.width = Math.round(clientWidth * this.ratio)
      canvas.height = Math.round(clientHeight * this.ratio)
    }
    const left = clientWidth < 480 ? 48 : 56
    this.camera.resize(left, 8, clientWidth - left - 8, clientHeight - 48)
    this.draw()
  }

  draw() {
    const { camera, ratio, theme, cloud, inks, flat } = this
    if (!cloud || !ratio) return
    const { posteriors } = this.plot.draw({
      ...{ camera, ratio, theme, cloud, inks, chosen: null, thumbnails: false, labels: this.dims.map((dim) => this.names[dim]) },
      prior: [0, 0],
      posteriors: this.ellipses ? { axes: FLAT_AXES, codes: flat, some: this.some.filter((i) => this.isShown(i)) } : null,
      pictures: null,
    })
    this.toggle.setAttribute("aria-pressed", String(this.ellipses))
    const all = this.count.toLocaleString("en")
    const ellipses = posteriors ? ` Ellipses: the posteriors of ${posteriors.drawn} of them, to scale.` : ""
    const click = this.names.length === 2 ? "A click chooses a place" : "A click chooses the nearest code"
    const dotted = "Dotted: the prior, at 1 and 2 standard deviations."
    this.say(`The codes of ${all} images.${ellipses} ${dotted} ${click}, at which the blur is counted below.`)
    this.drawMarks()
  }

  drawMarks() {
    const { camera, ratio, theme, cloud, marks } = this
    if (!cloud || !ratio) return
    const context = marks.getContext("2d")
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, marks.width, marks.height)
    context.save()
    context.beginPath()
    context.rect(camera.left, camera.top, camera.width, camera.height)
    context.clip()
    const screen = (x, y) => [camera.screenX(x), camera.screenY(y)]
    if (this.hovered >= 0) {
      const [x, y] = this.cloud.points.subarray(2 * this.hovered, 2 * this.hovered + 2)
      drawRing(context, ...screen(x, y), markerRadius(cloud, camera) + 4, theme)
    }
    if (this.pin) drawPin(context, ...screen(...this.dims.map((dim) => this.pin[dim])), theme)
    if (this.keyed && this.spot) drawCrosshair(context, ...this.spot, theme)
    context.restore()
  }

  close() {
    this.watcher.disconnect()
    clearTimeout(this.speaking)
  }
}
