// @ts-nocheck -- not typed yet
// One model at every KL weight: sliders of the weight, and all that follows while they move.
import { openEngine } from "../engine/engine.js"
import { addPart } from "../kit/part.js"
import { arrayAt } from "../map/points.js"
import { BarChart, CurveChart, UNUSED_NATS } from "./charts.js"
import { CodesMap } from "./map.js"
import { Pictures } from "./pictures.js"
import { Sliders } from "./sliders.js"
import { mixStations, Stations } from "./stations.js"
import { appendName, figureText, imagesText, percentText, weightText } from "./words.js"

const REST = 500 // milliseconds without a move, after which the figures are said
const SHARPNESS_NOTE =
  "Energy of fine detail in the reconstructions (four times a pixel less its four neighbours, squared) as a share of that in the images."
const EFFECTIVE_NOTE =
  "N_eff counts the training images whose posteriors overlap at a code. The best a decoder can draw there is their average: " +
  "more than one image is blur."
const STATIONS_NOTE =
  "The pictures are computed for the very β of the slider. The figures, and the codes on the map, were measured at the small dots on the " +
  "curves; between two of them they run straight over log β."

/** The model at every KL weight; what its data and its events are, LiveMultirate says. */
export function mountMultirate(root, io) {
  return new LiveMultirate(root, io)
}

/** Bytes in base64, as numbers from 0 to 1. */
function unitNumbers(text) {
  return Float32Array.from(atob(text), (letter) => letter.charCodeAt(0) / 255)
}

/**
 * Data: {model: as openEngine takes it, a model of many KL weights; beta: [β], or [β_μ, β_σ] for a model of two; axes: an ascending list of
 * weights for each of them, whose combinations, the last running fastest, are S stations; figures: {distortion, rate, rate_mu, sharpness,
 * effective: [S] each, kl: [S·K]}; dedicated: [{beta, distortion, rate, sharpness}], models of one weight; pictures: {bytes: uint8
 * [n, C, H, W] as base64, note}; noise: [m·K]; names: of the K dimensions; codes: address of Float32 means [S, n, K], then standard
 * deviations; labels: address of Float32 [n], indices into the names, or null; colour: {title, names or null, palette};
 * place: [K] or null}. A sharpness that is not known is null.
 * Events: {kind: "beta", beta} when let go, {kind: "place", z}, {kind: "failed", reason}.
 * Pictures are of the very weight; figures, and the codes on the map, are straight lines over log β from station to station.
 */
class LiveMultirate {
  constructor(root, io) {
    if (!document.createElement("canvas").getContext("2d")) throw new Error("This browser cannot draw on a canvas.")
    this.root = root
    this.io = io
    this.data = null
    this.moved = 0 // the axis of the slider that moved last
    this.turned = false // the user has moved a slider
    this.frame = 0
    this.closed = false
    this.build()
  }

  build() {
    this.root.classList.add("multirate")
    const top = addPart(this.root, "div", { className: "multirate-top" })
    this.sliders = new Sliders(top, { move: (axis) => this.move(axis), rest: () => this.tell() })
    this.message = addPart(top, "p", { className: "multirate-message" }, { role: "status" })
    this.facts = new Facts(this.root)
    const body = addPart(this.root, "div", { className: "multirate-body" })
    const left = addPart(body, "div", { className: "multirate-left" })
    this.pictures = new Pictures(left)
    this.bars = new BarChart(left, "KL per dimension", ["Latent dimensions, the most KL at the lowest β first", "Mean KL, nats"])
    this.map = new CodesMap(addPart(body, "div", { className: "multirate-map" }), {
      place: (z) => this.io.send({ kind: "place", z }),
      look: (z) => this.view?.show(z, this.weight),
    })
    const charts = addPart(this.root, "div", { className: "multirate-charts" })
    this.tradeoff = new CurveChart(charts, "Rate and distortion", ["Rate R, nats per image", "Distortion D, nats per image"])
    this.sharpness = new CurveChart(charts, "Sharpness", ["", "Sharpness, %"], SHARPNESS_NOTE)
    this.effective = new CurveChart(charts, "Images that share a place", ["", "N_eff, images"], EFFECTIVE_NOTE)
    addPart(this.root, "p", { className: "note", textContent: STATIONS_NOTE })
    this.spoken = addPart(this.root, "p", { className: "visually-hidden" }, { "aria-live": "polite" })
  }

  // What comes from Python

  update(data) {
    const before = this.data
    this.data = data
    this.measure()
    this.sliders.update(data.axes, data.beta)
    this.map.update(data, this.widest())
    if (data.model.hash !== before?.model.hash) this.open()
    else if (this.engine) this.arrange()
    this.load()
    this.show()
  }

  /** Take the figures, unless they are the ones before: the charts' axes stay as they are while points move. */
  measure() {
    const { axes, figures, dedicated, names } = this.data
    const measured = JSON.stringify([axes, figures, dedicated])
    if (measured === this.measured) return
    this.measured = measured
    this.stations = new Stations(axes)
    this.figures = Object.fromEntries(
      Object.entries(figures).map(([name, values]) => [name, Float64Array.from(values, (value) => value ?? NaN)]),
    )
    const kl = this.figures.kl
    this.order = names.map((_, k) => k).sort((a, b) => kl[b] - kl[a])
    this.line = ""
    const known = (name) => [...this.figures[name], ...dedicated.map((point) => point[name] ?? NaN)].filter(Number.isFinite)
    const [rates, distortions, sharpness] = ["rate", "distortion", "sharpness"].map(known)
    const margin = 0.08 * (Math.max(...distortions) - Math.min(...distortions)) + 0.1
    this.tradeoff.span(
      { low: 0, high: 1.08 * Math.max(...rates) + 0.1 },
      { low: Math.min(...distortions) - margin, high: Math.max(...distortions) + margin },
    )
    const [low, high] = [axes[0][0], axes[0].at(-1)]
    this.sharpness.span({ low, high, log: true }, { low: 0, high: 105 * Math.max(1, ...sharpness) })
    const most = Math.max(10, ...known("effective"))
    this.effective.span({ low, high, log: true }, { low: 1, high: 10 ** Math.ceil(Math.log10(most)), log: true })
    this.bars.name(this.order.map((k) => names[k]), Math.max(...kl))
  }

  /** The two dimensions with the most KL at the highest station where at least two are used, in ascending order. */
  widest() {
    const { kl } = this.figures
    const latent = this.data.names.length
    const used = (station) => kl.subarray(station * latent, (station + 1) * latent).filter((nats) => nats >= UNUSED_NATS).length
    let station = this.stations.count - 1
    while (station > 0 && used(station) < 2) station--
    const most = this.order.toSorted((a, b) => kl[station * latent + b] - kl[station * latent + a])
    return most.slice(0, 2).sort((a, b) => a - b)
  }

  open() {
    const { model } = this.data
    this.shut()
    openEngine(model)
      .then((engine) => {
        if (this.closed || this.data.model.hash !== model.hash) return
        this.engine = engine
        this.map.shape = engine.shape
        this.view = engine.view((image) => this.map.picture(image))
        this.unlisten = engine.listen((sentence) => (this.message.textContent = sentence ?? ""))
        this.arrange()
        this.show()
      })
      .catch((error) => {
        if (this.closed || this.data.model.hash !== model.hash) return
        this.message.textContent = error.message
        this.io.send({ kind: "failed", reason: error.message })
      })
  }

  shut() {
    this.scene?.close()
    this.view?.close()
    this.unlisten?.()
    this.engine = this.scene = null
    this.view = this.unlisten = null
    this.arranged = ""
  }

  /** Lay out these pictures, unless they are the ones before. */
  arrange() {
    const { pictures, noise } = this.data
    const arranged = JSON.stringify([pictures, noise])
    if (arranged === this.arranged) return
    this.arranged = arranged
    const images = unitNumbers(pictures.bytes)
    const codes = Float32Array.from(noise)
    this.pictures.update(images, codes.length / this.engine.latent, pictures.note, this.engine.shape)
    this.scene?.close()
    this.scene = this.engine.scene({ images, codes }, (drawn) => this.pictures.show(drawn))
  }

  async load() {
    const { data } = this
    if (this.mapped === data.codes) return
    this.mapped = data.codes
    this.map.empty("Loading the codes …")
    try {
      const [codes, labels] = await Promise.all([arrayAt(data.codes, Float32Array), data.labels && arrayAt(data.labels, Float32Array)])
      if (this.closed || this.mapped !== data.codes) return
      this.map.open(codes, labels, this.stations)
      this.show()
    } catch (error) {
      if (this.closed || this.mapped !== data.codes) return
      this.map.empty(error.message)
      this.mapped = "" // the next update tries again
    }
  }

  // What the user does

  /** The KL weight as the engine takes it. */
  get weight() {
    const { weights } = this.sliders
    return weights.length === 1 ? weights[0] : weights
  }

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
    this.scene?.show(this.weight)
    this.frame ||= requestAnimationFrame(() => this.draw())
  }

  draw() {
    this.frame = 0
    const { weights } = this.sliders
    const around = this.stations.around(weights)
    this.now = this.figuresAt(around)
    this.trace(weights)
    this.map.move(around)
    this.bars.move(this.order.map((k) => this.now.kl[k]))
    this.facts.show(this.now, this.data.names)
    const beta = weights[this.moved]
    const { rate, distortion, sharpness, effective } = this.now
    const same = weights.every((weight) => weight === beta)
    this.tradeoff.move(rate, distortion, weights.length > 1 ? "" : `β ${weightText(beta)}`, same ? -beta : null)
    this.sharpness.move(beta, 100 * sharpness, percentText(sharpness))
    this.effective.move(beta, effective, imagesText(effective))
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.say(), REST)
  }

  /** The figures between these stations; `kl` is [K]. */
  figuresAt(around) {
    const { kl, ...single } = this.figures
    const now = Object.fromEntries(Object.entries(single).map(([name, values]) => [name, mixStations(values, 1, around, [0])[0]]))
    const latent = this.data.names.length
    return { ...now, kl: mixStations(kl, latent, around, new Float64Array(latent)) }
  }

  /** The curves: through the stations along the axis that moved last. */
  trace(weights) {
    const { sliders, moved, data } = this
    const line = this.stations.line(weights, moved, sliders.together)
    if (String(line) === this.line) return
    this.line = String(line)
    const places = line.map((at) => ({ beta: at[moved], ...this.figuresAt(this.stations.around(at)) }))
    const dedicated = data.dedicated.map((point) => ({ ...point, text: `β ${weightText(point.beta)}` }))
    const name = weights.length === 1 ? "KL weight β" : sliders.together ? "Both KL weights β" : `KL weight β_${"μσ"[moved]}`
    this.sharpness.rename(name)
    this.effective.rename(name)
    this.tradeoff.trace(
      places.map(({ rate, distortion }) => [rate, distortion]),
      dedicated.map(({ rate, distortion, text }) => ({ x: rate, y: distortion, text })),
    )
    const { low, high } = this.sharpness.domain.x
    const along = weights.length === 1 || sliders.together // a model of one weight has no place on a curve of two
    const sharp = dedicated.filter(({ beta, sharpness }) => along && sharpness !== null && beta >= low && beta <= high)
    this.sharpness.trace(
      places.map(({ beta, sharpness }) => [beta, 100 * sharpness]),
      sharp.map(({ beta, sharpness }) => ({ x: beta, y: 100 * sharpness, text: "" })),
    )
    this.effective.trace(places.map(({ beta, effective }) => [beta, effective]), [])
    const squares = dedicated.length ? " Squares: models trained for one β alone." : ""
    const pair = weights.length > 1
    const dashed = pair ? " The curves are those of the slider that moved last. Dashed, where both weights are equal" : " Dashed"
    this.tradeoff.note.textContent = `Diamond: now.${squares}${dashed}: all pairs that cost the same D + β·R, a line of slope −β.`
  }

  /** Put the figures into words: those of each chart, and where the user has turned the weight, all in a sentence. */
  say() {
    const { now, order, data, sharpness, effective, tradeoff, bars } = this
    const at = `β ${this.sliders.weights.map(weightText).join(" and ")}`
    const ends = ({ curve: [[, first], ...rest] }, text) => `from ${text(first)} at the lowest to ${text(rest.at(-1)[1])} at the highest`
    tradeoff.describe(`Distortion over rate. At ${at}: D ${figureText(now.distortion, 1)}, R ${figureText(now.rate, 2)} nats.`)
    const sharp = ends(sharpness, (percent) => percentText(percent / 100))
    sharpness.describe(`Sharpness over β, ${sharp}. At ${at}: ${percentText(now.sharpness)}.`)
    effective.describe(`N_eff over β, ${ends(effective, imagesText)}. At ${at}: ${imagesText(now.effective)} images.`)
    bars.describe(`Mean KL in nats at ${at}: ${order.map((k) => `${data.names[k]} ${figureText(now.kl[k], 3)}`).join(", ")}.`)
    if (this.turned) this.spoken.textContent = `${at}: ${this.facts.text}.`
  }

  close() {
    this.closed = true
    cancelAnimationFrame(this.frame)
    clearTimeout(this.resting)
    this.shut()
    this.sliders.close()
    this.map.close()
    for (const chart of [this.bars, this.tradeoff, this.sharpness, this.effective]) chart.close()
    this.root.replaceChildren()
  }
}

/** The figures in words, side by side. */
class Facts {
  constructor(parent) {
    const list = Object.assign(document.createElement("dl"), { className: "multirate-facts" })
    this.parts = ["Distortion D", "Rate R", "Unused dimensions", "Sharpness", "N_eff"].map((name) => {
      const item = document.createElement("div")
      const [title, value, more] = ["dt", "dd", "dd"].map((tag) => document.createElement(tag))
      appendName(title, name)
      more.className = "note"
      item.append(title, value, more)
      list.append(item)
      return { name, value, more }
    })
    parent.append(list)
  }

  show({ distortion, rate, rate_mu: means, sharpness, effective, kl }, names) {
    const unused = kl.reduce((count, nats) => count + (nats < UNUSED_NATS ? 1 : 0), 0)
    const rows = [
      [`${figureText(distortion, 1)} nats`, "an image"],
      [`${figureText(rate, 2)} nats`, `${figureText(means, 2)} of centres, ½Σμ², ${figureText(rate - means, 2)} of widths`],
      [`${unused} of ${names.length}`, `below ${UNUSED_NATS} nats`],
      [percentText(sharpness), "of the images'"],
      [`${imagesText(effective)} images`, effective < 1.05 ? "share a place: none blurs" : "share a place"],
    ]
    this.parts.forEach(({ value, more }, row) => {
      ;[value.textContent, more.textContent] = rows[row]
    })
  }

  get text() {
    return this.parts.map(({ name, value }) => `${name} ${value.textContent}`).join(", ")
  }
}
