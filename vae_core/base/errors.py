"""The one error a user sees: a plain sentence that names the input, the cause and the limit or the way out."""


class InputError(ValueError):
    """Something a user gave (a file, a number, a name) cannot be used.

    ``str(error)`` is one sentence fit for the screen and for stderr. Every boundary function of vae_core raises this
    and nothing else for bad input; any other exception that escapes is a bug of ours.
    """
