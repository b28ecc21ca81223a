#!/bin/sh
# Runs a command with its secrets: NAME_FILE=/run/secrets/x in the environment becomes NAME=<what the file holds>.
# Other variables that end in _FILE (certificates, say) stay as they are. Nothing is printed but the name of what lacks.
set -eu
folder="${BIONER_SECRETS:-/run/secrets}"
for name in $(env | sed -n "s|^\([A-Za-z_][A-Za-z0-9_]*\)_FILE=$folder/.*|\1|p"); do
    eval "file=\$${name}_FILE"
    if [ ! -s "$file" ] || [ ! -r "$file" ]; then
        echo "error: the secret $file of $name is empty, missing or not readable by user $(id -u)" >&2
        exit 2
    fi
    value=$(cat "$file")
    export "$name=$value"
    unset "${name}_FILE" value
done
exec "$@"
