// @ts-check
// Addresses of what Python gives a page: each is found, wherever it stands.
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { addressed } from "../../../assets/live/takehome/given.js"
import { sourceAt } from "../../../assets/live/takehome/source.js"

/** @type {any} */
const DATA = {
  model: { weights: "0-1", hash: "h", stream: null, worker: false },
  deck: { z: [0], directions: { url: "1-2", about: "principal" } },
  map: {
    points: "2-3",
    numbers: "3-4",
    codes: "4-5",
    colour: { title: "Class", url: "5-6", names: ["1-2 years"], palette: [] },
    pictures: { sheet: "6-7", columns: 1, shape: [1, 8, 8] },
  },
  grid: null,
}

Deno.test("every part of the content has its own address", () => {
  /** @type {[number, number, string][]} */
  const asked = []
  /** @type {any} */
  const given = addressed(DATA, (start, end, type) => {
    asked.push([start, end, type])
    return `blob:${start}`
  })
  strictEqual(JSON.stringify(given).match(/"\d+-\d+"/g), null)
  deepStrictEqual(asked.map(([start]) => start).sort(), [0, 1, 2, 3, 4, 5, 6])
  deepStrictEqual(asked.filter(([, , type]) => type === "image/png").map(([start]) => start), [6])
  deepStrictEqual(given.deck.directions, { url: "blob:1", about: "principal" })
  deepStrictEqual(given.map.colour.names, ["1-2 years"])
})

Deno.test("what is not there needs no address", () => {
  /** @type {any} */
  const given = addressed({ ...DATA, deck: { z: [0], directions: null }, map: null }, () => "blob:")
  deepStrictEqual([given.deck.directions, given.map], [null, null])
})

Deno.test("a multi-rate model at one KL weight has a hash of its own", () => {
  deepStrictEqual(sourceAt(DATA.model, null), DATA.model)
  deepStrictEqual(sourceAt(DATA.model, [0.5, 1]), { ...DATA.model, hash: "h at 0.5,1", at: { hash: "h", beta: [0.5, 1] } })
})
