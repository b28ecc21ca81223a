"""A clock that can be set for some processes only: the time of day is moved by what a file says, nothing else is.

As when an operator or NTP sets a machine's clock: sleeps, timeouts and the monotonic clock go on. Debian's libfaketime
handles sleeps, too, and makes those of Python 3.11 fail.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

_LIBRARY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("CLOCK_OFFSET");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) offset = page;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(which, now);
    if (code == 0 && offset && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
    return code;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    int code = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return code;
}

time_t time(time_t *kept) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (kept) *kept = exact.tv_sec;
    return exact.tv_sec;
}
"""


class Clock:
    """The clock of the processes that are started with its `variables`."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        self._offset.write_bytes(struct.pack("q", 0))
        library = folder / "clock.so"
        compiler = ["cc", "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", str(library), "-ldl"]
        subprocess.run(compiler, input=_LIBRARY, text=True, check=True)
        self.variables = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._offset)}

    def set(self, seconds: int) -> None:
        """Set it so many seconds before (less than 0) or after the true time."""
        with self._offset.open("r+b", buffering=0) as page:
            page.write(struct.pack("q", seconds))


def can_be_made() -> bool:
    """Whether there is a C compiler."""
    return shutil.which("cc") is not None
