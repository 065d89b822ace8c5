// @ts-check
// Pictures of which one is chosen: by a click or a finger, or by the arrow keys and Enter.
import { bytesOf } from "../../kit/base64.js"
import { element } from "../../kit/dom.js"
import { paint } from "../../kit/paint.js"
import { stepTo } from "./steps.js"

/** @import { PickerData, PickerEvent } from "../../kit/wire.js" */

const SIDE = 64 // screen pixels that the longer side of a picture has about

/**
 * The pictures in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: PickerEvent) => void}} io
 */
export function mountPicker(root, io) {
  const group = element("div", { className: "picker", parent: root, attributes: { role: "radiogroup" } })
  let shown = "" // the pictures that the tiles show
  let tiles = /** @type {HTMLButtonElement[]} */ ([])

  /** Mark the chosen tile; it is the one that the Tab key comes to, else the first. @param {number} place of the tile, −1: none */
  const mark = (place) => {
    for (const [at, tile] of tiles.entries()) {
      tile.setAttribute("aria-checked", String(at === place))
      tile.tabIndex = at === Math.max(0, place) ? 0 : -1
    }
  }

  /** How many tiles stand in the first row. */
  const columns = () => tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length

  group.onkeydown = (event) => {
    const next = stepTo(event.key, tiles.findIndex((tile) => tile === event.target), tiles.length, columns())
    if (next === null) return
    event.preventDefault()
    tiles[next].focus()
  }

  /** Build the tiles. @param {PickerData} data */
  const lay = ({ images, shape, numbers, titles }) => {
    const bytes = bytesOf(images)
    const [channels, height, width] = shape
    const size = channels * height * width
    const scale = Math.max(1, Math.floor(SIDE / Math.max(height, width)))
    tiles = numbers.map((number, place) => {
      const canvas = element("canvas", { attributes: { "aria-hidden": "true" } })
      paint(canvas, Float32Array.from(bytes.subarray(place * size, (place + 1) * size), (level) => level / 255), shape)
      canvas.style.width = `${scale * width}px`
      const tile = element(
        "button",
        { type: "button", title: titles[place], attributes: { role: "radio", "aria-label": titles[place] } },
        canvas,
      )
      tile.onclick = () => {
        mark(place)
        io.send({ kind: "choose", numbers: [number] })
      }
      return tile
    })
    group.replaceChildren(...tiles)
  }

  return {
    /** @param {PickerData} data */
    update: (data) => {
      group.setAttribute("aria-label", data.legend)
      const asked = String([data.numbers, data.titles, data.images])
      if (asked !== shown) lay(data)
      shown = asked
      mark(data.chosen === null ? -1 : data.numbers.indexOf(data.chosen))
    },
    close: () => root.replaceChildren(),
  }
}
