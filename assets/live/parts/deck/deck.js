// @ts-check
// The latent deck: one slider per dimension, and the picture that its code decodes to, drawn while the slider moves.
import { element } from "../../kit/dom.js"
import { historyStep } from "../../kit/keys.js"
import { channel } from "../../kit/link.js"
import { brushOf, paint, paintBytes, paintDifference } from "../../kit/paint.js"
import { say } from "../../kit/words.js"
import { Dimensions, directionsAt } from "./directions.js"
import { EndPictures } from "./ends.js"
import { LivePicture, Picture } from "./picture.js"
import { SliderRow } from "./slider.js"

/** @import { DeckData, DeckEvent } from "../../kit/wire.js" */
/** @import { Ways } from "./directions.js" */

const QUIET = 150 // milliseconds without a key or a turn of the wheel that end a move
const SAID = 128 // numbers of a code that a screen reader is told, at most
const SMALL = 96 // screen pixels of the pictures beside the main one

/**
 * The deck in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: DeckEvent) => void}} io
 */
export function mountDeck(root, io) {
  /** @type {DeckData} */
  let data // from the first update on
  let z = new Float32Array(0)
  /** @type {Ways | null} */
  let ways = new Dimensions() // what each slider moves; null: on its way
  let waysOf = ""
  /** @type {SliderRow[]} */
  let rows = []
  let layout = ""
  let everything = false
  let moving = false // the user has moved further than Python knows
  let byKeys = false
  /** @type {{row: SliderRow, value: number} | null} */
  let held = null // the slider under the pointer, and its value before
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {ReturnType<typeof channel> | null} */
  let link = null
  let unlisten = () => {}
  /** @type {Float32Array | null} */
  let reference = null // what the start decodes to
  let referenceOf = ""
  /** @type {Float32Array | null} */
  let apart = null // the other model's own code; null: it draws this one
  const ends = new EndPictures()
  const self = {}

  const start = new Picture()
  const difference = new Picture()
  const main = new LivePicture((image, shape) => {
    if (data.difference && reference?.length === image.length) paintDifference(difference.canvas, image, reference, shape)
  })
  const other = new LivePicture()
  brushOf(main.canvas) // refuses a browser that cannot draw

  const keys = say("Arrow keys, or the wheel over a chosen slider, take fine steps. Delete or a double-click goes back to the start.")
  const hint = element("p", { className: "note", id: "hint" }, keys)
  const told = element(
    "p",
    { className: "note" },
    say("Nats say how much a dimension tells about an image. The one that tells most comes first."),
  )
  const about = element("p", { className: "note" })
  const placed = element("p", { className: "note" }, say("The band on a slider: where the encoder places the start's image, μ ± σ."))
  const bank = element("div", { className: "deck-bank" })
  const more = element("button", { type: "button" })
  const summary = element("summary")
  const meaning = element("p", { className: "note" })
  const unusedBank = element("div", { className: "deck-bank" })
  const unused = element("details", {}, summary, meaning, unusedBank)
  const sliders = element("div", { className: "deck-sliders" }, about, bank, more, unused, told, placed, hint)
  const screens = element("div", { className: "deck-screens" }, main.figure, other.figure)
  const small = element("div", { className: "deck-screens deck-small" }, start.figure, difference.figure)
  const pictures = element("div", { className: "deck-pictures" }, screens, small)
  const arrow = element("p", { className: "deck-arrow" }, say("→\ndecoder"))
  const body = element("div", { className: "deck-body" }, pictures, arrow, sliders)
  root.classList.add("deck")
  root.append(body)

  const code = () => {
    if (z.length > SAID) return say`a code of ${z.length} numbers`
    return say`the code ${Array.from(z, (value) => Number(value.toFixed(2))).join(", ")}`
  }
  const describe = () => {
    main.describe(say`Decoded image at ${code()}`, data.name)
    if (data.other && apart) {
      other.describe(say`The start's image, by ${data.other.name} from its own code`, say`${data.other.name}, from its own code`)
    } else if (data.other) other.describe(say`Decoded image of ${data.other.name} at ${code()}`, data.other.name)
  }
  const draw = () => {
    main.show(z)
    other.show(apart ?? z)
  }
  /** Draw what the sliders in sight lead to. */
  const drawEnds = () => {
    const { engine, hash } = main
    if (engine && hash && ways && !data.compact) ends.draw(engine, hash, rows.filter((row) => row.element.offsetParent), z, ways)
  }
  const refresh = () => rows.forEach((row) => ways && row.stand(ways.value(z, row.index)))
  /** The slider that an event comes from. @param {Event} event */
  const rowOf = (event) => rows.find((row) => row.input === event.target)

  /** The move has ended: say what is drawn and, if the user has moved it here, tell Python. */
  const settle = () => {
    clearTimeout(timer)
    describe()
    drawEnds()
    if (!moving) return
    moving = false
    io.send({ kind: "move", z: Array.from(z) })
  }
  const release = () => {
    held = null
    settle()
  }
  const settleSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(settle, QUIET)
  }
  /** @param {SliderRow} row @param {number} value */
  const move = (row, value) => {
    if (!ways) return
    ways.put(z, row.index, value)
    row.tell(ways.value(z, row.index))
    moving = true
    ends.stop()
    draw()
    link?.set(z, self)
  }
  /** Back to the start. @param {SliderRow} row */
  const reset = (row) => {
    if (!ways) return
    move(row, data.start ? ways.value(data.start.z, row.index) : 0)
    row.stand(ways.value(z, row.index))
  }
  /** Another part has moved the code. @param {Float32Array | null} moved @param {unknown} from */
  const follow = (moved, from) => {
    if (from === self || moved?.length !== z.length) return
    z.set(moved)
    refresh()
    draw()
    settleSoon()
  }

  /** Back to where Python is, if the user has gone further just now; else one step of the history. @param {"undo" | "redo"} kind */
  const history = (kind) => {
    if (!moving) return io.send({ kind })
    moving = false
    z.set(data.z)
    refresh()
    draw()
    settle()
  }

  sliders.addEventListener("input", (event) => {
    const row = rowOf(event)
    if (row) move(row, row.input.valueAsNumber)
  })
  sliders.addEventListener("change", () => (byKeys ? settleSoon() : release()))
  sliders.addEventListener("pointerdown", (event) => {
    settle()
    byKeys = false
    const row = rowOf(event)
    held = row && ways ? { row, value: ways.value(z, row.index) } : null
  })
  sliders.addEventListener("pointerup", release) // a slider that is back at its first place sends no `change`
  sliders.addEventListener("pointercancel", () => { // a finger that turned out to scroll the page, though it has moved the slider it landed on
    if (held) {
      move(held.row, held.value)
      held.row.stand(held.value)
    }
    held = null
    moving = false
  })
  sliders.addEventListener("focusout", () => held || settle()) // the press of one slider takes the focus from another
  sliders.addEventListener("dblclick", (event) => {
    const row = rowOf(event)
    if (!row) return
    reset(row)
    settle()
  })
  sliders.addEventListener("keydown", (event) => {
    byKeys = true
    const row = rowOf(event)
    const step = historyStep(event)
    if (step) history(step)
    else if (row && (event.key === "Delete" || event.key === "Backspace")) {
      reset(row)
      settleSoon()
    } else return
    event.preventDefault()
  })
  sliders.addEventListener("wheel", (event) => {
    const row = rowOf(event)
    if (!row || event.ctrlKey || !(event.shiftKey || row.input.matches(":focus"))) return
    event.preventDefault()
    if ((event.deltaY || event.deltaX) < 0) row.input.stepUp()
    else row.input.stepDown()
    move(row, row.input.valueAsNumber)
    settleSoon()
  }, { passive: false })
  more.addEventListener("click", () => {
    everything = !everything
    reveal()
    drawEnds()
  })
  unused.addEventListener("toggle", drawEnds)

  /** Show the first dimensions or all of them. */
  const reveal = () => {
    const used = data.dims.filter((dimension) => !dimension.unused).length
    more.hidden = used <= data.shown
    more.textContent = everything
      ? say`Show the first ${data.shown} only`
      : data.directions
      ? say`Show all ${used} directions`
      : say`Show all ${used} dimensions`
    more.setAttribute("aria-expanded", String(everything))
    rows.filter((_, place) => !data.dims[place].unused).forEach((row, place) => {
      row.element.hidden = place >= data.shown && !everything
    })
  }

  /** Make the sliders anew where the dimensions are others. */
  const lay = () => {
    const wanted = JSON.stringify([data.dims, data.shown, data.compact, data.nameable])
    if (wanted === layout) return false
    layout = wanted
    const rename = data.nameable
      ? (/** @type {number} */ index, /** @type {string} */ name) => io.send({ kind: "name", index, name })
      : null
    rows = data.dims.map((dimension) => new SliderRow(dimension, hint.id, { ends: !data.compact, rename }))
    bank.replaceChildren(...rows.filter((_, place) => !data.dims[place].unused).map((row) => row.element))
    unusedBank.replaceChildren(...rows.filter((_, place) => data.dims[place].unused).map((row) => row.element))
    const count = unusedBank.children.length
    unused.hidden = count === 0
    summary.textContent = count === 1 ? say("1 unused dimension") : say`${count} unused dimensions`
    meaning.textContent = data.unused_note
    reveal()
    return true
  }

  /** Let the sliders move what they are given to: dimensions, or directions, which are fetched first. */
  const learnWays = () => {
    const url = data.directions?.url ?? ""
    about.textContent = data.directions?.about ?? ""
    about.hidden = !data.directions || data.compact
    if (url === waysOf) return
    waysOf = url
    ways = url ? null : new Dimensions()
    if (!url) return
    directionsAt(url, data.z.length).then((found) => {
      if (url !== waysOf) return
      ways = found
      refresh()
      drawEnds()
    }).catch((error) => {
      if (url === waysOf) io.send({ kind: "failed", reason: error.message })
    })
  }

  /** Draw the start and where the picture departs from it, if that is wanted. */
  const compare = async () => {
    const from = data.difference ? data.start?.z : null
    small.hidden = !from
    const { engine } = main
    if (!from || engine?.latent !== from.length) return
    const wanted = `${main.hash} ${from}`
    start.describe(say("Decoded image at the start"), say("Start, decoded"))
    difference.describe(
      say("Difference between the decoded image and the start; mid grey is equal, lighter is brighter than the start"),
      say("Difference: grey is equal"),
    )
    if (wanted === referenceOf) return
    referenceOf = wanted
    const image = await engine.decode(Float32Array.from(from)).catch(() => null) // the figure says why
    if (wanted !== referenceOf) return
    reference = image
    if (!image) {
      referenceOf = ""
      return
    }
    start.fit(engine.shape, SMALL)
    difference.fit(engine.shape, SMALL)
    paint(start.canvas, image, engine.shape)
    draw()
  }

  /** What Python drew, where the engine cannot answer just now. */
  const standIn = () => {
    if (main.engine && main.away && data.drawn && !moving) paintBytes(main.canvas, data.drawn, main.engine.shape)
  }

  const redraw = () => {
    draw()
    drawEnds()
    compare()
    standIn()
  }

  return {
    /** @param {DeckData} newest */
    update: (newest) => {
      data = newest
      body.classList.toggle("deck-compact", data.compact)
      learnWays()
      const laid = lay()
      if (data.z.length !== z.length) moving = false
      if (!moving) z = Float32Array.from(data.z)
      if (!moving || laid) refresh()
      for (const row of rows) row.place(data.posterior ? data.posterior.mean[row.index] : null, data.posterior?.std[row.index] ?? 0)
      apart = data.other?.z ? Float32Array.from(data.other.z) : null
      told.hidden = data.compact || !data.dims.some(({ note }) => note.includes("nats"))
      placed.hidden = !data.posterior || data.compact
      hint.hidden = data.compact
      arrow.hidden = !data.compact
      other.figure.hidden = !data.other
      body.classList.toggle("deck-pair", Boolean(data.other))
      main.open(data.model, data.side, redraw, (error) => io.send({ kind: "failed", reason: error.message }))
      if (data.other) other.open(data.other.source, data.side, draw, (error) => other.say(error.message))
      else other.close()
      if (link !== channel(data.channel)) {
        unlisten()
        link = channel(data.channel)
        unlisten = link.listen(follow)
      }
      describe()
      redraw()
    },
    close: () => {
      clearTimeout(timer)
      unlisten()
      ends.stop()
      main.close()
      other.close()
      root.replaceChildren()
    },
  }
}
