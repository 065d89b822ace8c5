// @ts-check
// The service worker of a static site, against a cache and a network of our own.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict"
import { keepSite } from "../../../assets/live/takehome/offline.js"

/** @import { ServiceWorkerScope } from "../../../assets/live/takehome/offline.js" */

const SITE = "https://school.example/vae/"

/** A worker of a site with a page a and its bytes b, what its network answers with, and what was asked of it. */
function started() {
  /** @type {Map<string, Response>} */
  const kept = new Map()
  const cache = {
    match: (/** @type {string} */ url) => Promise.resolve(kept.get(url)?.clone()),
    put: (/** @type {string} */ url, /** @type {Response} */ answer) => Promise.resolve(void kept.set(url, answer)),
    keys: () => Promise.resolve([...kept.keys()].map((url) => ({ url }))),
    delete: (/** @type {string} */ url) => Promise.resolve(kept.delete(url)),
  }
  /** @type {Map<string, string>} */
  const served = new Map(["index.html", "kit.js", "a.html", "b.js"].map((name) => [SITE + name, `${name} of today`]))
  /** @type {string[]} */
  const asked = []
  const worker = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ ({
    registration: { scope: SITE },
    clients: { claim: () => Promise.resolve() },
    skipWaiting: () => Promise.resolve(),
    caches: { open: () => Promise.resolve(cache) },
    fetch: (/** @type {string | Request} */ wanted) => {
      const url = (typeof wanted === "string" ? wanted : wanted.url).replace(/\/$/, "/index.html")
      asked.push(url.slice(SITE.length))
      const content = served.get(url)
      return content === undefined ? Promise.reject(new TypeError("no network")) : Promise.resolve(new Response(content))
    },
  }))
  keepSite(worker, ["index.html", "kit.js"], ["a.html", "b.js"], ["index.html"])
  /** Have a handler do its work. @param {(event: any) => void} handler @param {object} event */
  const done = async (handler, event = {}) => {
    /** @type {Promise<unknown>[]} */
    const works = []
    handler({ ...event, waitUntil: (/** @type {Promise<unknown>} */ work) => works.push(work) })
    await Promise.all(works)
  }
  /** What a page gets; null where the worker leaves it to the browser. @param {string} url @param {RequestInit} [init] */
  const got = async (url, init) => {
    /** @type {Promise<Response> | null} */
    let answer = null
    await done(worker.onfetch, { request: new Request(url, init), respondWith: (/** @type {Promise<Response>} */ it) => (answer = it) })
    return answer && (await /** @type {Promise<Response>} */ (answer)).text()
  }
  return { worker, kept, served, asked, done, got }
}

Deno.test("what all pages share is kept at once, and a page with its bytes when it is opened", async () => {
  const { worker, kept, done } = started()
  await done(worker.oninstall)
  deepStrictEqual([...kept.keys()], [`${SITE}index.html`, `${SITE}kit.js`])
  await done(worker.onmessage, { data: [`${SITE}a.html?x#y`, `${SITE}b.js`, "https://other.example/", `${SITE}notes.txt`] })
  deepStrictEqual([...kept.keys()].slice(2), [`${SITE}a.html`, `${SITE}b.js`])
})

Deno.test("without a network what was kept is given, and what was not is an error", async () => {
  const { worker, served, done, got } = started()
  await done(worker.oninstall)
  strictEqual(await got(`${SITE}a.html`), "a.html of today")
  served.clear()
  strictEqual(await got(SITE), "index.html of today")
  strictEqual(await got(`${SITE}a.html#map`), "a.html of today")
  await rejects(got(`${SITE}b.js`), /no network/)
})

Deno.test("the index alone is asked for again, and any file that came damaged", async () => {
  const { worker, served, asked, done, got } = started()
  await done(worker.oninstall)
  asked.length = 0
  served.set(`${SITE}index.html`, "of tomorrow")
  deepStrictEqual([await got(`${SITE}index.html`), await got(`${SITE}kit.js`)], ["of tomorrow", "kit.js of today"])
  deepStrictEqual(asked, ["index.html"])
  served.set(`${SITE}kit.js`, "whole")
  strictEqual(await got(`${SITE}kit.js`, { cache: "reload" }), "whole")
  strictEqual(await got(`${SITE}kit.js`), "whole")
})

Deno.test("what is no file of the site is left to the browser, and what is one no longer is forgotten", async () => {
  const { worker, kept, done, got } = started()
  strictEqual(await got(`${SITE}notes.txt`), null)
  strictEqual(await got(`${SITE}a.html`, { method: "POST" }), null)
  kept.set(`${SITE}old.js`, new Response(""))
  await done(worker.oninstall)
  await done(worker.onactivate)
  deepStrictEqual([...kept.keys()], [`${SITE}index.html`, `${SITE}kit.js`])
})
