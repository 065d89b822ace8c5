// @ts-check
// The words of the live parts in German, by the English ones.

/** @type {Record<string, string>} */
export const GERMAN = {}
