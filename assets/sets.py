"""Draw the built-in faces and sprites and pack them again: `python -m assets.sets`, half a minute on one core.

Needed only after a change of what they look like. It prints the SHA-256 of each pack, which `vae_core/data/shipped.py` must state.
"""

from __future__ import annotations

from vae_core.base.storage import sha256, write_atomic
from vae_core.data import shipped
from vae_core.data.faces import FACES
from vae_core.data.sprites import SPRITES


def main() -> None:
    """Write both packs, in place of those before."""
    for made in (FACES, SPRITES):
        pack = shipped.PACKS[made.name]
        content = pack.fold(made.generate().pixels)
        write_atomic(shipped.FOLDER / pack.file, content)
        print(f"{pack.file}: {len(content):,} bytes, sha256 {sha256(content)}")


if __name__ == "__main__":
    main()
