// @ts-check
// What Python gives a page whose bytes stand elsewhere, as the parts take it.

/** @import { TakehomeData } from "../kit/wire_pages.js" */

/**
 * What the parts are given, with addresses at which the browser finds the bytes.
 * @param {TakehomeData} data in which each address is "start-end", a part of the content
 * @param {(start: number, end: number, type: string) => string} addressOf a part of the content
 * @returns {TakehomeData}
 */
export function addressed(data, addressOf) {
  const at = (/** @type {string} */ place, type = "application/octet-stream") => {
    const [start, end] = place.split("-").map(Number)
    return addressOf(start, end, type)
  }
  const { model, deck, map } = data
  const pictures = map?.pictures && "sheet" in map.pictures ? map.pictures : null
  return {
    ...data,
    model: { ...model, weights: at(model.weights) },
    deck: { ...deck, directions: deck.directions && { ...deck.directions, url: at(deck.directions.url) } },
    map: map && {
      ...map,
      points: at(map.points),
      numbers: map.numbers && at(map.numbers),
      codes: map.codes && at(map.codes),
      colour: { ...map.colour, url: at(map.colour.url) },
      pictures: pictures && { ...pictures, sheet: at(pictures.sheet, "image/png") },
    },
  }
}

/** An address at which the browser finds these bytes, until it is revoked. @param {Uint8Array<ArrayBuffer>} bytes @param {string} type */
export function addressOfBytes(bytes, type) {
  return URL.createObjectURL(new Blob([bytes], { type }))
}
