#!/bin/sh
# Writes every secret of docker/secrets.example that is not there yet to docker/secrets, at random; never replaces one.
# The folder is closed to other users. The files in it are not: a container sees the file alone, as another user.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
while read -r name prefix _; do
    case "$name" in '#'* | '') continue ;; esac
    [ -e "secrets/$name" ] && continue
    random=$(od -An -N 24 -tx1 /dev/urandom | tr -d ' \n')
    [ "$prefix" = '-' ] && prefix=''
    umask 022
    printf '%s%s' "$prefix" "$random" >"secrets/$name"
    chmod 444 "secrets/$name"
    echo "made docker/secrets/$name"
done <secrets.example
