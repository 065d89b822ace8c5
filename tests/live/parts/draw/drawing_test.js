// @ts-check
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { Drawing } from "../../../../assets/live/parts/draw/drawing.js"
import { rootMeanSquare } from "../../../../assets/live/parts/draw/draw.js"
import { assertClose } from "../../close.js"

/** A stroke through these places. @param {Drawing} drawing @param {number[]} ink @param {number} radius @param {number[][]} places */
function stroke(drawing, ink, radius, places) {
  const points = places.map(([x, y]) => ({ x, y, radius }))
  drawing.begin()
  points.forEach((to, n) => drawing.line(points[Math.max(0, n - 1)], to, ink))
}

/** A row of a grey drawing. @param {Drawing} drawing @param {number} row */
function rowOf(drawing, row) {
  return [...drawing.pixels.subarray(row * drawing.width, (row + 1) * drawing.width)]
}

Deno.test("a dot is ink in the middle, ground outside, and fades in between", () => {
  const drawing = new Drawing([1, 9, 9], [10])
  stroke(drawing, [210], 2, [[4.5, 4.5]])
  const row = rowOf(drawing, 4)
  deepStrictEqual([row[0], row[1], row[4], row[7], row[8]], [10, 10, 210, 10, 10])
  ok(row[2] > 10 && row[2] < 210)
  deepStrictEqual(row, row.toReversed())
  deepStrictEqual(Array.from({ length: 9 }, (_, n) => drawing.pixels[9 * n + 4]), row)
})

Deno.test("half a pixel's cover is half its ink", () => {
  const drawing = new Drawing([1, 1, 9], [0])
  stroke(drawing, [200], 2, [[0.5, 0.5]])
  strictEqual(rowOf(drawing, 0)[2], 100) // its middle lies on the edge
})

Deno.test("a line is the same however many pieces it has", () => {
  const [one, many] = [new Drawing([3, 12, 12], [0, 50, 255]), new Drawing([3, 12, 12], [0, 50, 255])]
  stroke(one, [255, 0, 9], 1.5, [[2, 3], [10, 7]])
  stroke(many, [255, 0, 9], 1.5, [[2, 3], [4, 4], [6, 5], [6, 5], [10, 7]])
  assertClose(many.pixels, one.pixels, 1)
})

Deno.test("a stroke that crosses itself is no darker there, and a second stroke is", () => {
  const [once, twice, crossed] = [0, 1, 2].map(() => new Drawing([1, 1, 9], [0]))
  stroke(once, [200], 2, [[0.5, 0.5]])
  stroke(crossed, [200], 2, [[0.5, 0.5], [0.5, 0.5]])
  deepStrictEqual(crossed.pixels, once.pixels)
  for (let n = 0; n < 2; n++) stroke(twice, [200], 2, [[0.5, 0.5]])
  strictEqual(rowOf(twice, 0)[2], 150)
})

Deno.test("a stroke that leaves the canvas draws what is inside", () => {
  const drawing = new Drawing([1, 4, 4], [0])
  stroke(drawing, [255], 1, [[-20, 2], [30, 2]])
  deepStrictEqual(rowOf(drawing, 1), [255, 255, 255, 255].map(() => rowOf(drawing, 1)[0]))
  ok(rowOf(drawing, 1)[0] > 0)
})

Deno.test("a flood fills each channel with its own", () => {
  const drawing = new Drawing([3, 1, 2], [1, 2, 3])
  deepStrictEqual([...drawing.pixels], [1, 1, 2, 2, 3, 3])
  drawing.flood([7, 8, 9])
  deepStrictEqual([...drawing.pixels], [7, 7, 8, 8, 9, 9])
})

Deno.test("strokes are undone one by one and drawn again, until there is a new one", () => {
  const drawing = new Drawing([1, 1, 2], [0])
  for (const level of [1, 2]) {
    drawing.begin()
    drawing.flood([level])
  }
  const seen = () => drawing.pixels[0]
  drawing.undo()
  strictEqual(seen(), 1)
  drawing.undo()
  drawing.undo() // there is no more
  strictEqual(seen(), 0)
  drawing.redo()
  strictEqual(seen(), 1)
  drawing.begin()
  drawing.flood([9])
  drawing.redo() // what was undone is gone
  strictEqual(seen(), 9)
  drawing.undo()
  strictEqual(seen(), 1)
})

Deno.test("a hundred strokes are kept", () => {
  const drawing = new Drawing([1, 1, 1], [0])
  for (let level = 1; level <= 105; level++) {
    drawing.begin()
    drawing.flood([level])
  }
  while (drawing.done.length) drawing.undo()
  strictEqual(drawing.pixels[0], 5)
})

Deno.test("how far a reconstruction is off, as it is seen", () => {
  assertClose([rootMeanSquare(Float32Array.of(0, 1, 0.5, 0.5), Float32Array.of(-3, 7, 0.5, 1))], [0.25], 1e-7)
})
