"""What each operator of ONNX becomes, by its name in the standard."""

from collections.abc import Mapping

from vae_core.foreign.operators import arithmetic, functions, kernels, norms, pictures, shapes
from vae_core.foreign.translation import Handler

HANDLERS: Mapping[str, Handler] = {
    **kernels.HANDLERS,
    **norms.HANDLERS,
    **functions.HANDLERS,
    **arithmetic.HANDLERS,
    **shapes.HANDLERS,
    **pictures.HANDLERS,
}
"""Every operator that is read."""
