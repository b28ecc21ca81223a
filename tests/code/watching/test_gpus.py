"""GPUs: told where NVIDIA's library finds some, and nothing where it or the driver is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from scraped import Read


class NVMLError_LibraryNotFound(Exception):  # noqa: N801, N818 (the library's name)
    """What the library raises where there is no driver."""


def library(**more: object) -> SimpleNamespace:
    """The functions of the library that are called, of a machine with two GPUs: none is here to ask."""
    memory = SimpleNamespace(used=3 << 30, total=16 << 30)
    functions = {
        "NVMLError_LibraryNotFound": NVMLError_LibraryNotFound,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda number: number,
        "nvmlDeviceGetName": lambda _: "H200",
        "nvmlDeviceGetMemoryInfo": lambda _: memory,
        "nvmlDeviceGetUtilizationRates": lambda number: SimpleNamespace(gpu=50 + number),
    }
    return SimpleNamespace(**functions | more)


def test_each_gpu_is_told(reader: Callable[[], Read], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", library())
    read = reader()
    read.again()
    assert read("bioner_gpu_utilization_ratio", gpu="0", model="H200") == 0.5
    assert read("bioner_gpu_utilization_ratio", gpu="1") == 0.51
    assert read("bioner_gpu_memory_used_bytes", gpu="1") == 3 << 30
    assert read("bioner_gpu_memory_bytes", gpu="1") == 16 << 30


def test_without_a_driver_or_the_library_there_is_none_and_no_error(
    reader: Callable[[], Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise NVMLError_LibraryNotFound

    for module in (library(nvmlInit=refuse), None):
        monkeypatch.setitem(sys.modules, "pynvml", module)
        read = reader()
        read.again()
        assert read("bioner_gpu_memory_bytes") is None
        assert read("bioner_watching_errors_total", source="gpus") == 0


def test_a_gpu_that_fell_off_the_bus_is_an_error(reader: Callable[[], Read], monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: object) -> None:
        raise RuntimeError("GPU is lost")

    monkeypatch.setitem(sys.modules, "pynvml", library(nvmlDeviceGetMemoryInfo=lost))
    read = reader()
    read.again()
    assert read("bioner_watching_errors_total", source="gpus") == 1
