#!/bin/bash
# What the compiler does not say: no trap on bytes from outside, no names that own everything, no sleeping tests, no unlisted unsafety.
cd "$(dirname "$0")/.."
bad=0
deny() { # message, pattern, paths…
	local message=$1 pattern=$2 found; shift 2
	found=$(grep -rnE "$pattern" "$@" --include='*.swift' | grep -v 'lint:' || true)
	[ -z "$found" ] || { echo "lint: $message"; echo "$found" | sed 's/^/  /'; bad=1; }
}
wire="Sources/EarshotProtocol/Wire Sources/EarshotProtocol/Session Sources/EarshotProtocol/Logs"
deny "a trap on bytes from outside" '(try!|as!|fatalError\(|[A-Za-z)\]]!($|[ ,.;)\]]))' $wire
deny "try! and as! are nowhere needed" '(try!|as! )' Sources
deny "a type that owns everything" '(class|struct|enum|actor) [A-Za-z]*(Manager|Service|Coordinator|Helper)\b' Sources
deny "no shared instances" 'static (let|var) shared' Sources
deny "tests await events, they do not sleep" '(Task\.sleep|usleep\(|[^a-z]sleep\()' Tests
deny "unsafety outside the two Avahi backends" '@unchecked Sendable' $(ls -d Sources/* | grep -v EarshotDiscovery)
deny "unfinished" '\b(TODO|FIXME|XXX)\b' Sources Tests
long=$(find Sources Tests -name '*.swift' -print0 | xargs -0 wc -l | awk '$2 != "total" && $1 > 420 {print "  " $2 ": " $1 " lines"}')
[ -z "$long" ] || { echo "lint: a file with more than one idea?"; echo "$long"; bad=1; }
[ $bad = 0 ] && echo "lint: clean"
exit $bad
