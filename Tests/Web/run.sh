#!/bin/bash
# The page in a browser, against real daemons. Takes about three minutes; in a network of its own where that can be had.
set -eu
cd "$(dirname "$0")"
browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || { echo "THE PAGE WAS NOT TESTED: there is no $browser" >&2; [ -n "${CI:-}" ] && exit 1 || exit 0; }
test -x .venv/bin/python || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
EARSHOTD=${EARSHOTD:-$(realpath ../../.build/debug/earshotd)}
export EARSHOTD
own=(unshare --net)
[ "$(id -u)" = 0 ] || own+=(--map-root-user)
if "${own[@]}" ip link set lo up 2>/dev/null; then
	own+=(sh -c 'ip link set lo up multicast on; exec "$@"' sh)
else
	own=()
fi
exec "${own[@]}" .venv/bin/python -m pytest -q -rs "$@"
