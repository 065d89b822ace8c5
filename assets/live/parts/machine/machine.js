// @ts-check
// The machine: a picture goes through the encoder to μ and σ, dice throw z, the decoder draws. All of it moves while one draws.
import { Atlas } from "../atlas/atlas.js"
import { Board, usualWidth } from "../draw/board.js"
import { openEngine } from "../../engine/engine.js"
import { base64Of, bytesOf } from "../../kit/base64.js"
import { element } from "../../kit/dom.js"
import { nextFrame } from "../../kit/frame.js"
import { decimal } from "../../kit/numbers.js"
import { paint, paintBytes } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { CodeBars } from "./code.js"
import { thrown } from "./dice.js"
import { changedAt, Ends } from "./ends.js"
import { openParts } from "./parts.js"
import { drawnAt, partOf } from "./walk.js"
import { Widths } from "./widths.js"

/** @import { Engine } from "../../engine/engine.js" */
/** @import { Posterior } from "../../engine/model.js" */
/** @import { View } from "../../engine/page.js" */
/** @import { MachineData, MachineEvent } from "../../kit/wire.js" */

const QUIET = 200 // milliseconds without a move, after which it is said where z is and the ends are drawn
const LATE = 100 // milliseconds: a frame that comes later than this is no jump of the walk

/**
 * The machine in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: MachineEvent) => void}} io
 */
export function mountMachine(root, io) {
  const machine = new Machine(root, io)
  return {
    /** @param {MachineData} data */
    update: (data) => machine.update(data),
    close: () => machine.close(),
  }
}

class Machine {
  /** @param {HTMLElement} root @param {{send: (event: MachineEvent) => void}} io */
  constructor(root, io) {
    this.root = root
    this.io = io
    /** @type {MachineData | null} */
    this.data = null
    /** @type {Engine | null} */
    this.engine = null
    /** @type {View | null} */
    this.view = null
    this.unlisten = () => {}
    this.known = /** @type {string | null} */ (null) // the user's picture as Python has it
    this.z = /** @type {Float32Array} */ (new Float32Array(0))
    /** @type {Posterior | null} */
    this.encoded = null // of the picture, as the encoder gives it
    /** @type {Posterior | null} */
    this.posterior = null // the same, as wide as the user has it
    /** @type {Float32Array | null} */
    this.epsilon = null // what was thrown; null: z was moved there by hand, and stays while the picture does
    this.encoding = false // a picture is on its way to its posterior
    this.encodeAgain = false
    this.title = "" // what the picture is
    this.own = false // it is the user's
    this.taken = /** @type {number | null} */ (null) // which of the images it is, by choice
    this.walking = !matchMedia("(prefers-reduced-motion: reduce)").matches
    this.walked = 0 // milliseconds
    this.shown = -1 // which of the images is drawn by itself
    this.part = 0 // how much of it is there
    this.before = 0 // when the last frame was
    this.seen = true // some of it is on the screen
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined

    /** @type {Board} */
    this.board = new Board("machine-help", {
      ink: () => this.ink(),
      width: () => usualWidth(this.board.shape),
      changed: () => {
        this.epsilon ??= new Float32Array(this.z.length) // another picture has another code
        this.pixels.ask()
      },
      released: () => this.released(),
      say: (sentence) => (this.parts.live.textContent = sentence),
    })
    this.parts = openParts(root, this.board.element)
    this.bars = new CodeBars(this.parts.bars)
    this.widths = new Widths(this.parts.widths, (factor) => this.widen(factor))
    this.atlas = new Atlas(this.parts.map, "machine-help", { moved: (z) => this.moveByHand(z), released: () => this.settleSoon() })
    this.ends = new Ends(this.parts.ends, {
      moved: (index, value) => this.moveByHand(changedAt(this.z, index, value)),
      released: () => this.settleSoon(),
    })
    this.pixels = nextFrame(() => this.look())
    this.steps = nextFrame(() => this.step())
    this.watcher = new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting
      this.steps.ask()
    })
    this.watcher.observe(root)
    this.tellPlay()
    this.listen()
  }

  listen() {
    const { parts, board } = this
    board.canvas.addEventListener("pointerdown", () => this.stop(), { capture: true })
    board.canvas.addEventListener("keydown", () => this.stop(), { capture: true })
    parts.clear.onclick = () => {
      this.stop()
      board.flood(board.ground)
    }
    parts.undo.onclick = () => {
      this.stop()
      board.undo()
    }
    parts.roll.onclick = () => this.throwDice()
    parts.mean.onclick = () => this.goToMean()
    parts.play.onclick = () => (this.walking ? this.stop() : this.start())
  }

  // A picture

  /** The brush: the colour chosen, or what stands out from the ground. @returns {number[]} */
  ink() {
    const { shape, ground } = this.board
    if (shape[0] === 1) return [ground[0] < 128 ? 255 : 0]
    return [1, 3, 5].map((at) => Number.parseInt(this.parts.colour.value.slice(at, at + 2), 16))
  }

  released() {
    this.name(say("Your drawing"), true)
    this.known = base64Of(this.board.drawing.pixels)
    this.taken = null
    this.io.send({ kind: "drawn", pixels: this.known })
  }

  /** Put a picture on the board. @param {string | null} picture @param {string} title */
  take(picture, title, own = false) {
    this.board.adopt(picture)
    this.name(title, own)
  }

  /** Say what is on the board, and whether it is the user's. @param {string} title @param {boolean} own */
  name(title, own) {
    const [, height, width] = this.board.shape
    this.title = title
    this.own = own
    this.parts.note.textContent = ""
    this.board.canvas.setAttribute("aria-label", say`${title}, ${width} by ${height} pixels, to draw on`)
  }

  /** The image of this number, bytes in base64. @param {MachineData} data @param {number} index */
  imageOf(data, index) {
    const size = data.shape.reduce((product, side) => product * side)
    return base64Of(bytesOf(data.images).subarray(index * size, (index + 1) * size))
  }

  /** What is on the board goes through the encoder. */
  async look() {
    this.parts.undo.disabled = !this.board.drawing.done.length
    this.board.paint()
    this.encodeAgain = this.encoding
    if (this.encoding || !this.engine) return
    this.encoding = true
    const { engine } = this
    try {
      do {
        this.encodeAgain = false
        const posterior = await engine.encode(this.board.floats)
        if (engine !== this.engine) break
        this.encoded = posterior
        this.posterior = this.widths.of(posterior)
        if (this.epsilon) this.goToThrow()
        else this.goTo(this.z)
      } while (this.encodeAgain)
    } catch (error) {
      this.say(/** @type {Error} */ (error).message)
    }
    this.encoding = false
    if (engine !== this.engine) this.pixels.ask()
  }

  // Its code

  throwDice() {
    this.stop()
    if (!this.posterior) return
    this.epsilon = Float32Array.from(this.z, () => thrown(Math.random()))
    this.bars.roll()
    this.goToThrow()
    this.atlas.keep()
  }

  /** All regions are so many times as wide; a code that was not thrown yet is, or nothing would move. @param {number} factor */
  widen(factor) {
    this.stop()
    this.atlas.widen(factor)
    if (!this.encoded) return
    this.posterior = this.widths.of(this.encoded)
    if (!this.epsilon?.some((value) => value !== 0)) this.epsilon = Float32Array.from(this.z, () => thrown(Math.random()))
    this.goToThrow()
  }

  goToMean() {
    this.stop()
    this.epsilon = new Float32Array(this.z.length)
    this.goToThrow()
  }

  /** z = μ + σ · ε. */
  goToThrow() {
    const { posterior, epsilon } = this
    if (!posterior || !epsilon) return
    this.goTo(posterior.mean.map((mean, k) => mean + Math.exp(0.5 * posterior.logvar[k]) * epsilon[k]))
    this.settleSoon()
  }

  /** @param {Float32Array} z */
  moveByHand(z) {
    this.stop()
    this.epsilon = null
    this.goTo(z)
    this.settleSoon()
  }

  /** Show z, and what it decodes to. @param {Float32Array} z */
  goTo(z) {
    this.z = z
    this.view?.show(z)
    if (this.posterior) this.bars.show(this.posterior, z, this.epsilon)
    this.atlas.show(z, this.posterior)
    this.ends.stand(z)
  }

  settleSoon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.settle(), QUIET)
  }

  /** It rests here: the texts follow, and the ends are drawn. */
  settle() {
    const code = Array.from(this.z, (value) => decimal(value, 2)).join(", ")
    this.parts.picture.setAttribute("aria-label", say`Decoded picture at the code ${code}`)
    this.atlas.describe(say`z at ${code}. The picture is ${this.title || say("empty")}.`)
    if (!this.walking) this.parts.live.textContent = say`${this.title || say("Empty")}. z at ${code}.`
    this.bars.describe()
    const thrownNow = this.epsilon !== null && this.epsilon.some((value) => value !== 0)
    this.parts.mean.setAttribute("aria-pressed", String(this.epsilon !== null && !thrownNow))
    if (this.engine) this.ends.draw(this.engine, this.z)
  }

  // By itself

  start() {
    this.walking = true
    this.shown = -1
    this.epsilon = null
    this.before = performance.now()
    this.tellPlay()
    this.steps.ask()
  }

  /** The user has touched it: the picture is finished, and stays. */
  stop() {
    if (!this.walking) return
    this.walking = false
    this.tellPlay()
    if (this.data && this.shown >= 0) this.take(this.imageOf(this.data, this.shown), this.title)
    this.settleSoon()
  }

  tellPlay() {
    this.parts.play.textContent = this.walking ? say("Pause") : say("Move by itself")
  }

  /** A frame of what it draws by itself. */
  step() {
    const { data } = this
    if (!this.walking || !this.seen || !data || !this.engine) return
    const now = performance.now()
    this.walked += Math.min(LATE, now - this.before)
    this.before = now
    const { shown, part } = drawnAt(data.names.length, this.walked)
    if (shown !== this.shown || part !== this.part) {
      this.shown = shown
      this.part = part
      this.take(base64Of(partOf(bytesOf(this.imageOf(data, shown)), data.ground, data.shape, part)), data.names[shown])
    }
    this.steps.ask()
  }

  // What Python says

  /** @param {MachineData} data */
  update(data) {
    const other = data.model.hash !== this.data?.model.hash
    const given = data.picture !== null && data.picture !== this.known
    this.data = data
    if (other) this.open(data)
    if ((other || given) && !this.board.busy) {
      this.known = data.picture
      if (data.picture !== null) {
        this.stop()
        this.take(data.picture, say("Your picture"), true)
      }
    }
    if (data.start !== null && (other || data.start !== this.taken) && !this.board.busy) {
      this.stop()
      this.taken = data.start
      this.take(this.imageOf(data, data.start), data.names[data.start])
    }
    if (this.own) this.parts.note.textContent = data.note
  }

  /** Another model, and its images. @param {MachineData} data */
  open(data) {
    const { parts } = this
    this.engine = null
    this.encoded = null
    this.posterior = null
    this.walked = 0
    this.shown = -1
    this.z = new Float32Array(data.dims.length)
    this.epsilon = new Float32Array(data.dims.length)
    this.board.resize(data.shape, data.ground)
    parts.colour.hidden = data.shape[0] === 1
    parts.picture.style.setProperty("--own", `${data.shape[2]}px`)
    this.bars.lay(data.dims)
    this.atlas.open({ view: data.view, points: data.points, prior: data.prior }, data.dims.length, data.regions)
    this.widths.lay(data.regions !== null)
    this.ends.lay(data.dims)
    this.layImages(data)
    this.take(this.imageOf(data, 0), data.names[0])
    this.view?.close()
    this.unlisten()
    openEngine(data.model).then((engine) => {
      if (this.data?.model.hash !== data.model.hash) return
      this.engine = engine
      parts.roll.disabled = !engine.variational
      this.unlisten = engine.listen((sentence) => this.say(sentence ?? ""))
      this.view = engine.view((image) => paint(parts.picture, image, engine.shape))
      this.pixels.ask()
      if (this.walking) this.start()
    }).catch((error) => this.io.send({ kind: "failed", reason: error.message }))
  }

  /** Buttons that put an image on the board. @param {MachineData} data */
  layImages(data) {
    const buttons = data.names.map((name, index) => {
      const canvas = element("canvas")
      paintBytes(canvas, this.imageOf(data, index), data.shape)
      const button = element("button", { type: "button", title: name, attributes: { "aria-label": name } }, canvas)
      button.onclick = () => {
        this.stop()
        this.epsilon = null
        this.taken = index
        this.take(this.imageOf(data, index), name)
        this.io.send({ kind: "choose", numbers: [index] })
      }
      return button
    })
    this.parts.images.replaceChildren(...buttons)
  }

  /** @param {string} sentence */
  say(sentence) {
    this.parts.status.textContent = sentence
  }

  close() {
    this.engine = null
    this.data = null
    clearTimeout(this.timer)
    this.watcher.disconnect()
    this.pixels.close()
    this.steps.close()
    this.view?.close()
    this.unlisten()
    this.atlas.close()
    this.root.replaceChildren()
  }
}
