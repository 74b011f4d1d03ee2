#!/bin/bash
# Two people on one machine find each other, talk, and lose nothing to a crash. Shows what a person would see.
set -eu
bin=$(cd "${1:-.build/debug}" && pwd)
work=$(mktemp -d /tmp/earshot-demo.XXXXXX)
anna=$work/anna bob=$work/bob
bold= dim= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { printf '%s%s $%s earshot %s\n' "$dim" "$who" "$plain" "$*"; "$bin/earshot" "$@" --state "$state"; }
as() { who=$1 state=$work/$1; shift; run "$@"; }
quiet() { local state=$work/$1; shift; "$bin/earshot" "$@" --state "$state"; }
fail() { echo "demo: $*" >&2; cat "$work"/*.log >&2; exit 1; }
pids=()
cleanup() { for pid in "${pids[@]:-}"; do [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
# node NAME: starts a node and waits for its word that it is ready.
node() {
	local name=$1 fifo=$work/$1.ready line
	rm -f "$fifo"; mkfifo "$fifo"
	"$bin/earshotd" --state "$work/$name" --name "${name^}" --port 0 --discovery embedded --interface lo >"$fifo" 2>>"$work/$name.log" &
	pid=$!; pids+=("$pid")
	read -r -t 20 line <"$fifo" || fail "$name did not start"
	printf '%s%s%s\n' "$dim" "$line" "$plain"
}
# until_seen WHO WHAT command…: waits for an event rather than for time to pass.
until_seen() {
	local name=$1 pattern=$2 tries=0
	shift 2
	until quiet "$name" "$@" 2>/dev/null | grep -q "$pattern"; do
		tries=$((tries + 1)); [ $tries -lt 200 ] || fail "$name never saw '$pattern'"
		sleep 0.05
	done
}

say "Two people start Earshot, on one machine, nothing configured"
node anna
node bob; bobs=$pid

say "They find each other by mDNS"
until_seen anna Bob peers
until_seen bob Anna peers
as anna peers

say "Anna writes. To Bob she is a stranger: he is asked"
as anna send bob "Hello Bob, it's Anna from the second floor."
until_seen bob requested peers
as bob peers
as bob accept anna
until_seen bob "second floor" history anna
as bob history anna

say "Bob answers; one tick: on her disk; two: read"
as bob send anna "Hi Anna! Lunch at noon?" --wait delivered --timeout 10s
quiet anna read bob --quiet
until_seen bob '"state":"read"' history anna --json
as bob history anna

say "Bob's machine crashes (kill -9). Anna goes on writing"
kill -9 "$bobs"; wait "$bobs" 2>/dev/null || true
until_seen anna '"online":false' peers --json
for text in "Noon is fine." "I'll bring the plans." "And cake 🍰"; do as anna send bob "$text"; done

say "Bob comes back, and has each of them once"
node bob
until_seen bob "cake" history anna
until_seen anna '"state":"delivered".*cake' history bob --json
as bob history anna
as anna history bob

say "Anna sends a folder. Nothing moves before Bob says yes"
mkdir -p "$work/plans/second floor"
echo "Take the window seat." >"$work/plans/read me.txt"
head -c 5000000 /dev/urandom >"$work/plans/second floor/drawing.dat"
as anna send bob -f "$work/plans"
until_seen bob '"state":"offered"' transfers --json
as bob transfers
as bob accept-file "$(quiet bob transfers --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/')" --to "$work/inbox" --quiet
until_seen bob '"state":"complete"' transfers --json
until_seen anna '"state":"complete"' transfers --json
as bob transfers
diff -r "$work/plans" "$work/inbox/plans" || fail "the folder is not the same"

seen=$(quiet bob history anna --json | wc -l)
[ "$seen" = 6 ] || fail "Bob has $seen messages, not 6"
[ "$(quiet bob history anna --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/' | sort -u | wc -l)" = 6 ] || fail "a message came twice"
quiet anna history bob --json | grep '"mine":true' | grep -q '"state":"queued"' && fail "something is still queued"
say "Five messages and a folder, each once, none lost. Everything went end-to-end encrypted: $(quiet anna peers --json | sed 's/.*"cipher":"\([^"]*\)".*/\1/' | head -1) under X25519 and ML-KEM-768."
quiet anna stop; quiet bob stop
