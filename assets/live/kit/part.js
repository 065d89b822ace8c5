// @ts-check
// The names that kit/dom.js had before, until map/ and multirate/ use its own.
import { element } from "./dom.js"

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {Record<string, string>} attributes
 */
export function newPart(tag, properties = {}, attributes = {}) {
  return element(tag, { ...properties, attributes })
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {Record<string, string>} attributes
 */
export function addPart(parent, tag, properties = {}, attributes = {}) {
  return element(tag, { ...properties, attributes, parent })
}
