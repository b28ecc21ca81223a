"""DVC's notes on files: in a folder of this user's own, as they are pickles.

Left alone, DVC keeps them in a folder that every user of the machine may write to, where one can leave a pickle for
another to load (CVE-2025-69872 of diskcache, its storage; treeverse/dvc issue 11068).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_VARIABLE = "DVC_SITE_CACHE_DIR"


def keep_dvc_state_private() -> None:
    """Tell DVC, for this process and its children, to keep its notes where others may not write.

    A folder that the user has set stays. Where this one cannot be made, DVC says so as soon as it is needed.
    """
    if _VARIABLE in os.environ:
        return
    folder = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "bioner", "dvc")  # noqa: PTH111
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # DVC makes the folders in it for everybody
    os.environ[_VARIABLE] = str(folder)
