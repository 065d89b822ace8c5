// @ts-check
// The bytes of a static site's model, from both ways to get them.
import { deepStrictEqual } from "node:assert/strict"
import { bytesOfLetters, unquoted } from "../../../assets/live/takehome/files.js"

const EVERY = Uint8Array.from({ length: 256 }, (_, byte) => byte)

Deno.test("a model's file is the bytes between its quotes, with what is escaped in it", () => {
  const escaped = [...EVERY].flatMap((byte) => ({ 10: [92, 110], 13: [92, 114], 34: [92, 34], 92: [92, 92] })[byte] ?? [byte])
  const script = Uint8Array.from([...'LOOM="'].map((letter) => letter.charCodeAt(0)).concat(escaped, 34))
  deepStrictEqual(unquoted(script), EVERY)
})

Deno.test("the letters that a browser makes of it are the same bytes", () => {
  deepStrictEqual(bytesOfLetters(new TextDecoder("x-user-defined").decode(EVERY)), EVERY)
})
