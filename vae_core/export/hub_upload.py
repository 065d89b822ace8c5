"""Uploading a model's folder to the Hugging Face Hub. The token is the one that huggingface_hub finds by itself, and is shown nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from vae_core.base.errors import InputError
from vae_core.data.images import shown

_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_MESSAGE = "Upload by Latent Loom"
_REFUSALS = (401, 402, 403)
_LONGEST = 200  # letters of what the Hub says


def check_upload(repo: str) -> None:
    """Refuse what could not be uploaded, before anything is computed.

    Args:
        repo: OWNER/NAME.

    Raises:
        InputError: huggingface_hub is not installed, there is no token, or no repository can have this name.
    """
    try:
        from huggingface_hub import get_token
        from huggingface_hub.errors import HFValidationError
        from huggingface_hub.utils import validate_repo_id
    except ImportError as error:
        raise InputError("--push needs the package huggingface_hub: `pip install huggingface_hub`.") from error
    try:
        validate_repo_id(repo)
        fits = _NAME.fullmatch(repo) is not None
    except HFValidationError:
        fits = False
    if not fits:
        raise InputError(f'--push takes a repository of the Hub as OWNER/NAME, such as ada/digits, not "{shown(repo)}".')
    if get_token() is None:
        raise InputError("--push needs a token of the Hub that may write: run `hf auth login`, or put one into the variable HF_TOKEN.")


def upload(files: Mapping[str, bytes], repo: str) -> str:
    """Upload files as one commit, and give the address of the repository. One that is not there yet is made, for its owner's eyes alone.

    Args:
        files: by their names.
        repo: OWNER/NAME, which `check_upload` has let through.

    Raises:
        InputError: the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, HfApi, errors

    hub = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
    try:
        address = hub.create_repo(repo, private=True, exist_ok=True)
        hub.create_commit(repo, [CommitOperationAdd(name, content) for name, content in files.items()], commit_message=_MESSAGE)
    except (errors.HTTPError, OSError, RuntimeError) as error:  # the last where a large file was not taken, for the reason behind it
        behind = error.__cause__ if isinstance(error, RuntimeError) else error
        if isinstance(behind, errors.HfHubHTTPError):
            raise InputError(_refusal(repo, behind.response.status_code, behind.server_message)) from None
        raise InputError(
            f"The Hub cannot be reached ({type(behind or error).__name__}), so {repo} is not uploaded: check the network, then try again."
        ) from None
    return str(address)


def _refusal(repo: str, status: int, said: str | None) -> str:
    because = f': "{shown(said)[:_LONGEST]}"' if said else ""
    if status in _REFUSALS:
        return f"The Hub refuses an upload to {repo} (error {status}){because}. Use the token of somebody who may write there."
    return f"The Hub did not take the upload to {repo} (error {status}){because}. Try again later."
