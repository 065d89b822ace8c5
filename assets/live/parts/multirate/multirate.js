// @ts-check
// A multi-rate model, one that knows every KL weight: sliders of the weight, and all that follows while they move.
import { openEngine } from "../../engine/engine.js"
import { bytesOf } from "../../kit/base64.js"
import { element } from "../../kit/dom.js"
import { nextFrame } from "../../kit/frame.js"
import { brushOf } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { arrayAt } from "../map/points.js"
import { BarChart, CurveChart } from "./charts.js"
import { Facts } from "./facts.js"
import { Measured } from "./figures.js"
import { MultirateMap } from "./map.js"
import { Pictures } from "./pictures.js"
import { Sliders } from "./sliders.js"
import { drawnAt } from "./stations.js"
import { figureText, imagesText, meanText, percentText, weightText } from "./words.js"

/** @import { WholeEngine } from "../../engine/engine.js" */
/** @import { MultirateData, MultirateEvent } from "../../kit/wire.js" */
/** @import { Known, Place } from "./charts.js" */
/** @import { FiguresAt } from "./figures.js" */
/** @typedef {(value: number, error: number) => string} Written */

const REST = 500 // milliseconds without a move, after which the figures are said
const SHARPNESS_NOTE =
  "Energy of fine detail in the reconstructions (four times a pixel less its four neighbours, squared) as a share of that in the images."
const EFFECTIVE_NOTE =
  "N_eff counts the training images whose posteriors overlap at a code. The best a decoder can draw there is their average: " +
  "more than one image is blur."
const PRECISION_NOTE =
  "Precision: the share of samples that are as near to a held-out image as such images are to each other. A blurred average is, too."
const RECALL_NOTE = "Recall: the share of held-out images that are as near to a sample as samples are to each other."
const BARS_NOTE = " Bars, and ±: one standard error of the mean; where no bar is to see, it is smaller than the dot or not known."
const STATIONS_NOTE =
  "The pictures are computed for exactly the β of the slider. The figures, and the codes on the map, were measured at the small dots on the " +
  "curves; between two of them they run straight over log β."
const ALONE_NOTE =
  " At the left end one network for every weight is not what a model trained for such a weight is: so models of one weight each stand " +
  "there, and the slider steps from one to the next."

/**
 * A multi-rate model. Pictures are of the very weight; figures, and the codes on the map, are straight lines over log β from station to station.
 * @param {HTMLElement} root
 * @param {{send: (event: MultirateEvent) => void}} io
 */
export function mountMultirate(root, io) {
  return new LiveMultirate(root, io)
}

class LiveMultirate {
  /** @param {HTMLElement} root @param {{send: (event: MultirateEvent) => void}} io */
  constructor(root, io) {
    brushOf(element("canvas")) // fails where there is no drawing at all
    this.root = root
    this.io = io
    /** @type {MultirateData | null} */
    this.data = null
    /** @type {Measured | null} */
    this.measured = null
    this.measuredFrom = ""
    this.source = "" // the hash of the model that is open or opening
    /** @type {{engine: WholeEngine, view: ReturnType<WholeEngine["view"]>, unlisten: () => void} | null} */
    this.model = null
    /** @type {ReturnType<WholeEngine["scene"]> | null} */
    this.scene = null
    this.arranged = "" // the pictures of the scene
    this.mapped = "" // the address of the codes on the map
    this.traced = "" // where the curves run
    this.moved = 0 // the axis of the slider that moved last
    this.turned = false // the user has moved a slider
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined
    this.closed = false
    this.frame = nextFrame(() => this.draw())
    root.classList.add("multirate")
    const top = element("div", { className: "multirate-top", parent: root })
    this.sliders = new Sliders(top, { move: (axis) => this.move(axis), rest: () => this.tell() })
    this.message = element("p", { className: "multirate-message", attributes: { role: "status" }, parent: top })
    this.shown = element("p", { className: "multirate-shown", attributes: { "aria-live": "polite" }, parent: top })
    const body = element("div", { className: "multirate-body", parent: root })
    const left = element("div", { className: "multirate-left", parent: body })
    this.pictures = new Pictures(left)
    this.facts = new Facts(left)
    this.map = new MultirateMap(element("div", { className: "multirate-map", parent: body }), {
      place: (z) => this.io.send({ kind: "place", z }),
      look: (z) => this.model?.view.show(z, this.weight),
    })
    const charts = element("div", { className: "multirate-charts", parent: root })
    this.tradeoff = new CurveChart(charts, say("Rate and distortion"), [say("Rate R, nats per image"), say("Distortion D, nats per image")])
    this.sharpness = new CurveChart(charts, say("Sharpness"), ["", say("Sharpness, %")], say(SHARPNESS_NOTE))
    this.effective = new CurveChart(charts, say("Images that share a place"), ["", say("N_eff, images")], say(EFFECTIVE_NOTE))
    this.precision = new CurveChart(charts, say("Samples among the images"), ["", say("Precision, %")])
    this.recall = new CurveChart(charts, say("Images that samples reach"), ["", say("Recall, %")])
    this.bars = new BarChart(charts, say("KL per dimension"), [
      say("Latent dimensions, the most KL at the lowest β first"),
      say("Mean KL, nats"),
    ])
    this.note = element("p", { className: "note", parent: root })
    this.spoken = element("p", { className: "visually-hidden", attributes: { "aria-live": "polite" }, parent: root })
  }

  // What comes from Python

  /** @param {MultirateData} data */
  update(data) {
    this.data = data
    const measured = this.measure(data)
    this.note.textContent = say(STATIONS_NOTE) + (data.alone.length ? say(ALONE_NOTE) : "")
    this.sliders.update(data.axes, data.beta, data.alone.length)
    this.map.update(data, (own) => measured.widest(own))
    if (this.model) this.arrange(data, this.model.engine)
    this.load(data, measured)
    this.show()
  }

  /** Take the figures, unless they are the ones before: the charts' axes stay as they are while points move. @param {MultirateData} data */
  measure(data) {
    const { axes, figures, samples, dedicated, names } = data
    const from = JSON.stringify([axes, figures, samples, dedicated])
    if (this.measured && from === this.measuredFrom) return this.measured
    this.measuredFrom = from
    this.traced = ""
    const measured = this.measured = new Measured(data)
    const distortions = measured.known("distortion", dedicated)
    const margin = 0.08 * (Math.max(...distortions) - Math.min(...distortions)) + 0.1
    this.tradeoff.span(
      { low: 0, high: 1.08 * Math.max(...measured.known("rate", dedicated)) + 0.1 },
      { low: Math.min(...distortions) - margin, high: Math.max(...distortions) + margin },
    )
    const weights = { ...rangeOf(axes[0]), log: true, zero: !axes[0][0] }
    this.sharpness.span(weights, { low: 0, high: 105 * Math.max(1, ...measured.known("sharpness", dedicated)) })
    for (
      const [chart, note, best] of /** @type {[CurveChart, string, number | undefined][]} */ ([
        [this.precision, say(PRECISION_NOTE), samples?.best[0]],
        [this.recall, say(RECALL_NOTE), samples?.best[1]],
      ])
    ) {
      chart.element.hidden = best === undefined
      chart.span(weights, { low: 0, high: 105 })
      chart.note.textContent = say`${note} Other images of the set in place of samples: ${percentText(best ?? NaN)}.`
    }
    const most = Math.max(10, ...measured.effective.filter(Number.isFinite))
    this.effective.span(weights, { low: 1, high: 10 ** Math.ceil(Math.log10(most)), log: true })
    this.bars.name(measured.order.map((k) => names[k]), Math.max(...measured.kl))
    return measured
  }

  /** The model of one weight that stands in at the weight of now, if any. */
  get standIn() {
    const { data } = this
    return data?.alone[data.axes[0].indexOf(this.sliders.weights[0])] ?? null
  }

  /** Open the model of the weight of now, unless it is. @param {MultirateData} data */
  async choose(data) {
    const standIn = this.standIn
    const source = standIn?.model ?? data.model
    const words = data.alone.length ? say("On screen: one network for every KL weight.") : ""
    this.shown.textContent = standIn?.words ?? words
    if (this.source === source.hash) return
    this.source = source.hash
    this.shut()
    const current = () => !this.closed && this.source === source.hash
    try {
      const engine = await openEngine(source)
      if (!this.data || !current()) return
      this.map.setShape(engine.shape)
      this.model = {
        engine,
        view: engine.view((image) => this.map.picture(image)),
        unlisten: engine.listen((sentence) => (this.message.textContent = sentence ?? "")),
      }
      this.arrange(this.data, engine)
      this.show()
    } catch (error) {
      if (!current()) return
      this.source = ""
      const reason = error instanceof Error ? error.message : String(error)
      this.message.textContent = reason
      this.io.send({ kind: "failed", reason })
    }
  }

  shut() {
    this.scene?.close()
    this.model?.view.close()
    this.model?.unlisten()
    this.model = this.scene = null
    this.arranged = ""
  }

  /** Lay out these pictures, unless they are the ones before. @param {MultirateData} data @param {WholeEngine} engine */
  arrange({ pictures, noise }, engine) {
    const arranged = JSON.stringify([pictures, noise])
    if (arranged === this.arranged) return
    this.arranged = arranged
    const images = Float32Array.from(bytesOf(pictures.bytes), (level) => level / 255)
    const codes = Float32Array.from(noise)
    this.pictures.update(images, codes.length / engine.latent, pictures.note, engine.shape)
    this.scene?.close()
    this.scene = engine.scene({ images, codes }, (drawn) => this.pictures.show(drawn))
  }

  /** Fetch the codes, unless they are the ones before, and show them. @param {MultirateData} data @param {Measured} measured */
  async load({ codes: address, labels: labelled, alone }, { stations }) {
    if (this.mapped === address) return
    this.mapped = address
    this.map.empty(say("Loading the codes …"))
    const current = () => !this.closed && this.mapped === address
    try {
      const [codes, labels] = await Promise.all([
        arrayAt(address, Float32Array),
        labelled === null ? null : arrayAt(labelled, Float32Array),
      ])
      if (!current()) return
      this.map.open(codes, labels, stations, alone.length)
      this.show()
    } catch (error) {
      if (!current()) return
      this.map.empty(error instanceof Error ? error.message : String(error))
      this.mapped = "" // the next update tries again
    }
  }

  // What the user does

  /** The KL weight as the engine takes it. */
  get weight() {
    const { weights } = this.sliders
    return weights.length === 1 ? weights[0] : weights
  }

  /** @param {number} axis */
  move(axis) {
    this.moved = axis
    this.turned = true
    this.show()
  }

  tell() {
    this.io.send({ kind: "beta", beta: this.sliders.weights })
  }

  // What is drawn

  /** Draw everything for the weights of now in the next frame. */
  show() {
    if (this.data) this.choose(this.data)
    this.scene?.show(this.weight)
    this.frame.ask()
  }

  draw() {
    const { data, measured, moved } = this
    if (!data || !measured) return
    const { weights } = this.sliders
    const around = measured.stations.around(weights)
    const now = measured.at(around)
    this.trace(data, measured, weights)
    this.map.move(around)
    this.bars.move(measured.order.map((k) => Number.isFinite(now.rate) ? now.kl[k] : NaN))
    this.facts.show(now)
    const beta = weights[moved]
    const place = drawnAt(data.axes[moved], beta)
    const { rate, distortion, sharpness, effective, precision, recall, errors } = now
    const same = weights.every((weight) => weight === beta)
    this.tradeoff.move({ x: rate, y: distortion, text: weights.length > 1 ? "" : `β ${weightText(beta)}`, slope: same ? -beta : null })
    this.sharpness.move({ x: place, y: 100 * sharpness, text: percentText(sharpness, errors.sharpness), slope: null })
    this.effective.move({ x: place, y: effective, text: imagesText(effective, errors.effective), slope: null })
    this.precision.move({ x: place, y: 100 * precision, text: percentText(precision, errors.precision), slope: null })
    this.recall.move({ x: place, y: 100 * recall, text: percentText(recall, errors.recall), slope: null })
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.say(data, measured, now), REST)
  }

  /**
   * The curves: through the stations along the axis that moved last.
   * @param {MultirateData} data
   * @param {Measured} measured
   * @param {number[]} weights
   */
  trace({ axes, dedicated }, measured, weights) {
    const { sliders, moved } = this
    const line = measured.stations.line(weights, moved, sliders.together)
    if (String(line) === this.traced) return
    this.traced = String(line)
    const places = line.map((at) => ({ beta: drawnAt(axes[moved], at[moved]), ...measured.at(measured.stations.around(at)) }))
    const single = weights.length === 1
    const name = single ? say("KL weight β") : sliders.together ? say("Both KL weights β") : say`KL weight β_${"μσ"[moved]}`
    for (const chart of [this.sharpness, this.effective, this.precision, this.recall]) chart.rename(name)
    const numbers = (/** @type {(number | null)[]} */ [first, last]) => /** @type {Place} */ ([first ?? NaN, last ?? NaN])
    this.tradeoff.trace(
      places.map(({ rate, distortion, errors }) => ({ at: [rate, distortion], error: [errors.rate, errors.distortion] })),
      dedicated.map(({ beta, rate, distortion, errors: [down, across] }) => (
        { x: rate, y: distortion, text: `β ${weightText(beta)}`, error: numbers([across, down]) }
      )),
    )
    const { low, high } = rangeOf(axes[0])
    const along = single || sliders.together // a model of one weight has no place on a curve of two
    const percents = (/** @type {"sharpness" | "precision" | "recall"} */ name) =>
      places.map(({ beta, errors, ...figures }) => (
        { at: /** @type {Place} */ ([beta, 100 * figures[name]]), error: numbers([NaN, 100 * errors[name]]) }
      ))
    this.sharpness.trace(
      percents("sharpness"),
      dedicated.flatMap(({ beta, sharpness }) =>
        along && sharpness !== null && beta >= low && beta <= high ? [{ x: beta, y: 100 * sharpness, text: "", error: numbers([]) }] : []
      ),
    )
    this.effective.trace(places.map(({ beta, effective, errors }) => ({ at: [beta, effective], error: [NaN, errors.effective] })), [])
    this.precision.trace(percents("precision"), [])
    this.recall.trace(percents("recall"), [])
    const squares = dedicated.length ? say(" Squares: models trained for one β alone.") : ""
    const dashed = single
      ? say(" Dashed")
      : say(" The curves are those of the slider that moved last. Dashed, where both weights are equal")
    const bars = say(BARS_NOTE)
    const note = say`Diamond: now.${squares}${dashed}: all pairs that cost the same D + β·R, a line of slope −β.${bars}`
    this.tradeoff.note.textContent = note
  }

  /**
   * Put the figures into words: those of each chart, and where the user has turned the weight, all in a sentence.
   * @param {MultirateData} data
   * @param {Measured} measured
   * @param {FiguresAt} now
   */
  say({ names }, { order }, now) {
    const at = `β ${this.sliders.weights.map(weightText).join(say(" and "))}`
    const { errors } = now
    const end = (/** @type {Known} */ { at, error }, /** @type {Written} */ text) => text(at[1], error[1])
    const ends = (/** @type {CurveChart} */ { curve }, /** @type {Written} */ text) =>
      say`from ${end(curve[0], text)} at the lowest to ${end(curve[curve.length - 1], text)} at the highest`
    const [d, r] = [meanText(now.distortion, errors.distortion, 1), meanText(now.rate, errors.rate, 2)]
    this.tradeoff.describe(say`Distortion over rate. At ${at}: D ${d}, R ${r} nats; ± is the standard error of the mean.`)
    const shares = /** @type {[CurveChart, string, "sharpness" | "precision" | "recall"][]} */ ([
      [this.sharpness, say("Sharpness"), "sharpness"],
      [this.precision, say("Precision of samples"), "precision"],
      [this.recall, say("Recall of samples"), "recall"],
    ])
    for (const [chart, what, name] of shares) {
      const along = ends(chart, (percent, error) => percentText(percent / 100, error / 100))
      chart.describe(say`${what} over β, ${along}. At ${at}: ${percentText(now[name], errors[name])}.`)
    }
    const images = imagesText(now.effective, errors.effective)
    this.effective.describe(say`N_eff over β, ${ends(this.effective, imagesText)}. At ${at}: ${images} images.`)
    const each = order.map((k) => `${names[k]} ${figureText(now.kl[k], 3)}`).join(", ")
    this.bars.describe(Number.isFinite(now.rate) ? say`Mean KL in nats at ${at}: ${each}.` : say`At ${at} there is no KL.`)
    if (this.turned) this.spoken.textContent = `${at}: ${this.facts.text}.`
  }

  close() {
    this.closed = true
    this.frame.close()
    clearTimeout(this.resting)
    this.shut()
    this.sliders.close()
    this.map.close()
    for (const chart of [this.bars, this.tradeoff, this.sharpness, this.effective, this.precision, this.recall]) chart.close()
    this.root.replaceChildren()
  }
}

/** The lowest and the highest of ascending weights. @param {number[]} axis */
function rangeOf(axis) {
  return { low: drawnAt(axis, axis[0]), high: axis[axis.length - 1] }
}
