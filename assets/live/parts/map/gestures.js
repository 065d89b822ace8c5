// @ts-check
// Mouse, pen and fingers on an element, told apart: to hover, to press and drag, to pan, to zoom.

/** @import { Spot, Stage } from "./stage.js" */

const STILL = 4 // pixels within which a press counts as a click
const WHEEL_LINE = 16 // pixels of a line, and of a page, where a wheel turns by those
const WHEEL_PAGE = 400
const WHEEL_ZOOM = 0.002 // of the zoom's logarithm per pixel of the wheel

/** Where a pointer is, in pixels from an element's top left corner. @param {Element} element @param {MouseEvent} event @returns {Spot} */
function spotOn(element, event) {
  const box = element.getBoundingClientRect()
  return [event.clientX - box.left, event.clientY - box.top]
}

/**
 * Let a map be pointed at and clicked, with a crosshair for the keys: all that a map hears which neither pans nor zooms by gestures.
 * @param {Stage} stage
 * @param {{look: (x: number, y: number, keyed: boolean) => void, choose: () => void, key: (event: KeyboardEvent) => void, leave: () => void}} map
 */
export function followPointing(stage, map) {
  const { marks } = stage
  marks.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") map.look(...spotOn(marks, event), false)
  })
  marks.addEventListener("pointerleave", () => stage.keyed || map.leave())
  marks.addEventListener("click", (event) => {
    map.look(...spotOn(marks, event), false)
    map.choose()
  })
  marks.addEventListener("keydown", (event) => map.key(event))
  marks.addEventListener("blur", () => map.leave())
}

/**
 * Follow all pointers on an element until `signal` aborts. All places are pixels from its top left corner. `pans()` says whether the main
 * button pans now.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 * @param {{
 *   pans: () => boolean,
 *   hover: (x: number, y: number) => void,
 *   leave: () => void,
 *   press: (x: number, y: number, touch: boolean) => void,
 *   drag: (x: number, y: number) => void,
 *   release: (x: number, y: number, moved: boolean) => void,
 *   cancel: () => void,
 *   pan: (dx: number, dy: number) => void,
 *   zoom: (factor: number, x: number, y: number) => void,
 * }} on
 */
export function followPointers(element, signal, on) {
  /** @type {Map<number, Spot>} */
  const down = new Map() // pointers that are down, by id: where they were last
  /** @type {"none" | "press" | "pan" | "pinch" | "wait"} */
  let act = "none" // "wait": after a pinch, for the last finger to go
  let start = [0, 0]
  let moved = false

  const place = (/** @type {MouseEvent} */ event) => spotOn(element, event)
  const middle = () => {
    const [[ax, ay], [bx, by]] = down.values()
    return { x: (ax + bx) / 2, y: (ay + by) / 2, apart: Math.hypot(ax - bx, ay - by) || 1 }
  }
  /**
   * @template {keyof HTMLElementEventMap} Type
   * @param {Type} type
   * @param {(event: HTMLElementEventMap[Type]) => void} tell
   * @param {AddEventListenerOptions} [options]
   */
  const listen = (type, tell, options) => element.addEventListener(type, tell, { signal, ...options })

  listen("pointerdown", (event) => {
    if (act === "wait" || down.size === 2) return
    element.setPointerCapture(event.pointerId)
    down.set(event.pointerId, place(event))
    if (down.size === 2) {
      if (act === "press") on.cancel()
      act = "pinch"
    } else if (event.button !== 0 || on.pans()) {
      act = "pan"
      on.leave()
    } else {
      act = "press"
      moved = false
      start = place(event)
      on.press(start[0], start[1], event.pointerType === "touch")
    }
  })

  listen("pointermove", (event) => {
    const at = place(event)
    const before = down.get(event.pointerId)
    if (!before) {
      if (!down.size) on.hover(...at)
    } else if (act === "pinch") {
      const old = middle()
      down.set(event.pointerId, at)
      const now = middle()
      on.pan(now.x - old.x, now.y - old.y)
      on.zoom(now.apart / old.apart, now.x, now.y)
    } else {
      down.set(event.pointerId, at)
      if (act === "pan") on.pan(at[0] - before[0], at[1] - before[1])
      moved ||= Math.hypot(at[0] - start[0], at[1] - start[1]) > STILL
      if (act === "press" && moved) on.drag(...at)
    }
  })

  const end = (/** @type {PointerEvent} */ event, /** @type {boolean} */ finished) => {
    if (!down.delete(event.pointerId)) return
    if (act === "press") {
      if (finished) on.release(...place(event), moved)
      else on.cancel()
    }
    act = down.size ? "wait" : "none"
  }
  listen("pointerup", (event) => end(event, true))
  listen("pointercancel", (event) => end(event, false))
  listen("lostpointercapture", (event) => end(event, false))
  listen("pointerleave", () => down.size || on.leave())
  listen("mousedown", (event) => event.button === 1 && event.preventDefault()) // else the page would begin to scroll by itself
  listen("contextmenu", (event) => event.preventDefault())
  listen("dblclick", (event) => on.zoom(2, ...place(event)))
  listen(
    "wheel",
    (event) => {
      event.preventDefault()
      const unit = [1, WHEEL_LINE, WHEEL_PAGE][event.deltaMode]
      const speed = event.ctrlKey ? 5 : 1 // a pinch on a touch pad arrives as small turns of the wheel
      on.zoom(Math.exp(-event.deltaY * unit * WHEEL_ZOOM * speed), ...place(event))
    },
    { passive: false },
  )
}
