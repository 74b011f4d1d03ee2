#!/bin/bash
# build.sh PRODUCT… [-- OPTIONS OF SWIFT BUILD]: builds with one line of progress. Warnings are shown at the end, and all that the
# compiler says when it fails.
set -u
cd "$(dirname "$0")/.."
products=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do products+=("$1"); shift; done
[ $# -eq 0 ] || shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
erase=$'\r\e[K'
# The compiler counts its steps: its line is drawn over again.
progress() {
	local line
	while IFS= read -r line; do
		[[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
		printf '%s  building %s: step %s of %s, %s s' "$erase" "$1" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$SECONDS"
	done
	printf '%s' "$erase"
}
for product in "${products[@]}"; do
	if [ -t 1 ]; then
		printf '  building %s' "$product"
		"${SWIFT:-swift}" build --product "$product" "$@" 2>&1 | tee "$log" | progress "$product"
		status=${PIPESTATUS[0]}
	else
		echo "  building $product"
		"${SWIFT:-swift}" build --product "$product" "$@" >"$log" 2>&1
		status=$?
	fi
	if [ "$status" != 0 ]; then cat "$log"; exit "$status"; fi
	grep -E '(^|: )warning: ' "$log" | sort -u || true
done
if [ "$SECONDS" -gt 5 ]; then echo "  built in $SECONDS s"; fi
