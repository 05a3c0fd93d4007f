#!/bin/sh
# Each worker needs an address of its own, by which the others and the command line reach it.
set -eu
export KLEAN_ADVERTISED_URL="${KLEAN_ADVERTISED_URL:-http://$(hostname):${KLEAN_HTTP_PORT:-6066}}"
exec klean-stream "$@"
