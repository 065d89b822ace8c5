// @ts-check
// A model in a thread of its own, for engine.js: first the weights, then requests by number, each answered once.
import { openModel } from "./model.js"
import { sceneAt } from "./scene.js"

/** @import { Model } from "./model.js" */
/** @import { Request } from "./queue.js" */

/** The page. */
const page = /** @type {MessagePort} */ (/** @type {unknown} */ (globalThis)) // the types known here are a page's, and this is a worker
/** @type {Model} */
let model

page.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (data.weights) {
    model = openModel(data.weights)
    page.postMessage(null)
    return
  }
  const request = /** @type {Request} */ (data)
  const { id } = request
  try {
    // copies: what is sent changes hands, and the model needs its own buffers again
    if ("scene" in request) {
      const result = sceneAt(model, request.scene, request.beta)
      page.postMessage({ id, result }, [result.reconstructions.buffer, result.samples.buffer])
    } else if ("z" in request) {
      const result = model.decode(request.z, request.beta).slice()
      page.postMessage({ id, result }, [result.buffer])
    } else {
      const { mean, logvar } = model.encode(request.pixels, request.beta)
      const result = { mean: mean.slice(), logvar: logvar.slice() }
      page.postMessage({ id, result }, [result.mean.buffer, result.logvar.buffer])
    }
  } catch (error) {
    page.postMessage({ id, error: error instanceof Error ? error.message : String(error) })
  }
}
