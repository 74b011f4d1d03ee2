#!/bin/bash
# What is installed beside the programs, and the node as a service manager starts it. Takes half a minute; some of it needs root, and
# says so. The package itself: life.sh.
set -eu
cd "$(dirname "$0")"
test -x .venv/bin/python || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
PROGRAMS=${PROGRAMS:-$(realpath ../../.build/debug)}
export PROGRAMS
# A network of its own: nobody is found who is not meant.
own=(unshare --net)
[ "$(id -u)" = 0 ] || own+=(--map-root-user)
if "${own[@]}" ip link set lo up 2>/dev/null; then
	own+=(sh -c 'ip link set lo up; exec "$@"' sh)
else
	own=()
fi
exec "${own[@]}" .venv/bin/python -m pytest -q -rs "$@"
