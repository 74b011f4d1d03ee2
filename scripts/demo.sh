#!/bin/bash
# Three people on one machine find each other, make sure who is who, meet in a room, and lose nothing to a crash. Shows what a
# person would see. In a terminal the nodes stay until Enter is pressed, for those who want to try some commands themselves.
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

say "Three people start Earshot, on one machine, nothing configured; they find each other by mDNS"
for name in anna bob carla; do node $name; [ $name != carla ] || carlas=$pid; [ $name != anna ] || annas=$pid; done
printf '%sThe commands below work in another terminal too, after:  export PATH=%s:$PATH%s\n' "$dim" "$bin" "$plain"
bob=$(called anna bob) carla=$(called anna carla) anna=$(called bob anna)
as anna peers

say "Anna writes to Bob. To him she is a stranger: he is asked"
as anna send "$bob" "Hello Bob, it's Anna from the second floor." --wait queued
until_seen bob '"trust":"requested"' peers --json
as bob accept "$anna"
until_seen bob "second floor" history "$anna"
as bob history "$anna"

say "Is it Anna? Both read the same numbers, and say yes (here a script does)"
mkfifo "$work/anna.yes" "$work/bob.yes"
quiet anna verify "$bob" --json <"$work/anna.yes" >"$work/anna.said" & asking=$!
quiet bob verify "$anna" --json <"$work/bob.yes" >"$work/bob.said" & answering=$!
exec 8>"$work/anna.yes" 9>"$work/bob.yes"
numbers() { sed -n 's/.*"numbers":"\([0-9 ]*\)".*/\1/p' "$work/$1.said" | head -1; }
tries=0
until [ -n "$(numbers anna)" ] && [ -n "$(numbers bob)" ]; do
	tries=$((tries + 1)); [ $tries -lt 400 ] || fail "no numbers to compare"
	sleep 0.05
done
printf 'Anna reads %s, Bob reads %s\n' "$(numbers anna)" "$(numbers bob)"
[ "$(numbers anna)" = "$(numbers bob)" ] || fail "the numbers differ"
echo yes >&8; echo yes >&9; exec 8>&- 9>&-
wait $asking $answering || fail "the verification did not end well"
as anna contacts

say "A room for three"
as anna room create ops
as anna room invite ops "$bob" "$carla"
until_seen bob '"standing":"invited"' room list --json
as bob room join ops
until_seen carla '"trust":"requested"' peers --json
quiet carla accept "$(person anna)" --quiet
until_seen carla '"standing":"invited"' room list --json
as carla room join ops
until_seen carla '"joinedCount":3' room info ops --json
until_seen bob '"joinedCount":3' room info ops --json

say "Carla's machine crashes (kill -9). The others go on, Anna sends a folder, and then she goes home"
kill -9 "$carlas"; wait "$carlas" 2>/dev/null || true
as bob send '#ops' "The printer is back, @carla."
as anna send '#ops' "Power cut at six." --ask
mkdir -p "$work/plans/second floor"
echo "Take the window seat." >"$work/plans/read me.txt"
head -c 5000000 /dev/urandom >"$work/plans/second floor/drawing.dat"
as anna send '#ops' -f "$work/plans" --wait queued
until_seen bob '"state":"offered"' transfers --json
offer=$(quiet bob transfers --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/')
as bob accept-file "${offer:0:8}" --to "$work/inbox" --quiet
until_seen bob '"state":"complete"' transfers --json
diff -r "$work/plans" "$work/inbox/plans" || fail "the folder is not the same"
quiet anna stop --quiet >/dev/null 2>&1 || true
wait "$annas" 2>/dev/null || true

say "Carla comes back late, and has all of it, from Bob"
node carla
until_seen carla "Power cut" history '#ops'
until_seen carla "plans" history '#ops'
as carla history '#ops'
as carla inbox
asks=$(quiet carla history '#ops' --json | grep '"asks":true' | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/')
as carla ack "${asks:0:8}"

seen=$(quiet carla history '#ops' --json | wc -l)
[ "$seen" = 3 ] || fail "Carla has $seen messages, not 3"
[ "$(quiet carla history '#ops' --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/' | sort -u | wc -l)" = 3 ] || fail "a message came twice"
say "Everything went end-to-end encrypted: $(quiet bob peers --json | sed -n 's/.*"cipher":"\([^"]*\)".*/\1/p' | head -1) under X25519 and ML-KEM-768."
if [ -t 0 ] && [ -t 1 ]; then
	printf '\nTwo nodes still run. Try, in two other terminals:\n'
	printf "  %s chat '#ops' --state %s\n" "$bin/earshot" "$work/bob" "$bin/earshot" "$work/carla"
	read -rp 'Enter ends the demo and removes what it made. ' _ || true
fi
