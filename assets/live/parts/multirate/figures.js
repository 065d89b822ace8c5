// @ts-check
// What was measured of a multi-rate model: at its stations, and between them.
import { mixStations, Stations } from "./stations.js"

/** @import { Dedicated, MultirateData } from "../../kit/wire.js" */
/** @import { Part } from "./stations.js" */

/**
 * Standard errors of the figures of the same names; NaN where one is not known.
 * @typedef {{distortion: number, rate: number, sharpness: number, effective: number, precision: number, recall: number}} ErrorsAt
 *
 * The figures at a KL weight; NaN where one is not known. `kl` is [K].
 * @typedef {{distortion: number, rate: number, rateOfMeans: number, sharpness: number, effective: number, precision: number, recall: number,
 *   kl: Float64Array, errors: ErrorsAt}} FiguresAt
 */

export const UNUSED_NATS = 0.01 // of KL, below which a dimension counts as unused

const WITH_ERROR = 4 // figures whose standard errors come from Python: D, R, sharpness, N_eff

/** Whether a dimension carries nothing: the one rule of the count, the bars and the map. @param {number} nats its mean KL */
export const isUnused = (nats) => nats < UNUSED_NATS

/** The figures at the stations; `order` has the dimensions, the most KL at the lowest weight first. */
export class Measured {
  /** @param {Pick<MultirateData, "axes" | "figures" | "samples" | "names">} data */
  constructor({ axes, figures, samples, names }) {
    const numbers = (/** @type {(number | null)[]} */ values) => Float64Array.from(values, (value) => value ?? NaN)
    this.stations = new Stations(axes)
    this.latent = names.length
    this.distortion = numbers(figures.distortion)
    this.rate = numbers(figures.rate)
    this.rateOfMeans = numbers(figures.rate_mu)
    this.sharpness = numbers(figures.sharpness)
    this.effective = numbers(figures.effective)
    const uncounted = figures.rate.map(() => null)
    this.precision = numbers(samples?.precision ?? uncounted)
    this.recall = numbers(samples?.recall ?? uncounted)
    this.kl = numbers(figures.kl)
    this.errors = numbers(figures.errors)
    this.compared = samples?.count ?? NaN
    const first = this.latent * this.rate.findIndex(Number.isFinite) // a plain autoencoder has no KL
    this.order = names.map((_, k) => k).sort((a, b) => this.kl[first + b] - this.kl[first + a])
  }

  /**
   * The figures between these stations. The KL of a dimension that is unused at one of them is the least of theirs: it dies or wakes
   * somewhere between, and on a straight line it would seem used nearly all the way.
   * @param {Part[]} around
   * @returns {FiguresAt}
   */
  at(around) {
    const one = (/** @type {Float64Array} */ values) => mixStations(values, 1, around, [0])[0]
    const [distortion, rate, sharpness, effective] = mixStations(this.errors, WITH_ERROR, around, new Float64Array(WITH_ERROR))
    const [precision, recall] = [one(this.precision), one(this.recall)]
    const ofShare = (/** @type {number} */ share) => Math.sqrt(Math.max(0, share * (1 - share)) / this.compared)
    return {
      distortion: one(this.distortion),
      rate: one(this.rate),
      rateOfMeans: one(this.rateOfMeans),
      sharpness: one(this.sharpness),
      effective: one(this.effective),
      precision,
      recall,
      kl: this.klBetween(around),
      errors: { distortion, rate, sharpness, effective, precision: ofShare(precision), recall: ofShare(recall) },
    }
  }

  /** @param {Part[]} around */
  klBetween(around) {
    const taken = around.filter(({ share }) => share > 0)
    return mixStations(this.kl, this.latent, around, new Float64Array(this.latent)).map((mixed, k) => {
      const least = Math.min(...taken.map(({ station }) => this.kl[station * this.latent + k]))
      return isUnused(least) ? least : mixed
    })
  }

  /**
   * All that is known of a figure, at the stations and of models of one weight.
   * @param {"distortion" | "rate" | "sharpness"} name
   * @param {Dedicated[]} dedicated
   */
  known(name, dedicated) {
    return [...this[name], ...dedicated.map((point) => point[name] ?? NaN)].filter(Number.isFinite)
  }

  /**
   * The two dimensions with the most KL, in ascending order: of the network of many weights at the highest station where at least two are
   * used, and of a model of its own at its station, unless it is a plain autoencoder.
   * @param {number} own the station of a model of its own, or −1
   */
  widest(own) {
    const { kl, latent } = this
    const at = (/** @type {number} */ station) => kl.subarray(station * latent, (station + 1) * latent)
    const used = (/** @type {number} */ station) => at(station).filter((nats) => !isUnused(nats)).length
    let station = own
    if (own < 0 || !Number.isFinite(this.rate[own])) {
      station = this.stations.count - 1
      while (station > 0 && used(station) < 2) station--
    }
    const most = this.order.toSorted((a, b) => at(station)[b] - at(station)[a])
    return most.slice(0, 2).sort((a, b) => a - b)
  }
}
