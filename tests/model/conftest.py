"""The project after one whole run, shared by the tests of this folder."""

from __future__ import annotations

import pytest
from scratch import Finished, bioner, copy_project, namespace


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The project after one whole run, without a network where the system allows that."""
    root = copy_project(tmp_path_factory.mktemp("finished"))
    prefix = namespace()
    done = bioner(root, "run", prefix=prefix)
    assert done.returncode == 0, done.stdout + done.stderr
    return Finished(root, done.stdout, bool(prefix))
