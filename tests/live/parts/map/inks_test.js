// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { Inks, LEVELS } from "../../../../assets/live/parts/map/inks.js"
import { assertClose } from "../../close.js"
import scales from "../../expected/scales.json" with { type: "json" }

const PALETTE = ["#ff0000", "#00ff00"]

/** @param {string[]} names @param {number[]} values */
function classes(names, values) {
  return new Inks({ title: "Class", names, palette: PALETTE }, Float32Array.from(values))
}

Deno.test("a quantity has the colours of its scale, as mixed by NumPy", () => {
  for (const { palette, values, colours } of scales) {
    const inks = new Inks({ title: "Size", names: null, palette }, Float32Array.from(values))
    inks.ink.forEach((ink, n) => assertClose(inks.bytes[ink], colours[n], 1, `value ${values[n]}`))
    deepStrictEqual([inks.low, inks.high], [Math.fround(Math.min(...values)), Math.fround(Math.max(...values))])
  }
})

Deno.test("points of one class are one group; those of none are the first", () => {
  const inks = classes(["a", "b", "c"], [2, NaN, 0, 2])
  deepStrictEqual([...inks.ink], [3, 0, 1, 3])
  deepStrictEqual([...inks.counts], [1, 1, 0, 2])
  deepStrictEqual(inks.present, [0, 1, 3])
  deepStrictEqual([1, 2, 3].map((ink) => inks.css(ink)), ["rgb(255 0 0)", "rgb(0 255 0)", "rgb(255 0 0)"])
})

Deno.test("classes of one colour have different shapes", () => {
  const inks = classes(["a", "b", "c", "d", "e", "f"], [0])
  const looks = [...inks.bytes.keys()].slice(1).map((ink) => `${inks.css(ink)} ${inks.shapes[ink]}`)
  strictEqual(new Set(looks).size, 6)
})

Deno.test("classes that share a grey are told from those with a colour", () => {
  const names = ["a", "b", "7 others"]
  strictEqual(new Inks({ title: "Class", names, palette: ["#ff0000", "#00ff00", "#999999"] }, Float32Array.of(2, 0)).others, 3)
  strictEqual(classes(names, [2, 0]).others, 0)
})

Deno.test("a quantity that is the same everywhere has a colour", () => {
  const inks = new Inks({ title: "Size", names: null, palette: PALETTE }, Float32Array.of(3, 3, NaN))
  deepStrictEqual([...inks.ink], [1, 1, 0])
  strictEqual(inks.bytes.length, LEVELS + 1)
})

Deno.test("what a colour says", () => {
  const inks = classes(["a", "b"], [1, NaN])
  deepStrictEqual([inks.words(0), inks.words(1)], ["Class: b", "Class: none"])
  strictEqual(new Inks({ title: "Size", names: null, palette: PALETTE }, Float32Array.of(1.23456)).words(0), "Size: 1.23")
})

Deno.test("classes that are hidden stay so where the names are the same", () => {
  const before = classes(["a", "b"], [0, 1])
  before.shown[2] = 0
  const [same, other] = [classes(["a", "b"], [1]), classes(["a", "c"], [1])]
  for (const inks of [same, other]) inks.hideAs(before)
  deepStrictEqual([[...same.shown], [...other.shown]], [[1, 1, 0], [1, 1, 1]])
})

Deno.test("twenty classes differ in colour or shape, whether the ten colours come once or are told for each", () => {
  const ten = Array.from({ length: 10 }, (_, i) => `#00000${i}`)
  const names = Array.from({ length: 20 }, (_, i) => `class ${i}`)
  for (const palette of [ten, [...ten, ...ten]]) {
    const inks = new Inks({ title: "Class", names, palette }, Float32Array.of(0))
    const looks = new Set(names.map((_, i) => `${inks.bytes[i + 1]} ${inks.shapes[i + 1]}`))
    strictEqual(looks.size, 20)
  }
})
