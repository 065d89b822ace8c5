// @ts-check
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import load from "../../../assets/live/kit/loader.js"

// A component's module that keeps a diary of what happens to it, for all tests to read.
const MODULE = `data:text/javascript,${
  encodeURIComponent(`
    export const diary = []
    export function mountDiary(root, { send }) {
      if (root.refuses) throw new Error("no canvas here")
      diary.push("mounted")
      root.send = send
      return { update: ({ seen }) => diary.push("data " + seen), close: () => diary.push("closed") }
    }`)
}`
const WORDS = `data:text/javascript,${encodeURIComponent("export const heard = []; export const speak = (words) => heard.push(words)")}`
const GERMAN = `data:text/javascript,${encodeURIComponent('export const WORDS = { Play: "Abspielen" }')}`
/** @type {{diary: string[]}} */
const { diary } = await import(MODULE)
/** @type {{heard: unknown[]}} */
const { heard } = await import(WORDS)
Object.assign(globalThis, { location: { origin: "http://127.0.0.1" } })

/** A component on a page, as Streamlit gives it, and what it sends. */
function placed() {
  diary.length = 0
  const root = /** @type {any} */ ({ textContent: "" })
  const parentElement = /** @type {any} */ ({ isConnected: true, querySelector: () => root })
  const sent = /** @type {unknown[]} */ ([])
  const setStateValue = (/** @type {string} */ name, /** @type {unknown} */ value) => sent.push([name, value])
  const give = (/** @type {number} */ seen, /** @type {string | null} */ dictionary = null) =>
    load({ data: { module: MODULE, mount: "mountDiary", words: WORDS, dictionary, session: "a", seen }, parentElement, setStateValue })
  return { root, parentElement, sent, give }
}

const arrival = () => new Promise((resolve) => setTimeout(resolve, 10))

Deno.test("a component is mounted once and is given the newest data", async () => {
  const { give } = placed()
  give(0)
  give(1)
  await arrival()
  give(2)
  deepStrictEqual(diary, ["mounted", "data 1", "data 2"])
})

Deno.test("the end of data that newer data has replaced leaves the component as it is", async () => {
  const { give } = placed()
  const end = give(0)
  give(1)
  end() // as Streamlit does where both were there before the loader had come
  await arrival()
  give(2)
  deepStrictEqual(diary, ["mounted", "data 1", "data 2"])
})

Deno.test("a component that has left the page is closed once, and mounted anew should it come back", async () => {
  const { give, parentElement } = placed()
  const [first, second] = [give(0), give(1)]
  await arrival()
  parentElement.isConnected = false
  first()
  second()
  parentElement.isConnected = true
  give(2)
  await arrival()
  deepStrictEqual(diary, ["mounted", "data 1", "closed", "mounted", "data 2"])
})

Deno.test("one that leaves before its module has come is never mounted", async () => {
  const { give, parentElement } = placed()
  const end = give(0)
  parentElement.isConnected = false
  end()
  await arrival()
  deepStrictEqual(diary, [])
})

Deno.test("data older than the last event does not undo it, unless the session is new", async () => {
  const { give, root, sent } = placed()
  give(0)
  await arrival()
  root.send({ kind: "move" })
  give(0)
  give(1)
  deepStrictEqual(sent, [["event", { kind: "move", n: 1 }]])
  deepStrictEqual(diary, ["mounted", "data 0", "data 1"])
})

Deno.test("a component that cannot be mounted says why, in its place and to Python", async () => {
  const { give, root, sent } = placed()
  root.refuses = true
  give(0)
  await arrival()
  strictEqual(root.textContent, "no canvas here")
  deepStrictEqual(sent, [["event", { kind: "failed", reason: "no canvas here", n: 1 }]])
})

Deno.test("in another language a component is mounted anew, with the words of that language", async () => {
  const { give } = placed()
  heard.length = 0
  give(0)
  await arrival()
  give(1, GERMAN)
  await arrival()
  give(2, GERMAN)
  deepStrictEqual(diary, ["mounted", "data 0", "closed", "mounted", "data 1", "data 2"])
  give(3)
  await arrival()
  deepStrictEqual(diary.slice(6), ["closed", "mounted", "data 3"])
  deepStrictEqual(heard, [null, { Play: "Abspielen" }, null])
})
