// @ts-check
// What the keys mean that several parts of a page understand.

/** The step of each arrow key: columns to the right and rows down. @type {Record<string, [number, number] | undefined>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * Which way in the history a key leads: Ctrl+Z back, Ctrl+Shift+Z and Ctrl+Y forward, with the Command key too; null for any other key.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey">} event
 * @returns {"undo" | "redo" | null}
 */
export function historyStep({ key, ctrlKey, metaKey, shiftKey }) {
  if (!(ctrlKey || metaKey)) return null
  const letter = key.toLowerCase()
  if (letter === "y" || (letter === "z" && shiftKey)) return "redo"
  return letter === "z" ? "undo" : null
}
