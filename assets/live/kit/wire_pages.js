// @ts-check
// The wire between Python and the browser: what pages without Python are given. Types only.
// `python -m vae_core.export.wire.typedefs` writes this file from takehome.py, lesson.py in there.

/** @import { DeckContent, DrawContent, GridContent, MachineData, MapContent, MultirateData, ReplayData, WeightsSource } from "./wire.js" */

/** The sliders of a multi-rate model's KL weights.
 * @typedef {object} TakehomeWeight
 * @property {number[][]} axes for each slider weights from end to end, ascending
 * @property {number[]} beta where they stand at first: [β], or [β_μ, β_σ] of a split model */
/** An image of the map that can be taken to the canvas, or as an end of the walk.
 * @typedef {object} TakehomeExample
 * @property {number} place among the map's points
 * @property {string} name on screen, such as 7, image 12 */
/** What the page to take home holds for its parts; the page itself keeps where the user is.
 * @typedef {object} TakehomeData
 * @property {WeightsSource} model
 * @property {TakehomeWeight | null} weight null unless the model is a multi-rate one
 * @property {DeckContent} deck
 * @property {DrawContent} draw
 * @property {TakehomeExample[]} examples empty where there is no map
 * @property {MapContent | null} map null where neither images nor codes were at hand
 * @property {GridContent | null} grid null unless the model has two latent dimensions */
/** What a page of a static site holds; its bytes stand in a file beside it.
 * @typedef {object} SiteData
 * @property {string} file address of the model's file, which vae_core/export/site.py writes
 * @property {string} integrity of that file, as fetch takes it
 * @property {TakehomeData} page each address in it is "start-end", a part of what the file holds */
/** A file beside the page.
 * @typedef {object} LessonFile
 * @property {string} file its name
 * @property {string} integrity of that file, as fetch takes it */
/** A model of the lesson.
 * @typedef {object} LessonModel
 * @property {string} file its name
 * @property {string} integrity of that file, as fetch takes it
 * @property {string} id by which the steps ask for it
 * @property {string} hash of its weights */
/** A short string.
 * @typedef {object} LessonShort
 * @property {string} text in English, as the script has it
 * @property {string[]} said in each of the languages */
/** Step 1: a digit rebuilt from so many numbers.
 * @typedef {object} CompressStep
 * @property {number} right which answer is the right one, from 0
 * @property {number[]} order the dimensions of the network, the most informative first
 * @property {string} components address of the mean image, then the principal components, float32 [1 + M, D]
 * @property {number[][]} losses errors after 1, 2, … M numbers: of the network, of the components
 * @property {number} two the error of a network made for two */
/** Step 2: random codes in two models.
 * @typedef {object} DreamStep
 * @property {number} right which answer is the right one, from 0
 * @property {string} points address of the codes of n images in both models, float32 [2, n, 2]
 * @property {number[]} labels the class of each image, [n]
 * @property {string[]} palette "#rrggbb", one for each class
 * @property {number} reach how far both maps go */
/** Step 3: the machine of the Home page.
 * @typedef {object} RegionsStep
 * @property {number} right which answer is the right one, from 0
 * @property {MachineData} machine but for the address of the weights, which is empty
 * @property {string} pairs two images whose regions overlap, and two far apart, uint8 [4, 1, 28, 28] in base64
 * @property {string[]} digits what these are, [4]
 * @property {string} overlap of the first two, as it is written
 * @property {string} apart how many widths the others are */
/** Step 4: how much pictures change over a small step.
 * @typedef {object} ContinuityStep
 * @property {number} right which answer is the right one, from 0
 * @property {number[]} shares the steps of the slider, [S]
 * @property {string} changes address of the changes of n pictures in both models, float16 [2, S, n]
 * @property {number[][]} lengths of the steps in both models, [2][S]
 * @property {number[][]} middles the median change in both models, [2][S] */
/** Step 5: the reparameterisation trick.
 * @typedef {object} TrickStep
 * @property {number[]} right for each digit
 * @property {string} estimates address of estimates of the slope for each digit, with the trick and without, float32 [10, 2, n] */
/** The true posterior of a digit over a grid.
 * @typedef {object} BoundTruth
 * @property {[number, number]} across from where to where z₀ goes
 * @property {[number, number]} up the same of z₁
 * @property {[number, number]} sides places across and up, [A, B]
 * @property {string} density address of the density as a share of its highest, 0 to 255, uint8 [A, B]
 * @property {number} evidence log p(x) in nats
 * @property {number[]} best mean, then standard deviation of the best Gaussian, [4] */
/** Step 6: the bound.
 * @typedef {object} BoundStep
 * @property {number} right which answer is the right one, from 0
 * @property {BoundTruth[]} truths for each digit */
/** Step 7: the two forces.
 * @typedef {object} ForcesStep
 * @property {number} right which answer is the right one, from 0
 * @property {ReplayData} replay of a small model; the sheet holds all its images in a row, and is an address in the file
 * @property {number} images how many these are */
/** Step 8: a model of every KL weight.
 * @typedef {object} TradeoffStep
 * @property {number} right which answer is the right one, from 0
 * @property {MultirateData} multirate the addresses of codes and labels are in the file, those of weights are the models' ids */
/** Step 9: two older machines, which the browser runs.
 * @typedef {object} BeforeStep
 * @property {number} right which answer is the right one, from 0
 * @property {number[]} stops rounds
 * @property {string} lower address of weights [H, V], biases of hidden [H] and of visible units [V], float32
 * @property {string} upper the same of the machine above, which sees the hidden units of the lower one
 * @property {number[]} units visible units, hidden units, and hidden units of the machine above
 * @property {string} digits address of the digits that both learnt, 0 or 1, uint8 [N, V]
 * @property {string} model which model stands beside them */
/** Step 10: pictures that nobody has drawn.
 * @typedef {object} CreateStep
 * @property {number} right which answer is the right one, from 0
 * @property {string[]} names of the dimensions that tell most
 * @property {number[]} dimensions their numbers
 * @property {number[][]} ranges lowest and highest value of each
 * @property {number[]} nats what each tells */
/** The lesson.
 * @typedef {object} LessonData
 * @property {string[]} languages by their two letters, English first
 * @property {LessonShort[]} short
 * @property {string} digits one of each class, uint8 [10, 28, 28] in base64
 * @property {LessonModel[]} models
 * @property {LessonFile[]} files of the steps, in their order
 * @property {CompressStep} compress
 * @property {DreamStep} dream
 * @property {RegionsStep} regions
 * @property {ContinuityStep} continuity
 * @property {TrickStep} trick
 * @property {BoundStep} bound
 * @property {ForcesStep} forces
 * @property {TradeoffStep} tradeoff
 * @property {BeforeStep} before
 * @property {CreateStep} create */
export {}
