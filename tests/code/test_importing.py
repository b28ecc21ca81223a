"""Imports without garbage collection: on again afterwards, whatever happens, and nothing done a second time."""

from __future__ import annotations

import gc

import pytest

from bioner.importing import first_import


def test_collection_is_off_during_the_first_import_only() -> None:
    with first_import("not_imported"):
        assert not gc.isenabled()
        with first_import("nor_this"):
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    frozen = gc.get_freeze_count()
    assert frozen > 0
    with first_import("gc"):
        assert gc.isenabled()
    assert gc.get_freeze_count() <= frozen  # some of them may have gone meanwhile


def test_collection_is_on_again_after_an_error() -> None:
    with pytest.raises(ImportError), first_import("not_imported"):
        raise ImportError
    assert gc.isenabled()
