#!/bin/bash
# The page in a browser, against real daemons. Takes about three minutes; in a network of its own where that can be had.
set -eu
cd "$(dirname "$0")"
browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || { echo "THE PAGE WAS NOT TESTED: there is no $browser" >&2; [ -n "${CI:-}" ] && exit 1 || exit 0; }
. ../pytest.sh
EARSHOTD=${EARSHOTD:-$(realpath ../../.build/debug/earshotd)}
export EARSHOTD
alone "up multicast on" "$@"
