// @ts-check
// Pictures whose sheet does not come.
import { deepStrictEqual } from "node:assert/strict"
import { Pictures } from "../../../../assets/live/parts/replay/pictures.js"

class Place {
  /** @type {any[]} */
  children = []
  /** @param {...any} children */
  append(...children) {
    this.children.push(...children)
  }
  /** @param {...any} children */
  replaceChildren(...children) {
    this.children = children
  }
  setAttribute() {}
}

Deno.test("a sheet that cannot be read is a sentence in the place of the pictures, and can be asked for again", async () => {
  let asked = 0
  const broken = class {
    decode() {
      asked++
      return Promise.reject(new Error("broken"))
    }
  }
  Object.assign(globalThis, { document: { createElement: () => new Place() }, Image: broken })
  const pictures = new Pictures(/** @type {any} */ (new Place()))
  const source = { sheet: "data:,", columns: 8, shape: /** @type {[number, number, number]} */ ([1, 8, 8]) }
  await pictures.update(source)
  deepStrictEqual(/** @type {any} */ (pictures.element).children, ["The pictures cannot be read: reload the page."])
  await pictures.update({ ...source })
  deepStrictEqual(asked, 2)
})
