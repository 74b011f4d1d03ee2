#!/bin/bash
# Real daemons on hosts of their own: network namespaces on a bridge, with Avahi and without. Needs root; says loudly if it cannot run.
set -eu
cd "$(dirname "$0")/../.."
bin=${BIN:-$PWD/.build/debug}
export LAN=${LAN:-earshot$$} LAN_STATE=${LAN_STATE:-/var/tmp/lan-earshot$$}
lan=lan/lan.sh
if [ "$(id -u)" != 0 ] || ! unshare --net true 2>/dev/null; then
	echo "LAN TESTS SKIPPED: they need root and network namespaces" >&2
	[ -z "${CI:-}" ] || exit 1
	exit 0
fi
work=$(mktemp -d /tmp/earshot-lan.XXXXXX)
passed=0 failed=0
trap '$lan down >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
cli() { local n=$1; shift; "$bin/earshot" "$@" --state "$work/$n" --no-start; }   # a unix socket is reached from any namespace
now() { date +%s%N; }
ms() { echo $((($(now) - $1) / 1000000)); }
names=(- Anna Bob Cleo Dora Emil)
# node N [options]: starts the daemon of host N and waits for its word
node() {
	local n=$1 fifo=$work/ready.$1 line; shift
	rm -f "$fifo"; mkfifo "$fifo"
	$lan exec "$n" ${under:-} "$bin/earshotd" --state "$work/$n" --name "${names[n]}" --port 47447 --log-level info "$@" >"$fifo" 2>>"$work/$n.log" &
	echo $! >"$work/$n.pid"
	read -r -t 20 line <"$fifo" || { echo "host $n did not start"; tail -5 "$work/$n.log"; return 1; }
}
stop() { kill "${2:--TERM}" "$(cat "$work/$1.pid")" 2>/dev/null || true; wait "$(cat "$work/$1.pid")" 2>/dev/null || true; }
# until SECONDS command…: asks again until it is so
until_so() { local end=$(($(now) + $1 * 1000000000)); shift; until "$@" >/dev/null 2>&1; do [ "$(now)" -lt $end ] || return 1; sleep 0.05; done; }
sees() { cli "$1" peers --json | grep "\"name\":\"${names[$2]}\"" | grep -q '"online":true'; }
advertised() { cli "$1" status --json | grep -q '"advertised":true'; }
away() { ! sees "$1" "$2"; }
has() { cli "$1" history "${names[$2]}" --json | grep -q "\"text\":\"$3\""; }
arrived() { cli "$1" history "${names[$2]}" --json | grep "\"text\":\"$3\"" | grep -qv '"state":"queued"'; }
count() { [ "$(cli "$1" history "${names[$2]}" --limit 5000 --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/' | sort -u | wc -l)" = "$3" ]; }
friends() { until_so 15 sees "$1" "$2" && until_so 15 sees "$2" "$1" && cli "$1" accept "${names[$2]}" -q && cli "$2" accept "${names[$1]}" -q; }
clean() { for f in "$work"/*.pid; do [ -e "$f" ] && { n=$(basename "$f" .pid); stop "$n"; rm -f "$f"; }; done; umount "$work/in" "$work/2" 2>/dev/null || true; rm -rf "$work"/[0-9] "$work"/*.log "$work"/in* "$work"/tree "$work"/back; $lan down; }
scenario() {
	local name=$1 start status; start=$(now); shift
	# Not as a condition: in one the shell does not heed -e, and whatever failed in the middle would pass.
	set +e; ( set -e; "$@" ); status=$?; set -e
	if [ $status = 0 ]; then passed=$((passed + 1)); echo "ok    $name ($(ms "$start") ms)"
	else failed=$((failed + 1)); echo "FAIL  $name"; for f in "$work"/*.log; do [ -e "$f" ] && { echo "--- $f"; tail -15 "$f"; }; done; fi
	clean
}

two_talk() { # discovery backends of the two
	node 1 --discovery "$1"; until_so 10 advertised 1; sleep 3   # here for long: its announcements are over
	local start; start=$(now)
	node 2 --discovery "$2"
	until_so 10 sees 2 1; echo "      newcomer sees the other after $(ms "$start") ms"
	until_so 10 sees 1 2; echo "      the other sees the newcomer after $(ms "$start") ms"
	friends 1 2
	cli 1 send Bob "over the wire" --wait delivered --timeout 10s -q
	has 2 1 "over the wire"
	cli 2 send Anna "and back" --wait delivered --timeout 10s -q
}
without_avahi() { $lan up -n 2; two_talk embedded embedded; }
with_avahi() { $lan up-avahi -n 2; two_talk auto auto; cli 1 status --json | grep -q '"discovery":"avahi"'; }
mixed() { $lan up -n 2; $lan avahi start 1; two_talk auto auto; cli 2 status --json | grep -q '"discovery":"embedded"'; }
avahi_restarts() { # with freed memory overwritten: libdns_sd calls back through what it never set, when the daemon goes
	local -x MALLOC_PERTURB_=165
	$lan up-avahi -n 2; two_talk auto auto
	$lan avahi stop 1; until_so 8 sh -c "'$bin/earshot' status --json --no-start --state '$work/1' | grep -q embedded"
	stop 2; rm -f "$work/2.pid"; until_so 15 away 1 2
	node 2 --discovery auto; until_so 10 sees 1 2
}
five() {
	$lan up -n 5
	for n in 1 2 3 4 5; do node $n --discovery embedded; done
	for a in 1 2 3 4 5; do for b in 1 2 3 4 5; do [ $a = $b ] || until_so 20 sees $a $b; done; done
	for n in 2 3 4 5; do cli $n settings contacts.accept lan -q; done
	cli 1 send Bob Cleo Dora Emil "to all" --wait delivered --timeout 15s -q
	for n in 2 3 4 5; do has $n 1 "to all"; done
}
cable() {
	$lan up -n 2; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	cli 1 send Bob "before" --wait delivered --timeout 10s -q
	local start; start=$(now); $lan cable 2 out
	until_so 2 away 2 1; echo "      one's own cable: gone after $(ms "$start") ms"
	for i in 1 2 3; do cli 1 send Bob "while away $i" -q; done
	until_so 15 away 1 2; echo "      the other's cable: gone after $(ms "$start") ms"
	[ "$(ms "$start")" -le 15500 ]
	$lan cable 2 in; start=$(now)
	until_so 20 arrived 1 2 "while away 3"; echo "      everything there $(ms "$start") ms after the cable is in"
	count 2 1 4
}
short_cut() { # out and in before anybody noticed: the same session, or a new one, but nothing lost
	$lan up -n 2; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	for i in 1 2 3 4 5; do $lan cable 2 out; cli 1 send Bob "cut $i" -q; sleep 0.3; $lan cable 2 in; cli 2 send Anna "back $i" -q; done
	until_so 30 arrived 1 2 "cut 5"; until_so 30 arrived 2 1 "back 5"; count 1 2 10; count 2 1 10
}
no_udp() { # nothing but TCP and mDNS passes
	$lan up -n 2
	for n in 1 2; do $lan exec $n iptables -A INPUT -p udp ! --dport 5353 -j DROP; done
	node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	for i in $(seq 20); do cli 1 send Bob "tcp $i" -q; done
	cli 2 send Anna "tcp too" --wait delivered --timeout 10s -q
	until_so 10 arrived 1 2 "tcp 20"; count 2 1 21
}
no_multicast() { # only an address that somebody typed
	$lan up -n 2; node 1 --discovery none; node 2 --discovery none
	cli 1 peer add "$($lan ip 2)" -q; until_so 10 sees 1 2; friends 1 2
	cli 1 send Bob "by address" --wait delivered --timeout 10s -q
}
zone() { # N name…: of these hosts, for dnsmasq on host N, and who asks it
	local server=$1 n; shift
	for n in "$@"; do
		local id; id=$(cli "$n" id --json | sed 's/.*"short":"\([a-z2-7]*\)".*/\1/')
		echo "ptr-record=_earshot._tcp.office.test,n$n._earshot._tcp.office.test"
		echo "srv-host=n$n._earshot._tcp.office.test,h$n.office.test,47447"
		echo "txt-record=n$n._earshot._tcp.office.test,\"txtvers=1\",\"v=1\",\"id=$id\""
		echo "host-record=h$n.office.test,$($lan ip "$n")"
	done >"$work/zone.conf"
	printf 'ptr-record=_earshot._tcp.office.test,bad._earshot._tcp.office.test\nsrv-host=bad._earshot._tcp.office.test,bad.office.test,47447\ntxt-record=bad._earshot._tcp.office.test,"v=1","id=abcdefghijklmn23"\nhost-record=bad.office.test,8.8.8.8\n' >>"$work/zone.conf"
	$lan exec "$server" dnsmasq --keep-in-foreground --no-resolv --no-hosts --local=/test/ --pid-file= --user=root --conf-file="$work/zone.conf" 2>"$work/dnsmasq.log" &
	echo $! >"$work/dns.pid"
	until_so 5 sh -c "$lan exec $server ss -Hlun | grep -q ':53 '"
}
domain() { # two whom multicast does not reach, and a DNS server that both do
	command -v dnsmasq >/dev/null || { echo "      SKIPPED: dnsmasq is not installed (apt install dnsmasq-base)" >&2; [ -z "${CI:-}" ]; return; }
	$lan up -n 3; local n table
	for n in 1 2; do
		for table in iptables ip6tables; do $lan exec $n $table -A OUTPUT -p udp --dport 5353 -j DROP; $lan exec $n $table -A INPUT -p udp --dport 5353 -j DROP; done
	done
	# Each in a mount namespace of its own, so that the machine's own file stays as it is.
	local under="$work/asks"; echo "nameserver $($lan ip 3)" >"$work/resolv.conf"
	printf '#!/bin/sh\nmount --bind "%s" /etc/resolv.conf && exec "$@"\n' "$work/resolv.conf" >"$under"; chmod +x "$under"
	export EARSHOT_DISCOVERY_DOMAIN=office.test
	node 1 --discovery embedded; node 2 --discovery embedded
	until_so 20 domain_says 1 "no server answers for office.test"
	zone 3 1 2; local start; start=$(now)
	$lan cable 1 out; $lan cable 1 in   # the network changes: it looks again, long before the five minutes are over
	until_so 30 sees 1 2; until_so 10 sees 2 1; echo "      found by the domain $(ms "$start") ms after its server began to answer"
	until_so 10 domain_says 1 "2 announced in office.test"
	friends 1 2; cli 1 send Bob "across" --wait delivered --timeout 10s -q; has 2 1 "across"
	grep -q "8\.8\.8\.8" "$work"/[12].log && return 1
	kill "$(cat "$work/dns.pid")"; rm -f "$work/dns.pid"
}
domain_says() { cli "$1" doctor --json | grep '"check":"domain"' | grep -q "$2"; }
link_local() {
	$lan up -n 2; node 1 --discovery none; node 2 --discovery none
	cli 1 peer add "[$($lan ip6 2)%2]:47447" -q || true
	local index; index=$($lan exec 1 cat /sys/class/net/eth0/ifindex)
	cli 1 peer add "[$($lan ip6 2)%$index]:47447" -q
	until_so 10 sees 1 2
}
lossy() {
	$lan up -n 2 --preset lossy; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	for i in $(seq 100); do cli 1 send Bob "lossy $i" -q; done
	until_so 60 arrived 1 2 "lossy 100"; count 2 1 100
}
crashes() { # kill -9 at random moments while both write
	$lan up -n 2; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	local round i
	for round in $(seq "${CRASHES:-12}"); do
		for i in 1 2 3 4 5; do cli 1 send Bob "r$round-$i" -q & cli 2 send Anna "s$round-$i" -q & done 2>/dev/null
		sleep "0.0$((RANDOM % 90 + 10))"
		victim=$((round % 2 + 1)); stop $victim -KILL
		wait $(jobs -p | grep -vx -e "$(cat "$work/1.pid")" -e "$(cat "$work/2.pid")") 2>/dev/null || true
		node $victim --discovery embedded
	done
	cli 1 send Bob "last of 1" -q; cli 2 send Anna "last of 2" -q
	until_so 30 arrived 1 2 "last of 1"; until_so 30 arrived 2 1 "last of 2"
	# What one calls delivered the other has, once; and both show the same.
	cli 1 history Bob --limit 5000 --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/' | sort >"$work/a"; cli 2 history Anna --limit 5000 --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/' | sort >"$work/b"
	cmp "$work/a" "$work/b"; [ -z "$(uniq -d "$work/a")" ]; echo "      $(wc -l <"$work/a") messages over ${CRASHES:-12} crashes"
}
long() { printf '%s ' "$1"; head -c 6000000 /dev/zero | tr '\0' x; }
whole() { cli "$1" history "${names[$2]}" --json | grep "\"text\":\"$3 x*\"" | grep -qv '"incomplete":true'; }
disk_full() {
	$lan up -n 2; mkdir -p "$work/2"; mount -t tmpfs -o size=24m,mode=700 tmpfs "$work/2"
	node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	cli 1 send Bob "before" --wait delivered --timeout 10s -q
	dd if=/dev/zero of="$work/2/ballast" bs=1M 2>/dev/null || true
	# More than the room that the database keeps for itself, which takes short messages for a while.
	local code=0; long "no room" | cli 2 send Anna - -q 2>/dev/null || code=$?; [ "$code" = 8 ]
	cli 2 status --json | grep -q '"disk":"full"'
	long "while full" | cli 1 send Bob - -q; sleep 1; whole 2 1 "while full" && return 1
	cli 1 history Bob --json | grep "while full" | grep -q '"state":"queued"'
	rm "$work/2/ballast"; until_so 30 arrived 1 2 "while full x*"; whole 2 1 "while full"; has 2 1 "before"
	stop 2; rm -f "$work/2.pid"; umount "$work/2"
}
# files: bytes that say where they belong
something() { head -c "$1" /dev/urandom >"$work/source"; }
offered() { cli "$1" transfers --json | tail -1 | grep -q "\"state\":\"$2\""; }
transfer_id() { cli "$1" transfers --json | tail -1 | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/'; }
have() { cli "$1" transfers --json | tail -1 | sed 's/.*"have":\([0-9]*\).*/\1/'; }
more_than() { [ "$(have "$1")" -gt "$2" ]; }
takes() { until_so 10 offered 2 offered; cli 2 accept-file "$(transfer_id 2)" --to "$work/in" -q; }   # host 2 says yes
same() { cmp "$work/source" "$work/in/source"; [ "$(ls -A "$work/in")" = source ]; }
files() { # both ways, in a LAN where each has called the other once
	$lan up -n 2; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	something 50000000; cli 1 send Bob -f "$work/source" -q; takes; until_so 20 offered 2 complete; same; until_so 10 offered 1 complete
	mkdir -p "$work/tree/a/b"; echo one >"$work/tree/a/b/one"; : >"$work/tree/empty"
	cli 2 send Anna -f "$work/tree" -q; until_so 10 offered 1 offered; cli 1 accept-file "$(transfer_id 1)" --to "$work/back" -q
	until_so 10 offered 1 complete; diff -r "$work/tree" "$work/back/tree"
}
files_to_many() { # one sends, four get it, and all of them but the last pass it on; one of these is killed on the way
	$lan up -n 5 --rate 200mbit --delay 1ms; local n
	for n in 1 2 3 4 5; do node $n --discovery embedded; done
	for n in 2 3 4 5; do friends 1 $n; cli $n rules add --from Anna --to "$work/in$n" -q; done
	something 60000000; local start; start=$(now); cli 1 send Bob Cleo Dora Emil -f "$work/source" -q
	until_so 20 more_than 3 10000000; stop 3 -KILL; node 3 --discovery embedded
	for n in 2 3 4 5; do until_so 60 offered $n complete; cmp "$work/source" "$work/in$n/source"; done; echo "      four have it after $(ms "$start") ms, over a crash"
	[ "$(cat "$work"/*.log | grep -c referred)" -ge 3 ]
}
files_over_a_cable() { # pulled in the middle: it goes on, and not from the start
	$lan up -n 2 --rate 100mbit --delay 1ms; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	something 40000000; cli 1 send Bob -f "$work/source" -q; takes; until_so 20 more_than 2 10000000
	$lan cable 2 out; until_so 40 away 2 1; local before; before=$(have 2); [ "$before" -ge 10000000 ]
	$lan cable 2 in; until_so 20 offered 2 active; [ "$(have 2)" -ge "$before" ]
	until_so 30 offered 2 complete; same; until_so 10 offered 1 complete; echo "      went on at $before of 40000000"
}
files_over_losses() { # one packet in a hundred is lost, and the kernel refuses BBR: several lines carry it together
	local allowed=/proc/sys/net/ipv4/tcp_allowed_congestion_control under="setpriv --bounding-set=-net_admin"
	[ -w $allowed ] || { echo "      SKIPPED: $allowed cannot be written here" >&2; return 0; }
	trap "echo $(cat $allowed) >$allowed" EXIT; echo reno cubic >$allowed
	$lan up -n 2 --preset wifi --cc cubic; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	local start i; something 40000000; cli 1 send Bob -f "$work/source" -q; takes; start=$(now)
	until_so 10 lines_of 1 8
	until_so 60 offered 2 complete; same; echo "      40 MB in $(ms "$start") ms"
	# The other way, where the one who gives was called; and cut in the middle.
	rm -r "$work/in"; something 40000000; cli 2 send Anna -f "$work/source" -q; until_so 10 offered 1 offered; cli 1 accept-file "$(transfer_id 1)" --to "$work/in" -q
	until_so 10 lines_of 1 8; $lan cable 2 out; until_so 40 away 1 2; $lan cable 2 in; until_so 60 offered 1 complete; same
}
lines_of() { [ "$($lan exec "$1" ss -Htn state established '( sport = :47447 or dport = :47447 )' | wc -l)" -gt "$2" ]; }   # the private one beside them
files_and_crashes() { # either side killed, again and again
	$lan up -n 2 --rate 100mbit --delay 1ms; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	something 60000000; cli 1 send Bob -f "$work/source" -q; takes
	local round before
	for round in 1 2 3 4; do
		before=$(have 2); until_so 20 more_than 2 $((before + 5000000)); before=$(have 2)
		stop $((round % 2 + 1)) -KILL; node $((round % 2 + 1)) --discovery embedded
		[ "$(have 2)" -ge "$before" ] || { echo "had $before, has $(have 2)"; return 1; }
	done
	until_so 60 offered 2 complete; same; until_so 10 offered 1 complete
}
files_and_a_full_disk() {
	$lan up -n 2 --rate 200mbit; mkdir -p "$work/in"; mount -t tmpfs -o size=80m,mode=700 tmpfs "$work/in"
	node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	something 40000000; cli 1 send Bob -f "$work/source" -q; takes; until_so 20 more_than 2 3000000
	dd if=/dev/zero of="$work/in/.ballast" bs=1M 2>/dev/null || true   # somebody else fills it in the middle
	until_so 20 sh -c "'$bin/earshot' transfers --json --no-start --state '$work/2' | grep -q 'disk is full here'"
	until_so 20 sh -c "'$bin/earshot' transfers --json --no-start --state '$work/1' | grep -q 'disk is full there'"
	cli 1 send Bob "words go on" --wait delivered --timeout 10s -q
	local before; before=$(have 2); rm "$work/in/.ballast"; cli 2 transfers resume "$(transfer_id 2)" -q
	until_so 40 offered 2 complete; same; [ "$before" -gt 0 ]
	stop 2; rm -f "$work/2.pid"; umount "$work/in"
}
# rooms
switch() { ip netns exec "$LAN-sw" ip link "$@"; }
part() { switch show br1 >/dev/null 2>&1 || switch add br1 type bridge stp_state 0 forward_delay 0; switch set br1 type bridge mcast_snooping 0; switch set br1 up; plug br1 "$@"; }   # these hosts hear each other alone
plug() { local bridge=$1 n; shift; for n in "$@"; do switch set "p$n" master "$bridge"; done; }
heal() { plug br0 "$@"; }
invited() { cli "$1" room info ops --json | grep -q '"standing":"invited"'; }
said() { [ "$(cli "$1" history '#ops' --limit 200000 --json | grep -c "\"text\":\"$2\"")" = "${3:-1}" ]; }
all_said() { local what=$1 n; shift; for n in "$@"; do until_so 60 said "$n" "$what" || { echo "host $n has not: $what"; return 1; }; done; }
state_of() { cli "$1" room info ops --json | sed 's/.*"state":"\([a-z2-7]*\)".*/\1/'; }
one_state() { local first n; first=$(state_of "$1"); [ ${#first} -gt 40 ] || return 1; for n in "$@"; do [ "$(state_of "$n")" = "$first" ] || return 1; done; }
spoken() { cli "$1" history '#ops' --limit 200000 --json | sed 's/.*"id":"\([a-z2-7]*\)".*/\1/'; }
room_of_five() { # a partition, a member taken out in it, the owner gone, and somebody who comes late and gets everything
	local n start many=${ROOM_HISTORY:-2000} patience=$((60 + ${ROOM_HISTORY:-2000} / 100))
	$lan up -n 5; for n in 1 2 3 4; do node $n --discovery embedded; done
	for n in 2 3 4; do friends 1 $n; done
	cli 1 room create ops -q; cli 1 room invite ops Bob Cleo Dora -q
	for n in 2 3 4; do until_so 20 invited $n; cli $n room join ops -q; done
	until_so 20 one_state 1 2 3 4
	for n in 1 2 3 4; do cli $n send '#ops' "hello from $n" -q; done
	for n in 1 2 3 4; do all_said "hello from $n" 1 2 3 4; done
	start=$(now); seq -f 'line %.0f' "$many" | cli 1 chat '#ops' --json >/dev/null
	for n in 1 2 3 4; do until_so 60 recent $n "line $many"; done
	echo "      $many messages are at three others after $(per_second "$many" "$start")"; all_said "line $many" 1 2 3 4
	# Apart: Dora is taken out on one side, and goes on writing on the other.
	part 3 4; until_so 20 away 1 3; until_so 20 away 3 1
	cli 1 room remove ops Dora -q; cli 2 send '#ops' "without Dora" -q; cli 2 room topic ops "of Bob" -q >/dev/null
	cli 4 send '#ops' "Dora knows nothing of it" -q; cli 3 send '#ops' "Cleo, apart" -q; cli 3 room topic ops "of Cleo" -q >/dev/null
	all_said "Dora knows nothing of it" 3; all_said "without Dora" 1
	heal 3 4; start=$(now)
	until_so 60 one_state 1 2 3; echo "      one state $(ms "$start") ms after the partition"
	until_so 30 sh -c "'$bin/earshot' room info ops --json --no-start --state '$work/4' | grep -q '\"standing\":\"removed\"'"
	all_said "Cleo, apart" 1 2 3; all_said "without Dora" 1 2 3
	for n in 1 2 3; do until_so 20 said $n "Dora knows nothing of it" 0; said $n "hello from 4"; done
	cli 4 send '#ops' "let me in" -q 2>/dev/null && return 1
	# The owner is gone; somebody comes who has never seen any of it.
	stop 1; rm -f "$work/1.pid"; node 5 --discovery embedded; friends 2 5
	start=$(now); cli 2 room invite ops Emil -q; until_so 20 invited 5; cli 5 room join ops -q
	until_so "$patience" recent 5 "line $many"
	echo "      who came late has $((many + 6)) messages after $(per_second $((many + 6)) "$start")"
	until_so "$patience" holds 5 $((many + 6))
	node 1 --discovery embedded; cli 5 send '#ops' "hello from 5" -q; all_said "hello from 5" 1 2 3
	until_so 30 one_state 1 2 3 5
	for n in 1 2 3 5; do spoken $n >"$work/in$n"; done
	for n in 2 3 5; do cmp "$work/in1" "$work/in$n"; done; [ -z "$(sort "$work/in1" | uniq -d)" ]; [ "$(wc -l <"$work/in1")" = $((many + 7)) ]
}
holds() { [ "$(spoken "$1" | wc -l)" = "$2" ]; }
recent() { cli "$1" history '#ops' --limit 50 --json | grep -q "\"text\":\"$2\""; }   # cheap: who asks for all of it again and again measures that
per_second() { local took; took=$(ms "$2"); echo "$took ms, $(($1 * 1000 / (took + 1)))/s"; }
private_mode() { # two who are private and a stranger
	if [ "$1" = auto ]; then $lan up-avahi -n 3; else $lan up -n 3; fi
	for n in 1 2 3; do node $n --discovery "$1"; done
	friends 1 2; until_so 15 sees 3 1; until_so 15 sees 3 2
	for n in 1 2; do cli $n settings discovery.private on -q; done
	for n in 1 2; do until_so 5 away 3 $n; until_so 5 away $n 3; sees $n $((3 - n)); done
	stop 2; rm -f "$work/2.pid"; until_so 15 away 1 2
	local start; start=$(now); node 2 --discovery "$1"
	until_so 15 sees 1 2; until_so 15 sees 2 1; echo "      who comes back is recognised after $(ms "$start") ms"
	cli 1 send Bob "between us" --wait delivered --timeout 10s -q; has 2 1 "between us"
	away 3 1; away 3 2; cli 1 status --json | grep -q '"findable":"contacts"'
	cli 2 settings discovery.private off -q; until_so 15 sees 3 2; away 3 1; sees 1 2
}
over() { cli "$1" peers --json | grep "\"name\":\"${names[$2]}\"" | grep -q "\"via\":\"${names[$3]}\""; }
direct() { cli "$1" peers --json | grep "\"name\":\"${names[$2]}\"" | grep '"online":true' | grep -qv '"via"'; }
relayed() { # two stations that are kept apart, and a third that both reach: messages and files go over it, and straight again later
	$lan up -n 3; for n in 1 2 3; do node $n --discovery embedded; done
	friends 1 2; friends 1 3; friends 2 3
	$lan station 1 apart; $lan station 2 apart
	cli 1 send Bob "while apart" -q; until_so 40 away 1 2; until_so 40 away 2 1
	local start; start=$(now); cli 3 settings relay on -q
	until_so 15 over 1 2 3; until_so 15 over 2 1 3; echo "      over the third after $(ms "$start") ms"
	until_so 15 arrived 1 2 "while apart"; cli 2 send Anna "and back" --wait delivered --timeout 10s -q; has 1 2 "and back"
	something 200000000; start=$(now); cli 1 send Bob -f "$work/source" -q; takes; until_so 60 offered 2 complete; same
	echo "      200 MB over the third in $(ms "$start") ms"; rm -r "$work/in"
	cli 3 status --json | grep -q '"relayed":1'
	# Whoever is blocked by the one between is not let through any more.
	cli 3 block Bob -q; until_so 20 away 1 2; cli 3 unblock Bob -q; cli 3 accept Bob -q; cli 2 accept Cleo -q; until_so 30 over 1 2 3
	# The one between goes, and comes back.
	stop 3 -KILL; until_so 60 away 1 2; cli 1 send Bob "nobody between" -q; node 3 --discovery embedded; until_so 30 over 1 2 3; until_so 15 arrived 1 2 "nobody between"
	# They are put together again: the straight way is taken, and nothing is said twice.
	$lan station 1 joined; $lan station 2 joined; start=$(now); until_so 60 direct 1 2; until_so 60 direct 2 1; echo "      straight again after $(ms "$start") ms"
	cli 1 send Bob "straight" --wait delivered --timeout 10s -q; count 1 2 5; count 2 1 5
	something 200000000; start=$(now); cli 1 send Bob -f "$work/source" -q; takes; until_so 60 offered 2 complete; same
	echo "      200 MB straight in $(ms "$start") ms"
}
moves() { # N last: host N has another address, in the same network
	local old; old=$($lan exec "$1" ip -o -4 addr show eth0 | awk '{print $4}')
	$lan exec "$1" ip addr del "$old" dev eth0; $lan exec "$1" ip addr add "${old%.*}.$2/${old#*/}" dev eth0
}
told() { # no multicast, and both have moved: over the third, whom both know, they learn where the other is, and go without
	$lan up -n 3; for n in 1 2 3; do node $n --discovery none; done
	cli 1 peer add "$($lan ip 2)" -q; friends 1 2
	for n in 1 2; do cli $n peer add "$($lan ip 3)" -q; friends $n 3; done
	stop 1; stop 2; moves 1 201; moves 2 202; node 1 --discovery none; node 2 --discovery none
	until_so 20 sees 1 3; until_so 20 sees 2 3; away 1 2; away 2 1
	local start; start=$(now); cli 3 settings relay on -q
	until_so 60 direct 1 2; until_so 60 direct 2 1; echo "      without the third after $(ms "$start") ms"
	stop 3; rm -f "$work/3.pid"; cli 1 send Bob "on our own" --wait delivered --timeout 10s -q; has 2 1 "on our own"
	# That way is known from now on.
	stop 2; node 2 --discovery none; until_so 20 direct 1 2
}
private() { private_mode embedded; }
private_with_avahi() { private_mode auto; }
floods() { # two talk while a third opens connections, sends noise and announces nodes that are not there, all at once
	# How long a message may take meanwhile depends on the machine: FLOOD_P99=100 has more than so many ms fail.
	# FLOOD_UNDER="chrt -r 5", where the machine has other work: the nodes and the clock then do not wait for that.
	local seconds=${FLOOD_SECONDS:-20} most=${FLOOD_P99:-1000000} under=${FLOOD_UNDER:-} flood="python3 $PWD/Tests/Lan/flood.py" target jobs=() start
	$lan up -n 4; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2; target=$($lan ip 1)
	echo "      before: $($under $flood talk "$work/1" "$work/2" 5 "$most")"
	$lan exec 3 $flood half "$target" 47447 "${FLOOD_HALF:-5000}" "$seconds" >"$work/half.log" 2>&1 & jobs+=($!)
	$lan exec 3 $flood datagrams "$target" 47447 "${FLOOD_DATAGRAMS:-50000}" "$seconds" >"$work/datagrams.log" 2>&1 & jobs+=($!)
	$lan exec 3 $flood adverts "$($lan ip 3)" "${FLOOD_ADVERTS:-1000}" "$seconds" >"$work/adverts.log" 2>&1 & jobs+=($!)
	local talk=0; $under $flood talk "$work/1" "$work/2" "$seconds" "$most" >"$work/talk.log" || talk=1
	wait "${jobs[@]}" || true
	start=$(now)
	for f in half datagrams adverts; do sed 's/^/      /' "$work/$f.log"; done; echo "      meanwhile: $(cat "$work/talk.log")"
	echo "      memory at most, in MB: $($flood peak "$(cat "$work/1.pid")" "$(cat "$work/2.pid")" | xargs)"
	# Back to normal: somebody new is found, and the talk goes on as before.
	node 4 --discovery embedded; until_so 60 sees 1 4; until_so 60 sees 4 1; echo "      somebody new is found $(ms "$start") ms after it"
	echo "      after: $($under $flood talk "$work/1" "$work/2" 5 "$most")"
	for n in 1 2; do [ "$($flood peak "$(cat "$work/$n.pid")")" -lt 256 ]; done
	[ $talk = 0 ] || { echo "one message in a hundred took longer than $most ms"; return 1; }
}
keeps() { cli "$1" keeper --json | grep -q "\"blobs\":$2"; }
left_with() { cli "$1" history "${names[$2]}" --json | grep "\"text\":\"$3\"" | grep -q '"leftWith":\[[^]]*"name":"'"${names[$4]}"'"'; }
takes_mail() { cli "$1" keeper --json | grep "\"name\":\"${names[$2]}\"" | grep -q '"takes":true'; }
mail_for_the_absent() { # Anna writes to Bob who is away, and goes; Cleo has kept it when they come back
	$lan up -n 3; for n in 1 2 3; do node $n --discovery embedded; done
	friends 1 2; friends 1 3; friends 2 3
	cli 3 keeper on -q; until_so 10 takes_mail 1 3
	stop 2; rm -f "$work/2.pid"; until_so 15 away 1 2
	sleep 61   # who has been away for less than a minute is waited for
	cli 1 send Bob "kept for you" | grep -q "left with Cleo"
	cli 1 send Bob "and this" -q; until_so 10 left_with 1 2 "and this" 3; until_so 10 keeps 3 1
	stop 3 -KILL; node 3 --discovery embedded; until_so 10 keeps 3 1   # what was acknowledged is on disk
	stop 1; rm -f "$work/1.pid"
	local start; start=$(now); node 2 --discovery embedded
	until_so 20 has 2 1 "kept for you"; until_so 10 has 2 1 "and this"; echo "      read $(ms "$start") ms after coming back, its author gone"
	until_so 10 keeps 3 0; count 2 1 2
	node 1 --discovery embedded; until_so 20 arrived 1 2 "and this"; count 2 1 2
}
ends_cleanly() { # SIGTERM ends a node within two seconds, and the other knows at once
	$lan up -n 2; node 1 --discovery embedded; node 2 --discovery embedded; friends 1 2
	local start; start=$(now); stop 2; [ "$(ms "$start")" -lt 2000 ]; rm -f "$work/2.pid"; until_so 2 away 1 2
	# It said goodbye, put its journal away and took its socket with it.
	grep -q "session ended: byPeer" "$work/1.log"; [ ! -e "$work/2/earshot.sock" ]; [ ! -s "$work/2/earshot.db-wal" ]
}

for s in ${*:-without_avahi with_avahi mixed avahi_restarts five cable short_cut no_udp no_multicast domain link_local lossy crashes disk_full files files_to_many files_over_a_cable files_over_losses files_and_crashes files_and_a_full_disk room_of_five relayed told private private_with_avahi floods mail_for_the_absent ends_cleanly}; do scenario "$s" "$s"; done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
