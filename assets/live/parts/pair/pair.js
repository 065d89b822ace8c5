// @ts-check
// Two models of the same images, linked: whatever is picked, gathered or moved on one map shows on both, in both pictures and both codes.
import { bytesOf } from "../../kit/base64.js"
import { element } from "../../kit/dom.js"
import { decimal } from "../../kit/numbers.js"
import { say, whole } from "../../kit/words.js"
import { Inks } from "../map/inks.js"
import { fetchedPictures, PointPictures } from "../map/thumbnails.js"
import { Codes } from "./codes.js"
import { Glide, wordsOf } from "./glide.js"
import { extremes, meanOver, middles, nearestTo } from "./kin.js"
import { PairMap } from "./map.js"
import { between, SharedPlane, windowOfMost } from "./plane.js"
import { Screen } from "./screen.js"
import { copy, Strip } from "./strips.js"

/** @import { PairData, PairEvent } from "../../kit/wire.js" */
/** @import { PlaneCamera } from "../map/camera.js" */
/** @import { Pictured } from "./strips.js" */

const SHOWN = 10 // pictures in a row of those who kept the fewest, or the most
const HELP =
  "Arrow keys move a crosshair, in small steps with Shift. Enter picks the image there. C takes the code along with the crosshair, and lets it go. " +
  "P puts the code there. Plus and minus zoom, 0 shows everything. With the lasso, Enter sets a corner and closes at the first. Escape lets the group go."

/**
 * Both models in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: PairEvent) => void}} io
 */
export function mountPair(root, io) {
  return new PairView(root, io)
}

class PairView {
  /** @param {HTMLElement} root @param {{send: (event: PairEvent) => void}} io */
  constructor(root, io) {
    this.root = root
    this.io = io
    /** @type {PairData | null} */
    this.data = null
    /** @type {SharedPlane[]} */
    this.planes = []
    /** @type {Float32Array[]} */
    this.codes = [] // of both models, then the second's where they lie in the space of the first
    /** @type {Float32Array[]} */
    this.places = []
    this.onWay = new Float32Array() // where the second map has its points
    /** @type {ReturnType<typeof middles>[]} */
    this.middles = []
    /** @type {Inks | null} */
    this.inks = null
    this.index = -1
    /** @type {Float32Array} */
    this.step = new Float32Array(2)
    /** @type {number[][]} */
    this.near = []
    /** @type {number[]} */
    this.group = []
    /** @type {Uint8Array | null} */
    this.chosen = null
    /** @type {string[]} */
    this.labels = []
    this.said = ["", ""]
    this.pictures = new PointPictures(() => this.drawPictures())
    const frame = element("div", { className: "pair", parent: root })
    const tools = element("div", { className: "map-tools pair-tools", parent: frame })
    this.titles = [element("p"), element("p")]
    this.maps = this.titles.map((title, place) => {
      const side = element("div", { className: `pair-map pair-map-${place}`, parent: frame }, title)
      const map = new PairMap(side, this, `pair-help-${place}`, say(HELP))
      map.stage.status.remove()
      map.stage.legend.element.remove() // one for both stands below them
      return map
    })
    frame.append(this.maps[0].stage.legend.element)
    const { back, apart } = this.fillTools(tools)
    this.back = back
    this.apart = apart
    const beside = element("div", { className: "pair-beside", parent: frame })
    const pictures = element("div", { className: "pair-pictures", parent: beside })
    this.picture = element("canvas", { attributes: { role: "img" } })
    this.number = element("p", { className: "note" })
    element("div", { className: "pair-screen", parent: pictures }, this.picture, this.number)
    this.screens = [new Screen(pictures, say("First")), new Screen(pictures, say("Second"))]
    const side = element("div", { className: "pair-side", parent: beside })
    this.table = new Codes(side)
    const shelf = {
      picture: (/** @type {number} */ index) => this.pictures.get(index),
      choose: (/** @type {number} */ index) => this.pick(index),
    }
    this.kin = [new Strip(side, shelf), new Strip(side, shelf)]
    this.fact = element("p", { className: "note", parent: side })
    const who = element("div", { className: "pair-who", parent: frame })
    this.people = element("p", { className: "pair-people", attributes: { role: "status" }, parent: who })
    this.ends = [new Strip(who, shelf), new Strip(who, shelf)]
    this.status = element("p", { className: "note pair-status", attributes: { role: "status" }, parent: frame })
    this.glide = new Glide(frame, () => this.lay())
  }

  /** @param {Element} tools */
  fillTools(tools) {
    const choice = element("fieldset", { className: "map-choice", parent: tools })
    element("legend", { className: "visually-hidden", parent: choice }, say("Tool"))
    for (const [tool, name] of /** @type {const} */ ([["explore", say("Pick")], ["lasso", say("Lasso")]])) {
      const input = element("input", { className: "visually-hidden", type: "radio", name: "pair-tool", checked: tool === "explore" })
      input.onchange = () => this.maps.forEach((map) => map.hand.take(tool))
      element("label", { parent: choice }, input, element("span", {}, name))
    }
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ act) =>
      element("button", { type: "button", title, parent: tools, onclick: act }, text)
    button(say("Fit"), say("Show everything"), () => this.maps[0].fit())
    const back = button(say("Back to the image"), say("The code of the image as each model has it"), () => {
      this.move(new Float32Array(2))
      this.moved()
    })
    const apart = button(say("Let the group go"), "", () => this.gather([]))
    element("p", { className: "note", parent: tools }, say("Click a point, or drag the target."))
    return { back, apart }
  }

  // What comes from Python

  /** @param {PairData} data */
  update(data) {
    const before = this.data
    this.data = data
    this.labels = data.labels
    for (const { stage } of this.maps) stage.readTheme()
    if (before?.pair !== data.pair) this.begin(data)
    if (before?.pair !== data.pair || before.by !== data.by) this.colour(data)
    this.step = Float32Array.from(data.step)
    this.hold(data.group.map((number) => data.numbers.indexOf(number)))
    this.stand(data.numbers.indexOf(data.image))
    this.lay()
    this.drawPictures()
  }

  /** Another pair of models. @param {PairData} data */
  begin(data) {
    const floats = (/** @type {string} */ text) => new Float32Array(bytesOf(text).buffer)
    this.planes = data.models.map(({ centre, axes }) => new SharedPlane(centre, axes))
    this.codes = [...data.models.map(({ codes }) => codes), ...(data.aligned === null ? [] : [data.aligned])].map(floats)
    this.places = this.planes.map((plane, model) => plane.places(this.codes[model]))
    this.onWay = new Float32Array(this.places[1].length)
    this.middles = this.places.map((places) => data.groups ? middles(places, data.groups, data.colour.names ?? []) : [])
    const everything = windowOfMost(this.places)
    for (const { stage } of this.maps) stage.camera.fit(everything)
    this.pictures.use(data.pair, data.pictures.most, () => fetchedPictures(data.pictures, (index) => data.numbers[index]))
    const columns = [say("First"), say("Second"), ...(data.aligned === null ? [] : [say("Laid over")])]
    this.table.lay(data.dims, columns)
    data.models.forEach(({ source, name }, model) => {
      this.titles[model].textContent = `${model ? say("Second") : say("First")}: ${name}`
      this.screens[model].open(source, {
        say: (sentence) => {
          this.said[model] = sentence
          this.status.textContent = this.said.filter(Boolean).join(" ")
        },
        fail: (reason) => this.io.send({ kind: "failed", reason }),
      })
    })
  }

  /** Have the colours of the classes, or of how many neighbours each kept. @param {PairData} data */
  colour(data) {
    const { by, groups, colour, kept, near, scale, numbers } = data
    const classes = by === "class"
    const values = classes ? Float32Array.from(groups ?? numbers.map(() => 0)) : Float32Array.from(kept, (each) => (100 * each) / near)
    const names = groups ? colour.names : [say("Images")]
    const given = classes ? { ...colour, names } : { title: say("Neighbours kept, %"), names: null, palette: scale }
    const inks = new Inks(given, values)
    inks.hideAs(this.inks)
    this.inks = inks
    for (const { stage } of this.maps) stage.colour(inks)
    this.maps[0].stage.legend.element.hidden = classes && !groups
  }

  // What the user does

  /** @param {number} index */
  pick(index) {
    const { data } = this
    if (!data) return
    this.step = new Float32Array(2)
    this.stand(index)
    this.drawPictures()
    this.io.send({ kind: "choose", numbers: [data.numbers[index]] })
  }

  /** @param {number[]} indices */
  gather(indices) {
    const { data } = this
    if (!data) return
    this.hold(indices)
    this.drawPictures()
    this.io.send({ kind: "gather", numbers: indices.map((index) => data.numbers[index]) })
  }

  /** Both codes are this step [x, y] of the plane from where the image's are. @param {Float32Array} step */
  move(step) {
    this.step = step
    this.show()
    for (const map of this.maps) map.schedule(false)
  }

  moved() {
    this.io.send({ kind: "step", step: [...this.step] })
  }

  /** @param {number} index */
  hover(index) {
    for (const map of this.maps) {
      map.stage.hovered = index
      map.schedule(false)
    }
  }

  /** Both maps show the same part of the plane. @param {PlaneCamera} from */
  look({ x, y, scale, atFit }) {
    for (const map of this.maps) {
      Object.assign(map.stage.camera, { x, y, scale, atFit })
      map.schedule()
    }
  }

  changed() {
    for (const map of this.maps) map.schedule()
  }

  // What follows

  /** What a card says of an image. @param {number} index */
  card(index) {
    const { data, inks } = this
    const lines = data ? [data.groups && inks?.names ? inks.words(index) : "", this.keeps(data, index)].filter(Boolean) : []
    return { title: say("Image {number}", { number: data?.numbers[index] ?? "" }), lines, picture: this.pictures.get(index) }
  }

  /** @param {PairData} data @param {number} index */
  keeps({ kept, near }, index) {
    return say("keeps {kept} of {near} neighbours", { kept: kept[index], near })
  }

  /** The second map has its points a share of the way to where they are in the second model. */
  lay() {
    if (!this.data) return
    const { share } = this.glide
    const [first, second] = this.places
    between(first, second, share, this.onWay)
    const byClass = this.data.by === "class"
    const names = byClass
      ? this.middles[1].map(({ name, group, place }, at) => {
        const from = this.middles[0][at].place
        return { name, group, place: /** @type {[number, number]} */ (place.map((to, axis) => from[axis] + share * (to - from[axis]))) }
      })
      : []
    this.maps[0].lay(first, byClass ? this.middles[0] : [], false)
    this.maps[1].lay(this.onWay, names, share > 0)
    const { models, groups } = this.data
    this.maps.forEach(({ stage }, model) => {
      const where = model ? wordsOf(share) : wordsOf(0)
      const many = say("{count} images", { count: whole(this.places[0].length / 2) })
      const what = groups ? say("Map of {many}, names in the middle of each class", { many }) : say("Map of {many}", { many })
      stage.marks.setAttribute("aria-label", `${model ? say("Second") : say("First")}: ${models[model].name}. ${what}. ${where}`)
    })
  }

  get origins() {
    return this.places[0]
  }

  /** These are the group. @param {number[]} indices */
  hold(indices) {
    const { data } = this
    if (!data) return
    const count = data.numbers.length
    this.group = indices.filter((index) => index >= 0)
    this.chosen = this.group.length ? new Uint8Array(count) : null
    for (const index of this.group) this.chosen?.fill(1, index, index + 1)
    this.apart.hidden = !this.group.length
    const some = this.group.length ? this.group : data.numbers.map((_, index) => index)
    const share = (/** @type {number[]} */ those) => decimal((100 * meanOver(those, data.kept)) / data.near, 0)
    const all = share(data.numbers.map((_, index) => index))
    this.people.textContent = this.group.length
      ? say(
        "The group has {count} images. On average one keeps {share} % of its {near} nearest neighbours; of all images one keeps {all} %.",
        {
          ...{ count: whole(this.group.length), share: share(this.group), near: data.near, all },
        },
      )
      : say("Who changed neighbours: on average an image keeps {all} % of its {near} nearest.", { all, near: data.near })
    const { fewest, most } = extremes(some, data.kept, SHOWN)
    const row = (/** @type {number[]} */ those) => those.map((index) => this.pictured(index, ""))
    this.ends[0].show(say("Kept the fewest: {range} of {near}", { range: rangeOf(fewest, data.kept), near: data.near }), row(fewest))
    this.ends[1].show(say("Kept the most: {range} of {near}", { range: rangeOf(most, data.kept), near: data.near }), row(most))
    for (const map of this.maps) map.schedule()
  }

  /** @param {number} index @param {string} mark @returns {Pictured} */
  pictured(index, mark) {
    const { title, lines } = this.card(index)
    return { index, words: [title, ...lines].join(", "), mark }
  }

  /** This is the image. @param {number} index */
  stand(index) {
    const { data } = this
    if (!data) return
    this.index = index
    this.near = this.planes.map(({ latent }, model) => nearestTo(this.codes[model], latent, index, data.near))
    this.near.forEach((indices, model) => {
      const other = this.near[1 - model]
      const row = indices.map((one) => {
        const both = other.includes(one)
        const { words, mark } = this.pictured(one, both ? "both" : "")
        return { index: one, mark, words: `${words}, ${both ? say("near in both") : say("near in this one alone")}` }
      })
      this.kin[model].show(model ? say("□ Near in the second") : say("○ Near in the first"), row)
    })
    const chance = decimal((100 * data.near) / (data.numbers.length - 1), 1)
    this.fact.textContent = say("It keeps {kept} of its {near} nearest neighbours, framed in both rows; chance alone keeps {chance} %.", {
      ...{ kept: data.kept[index], near: data.near, chance },
    })
    const { title } = this.card(index)
    this.number.textContent = title
    this.picture.setAttribute("aria-label", data.title)
    for (const map of this.maps) map.schedule(false)
    this.show()
  }

  /** Both codes and both pictures. */
  show() {
    const { index, step } = this
    const away = step[0] !== 0 || step[1] !== 0
    this.back.hidden = !away
    const image = this.pictures.get(index)
    const shown = this.codes.map((codes, which) => {
      const plane = this.planes[which] ?? this.planes[0] // the third lies in the space of the first
      const z = new Float32Array(plane.latent)
      plane.moved(codes.subarray(index * plane.latent, (index + 1) * plane.latent), step, z)
      return z
    })
    this.screens.forEach((screen, model) => screen.show(shown[model], away, image))
    this.table.show(shown)
  }

  /** Pictures have come. */
  drawPictures() {
    for (const strip of [...this.kin, ...this.ends]) strip.draw()
    const image = this.pictures.get(this.index)
    if (!image) return
    copy(image, this.picture)
    this.show()
  }

  close() {
    this.glide.stop()
    this.pictures.close()
    for (const screen of this.screens) screen.shut()
    for (const map of this.maps) map.close()
    this.root.replaceChildren()
  }
}

/** From the least to the most that some images kept, one number where these are equal. @param {number[]} some @param {number[]} kept */
function rangeOf(some, kept) {
  const each = some.map((index) => kept[index])
  return [...new Set([Math.min(...each), Math.max(...each)])].join("–")
}
