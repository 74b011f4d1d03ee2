#!/bin/bash
# What is installed beside the programs, and the node as a service manager starts it. Takes half a minute; some of it needs root, and
# says so. The package itself: life.sh.
set -eu
cd "$(dirname "$0")"
. ../pytest.sh
PROGRAMS=${PROGRAMS:-$(realpath ../../.build/debug)}
export PROGRAMS
alone up "$@"
