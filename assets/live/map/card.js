// @ts-nocheck -- not typed yet
// The card beside the pointer: a picture and what it shows.

const PICTURE = 112 // pixels of the picture's shorter side, at least
const APART = 20 // pixels from the pointer; a finger covers more
const APART_FINGER = 44

export class Card {
  constructor(stage) {
    this.stage = stage
    this.element = Object.assign(document.createElement("div"), { className: "map-card", hidden: true })
    const [slot, title, detail] = ["map-picture", "map-card-title", "note"].map((name) => {
      const part = Object.assign(document.createElement("div"), { className: name })
      this.element.append(part)
      return part
    })
    Object.assign(this, { slot, title, detail })
    stage.append(this.element)
  }

  get shown() {
    return !this.element.hidden
  }

  /** All that it says, in one line. */
  get text() {
    return this.shown ? `${this.title.textContent}. ${this.detail.textContent.replaceAll("\n", ". ")}` : ""
  }

  /** Say this over a picture, a canvas of this width and height, or null while it is on its way. */
  show(title, lines, canvas, width, height) {
    if (canvas) {
      canvas.style.width = `${width * Math.ceil(PICTURE / Math.min(width, height))}px`
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", title)
    }
    if (this.slot.firstChild !== canvas) this.slot.replaceChildren(...(canvas ? [canvas] : []))
    this.title.textContent = title
    this.detail.textContent = lines.join("\n")
    this.element.hidden = false
  }

  /** Stand beside a place, on the side with more room, and never beyond the top or the bottom. */
  place(x, y, touched) {
    const { clientWidth, clientHeight } = this.stage
    const { style } = this.element
    const apart = touched ? APART_FINGER : APART
    const onRight = x < clientWidth / 2
    style.left = onRight ? `${x + apart}px` : "auto"
    style.right = onRight ? "auto" : `${clientWidth - x + apart}px`
    style.top = `${(100 * y) / clientHeight}%`
    style.transform = `translateY(${(-100 * y) / clientHeight}%)`
  }

  hide() {
    this.element.hidden = true
  }
}

/** What to say of a place [x, y] that is decoded: where it is, and how a code was found for it. `scale` is pixels per unit. */
export function placeLines(view, latent, at, scale) {
  const digits = Math.max(0, Math.min(6, Math.round(Math.log10(scale))))
  const where = view.labels.map((label, axis) => `${label.split(" (")[0]} ${at[axis].toFixed(digits).replace("-", "−")}`).join(", ")
  if (!view.axes) return [where, "From the mean of the 5 nearest codes, weighted by distance"]
  if (latent === 2) return [where]
  return [where, view.method === "raw" ? "Other dimensions at 0" : "Other dimensions at their mean"]
}
