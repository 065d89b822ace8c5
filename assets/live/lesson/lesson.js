// @ts-check
// The lesson of a static site: one step a screen, in the reader's language, with what is chosen in the address.
import { element } from "../kit/dom.js"
import { openEngine } from "../engine/engine.js"
import { bytesOf } from "../kit/base64.js"
import { WORDS } from "../kit/german.js"
import { local, say, speak } from "../kit/words.js"
import { addressOf, contentOf, keepOffline, partOf } from "../takehome/files.js"
import { mountBefore } from "./steps/before.js"
import { mountBound } from "./steps/bound.js"
import { mountCompress } from "./steps/compress.js"
import { mountContinuity } from "./steps/continuity.js"
import { mountCreate } from "./steps/create.js"
import { mountDream } from "./steps/dream.js"
import { mountForces } from "./steps/forces.js"
import { mountRegions } from "./steps/regions.js"
import { mountTradeoff } from "./steps/tradeoff.js"
import { mountTrick } from "./steps/trick.js"

/** @import { LessonData, LessonFile } from "../kit/wire_pages.js" */
/** @import { Mounted, Step } from "./step.js" */

/** @type {Record<string, (step: Step, content: any) => Mounted | Promise<Mounted>>} */
const MOUNTS = {
  compress: mountCompress,
  dream: mountDream,
  regions: mountRegions,
  continuity: mountContinuity,
  trick: mountTrick,
  bound: mountBound,
  forces: mountForces,
  tradeoff: mountTradeoff,
  before: mountBefore,
  create: mountCreate,
}
const STEPS = Object.keys(MOUNTS)
/** @type {Record<string, Record<string, string>>} */
const DICTIONARIES = { de: WORDS } // of the live parts
const TALLY = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }

/**
 * Start the lesson in a page of vae_core/export/lesson_page.py.
 * @param {Document} page
 * @param {string[]} styles of its pictures
 */
export function openLesson(page, styles) {
  const lesson = new Lesson(page, JSON.parse(page.getElementById("loom-data")?.textContent ?? ""), styles)
  lesson.start()
}

class Lesson {
  /** @param {Document} page @param {LessonData} data @param {string[]} styles */
  constructor(page, data, styles) {
    this.page = page
    this.data = data
    this.sheets = styles.map((text) => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(text)
      return sheet
    })
    const bytes = bytesOf(data.digits)
    const size = bytes.length / 10
    this.digits = Array.from(
      { length: 10 },
      (_, digit) => Float32Array.from(bytes.subarray(digit * size, (digit + 1) * size), (level) => level / 255),
    )
    /** @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} */
    this.contents = new Map() // of files, by their names
    /** @type {Map<string, Promise<{hash: string, weights: string}>>} */
    this.sources = new Map()
    this.language = 0
    this.key = STEPS[0]
    /** @type {Map<string, string>} */
    this.chosen = new Map() // of all steps
    /** @type {Set<string>} */
    this.used = new Set() // of these by the step that is shown, so in the address
    /** @type {Mounted | null} */
    this.mounted = null
    this.turn = 0
  }

  start() {
    const { page, data } = this
    page.getElementById("not-run")?.remove()
    page.body.classList.add("lesson-runs")
    this.buttons = data.languages.map((code, place) => {
      const button = element(
        "button",
        { type: "button", lang: code, parent: page.getElementById("languages") ?? undefined },
        code.toUpperCase(),
      )
      button.onclick = () => this.speak(place)
      return button
    })
    addEventListener("hashchange", () => this.read(true))
    page.addEventListener("keydown", (event) => this.hear(event), true)
    page.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      for (const word of page.querySelectorAll(".told .word:is(:hover, :focus-within)")) word.classList.add("shut")
    })
    for (const left of ["pointerout", "focusout"]) {
      page.addEventListener(left, (event) => /** @type {Element} */ (event.target).closest?.(".told .word")?.classList.remove("shut"))
    }
    page.addEventListener("change", (event) => this.answer(/** @type {HTMLInputElement} */ (event.target)))
    const spoken = data.languages.indexOf(navigator.language.split("-")[0])
    this.language = Math.max(0, spoken)
    this.read(false)
  }

  // The address

  /** Show the step of the address, as it was left. @param {boolean} turned the user has come from another one */
  read(turned) {
    const [asked, ...rest] = this.page.location.hash.slice(1).split("?")
    for (const [name, value] of new URLSearchParams(rest.join("?"))) this.chosen.set(name, value)
    const language = this.data.languages.indexOf(this.chosen.get("lang") ?? "")
    if (language >= 0) this.language = language
    this.key = STEPS.includes(asked) ? asked : STEPS[0]
    this.show(turned)
  }

  write() {
    const used = [...this.chosen].filter(([name]) => this.used.has(name))
    const address = `#${this.key}?${new URLSearchParams([["lang", this.data.languages[this.language]], ...used])}`
    try {
      history.replaceState(null, "", address)
    } catch {
      // a browser that lets no page from the disk change its address: nothing else depends on it
    }
  }

  /** @param {number} language */
  speak(language) {
    this.language = language
    this.write()
    this.show(false)
  }

  /** @param {KeyboardEvent} event */
  hear(event) {
    const by = TALLY[/** @type {keyof typeof TALLY} */ (event.key)]
    if (!by || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
    const at = /** @type {Element} */ (event.composedPath()[0])
    const field = at.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])")
    const plain = at.matches("body, a, button, summary, h2") && !at.hasAttribute("role")
    if (event.key.startsWith("Page") ? field : !plain) return
    const next = STEPS[STEPS.indexOf(this.key) + by]
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    this.page.location.hash = `#${next}`
  }

  // A step

  /** The article of the step in the language of now. */
  get article() {
    const language = this.page.querySelectorAll(".lesson-language")[this.language]
    return /** @type {HTMLElement} */ (language.querySelector(`[data-step="${this.key}"]`))
  }

  /** The words of the language of now by the English ones: of the live parts, and the lesson's own. @returns {Record<string, string>} */
  get dictionary() {
    const own = this.data.short.map(({ text, said }) => [text, said[this.language]])
    return { ...DICTIONARIES[this.data.languages[this.language]], ...Object.fromEntries(own) }
  }

  /** Under which name the answer of the step is kept. */
  get answered() {
    return `${this.key}_answer`
  }

  /** @param {boolean} turned */
  show(turned) {
    const { page, article, data } = this
    const code = data.languages[this.language]
    speak(this.language === 0 ? null : this.dictionary)
    page.documentElement.lang = code
    this.buttons?.forEach((button, place) => button.setAttribute("aria-pressed", String(place === this.language)))
    for (const language of page.querySelectorAll(".lesson-language")) {
      language.classList.toggle("lesson-now", language.getAttribute("lang") === code)
    }
    for (const other of page.querySelectorAll(".lesson-step")) other.classList.toggle("lesson-now", other === article)
    for (const link of page.querySelectorAll(".lesson-rail a")) {
      if (link.getAttribute("href") === `#${this.key}`) link.setAttribute("aria-current", "step")
      else link.removeAttribute("aria-current")
    }
    page.querySelector(".lesson-now .lesson-rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })
    const answer = this.chosen.get(this.answered)
    this.used = new Set([this.answered])
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (article.querySelectorAll(".lesson-ask input"))) {
      input.checked = input.value === answer
    }
    this.right = /** @type {number} */ (/** @type {any} */ (data)[this.key].right)
    this.judge()
    if (turned) {
      scrollTo(0, 0)
      const heading = /** @type {HTMLElement | null} */ (article.querySelector("h2"))
      heading?.focus({ preventScroll: true })
    }
    this.mount(article)
  }

  /** @param {HTMLElement} article */
  async mount(article) {
    const turn = ++this.turn
    this.mounted?.close()
    this.mounted = null
    const place = /** @type {HTMLElement} */ (article.querySelector(".lesson-picture"))
    const fresh = element("div", { className: "lesson-picture" })
    place.replaceWith(fresh)
    const shadow = fresh.attachShadow({ mode: "open" })
    shadow.adoptedStyleSheets = this.sheets
    const status = element("p", { className: "note", attributes: { role: "status" } }, say("The picture is on its way."))
    shadow.append(status)
    const root = element("div", { className: "live lesson-parts" })
    const number = STEPS.indexOf(this.key)
    const file = this.data.files[number]
    const files = [this.page.URL.replace(/[?#].*/, ""), new URL(file.file, this.page.URL).href]
    try {
      const content = await this.contentOf(file)
      const step = this.stepIn(root, content, article, turn, files)
      shadow.append(root)
      const mounted = await MOUNTS[this.key](step, /** @type {any} */ (this.data)[this.key])
      if (turn !== this.turn) return mounted.close()
      this.mounted = mounted
      status.remove()
    } catch (error) {
      if (turn === this.turn) {
        const reason = error instanceof Error ? error.message : ""
        status.textContent = [say("The picture has not come: reload the page to try again."), reason].join(" ")
      }
      return
    }
    await keepOffline(this.page, files)
  }

  /**
   * @param {HTMLElement} root
   * @param {Uint8Array<ArrayBuffer>} content
   * @param {HTMLElement} article
   * @param {number} turn
   * @param {string[]} files that the step has asked for
   * @returns {Step}
   */
  stepIn(root, content, article, turn, files) {
    const source = (/** @type {string} */ id) => {
      const { found, file } = this.modelOf(id)
      files.push(new URL(file, this.page.URL).href)
      return found
    }
    return {
      root,
      digits: this.digits,
      source,
      engine: async (id) => openEngine({ stream: null, worker: false, ...await source(id) }),
      part: (place) => partOf(content, place),
      address: (place, type) => addressOf(content, place, type),
      get: (name, otherwise) => {
        this.used.add(name)
        const value = Number(this.chosen.get(name) ?? NaN)
        return Number.isFinite(value) ? value : otherwise
      },
      set: (name, value) => {
        this.used.add(name)
        this.chosen.set(name, String(value))
        this.write()
      },
      tell: (figures, right) => {
        if (turn !== this.turn) return
        for (const [name, value] of Object.entries(figures)) {
          for (const span of article.querySelectorAll(`[data-figure="${name}"]`)) span.textContent = local(value)
        }
        if (right !== undefined) this.right = right
        this.judge()
      },
    }
  }

  /** @param {LessonFile} file */
  contentOf(file) {
    const coming = this.contents.get(file.file) ?? contentOf(this.page, file)
    if (!this.contents.has(file.file)) {
      this.contents.set(file.file, coming)
      coming.catch(() => this.contents.delete(file.file))
    }
    return coming
  }

  /** @param {string} id */
  modelOf(id) {
    const model = this.data.models.find((model) => model.id === id)
    if (!model) throw new Error(`There is no model ${id}.`)
    const found = this.sources.get(id) ??
      this.contentOf(model).then((content) => ({ hash: model.hash, weights: addressOf(content, `0-${content.length}`) }))
    if (!this.sources.has(id)) {
      this.sources.set(id, found)
      found.catch(() => this.sources.delete(id))
    }
    return { found, file: model.file }
  }

  // The prediction

  /** @param {HTMLInputElement} input */
  answer(input) {
    if (!input.closest(".lesson-ask")) return
    this.chosen.set(this.answered, input.value)
    this.write()
    this.judge()
  }

  /** Say whether the answer is the right one, and why. */
  judge() {
    const { article } = this
    const inputs = /** @type {HTMLInputElement[]} */ ([...article.querySelectorAll(".lesson-ask input")])
    const given = inputs.findIndex((input) => input.checked)
    const right = Array.isArray(this.right) ? -1 : this.right ?? -1
    article.classList.toggle("lesson-answered", given >= 0 && right >= 0)
    if (given < 0 || right < 0) return
    const words = inputs[right].nextElementSibling?.textContent ?? ""
    const verdict = /** @type {HTMLElement} */ (article.querySelector(".lesson-verdict"))
    verdict.replaceChildren(
      given === right ? "✓ " : "✗ ",
      element("strong", {}, given === right ? say("Right.") : say("Not so.")),
      ` ${words}.`,
    )
  }
}
