#!/bin/bash
# Every figure of this program on this machine: a JSON line each, then a table. ONLY="messages idling" for some of them, ONLY=search
# for a million messages and ONLY="growth storm" for simulated rooms (not among the others, they take minutes); CLEAN=0 leaves out the clean build.
set -eu
cd "$(dirname "$0")/.."
bin=${1:-.build/release}
shift || true
flags=("$@")
extra=()
stripped=$(mktemp)
trap 'rm -rf "$stripped" .build-bench' EXIT
for program in earshotd earshot; do
	strip -o "$stripped" "$bin/$program"
	extra+=(--extra "size of $program, stripped=$(awk -v b="$(stat -c %s "$stripped")" 'BEGIN { printf "%.1f", b / 1e6 }')=MB=Swift and Foundation are in it")
done
if [ -z "${ONLY:-}" ] && [ "${CLEAN:-1}" = 1 ]; then
	swift package --scratch-path .build-bench resolve >/dev/null 2>&1
	start=$(date +%s)
	for program in earshotd earshot; do swift build --scratch-path .build-bench "${flags[@]}" --product $program >/dev/null; done
	extra+=(--extra "clean release build=$(($(date +%s) - start))=s=$(nproc) cores, sources fetched before")
fi
# Where it can be had, a loopback of our own: there is nobody else on it. Elsewhere other nodes cost time, but are not counted.
own=(unshare --net)
[ "$(id -u)" = 0 ] || own+=(--map-root-user)
if "${own[@]}" ip link set lo up 2>/dev/null; then
	own+=(sh -c 'ip link set lo up; exec "$@"' sh)
else
	echo "bench: no network of our own; other nodes on this machine's loopback may slow us down" >&2
	own=()
fi
# shellcheck disable=SC2086
"${own[@]}" "$bin/earshot-bench" --program "$bin/earshotd" ${BENCH:-} ${ONLY:-} "${extra[@]}"
