# Sourced by the runners of Python tests, in their folder: an environment of their own, and a network of their own where that can be
# had, so that nobody is found who is not meant.
test -x .venv/bin/python || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt

# alone LO ARGUMENTS: the tests, in such a network; LO is what `ip link set lo` is told.
alone() {
	local lo=$1 own=(unshare --net); shift
	[ "$(id -u)" = 0 ] || own+=(--map-root-user)
	if "${own[@]}" ip link set lo up 2>/dev/null; then
		own+=(sh -c "ip link set lo $lo; exec \"\$@\"" sh)
	else
		own=()
	fi
	exec "${own[@]}" .venv/bin/python -m pytest -q -rsx "$@"
}
