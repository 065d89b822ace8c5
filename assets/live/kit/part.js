// @ts-check
// Elements of a page, made in one expression.

/**
 * A new element with these properties and attributes.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function newPart(tag, properties = {}, attributes = {}) {
  const part = Object.assign(document.createElement(tag), properties)
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value)
  return part
}

/**
 * The same inside `parent`, after what is there.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function addPart(parent, tag, properties = {}, attributes = {}) {
  const part = newPart(tag, properties, attributes)
  parent.append(part)
  return part
}
