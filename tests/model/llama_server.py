"""A llama.cpp server on loopback; run by the Python of `make llama`, which has nothing of ours.

    python llama_server.py MODEL.gguf SLOTS THREADS

Prints its address, and ends when its standard input does.
"""

from __future__ import annotations

import sys

import xllamacpp

NAME = "smollm2"
CONTEXT = 4096  # tokens of a slot


def main(model: str, slots: int, threads: int) -> None:
    """Serve a model."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {NAME}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = slots
    params.n_ctx = CONTEXT * slots
    params.cpuparams.n_threads = threads
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
