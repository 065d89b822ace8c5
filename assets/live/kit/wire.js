// @ts-check
// The wire between Python and the browser: what each live part is given and what it sends back. Types only.
// `python -m vae_core.export.wire.typedefs` writes this file from records.py, multirate.py, events.py in there.

/** Where on its range of KL weights a multi-rate model is.
 * @typedef {object} AtWeight
 * @property {string} hash of its weights, whatever the KL weight
 * @property {number[]} beta [β], or [β_μ, β_σ] of a split model */
/** A model that the browser runs itself.
 * @typedef {object} WeightsSource
 * @property {string} hash of the weights: the same hash is the same model
 * @property {string} weights address of the file that vae_core/export/live_model.py writes
 * @property {null} stream no stream: this tells the two kinds of source apart
 * @property {false} [worker] where the page may start no worker
 * @property {AtWeight} [at] of a multi-rate model at one KL weight: it then counts as a model of that weight, with a hash of its own */
/** A model that the server runs, because it is too large for the browser.
 * @typedef {object} StreamSource
 * @property {string} hash of the weights: the same hash is the same model
 * @property {string} stream address of the WebSocket that answers
 * @property {number} latent K
 * @property {[number, number, number]} shape [C, H, W]
 * @property {boolean} variational an image has a posterior, not a code alone */
/** @typedef {WeightsSource | StreamSource} ModelSource how the browser gets a model */
/** A known factor of the images that a dimension follows.
 * @typedef {object} DeckSuggestion
 * @property {string} name of the factor
 * @property {string} note how closely, such as r = 0.93 */
/** One slider of the deck.
 * @typedef {object} DeckDimension
 * @property {number} index of the latent dimension, or of the direction, from 0
 * @property {string} name on screen, such as z₀
 * @property {string} note what the dimension carries, such as 1.23 nats; empty where that is not known
 * @property {number} low where the slider begins; it grows where the code lies beyond
 * @property {number} high where the slider ends
 * @property {boolean} unused below 0.01 nats, or without any variance: put aside
 * @property {string} given what the user calls it; empty where it has no name of that kind
 * @property {DeckSuggestion | null} suggested what it could be called; null where nothing is known */
/** Another model whose picture stands beside the deck's.
 * @typedef {object} DeckOther
 * @property {ModelSource} source
 * @property {string} name the caption of its picture
 * @property {number[] | null} z its own code of the start's image; null: it draws the deck's code */
/** The code that a double-click on a slider leads back to, one dimension at a time.
 * @typedef {object} DeckStart
 * @property {number[]} z the code, [K] */
/** Where the encoder places the image that the start comes from.
 * @typedef {object} DeckPosterior
 * @property {number[]} mean μ, [K], or [D] along directions
 * @property {number[]} std σ, [K], or [D] along directions */
/** Directions through latent space, one for each slider of a code that has too many numbers for a slider each.
 * @typedef {object} DeckDirections
 * @property {string} url address of float32 [1 + D, K]: the code at which all sliders are 0, then what one step of each adds
 * @property {string} about a sentence that says what they are */
/** What the deck shows, but for the model.
 * @typedef {object} DeckContent
 * @property {DeckOther | null} other
 * @property {string} name the caption of the picture
 * @property {number[]} z the code where the user is, [K]
 * @property {DeckStart | null} start null: zero
 * @property {DeckPosterior | null} posterior drawn as a band on each slider; null: the start is no image, or has a code alone
 * @property {DeckDirections | null} directions what the sliders move, and `posterior` then has D numbers; null: one dimension each
 * @property {boolean} difference also draw how the picture differs from that of the start
 * @property {number} side screen pixels of the picture's longer side, at least
 * @property {DeckDimension[]} dims the most informative first
 * @property {number} shown how many sliders there are before the user asks for all
 * @property {string} unused_note a sentence that says what an unused dimension is
 * @property {boolean} compact a small deck within a page: the picture at the right of the sliders
 * @property {boolean} nameable the user may name the dimensions here
 * @property {string | null} drawn what Python drew at z, uint8 [C, H, W] in base64; null: the browser runs the model itself */
/** The deck: sliders, and the picture that their code decodes to.
 * @typedef {object} DeckData
 * @property {DeckOther | null} other
 * @property {string} name the caption of the picture
 * @property {number[]} z the code where the user is, [K]
 * @property {DeckStart | null} start null: zero
 * @property {DeckPosterior | null} posterior drawn as a band on each slider; null: the start is no image, or has a code alone
 * @property {DeckDirections | null} directions what the sliders move, and `posterior` then has D numbers; null: one dimension each
 * @property {boolean} difference also draw how the picture differs from that of the start
 * @property {number} side screen pixels of the picture's longer side, at least
 * @property {DeckDimension[]} dims the most informative first
 * @property {number} shown how many sliders there are before the user asks for all
 * @property {string} unused_note a sentence that says what an unused dimension is
 * @property {boolean} compact a small deck within a page: the picture at the right of the sliders
 * @property {boolean} nameable the user may name the dimensions here
 * @property {string | null} drawn what Python drew at z, uint8 [C, H, W] in base64; null: the browser runs the model itself
 * @property {string} channel what else on the page shows this code
 * @property {ModelSource} model */
/** A plane through latent space, or a map without a way back: place = axes · (z − centre).
 * @typedef {object} MapView
 * @property {"raw" | "pca" | "umap"} method
 * @property {[string, string]} labels of the axis across and the axis up
 * @property {number[] | null} centre [K]; null for UMAP
 * @property {number[][] | null} axes [2, K]; null for UMAP */
/** What colours points: groups with names, or a quantity.
 * @typedef {object} Colour
 * @property {string} title what the colours stand for
 * @property {string[] | null} names of the groups, which the points' values index; null for a quantity
 * @property {string[]} palette "#rrggbb": one per group, or the steps of a scale from low to high */
/** What colours the points of the map, and where their values are.
 * @typedef {object} MapColour
 * @property {string} title what the colours stand for
 * @property {string[] | null} names of the groups, which the points' values index; null for a quantity
 * @property {string[]} palette "#rrggbb": one per group, or the steps of a scale from low to high
 * @property {string} url address of the values, float32 [N]: an index into the names, or a quantity; NaN: none */
/** Pictures that the server sends when asked.
 * @typedef {object} PicturesByNumber
 * @property {string} url address; ?n=1,5,7 asks for the images of these numbers, uint8 [n, C, H, W]
 * @property {number} most how many at once
 * @property {[number, number, number]} shape [C, H, W] */
/** Pictures as the tiles of one image, in the order of the points, row by row.
 * @typedef {object} PicturesOnSheet
 * @property {string} sheet address of a PNG
 * @property {number} columns tiles in a row
 * @property {[number, number, number]} shape of a tile, [C, H, W] */
/** What the map shows, but for the model.
 * @typedef {object} MapContent
 * @property {string} points address of the places in the plane, float32 [N, 2]
 * @property {string | null} numbers address of what the points' images are called, int32 [N]; null: 0 to N − 1
 * @property {string | null} codes address of float32 means [N, K], then standard deviations [N, K]
 * @property {MapColour} colour
 * @property {PicturesByNumber | PicturesOnSheet | null} pictures null: decoded from the codes
 * @property {MapView} view
 * @property {number} latent K
 * @property {boolean} prior draw the prior as circles at 1 and 2 standard deviations
 * @property {[number, number] | null} star the place of an uploaded image, in the plane
 * @property {boolean} pinnable the user may move the pin */
/** The map: all codes of a model as points in a plane, and a pin that decodes.
 * @typedef {object} MapData
 * @property {string} points address of the places in the plane, float32 [N, 2]
 * @property {string | null} numbers address of what the points' images are called, int32 [N]; null: 0 to N − 1
 * @property {string | null} codes address of float32 means [N, K], then standard deviations [N, K]
 * @property {MapColour} colour
 * @property {PicturesByNumber | PicturesOnSheet | null} pictures null: decoded from the codes
 * @property {MapView} view
 * @property {number} latent K
 * @property {boolean} prior draw the prior as circles at 1 and 2 standard deviations
 * @property {[number, number] | null} star the place of an uploaded image, in the plane
 * @property {boolean} pinnable the user may move the pin
 * @property {string} channel what else on the page shows the code of the pin, and the window in sight
 * @property {ModelSource | null} model
 * @property {number[]} selected numbers of the images to mark
 * @property {number[] | null} pin the code of the pin, [K] */
/** What the grid shows, but for the model.
 * @typedef {object} GridContent
 * @property {number} side pictures per row and per column */
/** The grid of a model with two latent dimensions: decoded pictures, within what the map of the same channel shows.
 * @typedef {object} GridData
 * @property {number} side pictures per row and per column
 * @property {string} channel of the map that it follows
 * @property {ModelSource} model
 * @property {number[]} pin the code to mark, [2] */
/** The codes behind a path, in its plane.
 * @typedef {object} PathPoints
 * @property {number[]} xy their places, [x, y, x, y, …]
 * @property {number[] | null} classes the group of each, an index into the names; null: no classes
 * @property {string[]} names of the groups
 * @property {string[]} palette "#rrggbb", one per group */
/** A second model, which walks between its own codes of the same two images.
 * @typedef {object} PathTwin
 * @property {ModelSource} model
 * @property {string} name the caption of its picture
 * @property {number[]} a its code at A, [its K]
 * @property {number[]} b its code at B, [its K] */
/** A walk between two codes, A and B.
 * @typedef {object} PathData
 * @property {ModelSource} model
 * @property {string} name the caption of the picture; empty where it stands alone
 * @property {PathTwin | null} twin
 * @property {number[]} a the code at A, [K]
 * @property {number[]} b the code at B, [K]
 * @property {[boolean, boolean]} dragged whether A and B were dragged away from their images
 * @property {"linear" | "spherical"} kind
 * @property {number} t where the user is: 0 at A, 1 at B, from −0.5 to 1.5
 * @property {MapView} view never of a UMAP
 * @property {[string, string]} titles what A and B are
 * @property {[string | null, string | null]} images A and B as they are, uint8 [C, H, W] in base64; null where they are not at hand
 * @property {PathPoints | null} points null where the codes of the data are not known
 * @property {string | null} drawn what Python drew at t, uint8 [C, H, W] in base64; null: the browser runs the model itself */
/** What a canvas to draw on is, but for the model and the drawing.
 * @typedef {object} DrawContent
 * @property {[number, number, number]} shape of the canvas, [C, H, W]
 * @property {number[]} ground what lies behind the model's images, 0 to 255, [C]
 * @property {number[] | null} order the latent dimensions, the most informative first; null where that is not known */
/** A canvas on which to draw an input for a model.
 * @typedef {object} DrawData
 * @property {[number, number, number]} shape of the canvas, [C, H, W]
 * @property {number[]} ground what lies behind the model's images, 0 to 255, [C]
 * @property {number[] | null} order the latent dimensions, the most informative first; null where that is not known
 * @property {string | null} channel what on the page follows the posterior mean of the drawing; null: nothing
 * @property {ModelSource} model
 * @property {string | null} picture what is drawn already, uint8 [C, H, W] in base64; null: nothing */
/** A small map of codes.
 * @typedef {object} AtlasContent
 * @property {MapView} view never of a UMAP
 * @property {PathPoints} points the codes behind the map
 * @property {boolean} prior draw the prior as circles at 1 and 2 standard deviations */
/** The small map beside sliders: where their code lies.
 * @typedef {object} AtlasData
 * @property {MapView} view never of a UMAP
 * @property {PathPoints} points the codes behind the map
 * @property {boolean} prior draw the prior as circles at 1 and 2 standard deviations
 * @property {string} channel what else on the page shows this code
 * @property {number[]} z the code where the user is, [K]
 * @property {DeckPosterior | null} posterior drawn as ellipses; null: the start is no image, or has a code alone */
/** The machine of the Home page: a picture, its code with the dice, the place of z, and what z decodes to.
 * @typedef {object} MachineData
 * @property {MapView} view never of a UMAP
 * @property {PathPoints} points the codes behind the map
 * @property {boolean} prior draw the prior as circles at 1 and 2 standard deviations
 * @property {ModelSource} model
 * @property {[number, number, number]} shape of a picture, [C, H, W]
 * @property {number[]} ground what lies behind the model's images, 0 to 255, [C]
 * @property {string | null} picture the user's own, uint8 [C, H, W] in base64; null: there is none yet
 * @property {string} note a sentence about the user's picture; empty: nothing to say
 * @property {string} images n pictures to take, between which the machine walks by itself, uint8 [n, C, H, W] in base64
 * @property {string[]} names what these are, [n]
 * @property {number | null} start which of these is taken; null: none was chosen, and it walks by itself until it is touched
 * @property {DeckDimension[]} dims all K, the most informative first
 * @property {number[] | null} regions σ of each code on a map of two dimensions, [2N]; null: no regions are drawn */
/** Pictures of which the user chooses one by clicking it.
 * @typedef {object} PickerData
 * @property {string} legend what is chosen, for a screen reader
 * @property {string} images n pictures, uint8 [n, C, H, W] in base64
 * @property {[number, number, number]} shape of a picture, [C, H, W]
 * @property {number[]} numbers the number of each image in its set, [n]
 * @property {string[]} titles what to call each, [n]
 * @property {number | null} chosen the number that is chosen; null: none */
/** One of two models that are laid over each other.
 * @typedef {object} PairModel
 * @property {ModelSource} source
 * @property {string} name on screen
 * @property {string} codes of the images, float32 [N, K] in base64
 * @property {number[]} centre of the plane that both share: place = axes · (z − centre), [K]
 * @property {number[][]} axes at right angles and equally long, [2, K] */
/** Two models of the same N images, linked.
 * @typedef {object} PairData
 * @property {string} pair names both models and the images; another one begins anew
 * @property {[PairModel, PairModel]} models the plane is that of the first
 * @property {string | null} aligned codes of the second in the space of the first, float32 [N, K] in base64; null where K is not the same
 * @property {string[]} dims names of the latent dimensions, of the model that has more of them
 * @property {[string, string]} labels of the axis across and the axis up
 * @property {number[]} numbers of the images in their set, [N]
 * @property {number[] | null} groups the group of each image, an index into the names of the colour, [N]; null: no classes
 * @property {Colour} colour of the groups
 * @property {string[]} scale "#rrggbb": the steps of a scale from low to high, for how many neighbours are kept
 * @property {"class" | "kept"} by what colours the points
 * @property {number} near how many neighbours of each image are looked at
 * @property {number[]} kept of these, how many are the same in both models, [N]
 * @property {PicturesByNumber} pictures
 * @property {number} image the number of the image that is picked
 * @property {string} title what it is
 * @property {[number, number]} step by which its code was moved in the plane, in both models
 * @property {number[]} group numbers of the images that were lassoed */
/** How a model came to be: S snapshots of its training, of the same n images, under a slider.
 * @typedef {object} ReplayData
 * @property {string} run names the run; another one begins at its last snapshot
 * @property {number[]} steps of each snapshot, ascending, [S]
 * @property {number[]} epochs passes over the data, [S]
 * @property {string} places of the images' codes in one plane, float16 [S, n, 2] in base64
 * @property {[string, string]} labels of the axis across and the axis up
 * @property {[number, number] | null} prior the place of its mean, drawn as circles at 1 and 2 standard deviations; null: there is none
 * @property {number[] | null} groups the group of each image, an index into the names of the colour, [n]; null: no classes
 * @property {Colour} colour
 * @property {PicturesOnSheet} pictures one row of images as they are, then a row of reconstructions for each snapshot
 * @property {number[]} shown which of the images the pictures are of, a row of them
 * @property {number} pictured the first so many images have pictures, to be asked for
 * @property {string[]} dims names of the K latent dimensions, those that carry most in the last snapshot first
 * @property {number[][]} amounts how much each of these carries, [S][K]
 * @property {string} unit of the amounts, such as nats
 * @property {number[]} used dimensions in use, [S]
 * @property {number[]} errors mean root mean squared error of all pictures that were kept, on a scale from 0 to 1, [S] */
/** What was measured at the S stations, which are KL weights or all pairs of them, the second running faster.
 * @typedef {object} Figures
 * @property {(number | null)[]} distortion D in nats per image, [S]
 * @property {(number | null)[]} rate R in nats per image, [S]
 * @property {(number | null)[]} rate_mu the part of R that pulls the means together, ½Σμ², nats per image, [S]
 * @property {(number | null)[]} sharpness of reconstructions as a share of the images', [S]; null where the images are flat
 * @property {(number | null)[]} effective N_eff, images that share a place, [S]
 * @property {number[]} kl nats per latent dimension, [S·K]
 * @property {(number | null)[]} errors standard errors of D, R, sharpness and N_eff, each in its unit, [S·4]; null where not known */
/** How good samples from the prior are at the S stations, as shares from 0 to 1.
 * @typedef {object} SampleFigures
 * @property {number[]} precision of the samples, those that lie among held-out images, [S]
 * @property {number[]} recall of the held-out images, those that lie among samples, [S]
 * @property {number} count of how many samples, and as many held-out images, these are shares
 * @property {[number, number]} best precision and recall of other images of the set in place of samples */
/** A model trained for one KL weight alone, to compare with.
 * @typedef {object} Dedicated
 * @property {number} beta the KL weight
 * @property {number} distortion D in nats per image
 * @property {number} rate R in nats per image
 * @property {number | null} sharpness of reconstructions as a share of the images'; null where it is not known
 * @property {[number | null, number | null]} errors standard errors of D and of R, nats per image; null where not known */
/** Images to reconstruct.
 * @typedef {object} RowPictures
 * @property {string} bytes uint8 [n, C, H, W] in base64
 * @property {string} note a sentence that says what they are */
/** A model of one KL weight that is shown in place of a multi-rate one at that weight.
 * @typedef {object} Alone
 * @property {WeightsSource} model
 * @property {string} words a sentence that says which model is on screen */
/** A multi-rate model: sliders of the KL weight, and all that follows them.
 * @typedef {object} MultirateData
 * @property {WeightsSource} model
 * @property {Alone[]} alone at the lowest weights of the one axis, ascending
 * @property {number[]} beta where the sliders stand: [β], or [β_μ, β_σ] for a split model
 * @property {number[][]} axes for each slider the weights of the stations, ascending
 * @property {Figures} figures
 * @property {SampleFigures | null} samples null where nobody counted them
 * @property {Dedicated[]} dedicated
 * @property {RowPictures} pictures
 * @property {number[]} noise codes to draw samples from, [m·K]
 * @property {string[]} names of the K latent dimensions
 * @property {string} codes address of the codes of n images at the S stations: float32 means [S, n, K], then standard deviations
 * @property {string | null} labels address of the images' groups, float32 [n], an index into the names of the colour; null: no classes
 * @property {Colour} colour of the codes; names null: no classes
 * @property {number[] | null} place the code that is chosen on the map, [K] */
/** The user has moved the code, and let go.
 * @typedef {object} MoveEvent
 * @property {"move"} kind
 * @property {number[]} z the code, [K] */
/** The user asks for the code before, or for the one after.
 * @typedef {object} HistoryEvent
 * @property {"undo" | "redo"} kind */
/** The user has named a dimension.
 * @typedef {object} NameEvent
 * @property {"name"} kind
 * @property {number} index of the latent dimension, from 0
 * @property {string} name empty: it has no name any more */
/** The user has clicked a point or a picture, or drawn a lasso.
 * @typedef {object} ChooseEvent
 * @property {"choose"} kind
 * @property {number[]} numbers of the images; none where the choice was undone */
/** The user has put the pin somewhere, and let go.
 * @typedef {object} PinEvent
 * @property {"pin"} kind
 * @property {number[]} z its code, [K] */
/** The user has moved the KL weight, and let go.
 * @typedef {object} BetaEvent
 * @property {"beta"} kind
 * @property {number[]} beta [β], or [β_μ, β_σ] */
/** The user has chosen a code on the map of a multi-rate model.
 * @typedef {object} PlaceEvent
 * @property {"place"} kind
 * @property {number[]} z the code, [K] */
/** The user has moved a path or walked on it, and let go: all there is, since one event may overtake another.
 * @typedef {object} WalkEvent
 * @property {"walk"} kind
 * @property {number} t where the user is: 0 at A, 1 at B
 * @property {number[] | null} a the code at A, [K]; null: never dragged
 * @property {number[] | null} b the code at B, [K]; null: never dragged */
/** The user has drawn a lasso around points of one of two maps.
 * @typedef {object} GatherEvent
 * @property {"gather"} kind
 * @property {number[]} numbers of the images; none where the group was let go */
/** The user has moved the code of an image in two models, and let go.
 * @typedef {object} StepEvent
 * @property {"step"} kind
 * @property {number[]} step from the image's own code, in the plane of both maps, [x, y] */
/** The drawing has changed: at the end of each stroke, undo, fill and clear.
 * @typedef {object} DrawnEvent
 * @property {"drawn"} kind
 * @property {string} pixels uint8 [C, H, W] in base64 */
/** The part cannot run here; what loads the parts sends it too.
 * @typedef {object} FailedEvent
 * @property {"failed"} kind
 * @property {string} reason a sentence */
/** @typedef {MoveEvent | HistoryEvent | NameEvent | FailedEvent} DeckEvent */
/** @typedef {ChooseEvent | PinEvent | FailedEvent} MapEvent */
/** @typedef {PinEvent | FailedEvent} GridEvent */
/** @typedef {BetaEvent | PlaceEvent | FailedEvent} MultirateEvent */
/** @typedef {WalkEvent | FailedEvent} PathEvent */
/** @typedef {DrawnEvent | FailedEvent} DrawEvent */
/** @typedef {DrawnEvent | ChooseEvent | FailedEvent} MachineEvent */
/** @typedef {MoveEvent | FailedEvent} AtlasEvent */
/** @typedef {ChooseEvent | FailedEvent} PickerEvent */
/** @typedef {ChooseEvent | FailedEvent} ReplayEvent */
/** @typedef {ChooseEvent | GatherEvent | StepEvent | FailedEvent} PairEvent */
export {}
