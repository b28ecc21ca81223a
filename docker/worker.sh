#!/bin/sh
# Clones the project on the first start, and waits for runs. Options: of `prefect worker start`.
set -eu
if [ ! -d .git ]; then
    git clone --quiet "${BIONER_REPOSITORY:?it has to name the git repository of the project}" .
fi
exec prefect worker start --type process --with-healthcheck "$@"
