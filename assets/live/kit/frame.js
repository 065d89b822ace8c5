// @ts-check
// Drawing once per animation frame, however often it is asked for.

/**
 * `draw()` in the next animation frame, once however often `ask()` is called before it. `close()` takes back what was asked.
 * @param {() => void} draw
 */
export function nextFrame(draw) {
  let frame = 0
  const drawn = () => {
    frame = 0
    draw()
  }
  return {
    ask() {
      frame ||= requestAnimationFrame(drawn)
    },
    close() {
      cancelAnimationFrame(frame)
      frame = 0
    },
  }
}
