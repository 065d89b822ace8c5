// @ts-check
// The service worker of a static site: whoever has seen a page finds it again without a network.

/** @typedef {{waitUntil: (work: Promise<unknown>) => void}} Event of a service worker, which lives until that is done */
/** @typedef {Event & {request: Request, respondWith: (answer: Promise<Response>) => void}} FetchEvent */
/**
 * The global object of a service worker, of which the types known here know nothing.
 * @typedef {object} ServiceWorkerScope
 * @property {{scope: string}} registration
 * @property {{claim: () => Promise<void>}} clients
 * @property {CacheStorage} caches
 * @property {typeof fetch} fetch
 * @property {() => Promise<void>} skipWaiting
 * @property {(event: Event) => void} oninstall
 * @property {(event: Event) => void} onactivate
 * @property {(event: Event & {data: string[]}) => void} onmessage
 * @property {(event: FetchEvent) => void} onfetch
 */

/**
 * Keep the site: at once what all pages share, and each page once it is opened. Nearly all names hold a hash of the content: only the
 * others are asked for again.
 * @param {ServiceWorkerScope} worker
 * @param {string[]} shared names of the files that all pages share, the index first
 * @param {string[]} others names of all other files
 * @param {string[]} renewed those of both without a hash, which change
 */
export function keepSite(worker, shared, others, renewed) {
  const { scope } = worker.registration
  const [known, first, changing] = [[...shared, ...others], shared, renewed].map((names) => names.map((name) => new URL(name, scope).href))
  const opened = () => worker.caches.open(`latent-loom ${scope}`)

  /** @param {string} url */
  const addressOf = (url) => {
    const address = url.replace(/[?#].*/, "")
    return address.endsWith("/") ? `${address}index.html` : address
  }

  // Made anew, since a browser opens no page with an answer that was redirected.
  /** @param {string} address @param {Response} answer */
  const keep = async (address, answer) => {
    if (answer.ok) await (await opened()).put(address, new Response(answer.body, answer))
  }

  /** @param {string[]} addresses */
  const bring = (addresses) =>
    Promise.all(addresses.map(async (address) => {
      const cache = await opened()
      if (changing.includes(address)) await keep(address, await worker.fetch(address, { cache: "no-cache" }))
      else if (!(await cache.match(address))) await keep(address, await worker.fetch(address, { cache: "force-cache" }))
    }))

  const prune = async () => {
    const cache = await opened()
    for (const { url } of await cache.keys()) if (!known.includes(url)) await cache.delete(url)
  }

  /** @param {FetchEvent} event @param {string} address */
  const answerTo = async (event, address) => {
    const kept = await (await opened()).match(address)
    if (kept && !changing.includes(address) && event.request.cache !== "reload") return kept
    try {
      const answer = await (changing.includes(address) ? worker.fetch(event.request, { cache: "no-cache" }) : worker.fetch(event.request))
      event.waitUntil(keep(address, answer.clone()))
      return answer
    } catch (error) {
      if (kept) return kept
      throw error
    }
  }

  worker.oninstall = (event) => event.waitUntil(bring(first).then(() => worker.skipWaiting()))
  worker.onactivate = (event) => event.waitUntil(prune().then(() => worker.clients.claim()))
  worker.onmessage = (event) => event.waitUntil(bring(event.data.map(addressOf).filter((address) => known.includes(address))))
  worker.onfetch = (event) => {
    const address = addressOf(event.request.url)
    if (event.request.method === "GET" && known.includes(address)) event.respondWith(answerTo(event, address))
  }
}
