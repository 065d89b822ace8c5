// @ts-check
// Elements of a page, each made in one expression.

/**
 * What a new element is given: its own properties, and besides them `attributes`, and `parent`, the element it is put into, after what
 * is there.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @typedef {Omit<Partial<HTMLElementTagNameMap[Tag]>, "attributes"> & {attributes?: Record<string, string>, parent?: Element}} Given
 */

/**
 * A new element with texts and elements inside: `element("p", { className: "note", parent: root }, "Drag A or B.")`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Given<Tag>} [given]
 * @param {...(string | Node)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, given = /** @type {Given<Tag>} */ ({}), ...children) {
  const { attributes = {}, parent, ...properties } = given
  const made = Object.assign(document.createElement(tag), properties)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  parent?.append(made)
  return made
}
