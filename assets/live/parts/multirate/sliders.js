// @ts-check
// The sliders of the KL weights: one for β, or one for each of two that may move together.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"
import { placeOnAxis, takenPlace, weightOnAxis } from "./stations.js"
import { appendName, weightText } from "./words.js"

const STEPS = 300 // from end to end, at least
const QUIET = 150 // milliseconds without a key that end a move
const THUMB = 16 // pixels
/** @type {[symbol: string, words: string][]} */
const ONE_WEIGHT = [["β", "KL weight"]]
/** @type {[symbol: string, words: string][]} */
const TWO_WEIGHTS = [
  ["β_μ", "weighs ½ Σ μ²: keeps codes together"],
  ["β_σ", "weighs ½ Σ (σ² − 1 − ln σ²): keeps posteriors wide"],
]

/** The ends of a split model's two ranges, 0 the lowest and 1 the highest. @type {[name: string, ends: number[]][]} */
const CORNERS = [["Both low", [0, 0]], ["β_μ high", [1, 0]], ["β_σ high", [0, 1]], ["Both high", [1, 1]]]
const QUESTION = "Which half keeps codes together? Which half blurs?"

/** One weight: its name, its value and its slider, whose steps divide the way from each station to the next, the same for all. */
class WeightSlider {
  /** @param {number[]} axis ascending weights, of which the first `alone` have models of their own @param {[symbol: string, words: string]} name @param {string} id @param {number} alone */
  constructor(axis, [symbol, words], id, alone) {
    this.axis = axis
    this.alone = alone
    this.steps = Math.ceil(STEPS / (axis.length - 1))
    this.beta = axis[0]
    this.input = element("input", { type: "range", id, min: "0", max: String(this.steps * (axis.length - 1)), step: "1" })
    this.value = element("output", { className: "multirate-beta", attributes: { "aria-hidden": "true" } }) // the slider itself says it
    const name = element("strong")
    appendName(name, symbol)
    const label = element("label", { htmlFor: id }, name, ` ${say(words)}`)
    this.element = element("div", { className: "multirate-slider" }, label, this.value, this.input, this.ticks())
  }

  /** The powers of ten below the slider, where it has any. */
  ticks() {
    const ticks = element("div", { className: "multirate-ticks", attributes: { "aria-hidden": "true" } })
    const [low, high] = [this.axis[0] || this.axis[1], this.axis[this.axis.length - 1]]
    if (!this.axis[0]) element("span", { parent: ticks }, "0").style.left = `${THUMB / 2}px`
    for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++) {
      const place = placeOnAxis(this.axis, 10 ** power)
      const share = place / (this.axis.length - 1)
      const crowded = place > 0 && place < this.alone - 1e-9 // models of one weight each stand a step apart
      const tick = element("span", { className: crowded ? "multirate-crowded" : "", parent: ticks }, weightText(10 ** power))
      tick.style.left = `calc(${THUMB / 2}px + ${share} * (100% - ${THUMB}px))`
    }
    return ticks
  }

  /** Where the thumb was put: `byKeys`, a step from a model of one weight leads to the next one. @param {boolean} byKeys */
  read(byKeys) {
    const { axis, alone, steps } = this
    const [before, wanted] = [placeOnAxis(axis, this.beta), Number(this.input.value) / steps]
    let place = takenPlace(axis, wanted, alone)
    if (byKeys && place === before && wanted !== before) place = Math.max(0, Math.min(alone, before + Math.sign(wanted - before)))
    this.stand(weightOnAxis(axis, place))
  }

  /** @param {number} beta */
  stand(beta) {
    this.beta = beta
    this.value.textContent = beta ? weightText(beta) : say("0: no KL term")
    this.input.value = String(Math.round(placeOnAxis(this.axis, beta) * this.steps))
    this.input.setAttribute("aria-valuetext", this.value.textContent)
  }
}

export class Sliders {
  /**
   * The sliders inside `parent`. `on.move(axis)` is called at each move, with the axis that moved, and `on.rest()` when one has ended.
   * @param {Element} parent
   * @param {{move: (axis: number) => void, rest: () => void}} on
   */
  constructor(parent, on) {
    this.on = on
    this.layout = ""
    /** @type {WeightSlider[]} */
    this.sliders = []
    this.moving = false // the user has moved further than Python knows
    this.byKeys = false
    /** @type {number[] | null} */
    this.held = null // the weights before a press
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined
    this.box = element("input", { type: "checkbox" })
    this.tie = element("label", { className: "multirate-tie" }, this.box, say("Move together: one β for both"))
    this.corners = CORNERS.map(([name, ends]) => {
      const button = element("button", { type: "button" })
      appendName(button, say(name))
      button.addEventListener("click", () => this.turn(ends))
      return { button, ends }
    })
    this.apart = element("div", { className: "multirate-apart" }, this.tie, element("span", {}, say(QUESTION)))
    this.apart.append(...this.corners.map(({ button }) => button))
    this.element = element("div", { className: "multirate-sliders", parent })
    this.element.addEventListener("input", (event) => {
      if (event.target !== this.box) this.move(this.axisOf(event))
    })
    this.element.addEventListener("change", (event) => this.changed(event))
    this.element.addEventListener("pointerdown", (event) => {
      this.settle()
      this.byKeys = false
      if (this.axisOf(event) >= 0) this.held = this.weights
    })
    this.element.addEventListener("pointerup", () => this.release()) // back at its first place a slider sends no `change`
    this.element.addEventListener("pointercancel", () => this.giveBack())
    this.element.addEventListener("keydown", () => (this.byKeys = true))
    this.element.addEventListener("focusout", () => this.held || this.settle())
  }

  /** One weight per axis. */
  get weights() {
    return this.sliders.map((slider) => slider.beta)
  }

  get together() {
    return this.sliders.length > 1 && this.box.checked
  }

  /** @param {Event} event */
  axisOf(event) {
    return this.sliders.findIndex((slider) => slider.input === event.target)
  }

  /**
   * Stand at Python's weights, on these axes, unless the user is further; the first `alone` weights have models of their own.
   * @param {number[][]} axes
   * @param {number[]} weights
   * @param {number} alone
   */
  update(axes, weights, alone) {
    const layout = JSON.stringify([axes, alone])
    if (layout !== this.layout) {
      this.layout = layout
      this.moving = false
      const words = axes.length > 1 ? TWO_WEIGHTS : ONE_WEIGHT
      this.sliders = axes.map((axis, which) => new WeightSlider(axis, words[which], `weight-${which}`, alone))
      this.box.checked = true
      this.element.replaceChildren(...this.sliders.map((slider) => slider.element), ...(axes.length > 1 ? [this.apart] : []))
    }
    if (!this.moving) this.stand(weights)
  }

  /** @param {number[]} weights */
  stand(weights) {
    if (weights.some((weight) => weight !== weights[0])) this.box.checked = false
    this.sliders.forEach((slider, which) => slider.stand(weights[which]))
    this.press()
  }

  /** Go to a corner: each weight to an end of its range. @param {number[]} ends */
  turn(ends) {
    this.box.checked = false
    this.stand(this.cornerAt(ends))
    this.moving = true
    this.on.move(0)
    this.settle()
  }

  /** The weights at a corner. @param {number[]} ends */
  cornerAt(ends) {
    return this.sliders.map(({ axis }, which) => ends[which] ? axis[axis.length - 1] : axis[0])
  }

  /** Show which corner the weights are at, if any. */
  press() {
    if (this.sliders.length < 2) return
    for (const { button, ends } of this.corners) {
      const here = this.cornerAt(ends).every((weight, which) => weight === this.weights[which])
      button.setAttribute("aria-pressed", String(here))
    }
  }

  /** @param {number} axis */
  move(axis) {
    this.sliders[axis].read(this.byKeys)
    if (this.together) this.follow(axis)
    this.press()
    this.moving = true
    this.on.move(axis)
  }

  /** @param {number} axis */
  follow(axis) {
    for (const slider of this.sliders) slider.stand(this.sliders[axis].beta)
  }

  /** @param {Event} event */
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
