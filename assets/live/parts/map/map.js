// @ts-check
// The live map: all codes of a model as points in a plane; it decodes wherever it is pointed at.
import { openEngine } from "../../engine/engine.js"
import { nextFrame } from "../../kit/frame.js"
import { windowOf } from "../../kit/link.js"
import { paint } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { Controls } from "./controls.js"
import { Hand } from "./hand.js"
import { Inks } from "./inks.js"
import { Look } from "./look.js"
import { withNeighbours } from "./neighbours.js"
import { cutPictures, decodedPictures, fetchedPictures, PointPictures } from "./thumbnails.js"
import { Pin } from "./pin.js"
import { openPlane } from "./plane.js"
import { arrayAt, PointCloud } from "./points.js"
import { Stage } from "./stage.js"
import { drawnWords, whyNoPosteriors } from "./words.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { MapData, MapEvent, ModelSource } from "../../kit/wire.js" */
/** @import { Plane } from "./plane.js" */

const BATCH = 128 // pictures to cut or to decode at once
const ZOOM = 1.5 // per button
const NEIGHBOURS = 8 // of a chosen point, whose posteriors are drawn with its own
const HINT =
  "Point at a dot for its picture, beside the dots to decode there. Click a dot to choose it, drag to decode, wheel or pinch to zoom."
const TOUCH_HINT = "Slide a finger over the map for the pictures there. Tap a dot to choose it, pinch to zoom."
const HELP =
  "Arrow keys move a crosshair, in small steps with Shift. Enter chooses the point there or decodes there. P puts the pin there. " +
  "Plus and minus zoom, 0 shows everything. With the lasso, Enter sets a corner and closes at the first. Escape clears the choice."

/**
 * A map.
 * @param {HTMLElement} root
 * @param {{send: (event: MapEvent) => void}} io
 */
export function mountMap(root, io) {
  return new LiveMap(root, io)
}

class LiveMap {
  /** @param {HTMLElement} root @param {{send: (event: MapEvent) => void}} io */
  constructor(root, io) {
    this.root = root
    this.io = io
    /** @type {MapData | null} */
    this.data = null
    /** @type {Int32Array | null} */
    this.numbers = null
    /** @type {Float32Array | null} */
    this.codes = null
    /** @type {Plane | null} */
    this.plane = null
    /** @type {Uint8Array | null} */
    this.chosen = null
    /** @type {number[] | null} */
    this.near = null // the chosen points and their neighbours, once they are needed
    /** @type {Inks | null} */
    this.formerInks = null // of what was shown before, whose hidden classes stay hidden
    /** @type {{engine: Engine, view: ReturnType<Engine["view"]>, unhear: () => void} | null} */
    this.model = null
    this.pictures = new PointPictures(() => this.schedule())
    /** @type {boolean | null} */
    this.thumbnails = null // whether to draw pictures among the points; null: where few points are in sight
    this.pictured = false // whether they are drawn
    this.posteriors = false
    /** @type {Record<string, string>} */
    this.said = {}
    this.stale = false // the points are to be drawn, not the marks alone
    this.ending = new AbortController()
    this.frame = nextFrame(() => (this.stage.ratio === devicePixelRatio ? this.draw() : this.stage.resize()))
    this.pin = new Pin(() => this.schedule(false))
    this.controls = new Controls(root, {
      choose: (tool) => {
        this.hand.take(tool)
        this.stage.element.dataset.tool = tool
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
        this.legend.hidden = !this.legend.hidden
        this.schedule()
      },
    })
    this.stage = new Stage(root, { id: "map-help", text: say(HELP) }, {
      resize: () => {
        this.stale = true
        this.draw() // at once: a canvas that was resized is empty
      },
      legend: () => {
        this.look.leave()
        this.schedule()
      },
    })
    this.stage.element.classList.add("map-tall")
    this.stage.element.dataset.tool = "explore"
    this.stage.status.setAttribute("role", "status")
    this.legend = this.stage.legend.element
    this.look = new Look(this.stage, this, () => this.schedule(false))
    this.hand = new Hand(this, this.stage.marks, this.ending.signal)
  }

  // What comes from Python

  /** @param {MapData} data */
  update(data) {
    const before = this.data
    this.data = data
    const { labels } = data.view
    this.stage.marks.setAttribute("aria-label", say`Map of codes: ${labels.join(say(" and "))}, coloured by ${say(data.colour.title)}`)
    this.stage.readTheme()
    this.pin.listen(data.channel, data.pinnable)
    if (before && data.points !== before.points) this.empty()
    if (data.model?.hash !== before?.model?.hash) this.open(data.model)
    this.load()
  }

  /** What was shown is no longer so: nothing of it stays while the rest is on its way. */
  empty() {
    this.formerInks = this.stage.inks ?? this.formerInks
    this.numbers =
      this.codes =
      this.plane =
      this.chosen =
      this.near =
        null
    this.pictures.close()
    this.pin.lay(null)
    this.stage.empty()
  }

  /** @param {ModelSource | null} source */
  async open(source) {
    this.shut()
    this.say("engine", "")
    if (!source) return
    const current = () => !this.ending.signal.aborted && this.data?.model?.hash === source.hash
    try {
      const engine = await openEngine(source)
      if (!current()) return
      const { probed } = this.stage
      const { shape } = engine
      ;[, probed.height, probed.width] = shape
      this.model = {
        engine,
        view: engine.view((image) => paint(probed, image, shape)),
        unhear: engine.listen((sentence) => this.say("engine", sentence ?? "")),
      }
      const { spot, keyed } = this.stage
      if (spot && !this.hand.held) this.look.at(...spot, keyed) // what was decoded there is another model's
      this.load()
    } catch (error) {
      if (current()) this.say("engine", sentenceOf(error))
    }
  }

  shut() {
    this.model?.view.close()
    this.model?.unhear()
    this.model = null
  }

  /** Fetch what this data names and was not fetched before, and show each part once it is there. */
  async load() {
    const { data } = this
    if (!data) return
    const current = () => this.data === data && !this.ending.signal.aborted
    try {
      if (!this.stage.cloud) this.say("load", say("Loading the map …"))
      const [points, numbers, values] = await Promise.all([
        arrayAt(data.points, Float32Array),
        data.numbers === null ? null : arrayAt(data.numbers, Int32Array),
        arrayAt(data.colour.url, Float32Array),
      ])
      if (!current()) return
      this.show(data, points, numbers, values)
      const wanted = !data.view.axes || !data.pictures || this.posteriors
      const codes = data.codes !== null && wanted ? await arrayAt(data.codes, Float32Array) : null
      if (!current()) return
      this.codes = codes
      this.plane = data.view.axes || codes ? openPlane(data.view, points, codes) : null
      this.usePictures(data)
      this.pin.lay(this.plane)
      this.say("load", "")
      this.schedule()
    } catch (error) {
      if (current()) this.say("load", sentenceOf(error))
    }
  }

  /** @param {MapData} data @param {Float32Array} points @param {Int32Array | null} numbers @param {Float32Array} values */
  show(data, points, numbers, values) {
    const { stage } = this
    this.numbers = numbers
    if (points !== stage.cloud?.points) {
      this.look.leave()
      stage.cloud = new PointCloud(points)
      this.plane = data.view.axes ? openPlane(data.view) : null
      this.codes = null
      stage.camera.fit(this.everything(data, stage.cloud))
    }
    if (values !== stage.inks?.values || data.colour.title !== stage.inks.title) {
      const inks = new Inks(data.colour, values)
      inks.hideAs(stage.inks ?? this.formerInks)
      stage.colour(inks)
    }
    this.choose(data.selected, stage.cloud.count)
    this.pin.lay(this.plane)
    this.pin.stand(data.pin)
    this.schedule()
  }

  /** The window that holds all points and the prior. @param {MapData} data @param {PointCloud} cloud */
  everything(data, { bounds: { x, y } }) {
    const prior = this.priorMean(data)
    if (!prior) return { x, y }
    const around = (/** @type {number[]} */ span, /** @type {number} */ middle) => [
      Math.min(span[0], middle - 2),
      Math.max(span[1], middle + 2),
    ]
    return { x: around(x, prior[0]), y: around(y, prior[1]) }
  }

  /** @param {MapData} data */
  priorMean(data) {
    return data.prior && this.plane ? this.plane.place(new Float32Array(data.latent)) : null
  }

  /** @param {number[]} selected numbers @param {number} count of points */
  choose(selected, count) {
    const wanted = new Set(selected)
    const chosen = Uint8Array.from({ length: wanted.size && count }, (_, i) => Number(wanted.has(this.numberOf(i))))
    this.chosen = chosen.includes(1) ? chosen : null
    this.near = null
  }

  /** What a point's image is called. @param {number} index */
  numberOf(index) {
    return this.numbers ? this.numbers[index] : index
  }

  /** @param {MapData} data */
  usePictures({ pictures, model, points, codes: address, latent }) {
    const { numbers, codes } = this
    const engine = this.model?.engine
    if (pictures && "sheet" in pictures) this.pictures.use(pictures.sheet, BATCH, () => cutPictures(pictures))
    else if (pictures) {
      const numberOf = (/** @type {number} */ index) => (numbers ? numbers[index] : index)
      this.pictures.use(`${pictures.url} ${points}`, pictures.most, () => fetchedPictures(pictures, numberOf))
    } else if (engine && model && codes) {
      const codeOf = (/** @type {number} */ index) => codes.subarray(index * latent, (index + 1) * latent)
      this.pictures.use(`${model.hash} ${address}`, BATCH, () => decodedPictures(engine, codeOf))
    } else this.pictures.close()
  }

  // What the hand asks for

  get pinnable() {
    return this.data !== null && this.data.pinnable
  }

  /** Whether some image is chosen. */
  get choosing() {
    return this.data !== null && this.data.selected.length > 0
  }

  /** @param {MapEvent} event */
  send(event) {
    this.io.send(event)
  }

  /** Move the pin to a place of the screen; elsewhere hear of it. @param {number} x @param {number} y */
  putPin(x, y) {
    const z = this.look.probe(x, y)
    if (z) this.pin.move(z, this.data?.view.axes ? null : this.stage.camera.planeAt(x, y))
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.stage.camera.pan(dx, dy)
    this.schedule()
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  zoom(factor, x, y) {
    const { camera, spot, keyed } = this.stage
    camera.zoom(factor, x, y)
    if (spot && !this.hand.held) this.look.at(...spot, keyed)
    this.schedule()
  }

  fit() {
    this.stage.camera.fit()
    this.look.leave()
    this.schedule()
  }

  // What is drawn

  /** Say this of a topic below the map, or nothing more of it. @param {string} topic @param {string} sentence */
  say(topic, sentence) {
    this.said[topic] = sentence
    this.stage.say(Object.values(this.said).filter(Boolean).join(" ") || say(matchMedia("(pointer: coarse)").matches ? TOUCH_HINT : HINT))
  }

  /** Draw in the next frame; the points too unless told otherwise. */
  schedule(points = true) {
    this.stale ||= points
    this.frame.ask()
  }

  draw() {
    this.frame.close()
    if (!this.data || !this.stage.scene) return
    if (this.stale) this.drawPlot(this.data, this.stage.scene)
    this.stage.drawMarks({ star: this.data.star, pin: this.pin.place, lasso: this.hand.corners })
  }

  /** @param {MapData} data @param {NonNullable<Stage["scene"]>} scene */
  drawPlot(data, scene) {
    const { chosen, thumbnails, codes, stage } = this
    const { axes } = data.view
    const noPosteriors = whyNoPosteriors(data.view, data.codes !== null && this.model?.engine.variational !== false)
    const wanted = this.posteriors && !noPosteriors
    if (wanted && codes && chosen) this.near ??= withNeighbours(codes, data.latent, chosen, NEIGHBOURS)
    const some = chosen && this.near ? { some: this.near.filter((i) => stage.isShown(i)) } : {}
    const shape = data.pictures?.shape ?? this.model?.engine.shape
    const most = data.pictures && "most" in data.pictures ? data.pictures.most : BATCH
    this.stale = false
    this.pictures.forget()
    this.look.refresh()
    const drawn = stage.plot.draw({
      ...{ ...scene, chosen, thumbnails, labels: data.view.labels, prior: this.priorMean(data) },
      posteriors: wanted && codes && axes ? { axes, codes, ...some } : null,
      pictures: shape ? { kept: this.pictures, shape, most } : null,
    })
    this.pictured = drawn.pictures !== null
    this.controls.mark({ thumbnails: this.pictured, posteriors: wanted, legend: !this.legend.hidden, noPosteriors })
    for (const [topic, sentence] of Object.entries(drawnWords(drawn, !data.pictures))) this.say(topic, sentence)
    const view = data.view.method === "raw" ? scene.camera.window() : null
    const shared = windowOf(data.channel)
    if (JSON.stringify(view) !== JSON.stringify(shared.z)) shared.set(view, this)
  }

  close() {
    this.ending.abort()
    this.stage.close()
    this.frame.close()
    this.look.close()
    this.pictures.close()
    this.shut()
    this.pin.close()
    if (this.data) windowOf(this.data.channel).set(null, this)
    this.root.replaceChildren()
  }
}

/** What went wrong, as it is shown. @param {unknown} error */
function sentenceOf(error) {
  return error instanceof Error ? error.message : String(error)
}
