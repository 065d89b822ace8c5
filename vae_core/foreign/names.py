"""What an output of an encoder is, by what its maker called it."""

from __future__ import annotations

import re

_NAMES: dict[str, str] = {
    "mean": r"mu|mean|means|loc|z_?mean|z_?mu|mu_?z|z_?loc|latent_?mean|latent_?mu|embedding",
    "logvar": r"log_?(var|variance|sigma_?(2|sq|squared)|cov|covariance)|z_?log_?(var|sigma_?sq)|lv|lnvar|ln_?var",
    "logstd": r"log_?(std|stddev|sigma|scale|sd)|z_?log_?(std|sigma|scale)",
    "std": r"std|stddev|sigma|scale|sd|z_?(std|sigma|scale)",
    "variance": r"var|variance|sigma_?(2|sq)|z_?var",
}
_CODE = r"z|code|codes|latent|latents|sample|samples"


def role(name: str) -> str | None:
    """What an output is by its name: "mean", one of `WIDTHS`, "code", or None where the name does not say."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.rsplit("/", 1)[-1].lower()).strip("_")
    plain = re.sub(r"(_output)?(_0)?$", "", plain)
    plain = re.sub(r"^(encoder|enc|fc|out|output|head|q|latent_space)_(?=.)", "", plain)
    found = [key for key, pattern in _NAMES.items() if re.fullmatch(pattern, plain)]
    if found:
        return found[0]
    return "code" if re.fullmatch(_CODE, plain) else None
