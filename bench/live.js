// Put into a page before anything of its own: when did the pointer move, and when had the browser drawn what came of it?
window.bench = (() => {
  let moved = null // when the first move that is not drawn yet came in, and when the page heard of it
  let released = null
  let seen = null
  let pointsThere = null
  let pointsDrawn = null
  const waiting = new MessageChannel() // a message sent while a frame is made arrives when it is made
  let sent = false
  waiting.port1.onmessage = () => {
    sent = false
    const now = performance.now()
    if (pointsThere !== null) pointsDrawn ??= now
    if (!seen?.drawn) return
    seen.lags.push(now - seen.drawn.heard)
    seen.waits.push(now - seen.drawn.came)
    seen.drawn = null
  }
  const drawing = () => {
    if (seen && moved !== null) [seen.drawn, moved] = [moved, null]
    if (sent) return
    sent = true
    waiting.port2.postMessage(null)
  }
  for (const name of ["putImageData", "drawImage", "clearRect"]) {
    const own = CanvasRenderingContext2D.prototype[name]
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      drawing()
      return own.apply(this, given)
    }
  }
  const image = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src")
  const changed = () => {
    if (!seen) return
    if (released !== null) {
      const since = released
      released = null
      requestAnimationFrame(() => setTimeout(() => seen?.released.push(performance.now() - since)))
    } else drawing()
  }
  Object.defineProperty(HTMLImageElement.prototype, "src", { ...image, set(value) { changed(); image.set.call(this, value) } })
  new MutationObserver((records) => records.some((one) => one.target.tagName === "IMG") && changed())
    .observe(document, { subtree: true, attributes: true, attributeFilter: ["src"] })
  addEventListener("pointermove", (event) => {
    if (!seen) return
    seen.moves++
    moved ??= { came: event.timeStamp, heard: performance.now() }
  }, true)
  addEventListener("pointerup", (event) => { released = event.timeStamp }, true)
  const own = Response.prototype.arrayBuffer
  Response.prototype.arrayBuffer = async function () {
    const content = await own.call(this)
    if (this.url.includes("/points/")) pointsThere ??= performance.now()
    return content
  }
  const count = () => {
    if (seen) seen.count++
    requestAnimationFrame(count)
  }
  requestAnimationFrame(count)
  return {
    begin() { moved = null; seen = { lags: [], waits: [], released: [], moves: 0, count: 0, drawn: null, start: performance.now() } },
    end() {
      const { lags, waits, released, moves, count, start } = seen
      seen = null
      return { lags, waits, released, moves, frames: count / ((performance.now() - start) / 1000) }
    },
    firstPaint: () => pointsDrawn - pointsThere,
  }
})()
