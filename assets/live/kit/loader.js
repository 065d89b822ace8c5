// @ts-check
// What Streamlit runs for each live component: it fetches the component's module once and hands it all data from then on.
// Streamlit is given it as text, so it may import nothing of its own.

/** @typedef {{kind: string, [name: string]: unknown}} LoaderEvent */
/** @typedef {{update: (data: any) => void, close: () => void}} LoaderView */
/**
 * Where the module is, which of its functions mounts it, and where its words are, in another language than English with a dictionary.
 * @typedef {{module: string, mount: string, words: string, dictionary: string | null, session: string, seen: number}} LoaderData
 */
/**
 * @typedef {object} Component as Streamlit gives it, anew with each new data
 * @property {LoaderData} data
 * @property {ParentNode & Node} parentElement the same for as long as the component is on the page
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** @type {WeakMap<Node, ReturnType<typeof open>>} */
const homes = new WeakMap()

/**
 * Streamlit calls this with each new data, and what it returns once the component is gone. But it calls that too for data that was
 * followed by newer before this module had arrived, at times after it has handed over the newer: so it counts only once the
 * component has left the page.
 * @param {Component} component
 */
export default function load(component) {
  const { parentElement } = component
  let home = homes.get(parentElement)
  if (!home) homes.set(parentElement, home = open(component))
  home.update(component)
  return () => {
    if (parentElement.isConnected) return
    homes.get(parentElement)?.close()
    homes.delete(parentElement)
  }
}

/** @param {Component} component */
function open(component) {
  const root = /** @type {HTMLElement} */ (component.parentElement.querySelector(".live"))
  let latest = component, sent = 0, session = "", closed = false
  let spoken = /** @type {string | null} */ (null) // the dictionary of the language that the part was mounted in
  /** @type {LoaderView | null} */
  let view = null
  const send = (/** @type {LoaderEvent} */ event) => latest.setStateValue("event", { ...event, n: ++sent })
  const fail = (/** @type {Error} */ error) => {
    root.textContent = error.message
    send({ kind: "failed", reason: String(error.message) })
  }
  // `seen` is the number of the last event that Python has heard of: data that was sent before that is old and must not undo what the
  // user has done since. A new session, as after a restart of the server, has heard of none.
  const update = () => {
    const { data } = latest
    if (!view || (data.session === session && data.seen < sent)) return
    if (data.dictionary !== spoken) {
      view.close()
      view = null
      mount().catch(fail)
      return
    }
    session = data.session
    sent = data.seen
    view.update(data)
  }
  const brought = (/** @type {string} */ address) => import(new URL(address, location.origin).href)
  const mount = async () => {
    const { data } = latest
    const { dictionary } = data
    const [module, { speak }, language] = await Promise.all([
      brought(data.module),
      brought(data.words),
      dictionary === null ? null : brought(dictionary),
    ])
    if (closed) return
    speak(language?.WORDS ?? null)
    spoken = dictionary
    view = module[data.mount](root, { send })
    update()
  }
  mount().catch(fail)
  return {
    /** @param {Component} newest */
    update: (newest) => {
      latest = newest
      update()
    },
    close: () => {
      closed = true
      view?.close()
    },
  }
}
