// @ts-nocheck -- not typed yet
// The live map: all codes of a model as points in a plane; it decodes wherever it is pointed at.
import { openEngine } from "../engine/engine.js"
import { channel, windowOf } from "../kit/link.js"
import { paint } from "../kit/paint.js"
import { addPart } from "../kit/part.js"
import { PlaneCamera } from "./camera.js"
import { Card, placeLines } from "./card.js"
import { Inks, Legend, themeOf } from "./colours.js"
import { Controls } from "./controls.js"
import { Hand } from "./hand.js"
import { drawCrosshair, drawLasso, drawPin, drawRing, drawStar } from "./marks.js"
import { cutPictures, decodedPictures, fetchedPictures, PointPictures } from "./pictures.js"
import { openPlane } from "./plane.js"
import { markerRadius, Plot } from "./plot.js"
import { arrayAt, PointCloud } from "./points.js"

const REACH = 14 // pixels from the pointer within which a point is meant
const DWELL = 125 // milliseconds on one point before its picture is asked for
const LIMIT = 10 // no coordinate of a decoded code goes beyond it, on either side
const BATCH = 128 // pictures to cut or to decode at once
const ZOOM = 1.5 // per button
const HINT =
  "Point at a dot for its picture, beside the dots to decode there. Click a dot to choose it, drag to decode, wheel or pinch to zoom."
const HELP =
  "Arrow keys move a crosshair, in small steps with Shift. Enter chooses the point there or decodes there. P puts the pin there. " +
  "Plus and minus zoom, 0 shows everything. With the lasso, Enter sets a corner and closes at the first. Escape clears the choice."

/** A map; what its data and its events are, LiveMap says. */
export function mountMap(root, io) {
  return new LiveMap(root, io)
}

/**
 * Data: {channel, model: source or null, points: address of Float32 [N, 2], numbers: address of Int32 [N] or null (0 to N − 1),
 * codes: address of Float32 means [N, K], then standard deviations [N, K], or null, colour: {title, url of Float32 [N], names or null,
 * palette}, pictures: {url, most, shape} or {sheet, columns, shape} or null (they are then decoded), view: {method, labels, centre,
 * axes}, latent, prior, selected: [numbers], pin: [K] or null, star: [x, y] or null, pinnable}.
 * Events: {kind: "choose", numbers} and {kind: "pin", z}, when let go.
 */
class LiveMap {
  constructor(root, io) {
    this.root = root
    this.io = io
    this.data = null
    this.camera = new PlaneCamera()
    this.pictures = new PointPictures(() => this.schedule())
    this.thumbnails = null // whether to draw pictures among the points; null: where few points are in sight
    this.posteriors = false
    this.spot = null // where the pointer or the crosshair is
    this.keyed = false // it is the crosshair
    this.hovered = -1
    this.pin = null // its code
    this.pinAt = null // and its place in the plane
    this.said = {}
    this.ending = new AbortController()
    this.build()
    this.watcher = new ResizeObserver(() => this.resize())
    this.watcher.observe(this.stage)
  }

  build() {
    this.controls = new Controls(this.root, {
      choose: (tool) => {
        this.hand.take(tool)
        this.stage.dataset.tool = tool
      },
      zoomIn: () => this.zoom(ZOOM),
      zoomOut: () => this.zoom(1 / ZOOM),
      fit: () => this.fit(),
      thumbnails: () => {
        this.thumbnails = !this.pictured
        this.schedule()
      },
      posteriors: () => {
        this.posteriors = !this.posteriors
        this.load()
      },
      legend: () => {
        this.legend.element.hidden = !this.legend.element.hidden
        this.schedule()
      },
    })
    this.stage = addPart(this.root, "div", { className: "map-stage" }, { "data-tool": "explore" })
    const ground = addPart(this.stage, "canvas", { className: "map-plot" }, { "aria-hidden": "true" })
    if (!ground.getContext("2d")) throw new Error("This browser draws no canvas, so that the map cannot be shown.")
    this.plot = new Plot(ground)
    // An application, since the arrow keys are the map's own: a screen reader must hand them on.
    const role = { role: "application", "aria-roledescription": "map", "aria-describedby": "map-help", tabindex: "0" }
    this.marks = addPart(this.stage, "canvas", { className: "map-marks" }, role)
    this.card = new Card(this.stage)
    this.probed = document.createElement("canvas")
    this.legend = new Legend(() => {
      this.leave()
      this.schedule()
    })
    this.root.append(this.legend.element)
    this.status = addPart(this.root, "p", { className: "note map-status" }, { role: "status" })
    this.spoken = addPart(this.root, "p", { className: "visually-hidden" }, { "aria-live": "polite" })
    addPart(this.root, "p", { className: "visually-hidden", textContent: HELP }, { id: "map-help" })
    this.hand = new Hand(this, this.marks, this.ending.signal)
  }

  // What comes from Python

  update(data) {
    const before = this.data
    this.data = data
    this.marks.setAttribute("aria-label", `Map of codes: ${data.view.labels.join(" and ")}, coloured by ${data.colour.title}`)
    this.theme = themeOf(this.root)
    if (data.channel !== before?.channel) {
      this.unlisten?.()
      this.channel = channel(data.channel)
      this.unlisten = this.channel.listen((z, from) => from !== this && this.follow(z))
    }
    if (data.model?.hash !== before?.model?.hash) this.open(data.model)
    this.load()
  }

  async open(source) {
    this.view?.close()
    this.unhear?.()
    this.engine = this.view = this.unhear = null
    this.say("engine", "")
    if (!source) return
    const current = () => !this.ending.signal.aborted && this.data.model?.hash === source.hash
    try {
      const engine = await openEngine(source)
      if (!current()) return
      this.engine = engine
      this.view = engine.view((image) => paint(this.probed, image, engine.shape))
      this.unhear = engine.listen((sentence) => this.say("engine", sentence))
      this.load()
    } catch (error) {
      if (current()) this.say("engine", error.message)
    }
  }

  /** Fetch what this data names and was not fetched before, and show each part once it is there. */
  async load() {
    const { data } = this
    const current = () => this.data === data && !this.ending.signal.aborted
    try {
      if (!this.cloud) this.say("load", "Loading the map …")
      const [points, numbers, values] = await Promise.all([
        arrayAt(data.points, Float32Array),
        data.numbers && arrayAt(data.numbers, Int32Array),
        arrayAt(data.colour.url, Float32Array),
      ])
      if (!current()) return
      this.show(data, points, numbers, values)
      const wanted = data.codes && (!data.view.axes || !data.pictures || this.posteriors)
      const codes = wanted ? await arrayAt(data.codes, Float32Array) : null
      if (!current()) return
      this.codes = codes
      this.plane = data.view.axes || codes ? openPlane(data.view, points, codes) : null
      this.usePictures()
      this.placePin()
      this.say("load", "")
      this.schedule()
    } catch (error) {
      if (current()) this.say("load", error.message)
    }
  }

  show(data, points, numbers, values) {
    this.numbers = numbers
    if (points !== this.cloud?.points) {
      this.leave()
      this.cloud = new PointCloud(points)
      this.plane = data.view.axes ? openPlane(data.view) : null
      this.codes = null
      this.camera.fit(this.everything())
    }
    if (values !== this.inks?.values || data.colour.title !== this.inks.title) {
      const inks = new Inks(data.colour, values)
      inks.hideAs(this.inks)
      this.inks = inks
    }
    this.legend.show(this.inks)
    this.choose(data.selected)
    if (this.hand.held !== "pin") this.pin = data.pin && Float32Array.from(data.pin)
    this.placePin()
    this.schedule()
  }

  /** The window that holds all points and the prior. */
  everything() {
    const { x, y } = this.cloud.bounds
    const prior = this.priorMean()
    if (!prior) return { x, y }
    const around = (span, middle) => [Math.min(span[0], middle - 2), Math.max(span[1], middle + 2)]
    return { x: around(x, prior[0]), y: around(y, prior[1]) }
  }

  priorMean() {
    return this.data.prior && this.plane ? this.plane.place(new Float32Array(this.data.latent)) : null
  }

  choose(selected) {
    const wanted = new Set(selected)
    const chosen = Uint8Array.from({ length: wanted.size && this.cloud.count }, (_, i) => Number(wanted.has(this.numberOf(i))))
    this.chosen = chosen.includes(1) ? chosen : null
  }

  numberOf(index) {
    return this.numbers ? this.numbers[index] : index
  }

  usePictures() {
    const { pictures, model, points, codes: address, latent } = this.data
    const { numbers, codes, engine } = this
    if (pictures?.sheet) this.pictures.use(pictures.sheet, BATCH, () => cutPictures(pictures))
    else if (pictures) {
      const numberOf = (index) => (numbers ? numbers[index] : index)
      this.pictures.use(`${pictures.url} ${points}`, pictures.most, () => fetchedPictures(pictures, numberOf))
    } else if (engine && codes) {
      const codeOf = (index) => codes.subarray(index * latent, (index + 1) * latent)
      this.pictures.use(`${model.hash} ${address}`, BATCH, () => decodedPictures(engine, codeOf))
    } else this.pictures.close()
  }

  /** Stand where another part of the page is. */
  follow(z) {
    if (!this.data.pinnable || this.hand.held === "pin") return
    this.pin = z && Float32Array.from(z)
    this.placePin()
    this.schedule(false)
  }

  placePin() {
    this.pinAt = this.pin && this.plane ? this.plane.place(this.pin) : null
  }

  // What the user looks at

  pan(dx, dy) {
    this.camera.pan(dx, dy)
    this.schedule()
  }

  zoom(factor, x, y) {
    this.camera.zoom(factor, x, y)
    if (this.spot && !this.hand.held) this.look(...this.spot, this.keyed)
    this.schedule()
  }

  fit() {
    this.camera.fit()
    this.leave()
    this.schedule()
  }

  isShown(index) {
    return this.inks.shown[this.inks.ink[index]] === 1
  }

  pointNear(x, y) {
    return this.cloud.nearest(...this.camera.planeAt(x, y), REACH / this.camera.scale, (index) => this.isShown(index))
  }

  /** Show what lies at a place: the nearest point, else what is decoded there. `keyed`: by the keyboard. */
  look(x, y, keyed) {
    if (!this.cloud || !this.camera.holds(x, y)) return this.leave()
    this.keyed = keyed
    const index = this.pointNear(x, y)
    if (index < 0) return this.probe(x, y)
    this.stand(x, y)
    this.lookAtPoint(index)
  }

  stand(x, y) {
    this.spot = [x, y]
    this.card.place(x, y, this.hand.touched)
    this.schedule(false)
  }

  lookAtPoint(index) {
    if (index === this.hovered) return
    this.hideCard()
    this.hovered = index
    if (this.pictures.has(index)) this.openCard()
    else this.dwell = setTimeout(() => this.openCard(), DWELL)
    this.speak()
  }

  openCard() {
    const canvas = this.pictures.get(this.hovered)
    const lines = [this.inks.words(this.hovered)]
    if (canvas && !this.data.pictures) lines.push("Decoded from its code")
    this.card.show(`Image ${this.numberOf(this.hovered)}`, lines, canvas, canvas?.width, canvas?.height)
  }

  /** Decode at a place and return the code; null where there is no way back from the map. */
  probe(x, y) {
    this.stand(x, y)
    this.hideCard()
    if (!this.plane) return null
    const at = this.camera.planeAt(x, y)
    const z = this.plane.lift(at)
    const beyond = z.some((part) => Math.abs(part) > LIMIT)
    if (beyond) z.forEach((part, k) => (z[k] = Math.min(LIMIT, Math.max(-LIMIT, part))))
    if (this.view) {
      this.view.show(z)
      const decodedAt = beyond && this.data.view.axes ? this.plane.place(z) : at
      const lines = placeLines(this.data.view, this.data.latent, decodedAt, this.camera.scale)
      if (beyond) lines.push(`Held at ±${LIMIT}`)
      this.card.show("Decoded here", lines, this.probed, this.engine.shape[2], this.engine.shape[1])
    }
    this.speak()
    return z
  }

  /** Say what the crosshair is at, once it rests. */
  speak() {
    clearTimeout(this.speaking)
    if (!this.keyed) return
    this.speaking = setTimeout(() => {
      if (this.hovered >= 0) this.openCard()
      this.spoken.textContent = this.card.text
    }, DWELL)
  }

  hideCard() {
    clearTimeout(this.dwell)
    clearTimeout(this.speaking)
    this.hovered = -1
    this.card.hide()
  }

  leave() {
    this.hideCard()
    this.spot = null
    this.keyed = false
    this.schedule(false)
  }

  // What is drawn

  say(topic, sentence) {
    this.said[topic] = sentence
    const text = Object.values(this.said).filter(Boolean).join(" ") || HINT
    if (this.status.textContent !== text) this.status.textContent = text
  }

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
    this.stale = true
    this.draw() // at once: a canvas that was resized is empty
  }

  /** Draw in the next frame; the points too unless told otherwise. */
  schedule(points = true) {
    this.stale ||= points
    this.frame ||= requestAnimationFrame(() => (this.ratio === devicePixelRatio ? this.draw() : this.resize()))
  }

  draw() {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    if (!this.inks || !this.ratio) return
    if (this.stale) this.drawPlot()
    this.drawMarks()
  }

  drawPlot() {
    const { camera, ratio, theme, cloud, inks, chosen, thumbnails, data, codes } = this
    const noPosteriors = this.whyNoPosteriors()
    const wanted = this.posteriors && !noPosteriors
    const shape = data.pictures?.shape ?? this.engine?.shape
    this.stale = false
    this.pictures.forget()
    if (this.card.shown && this.hovered >= 0) this.openCard()
    const drawn = this.plot.draw({
      ...{ camera, ratio, theme, cloud, inks, chosen, thumbnails, labels: data.view.labels, prior: this.priorMean() },
      posteriors: wanted && codes ? { axes: data.view.axes, codes } : null,
      pictures: shape ? { kept: this.pictures, shape, most: data.pictures?.most ?? BATCH } : null,
    })
    this.pictured = drawn.pictures !== null
    this.controls.mark({ thumbnails: this.pictured, posteriors: wanted, legend: !this.legend.element.hidden, noPosteriors })
    this.tell(drawn)
    const view = data.view.method === "raw" ? camera.window() : null
    const shared = windowOf(data.channel)
    if (JSON.stringify(view) !== JSON.stringify(shared.z)) shared.set(view, this)
  }

  whyNoPosteriors() {
    if (!this.data.view.axes) return "UMAP keeps no lengths, so that posteriors have no shape here"
    if (!this.data.codes || this.engine?.variational === false) return "This model gives each image a single code and no posterior"
    return ""
  }

  /** Say what is drawn besides points, and what is left out. */
  tell({ inSight, posteriors, pictures }) {
    const [whole, text] = [inSight.toLocaleString("en"), (count) => count.toLocaleString("en")]
    const of = (count) => (count < inSight ? `${text(count)} of ${whole}` : `all ${whole}`)
    this.say("posteriors", posteriors ? `Posteriors of ${of(posteriors.drawn)} points in sight, at 1 and 2 standard deviations.` : "")
    const larger = posteriors?.larger
    const which = larger === posteriors?.drawn ? "The ellipses" : `${text(larger ?? 0)} of the ellipses`
    this.say("larger", larger ? `${which} are larger than what is in sight: zoom out to see them.` : "")
    const decoded = this.data.pictures ? "" : ", decoded from their codes"
    this.say("pictures", pictures === null ? "" : `Pictures of ${of(pictures)} points in sight${decoded}.`)
  }

  drawMarks() {
    const { camera, ratio, theme, cloud } = this
    const context = this.marks.getContext("2d")
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, this.marks.width, this.marks.height)
    context.save()
    context.beginPath()
    context.rect(camera.left, camera.top, camera.width, camera.height)
    context.clip()
    const screen = ([x, y]) => [camera.screenX(x), camera.screenY(y)]
    const pointAt = (index) => [cloud.points[2 * index], cloud.points[2 * index + 1]]
    if (this.data.star) drawStar(context, ...screen(this.data.star), theme)
    if (this.hovered >= 0) drawRing(context, ...screen(pointAt(this.hovered)), markerRadius(cloud, camera) + 4, theme)
    if (this.pinAt) drawPin(context, ...screen(this.pinAt), theme)
    if (this.hand.corners.length) drawLasso(context, this.hand.corners.map(screen), theme)
    if (this.keyed && this.spot) drawCrosshair(context, ...this.spot, theme)
    context.restore()
  }

  close() {
    this.ending.abort()
    this.watcher.disconnect()
    cancelAnimationFrame(this.frame)
    clearTimeout(this.dwell)
    clearTimeout(this.speaking)
    this.pictures.close()
    this.view?.close()
    this.unhear?.()
    this.unlisten?.()
    if (this.data) windowOf(this.data.channel).set(null, this)
    this.root.replaceChildren()
  }
}
