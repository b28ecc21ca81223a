"""The GPUs of this machine, as NVIDIA's library tells of them; it needs no CUDA context, and so no memory of theirs."""

from __future__ import annotations

from bioner.watching.families import Sheet


def read(sheet: Sheet) -> None:
    """Put in what each GPU does; nothing where there is none, or no library (the extra `gpu`)."""
    try:
        import pynvml
    except ImportError:
        return
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound:  # no driver
        return
    try:
        for number in range(pynvml.nvmlDeviceGetCount()):
            gpu = pynvml.nvmlDeviceGetHandleByIndex(number)
            labels = str(number), str(pynvml.nvmlDeviceGetName(gpu))
            memory = pynvml.nvmlDeviceGetMemoryInfo(gpu)
            sheet.put("bioner_gpu_memory_used_bytes", memory.used, *labels)
            sheet.put("bioner_gpu_memory_bytes", memory.total, *labels)
            sheet.put("bioner_gpu_utilization_ratio", pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100, *labels)
    finally:
        pynvml.nvmlShutdown()
