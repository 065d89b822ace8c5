// @ts-check
// The map of a multi-rate model: the codes of images in two latent dimensions, which move as the KL weight does.
import { element } from "../../kit/dom.js"
import { LIMIT } from "../../kit/limits.js"
import { decimal } from "../../kit/numbers.js"
import { paint } from "../../kit/paint.js"
import { say, whole } from "../../kit/words.js"
import { followPointing } from "../map/gestures.js"
import { Inks } from "../map/inks.js"
import { PointCloud } from "../map/points.js"
import { crosshairStep, Stage } from "../map/stage.js"
import { mixStations } from "./stations.js"

/** @import { Shape } from "../../kit/paint.js" */
/** @import { Colour, MultirateData } from "../../kit/wire.js" */
/** @import { Part, Stations } from "./stations.js" */

/**
 * The posteriors of n images at all stations: means Float32 [S, n, K], then standard deviations.
 * @typedef {{posteriors: Float32Array, stations: Stations, count: number, latent: number}} Codes
 */

const ELLIPSES = 60 // more would hide the points, where they are wide
const ANYWHERE = 1e6 // pixels: the nearest point, however far
/** @type {[string, string, number][]} */
const ZOOMS = [["+", "Zoom in", 1.5], ["−", "Zoom out", 1 / 1.5], ["Fit", "Show the codes at every β", 0]]
const QUIET = 200 // milliseconds without a key, after which the crosshair's place is said
const HELP = "Arrow keys move a crosshair, in small steps with Shift. Enter chooses the place. Escape hides the crosshair."
const FLAT_AXES = [[1, 0], [0, 1]]

export class MultirateMap {
  /**
   * The map inside `parent`. `on.place(z)` is called where the user chooses a place, and `on.look(z)` for each code that is pointed at,
   * whose picture, once `setShape` has said its shape, is then given to `picture`.
   * @param {Element} parent
   * @param {{place: (z: number[]) => void, look: (z: Float32Array) => void}} on
   */
  constructor(parent, on) {
    this.on = on
    /** @type {Codes | null} */
    this.codes = null
    this.alone = 0 // so many of the lowest weights have models of their own
    /** @type {number | null} */
    this.fittedTo = null // the model whose codes the window holds: -1 the network of many weights, else a station; null: all of them
    /** @type {Part[] | null} */
    this.around = null // the stations around the KL weight, with their shares
    /** @type {number[]} */
    this.some = [] // images whose posteriors are drawn
    this.flat = new Float32Array() // means [n, 2], then standard deviations [n, 2], of the two dimensions seen
    /** @type {string[]} */
    this.names = []
    /** @type {Colour} */
    this.colour = { title: "", names: null, palette: [] }
    this.dims = [0, 1]
    this.turned = false // the user has chosen dimensions
    /** @type {(own: number) => number[]} */
    this.widest = () => this.dims
    this.ellipses = true
    /** @type {Shape | null} */
    this.shape = null // of the pictures, once the model is there
    /** @type {ArrayLike<number> | null} */
    this.pin = null
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.speaking = undefined
    element("h3", { parent }, say("Codes"))
    const tools = element("div", { className: "map-tools", parent })
    this.choices = element("span", { className: "multirate-dims", parent: tools })
    this.menus = ["Across", "Up"].map((words, axis) => {
      const menu = element("select")
      menu.addEventListener("change", () => this.turn(axis, Number(menu.value)))
      element("label", { parent: this.choices }, `${say(words)} `, menu)
      return menu
    })
    const title = say("Ellipses at 1 and 2 standard deviations, to scale")
    this.toggle = element("button", { type: "button", title, parent: tools }, say("Posteriors"))
    this.toggle.addEventListener("click", () => {
      this.ellipses = !this.ellipses
      this.draw()
    })
    for (const [sign, title, factor] of ZOOMS) {
      const words = say(title)
      const text = factor ? sign : say(sign)
      const button = element("button", { type: "button", title: words, attributes: { "aria-label": words }, parent: tools }, text)
      button.addEventListener("click", () => this.zoom(factor))
    }
    this.stage = new Stage(parent, { id: "multirate-help", text: say(HELP) }, {
      resize: () => this.draw(),
      legend: () => {
        this.leave()
        this.draw()
      },
    })
    followPointing(this.stage, this)
  }

  /**
   * Take a component's data, and which two dimensions to show until the user chooses: of the model of its own at a station, or, for −1, of
   * the network of many weights.
   * @param {MultirateData} data
   * @param {(own: number) => number[]} widest
   */
  update({ names, colour, place }, widest) {
    this.colour = colour
    this.pin = place
    this.widest = widest
    this.stage.readTheme()
    if (String(names) !== String(this.names)) {
      this.names = names
      this.dims = widest(-1)
      this.turned = false
      this.choices.hidden = names.length === 2
      for (const menu of this.menus) menu.replaceChildren(...names.map((name, k) => new Option(name, String(k))))
      this.select()
    }
    this.drawMarks()
  }

  /** Pictures are of this shape from now on. @param {Shape} shape */
  setShape(shape) {
    this.shape = shape
    ;[, this.stage.probed.height, this.stage.probed.width] = shape
  }

  /** Have no codes until some are there; a sentence says why. @param {string} sentence */
  empty(sentence) {
    this.codes = this.stage.cloud = null
    this.stage.plot.canvas.hidden = true // black until it is drawn on
    this.leave()
    this.stage.say(sentence)
  }

  /**
   * Take the posteriors at all stations, Float32 [S, n, K] of means, then of standard deviations, and the classes, Float32 [n] or null.
   * @param {Float32Array} posteriors
   * @param {Float32Array | null} labels
   * @param {Stations} stations
   * @param {number} alone how many of the lowest weights have models of their own
   */
  open(posteriors, labels, stations, alone) {
    const latent = this.names.length
    const count = posteriors.length / (2 * stations.count * latent)
    this.codes = { posteriors, stations, count, latent }
    this.alone = alone
    const ellipses = Math.min(count, ELLIPSES)
    this.some = Array.from({ length: ellipses }, (_, place) => Math.floor((place * count) / ellipses)) // the same at every weight
    this.flat = new Float32Array(4 * count)
    const inks = new Inks({ ...this.colour, names: this.colour.names ?? [say("Images")] }, labels ?? new Float32Array(count))
    inks.hideAs(this.stage.inks)
    this.stage.colour(inks)
    this.stage.legend.element.hidden = !labels
    this.fitTo(this.codes, -1)
  }

  /**
   * The window that holds the prior and the codes of one model: it stays where it is while they move. Of a network of many weights those
   * of equal weights: where one weight is far below the other, codes are up to ten times as far away. So they are in models of low weights.
   * @param {Codes} codes
   * @param {number | null} model as `fittedTo`
   */
  fitTo(codes, model) {
    const every = Array.from({ length: codes.stations.count }, (_, station) => station)
    const stations = model === null ? every : model < 0 ? codes.stations.usual.slice(this.alone) : [model]
    const [x, y] = this.dims.map((dim) => reachOf(codes, dim, stations))
    this.stage.camera.fit({ x, y })
    this.fittedTo = model
  }

  /** Enlarge around the prior's mean, where codes gather as the weight rises; by 0, show everything. @param {number} factor */
  zoom(factor) {
    const { codes } = this
    const { camera } = this.stage
    if (factor) camera.zoom(factor, camera.screenX(0), camera.screenY(0))
    else if (codes) this.fitTo(codes, null)
    this.leave()
    this.draw()
  }

  /** Show another dimension on an axis; if it is the other axis's, they change places. @param {number} axis @param {number} dim */
  turn(axis, dim) {
    const [kept, before] = [this.dims[1 - axis], this.dims[axis]]
    this.dims = axis ? [kept, dim] : [dim, kept]
    if (dim === kept) this.dims[1 - axis] = before
    this.turned = true
    this.select()
    this.leave()
    if (!this.codes) return
    this.fitTo(this.codes, -1)
    this.move(this.around)
  }

  /** Show these two dimensions, unless they are shown. @param {number[]} dims */
  see(dims) {
    if (String(dims) === String(this.dims)) return
    this.dims = dims
    this.select()
    this.leave()
  }

  select() {
    const [x, y] = this.seenNames
    this.menus.forEach((menu, axis) => (menu.value = String(this.dims[axis])))
    this.stage.marks.setAttribute("aria-label", say`Map of codes: ${x} and ${y}, coloured by ${say(this.colour.title)}`)
  }

  /** The names of the two dimensions seen. */
  get seenNames() {
    return this.dims.map((dim) => this.names[dim])
  }

  /** Show the codes as they are between these stations. @param {Part[] | null} around */
  move(around) {
    this.around = around
    if (!this.codes || !around) return
    const { stage, flat } = this
    const model = around[0].station < this.alone ? around[0].station : -1
    if (!this.turned) this.see(this.widest(model))
    const { dims } = this
    if (this.fittedTo !== null && stage.camera.atFit && model !== this.fittedTo) this.fitTo(this.codes, model)
    const { posteriors, count, latent } = this.codes
    const size = count * latent
    const half = posteriors.length / 2
    for (let i = 0; i < 2 * count; i++) {
      const at = (i >> 1) * latent + dims[i & 1]
      let mean = 0, deviation = 0
      for (const { station, share } of around) {
        mean += share * posteriors[station * size + at]
        deviation += share * posteriors[half + station * size + at]
      }
      flat[i] = mean
      flat[2 * count + i] = deviation
    }
    stage.cloud = new PointCloud(flat.subarray(0, 2 * count))
    if (stage.spot) this.look(...stage.spot, stage.keyed)
    this.draw()
  }

  // What the user points at

  /**
   * The code at a place on the screen, and the image whose code it is: {z, index}, index −1 for the place itself; null for none.
   * @param {number} x
   * @param {number} y
   * @param {number} [reach] how far, in pixels, an image's code may be
   */
  codeAt(x, y, reach) {
    const { codes, around, stage } = this
    if (!codes || !around || !stage.cloud || !stage.camera.holds(x, y)) return null
    const index = stage.pointNear(x, y, reach)
    if (index < 0 && codes.latent > 2) return null
    const z = index < 0 ? Float32Array.from(stage.camera.planeAt(x, y)) : meanOf(codes, index, around)
    return { z: z.map((part) => Math.min(LIMIT, Math.max(-LIMIT, part))), index }
  }

  /** @param {number} x @param {number} y @param {boolean} keyed by the keyboard */
  look(x, y, keyed) {
    const { stage } = this
    const found = this.codeAt(x, y)
    stage.keyed = keyed
    stage.spot = stage.camera.holds(x, y) ? [x, y] : null
    stage.hovered = found?.index ?? -1
    if (found) {
      const { z, index } = found
      stage.card.place(x, y, false)
      this.on.look(z)
      const where = this.dims.map((dim) => `${this.names[dim]} ${decimal(z[dim], 2)}`).join(", ")
      const words = index >= 0 && stage.inks && this.colour.names ? [stage.inks.words(index)] : []
      const title = index >= 0 ? say("Decoded from an image's code") : say("Decoded here")
      stage.card.show(title, [...words, where], this.shape && stage.probed)
    } else stage.card.hide()
    this.drawMarks()
  }

  /** What the code pointed at decodes to. @param {Float32Array} image */
  picture(image) {
    if (this.shape) paint(this.stage.probed, image, this.shape)
  }

  /** Choose where the pointer or the crosshair is: in two dimensions the place itself, else the code of the nearest image. */
  choose() {
    const { spot } = this.stage
    if (!spot) return
    const found = this.codeAt(...spot, this.names.length === 2 ? 0 : ANYWHERE)
    if (!found) return
    this.pin = found.z
    this.drawMarks()
    this.on.place([...found.z])
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { stage } = this
    if (event.ctrlKey || event.metaKey || event.altKey || !stage.cloud) return
    const step = crosshairStep(event)
    if (!step && event.key !== "Enter" && event.key !== "Escape") return
    event.preventDefault()
    if (event.key === "Escape") return this.leave()
    const [x, y] = stage.crosshair
    if (step) {
      const [atX, atY] = stage.camera.nearestHeld(x + step[0], y + step[1])
      this.look(atX, atY, true)
    } else if (stage.spot) this.choose()
    else this.look(x, y, true)
    clearTimeout(this.speaking)
    this.speaking = setTimeout(() => (stage.spoken.textContent = stage.card.text), QUIET)
  }

  leave() {
    this.stage.leave()
    this.drawMarks()
  }

  // What is drawn

  draw() {
    const { stage, codes, flat } = this
    const { scene } = stage
    if (!scene || !codes) return
    stage.plot.canvas.hidden = false
    const { posteriors } = stage.plot.draw({
      ...{ ...scene, chosen: null, thumbnails: false, labels: this.seenNames, prior: [0, 0], pictures: null },
      posteriors: this.ellipses ? { axes: FLAT_AXES, codes: flat, some: this.some.filter((i) => stage.isShown(i)) } : null,
    })
    this.toggle.setAttribute("aria-pressed", String(this.ellipses))
    const all = whole(codes.count)
    const ellipses = posteriors ? say` Ellipses: the posteriors of ${posteriors.drawn} of them, to scale.` : ""
    const click = codes.latent === 2 ? say("A click chooses a place") : say("A click chooses the nearest code")
    const dotted = say("Dotted: the prior, at 1 and 2 standard deviations.")
    stage.say(say`The codes of ${all} images.${ellipses} ${dotted} ${click}, at which the blur is counted below.`)
    this.drawMarks()
  }

  drawMarks() {
    const { pin } = this
    this.stage.drawMarks({ pin: pin && this.dims.map((dim) => pin[dim]) })
  }

  close() {
    this.stage.close()
    clearTimeout(this.speaking)
  }
}

/**
 * From the least to the largest mean of a dimension over some stations, and the prior's two standard deviations.
 * @param {Codes} codes
 * @param {number} dim
 * @param {number[]} stations
 */
function reachOf({ posteriors, count, latent }, dim, stations) {
  const reach = [-2.2, 2.2]
  for (const station of stations) {
    for (let n = 0; n < count; n++) {
      const mean = posteriors[(station * count + n) * latent + dim]
      reach[0] = Math.min(reach[0], mean)
      reach[1] = Math.max(reach[1], mean)
    }
  }
  return reach
}

/** The mean [K] of an image's code between stations. @param {Codes} codes @param {number} index @param {Part[]} around */
function meanOf({ posteriors, count, latent }, index, around) {
  return mixStations(posteriors.subarray(index * latent), count * latent, around, new Float32Array(latent))
}
