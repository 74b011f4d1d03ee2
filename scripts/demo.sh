#!/bin/bash
# Two people on one machine find each other, talk, and lose nothing to a crash. Shows what a person would see. In a terminal both
# stay until Enter is pressed, for those who want to try some commands themselves.
set -eu
bin=$(cd "${1:-.build/debug}" && pwd)
work=$(mktemp -d /tmp/earshot-demo.XXXXXX)
bold= dim= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
# What is printed can be pasted into a shell.
quoted() {
	local word
	for word; do
		case $word in
		*\'*) printf ' "%s"' "$word" ;;   # none of ours has a quote of both kinds, or a dollar
		*[!A-Za-z0-9._/:=@-]* | "") printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}
as() {
	local name=$1; shift
	printf '%s%s $%s earshot%s%s --state %s%s\n' "$dim" "$name" "$plain" "$(quoted "$@")" "$dim" "$work/$name" "$plain"
	"$bin/earshot" "$@" --state "$work/$name" --no-start
}
quiet() { local state=$work/$1; shift; "$bin/earshot" "$@" --state "$state" --no-start; }
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

person() { quiet "$1" id --json | sed 's/.*"person":"\([a-z2-7]*\)".*/\1/'; }
# called NAME WHO: what WHO is called for NAME: their name, or the beginning of their id where others here have that name too.
called() {
	local name=$1 who=$2 person
	person=$(person "$who")
	until_seen "$name" "$person" peers --json
	if [ "$(quiet "$name" peers --json | grep -c "\"name\":\"${who^}\"")" = 1 ]; then echo "$who"; else echo "${person:0:10}"; fi
}

say "Two people start Earshot, on one machine, nothing configured"
node anna
node bob; bobs=$pid
printf '%sThe commands below work in another terminal too, after:  export PATH=%s:$PATH%s\n' "$dim" "$bin" "$plain"

say "They find each other by mDNS"
bobs_id=$(person bob)
bob=$(called anna bob) anna=$(called bob anna)
as anna peers

say "Anna writes. To Bob she is a stranger: he is asked"
as anna send "$bob" "Hello Bob, it's Anna from the second floor."
until_seen bob '"trust":"requested"' peers --json
as bob peers
as bob accept "$anna"
until_seen bob "second floor" history "$anna"
as bob history "$anna"

say "Bob answers; one tick: on her disk; two: read"
as bob send "$anna" "Hi Anna! Lunch at noon?" --wait delivered --timeout 10s
quiet anna read "$bob" --quiet
until_seen bob '"state":"read"' history "$anna" --json
as bob history "$anna"

say "Bob's machine crashes (kill -9). Anna goes on writing"
kill -9 "$bobs"; wait "$bobs" 2>/dev/null || true
until_seen anna "$bobs_id.*\"online\":false" peers --json
for text in "Noon is fine." "I'll bring the plans." "And cake 🍰"; do as anna send "$bob" "$text"; done

say "Bob comes back, and has each of them once"
node bob
until_seen bob "cake" history "$anna"
until_seen anna 'cake.*"state":"delivered"' history "$bob" --json
as bob history "$anna"
as anna history "$bob"

say "Anna sends a folder. Nothing moves before Bob says yes"
mkdir -p "$work/plans/second floor"
echo "Take the window seat." >"$work/plans/read me.txt"
head -c 5000000 /dev/urandom >"$work/plans/second floor/drawing.dat"
as anna send "$bob" -f "$work/plans" --wait queued
until_seen bob '"state":"offered"' transfers --json
as bob transfers
offer=$(quiet bob transfers --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/')
as bob accept-file "${offer:0:8}" --to "$work/inbox" --quiet
until_seen bob '"state":"complete"' transfers --json
until_seen anna '"state":"complete"' transfers --json
as bob transfers
diff -r "$work/plans" "$work/inbox/plans" || fail "the folder is not the same"

seen=$(quiet bob history "$anna" --json | wc -l)
[ "$seen" = 6 ] || fail "Bob has $seen messages, not 6"
[ "$(quiet bob history "$anna" --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/' | sort -u | wc -l)" = 6 ] || fail "a message came twice"
quiet anna history "$bob" --json | grep '"mine":true' | grep -q '"state":"queued"' && fail "something is still queued"
say "Five messages and a folder, each once, none lost. Everything went end-to-end encrypted: $(quiet anna peers --json | grep "$bobs_id" | sed 's/.*"cipher":"\([^"]*\)".*/\1/') under X25519 and ML-KEM-768."
if [ -t 0 ] && [ -t 1 ]; then
	printf '\nBoth nodes still run. Try, in two other terminals:\n'
	printf '  %s chat %s --state %s\n' "$bin/earshot" "$bob" "$work/anna" "$bin/earshot" "$anna" "$work/bob"
	read -rp 'Enter ends the demo and removes what it made. ' _ || true
fi
