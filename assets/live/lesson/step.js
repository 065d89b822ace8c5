// @ts-check
// What each step of the lesson is handed, besides its own content.

/** @import { WholeEngine } from "../engine/engine.js" */

/**
 * @typedef {object} Step
 * @property {HTMLElement} root the element that its picture stands in
 * @property {Float32Array[]} digits one of each class, from 0 to 1
 * @property {(id: string) => Promise<WholeEngine>} engine opens a model of the lesson
 * @property {(place: string) => Uint8Array<ArrayBuffer>} part of its file
 * @property {(place: string, type?: string) => string} address of a part of its file
 * @property {(id: string) => Promise<{hash: string, weights: string}>} source of a model: its hash, and an address of its weights
 * @property {(name: string, otherwise: number) => number} get what was chosen under this name
 * @property {(name: string, value: number) => void} set keep what is chosen, in the address of the page too
 * @property {(figures: Record<string, string>, right?: number) => void} tell what the picture shows now, and which answer is right by it
 */

/** @typedef {{close: () => void}} Mounted a step's picture, until it goes */

/** Numbers of 32 bits in bytes that may begin anywhere. @param {Uint8Array<ArrayBuffer>} bytes */
export function floatsIn(bytes) {
  return new Float32Array(bytes.slice().buffer)
}

export const SHAPE = /** @type {[number, number, number]} */ ([1, 28, 28]) // of a digit of the lesson
