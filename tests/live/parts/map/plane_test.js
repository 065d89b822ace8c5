// @ts-check
import { openPlane } from "../../../../assets/live/parts/map/plane.js"
import { assertClose } from "../../close.js"
import planes from "../../expected/planes.json" with { type: "json" }

Deno.test("codes are placed and places lifted as by vae_core.analysis.projection", () => {
  for (const { view, points, codes, new: added, placed, places, lifted } of planes) {
    const spread = new Float32Array(codes.length).fill(1) // the standard deviations come after the means
    const plane = openPlane(view, Float32Array.from(points), Float32Array.from([...codes, ...spread]))
    added.forEach((z, n) => assertClose(plane.place(Float32Array.from(z)), placed[n], 1e-5, `code ${n}`))
    places.forEach((place, n) => assertClose(plane.lift(Float32Array.from(place)), lifted[n], 1e-5, `place ${n}`))
  }
})
