// @ts-nocheck -- not typed yet
// The sliders of the KL weights: one for β, or one for each of two that may move together.
import { placeOnAxis, weightOnAxis } from "./stations.js"
import { appendName, weightText } from "./words.js"

const STEPS = 300 // from end to end, at least
const QUIET = 150 // milliseconds without a key that end a move
const THUMB = 16 // pixels
const ONE_WEIGHT = [["β", "KL weight"]]
const TWO_WEIGHTS = [
  ["β_μ", "weighs ½ Σ μ²: keeps codes together"],
  ["β_σ", "weighs ½ Σ (σ² − 1 − ln σ²): keeps posteriors wide"],
]

/** One weight: its name, its value and its slider, whose steps divide the way from each station to the next, the same for all. */
class WeightSlider {
  constructor(axis, [symbol, words], id) {
    this.axis = axis
    this.steps = Math.ceil(STEPS / (axis.length - 1))
    this.beta = axis[0]
    this.input = Object.assign(document.createElement("input"), { type: "range", id, min: 0, max: this.steps * (axis.length - 1), step: 1 })
    this.value = Object.assign(document.createElement("output"), { className: "multirate-beta" })
    this.value.setAttribute("aria-hidden", "true") // the slider itself says it
    const label = document.createElement("label")
    label.htmlFor = id
    const name = document.createElement("strong")
    appendName(name, symbol)
    label.append(name, ` ${words}`)
    this.element = Object.assign(document.createElement("div"), { className: "multirate-slider" })
    this.element.append(label, this.value, this.input, this.ticks())
  }

  /** The powers of ten below the slider, where it has any. */
  ticks() {
    const ticks = Object.assign(document.createElement("div"), { className: "multirate-ticks" })
    ticks.setAttribute("aria-hidden", "true")
    const [low, high] = [this.axis[0], this.axis.at(-1)]
    for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++) {
      const share = placeOnAxis(this.axis, 10 ** power) / (this.axis.length - 1)
      const tick = Object.assign(document.createElement("span"), { textContent: weightText(10 ** power) })
      tick.style.left = `calc(${THUMB / 2}px + ${share} * (100% - ${THUMB}px))`
      ticks.append(tick)
    }
    return ticks
  }

  /** Where the thumb was put. */
  read() {
    this.stand(weightOnAxis(this.axis, Number(this.input.value) / this.steps))
  }

  stand(beta) {
    this.beta = beta
    this.value.textContent = weightText(beta)
    this.input.value = Math.round(placeOnAxis(this.axis, beta) * this.steps)
    this.input.setAttribute("aria-valuetext", weightText(beta))
  }
}

/** The sliders inside `parent`. `on.move(axis)` is called at each move, with the axis that moved, and `on.rest()` when one has ended. */
export class Sliders {
  constructor(parent, on) {
    this.on = on
    this.layout = ""
    this.sliders = []
    this.moving = false // the user has moved further than Python knows
    this.byKeys = false
    this.held = null // the weights before a press
    this.timer = 0
    this.element = Object.assign(document.createElement("div"), { className: "multirate-sliders" })
    this.box = Object.assign(document.createElement("input"), { type: "checkbox" })
    this.tie = document.createElement("label")
    this.tie.className = "multirate-tie"
    this.tie.append(this.box, "Move together: one β for both")
    parent.append(this.element)
    const listeners = {
      input: (event) => event.target !== this.box && this.move(this.axisOf(event)),
      change: (event) => this.changed(event),
      pointerdown: (event) => {
        this.settle()
        this.byKeys = false
        if (this.axisOf(event) >= 0) this.held = this.weights
      },
      pointerup: () => this.release(), // back at its first place a slider sends no `change`
      pointercancel: () => this.giveBack(),
      keydown: () => (this.byKeys = true),
      focusout: () => this.held || this.settle(),
    }
    for (const [kind, listener] of Object.entries(listeners)) this.element.addEventListener(kind, listener)
  }

  /** One weight per axis. */
  get weights() {
    return this.sliders.map((slider) => slider.beta)
  }

  get together() {
    return this.sliders.length > 1 && this.box.checked
  }

  axisOf(event) {
    return this.sliders.findIndex((slider) => slider.input === event.target)
  }

  /** Stand at Python's weights, on these axes, unless the user is further. */
  update(axes, weights) {
    const layout = JSON.stringify(axes)
    if (layout !== this.layout) {
      this.layout = layout
      this.moving = false
      const words = axes.length > 1 ? TWO_WEIGHTS : ONE_WEIGHT
      this.sliders = axes.map((axis, which) => new WeightSlider(axis, words[which], `weight-${which}`))
      this.box.checked = true
      this.element.replaceChildren(...this.sliders.map((slider) => slider.element), ...(axes.length > 1 ? [this.tie] : []))
    }
    if (!this.moving) this.stand(weights)
  }

  stand(weights) {
    if (weights.some((weight) => weight !== weights[0])) this.box.checked = false
    this.sliders.forEach((slider, which) => slider.stand(weights[which]))
  }

  move(axis) {
    this.sliders[axis].read()
    if (this.together) this.follow(axis)
    this.moving = true
    this.on.move(axis)
  }

  follow(axis) {
    for (const slider of this.sliders) slider.stand(this.sliders[axis].beta)
  }

  changed(event) {
    if (event.target === this.box) {
      if (this.together) {
        this.follow(0)
        this.moving = true
      }
      this.on.move(0)
      return this.settle()
    }
    if (!this.byKeys) return this.release()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.settle(), QUIET)
  }

  release() {
    this.held = null
    this.settle()
  }

  /** A finger that turned out to scroll the page has moved the slider it landed on. */
  giveBack() {
    if (!this.held) return
    this.stand(this.held)
    this.held = null
    this.moving = false
    this.on.move(0)
  }

  settle() {
    clearTimeout(this.timer)
    if (!this.moving) return
    this.moving = false
    this.on.rest()
  }

  close() {
    clearTimeout(this.timer)
  }
}
