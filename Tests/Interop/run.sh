#!/bin/sh
# The independent peer: its own tests, then a real earshotd against it. Takes about five minutes.
set -eu
cd "$(dirname "$0")"
test -x .venv/bin/python || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
for name in earshotd earshot; do
    built="../../.build/debug/$name"
    if test -x "$built"; then
        case $name in
            earshotd) export EARSHOTD="${EARSHOTD:-$(realpath "$built")}" ;;
            earshot) export EARSHOT="${EARSHOT:-$(realpath "$built")}" ;;
        esac
    fi
done
exec .venv/bin/python -m pytest -q -rs "$@"
