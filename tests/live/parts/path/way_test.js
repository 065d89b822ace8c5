// @ts-check
import { strictEqual } from "node:assert/strict"
import { codeAlong, wordsAt } from "../../../../assets/live/parts/path/way.js"
import { assertClose } from "../../close.js"
import expected from "../../expected/ways.json" with { type: "json" }

/** @import { Kind } from "../../../../assets/live/parts/path/way.js" */

const ways = expected.map((way) => ({ ...way, kind: /** @type {Kind} */ (way.kind) }))

Deno.test("the way between two codes is the one of vae_core.analysis.explore", () => {
  for (const { a, b, kind, places, codes } of ways) {
    places.forEach((t, n) => {
      const z = new Float32Array(a.length)
      codeAlong(Float32Array.from(a), Float32Array.from(b), t, kind, z)
      assertClose(z, codes[n], 1e-5, `${kind}, ${t} of the way from ${a} to ${b}`)
    })
  }
})

Deno.test("both ends are met exactly", () => {
  for (const { a, b, kind } of ways) {
    const z = new Float32Array(a.length)
    codeAlong(Float32Array.from(a), Float32Array.from(b), 0, kind, z)
    assertClose(z, Float32Array.from(a), 0)
    codeAlong(Float32Array.from(a), Float32Array.from(b), 1, kind, z)
    assertClose(z, Float32Array.from(b), 0)
  }
})

Deno.test("a place in words", () => {
  strictEqual(wordsAt(-0.25), "25 % beyond A")
  strictEqual(wordsAt(0), "At A")
  strictEqual(wordsAt(0.5), "50 % of the way from A to B")
  strictEqual(wordsAt(1), "At B")
  strictEqual(wordsAt(1.5), "50 % beyond B")
})
