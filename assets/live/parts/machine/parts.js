// @ts-check
// The elements of the machine, in the order of its work.
import { element } from "../../kit/dom.js"
import { say } from "../../kit/words.js"

const HELP = "Draw with mouse, finger or pen. By keyboard: arrow keys move the brush, Space paints, and draws a line while it is held. " +
  "On the map, arrow keys move z, with Shift in larger steps."

/** The elements, by their use; `board` is what is drawn on. @param {Element} root @param {Element} board */
export function openParts(root, board) {
  const whole = element("div", { className: "machine", parent: root })
  const stage = (/** @type {string} */ name, /** @type {string} */ title) => {
    const section = element("section", { className: `machine-${name}`, parent: whole })
    const heading = element("h2", { parent: section }, title)
    return { section, heading }
  }
  const arrow = (/** @type {string} */ name) => {
    element(
      "p",
      { className: `machine-arrow machine-${name}`, parent: whole, attributes: { "aria-hidden": "true" } },
      "→",
      element("br"),
      name,
    )
  }
  const button = (/** @type {Element} */ parent, /** @type {string} */ name, title = "") =>
    element("button", { type: "button", parent, title }, name)

  const { section: input } = stage("in", say("1 Draw here"))
  input.append(board)
  const tools = element("div", { className: "machine-buttons", parent: input })
  const clear = button(tools, say("Clear"), say("An empty canvas"))
  const undo = button(tools, say("Undo"), say("Take the last stroke back"))
  const colour = element("input", {
    type: "color",
    value: "#2563eb",
    parent: tools,
    attributes: { "aria-label": say("Colour of the brush") },
  })

  const note = element("p", { className: "note", parent: input })
  const images = element("div", {
    className: "machine-images",
    parent: whole,
    attributes: { role: "group", "aria-label": say("Or take a picture") },
  })

  arrow(say("encoder"))
  const { section: code } = stage("code", say("2 Its code: mean μ, width σ"))
  const bars = element("div", { parent: code })
  const dice = element("div", { className: "machine-buttons", parent: code })
  const roll = button(dice, say("Roll the dice"), say("z = μ + σ · ε: each ε is drawn anew from N(0, 1)"))
  const mean = button(dice, say("Use the mean"), "z = μ")
  element("p", { className: "note machine-formula", parent: code }, say("z = μ + σ · ε: the dice are ε."))

  const widths = element("div", { parent: code })

  const { section: map } = stage("map", say("3 z is a place on the map"))
  arrow(say("decoder"))
  const { section: output } = stage("out", say("4 Drawn from z alone"))
  const picture = element("canvas", { className: "machine-picture", parent: output, attributes: { role: "img" } })
  const moving = element("div", { className: "machine-buttons", parent: output })
  const play = button(moving, say("Pause"))

  const { section: ends } = stage("strongest", say("The two numbers that tell most, in nats of information"))
  const status = element("p", { className: "machine-status", parent: whole, attributes: { role: "status" } })
  element("p", { className: "visually-hidden keys", id: "machine-help", parent: whole }, say(HELP))
  const live = element("p", { className: "visually-hidden", parent: whole, attributes: { "aria-live": "polite" } })
  return { whole, clear, undo, colour, note, images, bars, roll, mean, widths, map, picture, play, ends, status, live }
}
