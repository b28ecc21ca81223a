#!/bin/sh
# Clones the project on the first start, and waits for runs. Options: of `prefect worker start`.
# BIONER_LOG names the file of the structured log: what the runs append to it is said here, too.
set -eu
if [ ! -d .git ]; then
    git clone --quiet "${BIONER_REPOSITORY:?it has to name the git repository of the project}" .
fi
case "${BIONER_LOG:-}" in /*)
    mkdir -p "$(dirname "$BIONER_LOG")"
    [ ! -f "$BIONER_LOG" ] || mv "$BIONER_LOG" "$BIONER_LOG.1" # that of the start before is kept
    : > "$BIONER_LOG"
    tail --follow=name "$BIONER_LOG" &
    ;;
esac
exec prefect worker start --type process --with-healthcheck "$@"
