// @ts-nocheck -- not typed yet
// A model in a thread of its own, for engine.js: first the weights, then requests by number, each answered once.
import { openModel } from "./model.js"
import { sceneAt } from "./scene.js"

let model = null

onmessage = ({ data: { weights, id, z, pixels, scene, beta } }) => {
  if (weights) {
    model = openModel(weights)
    postMessage(null)
    return
  }
  try {
    // copies: what is sent changes hands, and the model needs its own buffers again
    if (scene) {
      const result = sceneAt(model, scene, beta)
      postMessage({ id, result }, [result.reconstructions.buffer, result.samples.buffer])
    } else if (z) {
      const result = model.decode(z, beta).slice()
      postMessage({ id, result }, [result.buffer])
    } else {
      const { mean, logvar } = model.encode(pixels, beta)
      const result = { mean: mean.slice(), logvar: logvar.slice() }
      postMessage({ id, result }, [result.mean.buffer, result.logvar.buffer])
    }
  } catch (error) {
    postMessage({ id, error: error.message })
  }
}
