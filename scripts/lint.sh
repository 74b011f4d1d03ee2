#!/bin/bash
# What the compiler does not say: no trap on bytes from outside, no names that own everything, no sleeping tests, no
# unlisted unsafety, nothing private of a library, no dependency that nobody uses, no line that is too wide.
cd "$(dirname "$0")/.."
bad=0
deny() { # message, pattern, paths…
	local message=$1 pattern=$2 found; shift 2
	found=$(grep -rnE "$pattern" "$@" --include='*.swift' | grep -vE 'lint:|(if|guard|,) .*let [a-zA-Z]+ = U?Int|: *//' || true)
	[ -z "$found" ] || { echo "lint: $message"; echo "$found" | sed 's/^/  /'; bad=1; }
}
wire="Sources/EarshotWire Sources/EarshotRules/Conversations"
deny "a trap on bytes from outside" '(try!|as!|fatalError\(|[A-Za-z)\]]!($|[ ,.;)\]]))' $wire
# What clients, adverts and settings say is read here.
door="Sources/EarshotControl Sources/EarshotConfig Sources/EarshotNode/Node*.swift Sources/EarshotNode/Door Sources/EarshotNode/Views
	Sources/EarshotNode/State Sources/EarshotNode/HostAndPort.swift
	Sources/EarshotDiscovery/ServiceRecord.swift Sources/EarshotRules/Files/AcceptanceRule.swift
	Sources/EarshotRules/Files/FilesSettings.swift Sources/EarshotModel/ByteCount.swift"
deny "a trap on what a client says" '(try!|as!|fatalError\(|precondition|[A-Za-z)\]]!($|[ ,.;)\]]))' $door
deny "a trap on what a browser says" '(try!|as!|fatalError\(|precondition|[A-Za-z)\]]!($|[ ,.;)\]]))' Sources/EarshotWeb
deny "a number from outside that is converted without exactly: or clamping:" \
	'\bU?Int(8|16|32|64)?\(([a-z$][a-z$0-9_.]*[),. ]|try )' $(grep -rlE 'Int' $door | grep -v ByteCount)
deny "arithmetic on a number from outside that may overflow" \
	'\b(timeout|since|number|most|quota|size|limit|milliseconds)\)? ([-+*]|<<|&\*) ' $door
deny "try! and as! are nowhere needed" '(try!|as! )' Sources
deny "a type that owns everything" '(class|struct|enum|actor) [A-Za-z]*(Manager|Service|Coordinator|Helper)\b' Sources
deny "what a machine keeps is its own" '\b(files|links|people|conversations)\.table\b' Sources/EarshotRules
deny "a sentence outside EarshotText: a refusal is a case of Refusal" \
	'((Door|Web)Error\(\.[a-zA-Z]+, *"|^ +\.(badParameters|unknownName|ambiguousName|refused|untrusted|failed), *"[A-Z])' \
	$(ls -d Sources/Earshot* | grep -v EarshotText)
deny "a sentence outside EarshotText: what is wrong is a case of Fault" '[Ff]ault\("' Sources/EarshotConfig
deny "a sentence outside EarshotText: how a transfer ends is a case" '\.(broken|dishonest|unwritable|ended)\("' \
	Sources/EarshotTransfer Sources/EarshotRules/Files Sources/EarshotNetwork/Bulk Sources/EarshotWire/Files
deny "an error that says its own sentence" '(enum|struct) [A-Za-z]+: .*\bError\b.*CustomStringConvertible' \
	$(ls -d Sources/Earshot*)
deny "no shared instances" 'static (let|var) shared' Sources
deny "tests await events, they do not sleep" '(Task\.sleep|usleep\(|[^a-z]sleep\()' Tests
deny "unsafety that is not explained beside it (lint: why)" '(@unchecked Sendable|nonisolated\(unsafe\))' \
	$(ls -d Sources/* | grep -v EarshotDiscovery)
deny "something private of a library" '\._[a-z][A-Za-z]*' Sources
deny "unfinished" '\b(TODO|FIXME|XXX)\b' Sources Tests
long=$(find Sources Tests -name '*.swift' -print0 | xargs -0 wc -l | awk '$2 != "total" && $1 > 400 {print "  " $2 ": " $1 " lines"}')
[ -z "$long" ] || { echo "lint: a file with more than one idea?"; echo "$long"; bad=1; }
scripts/lint.py || bad=1
${SWIFT:-swift} format lint --strict -p $(git ls-files '*.swift') || bad=1
[ $bad = 0 ] && echo "lint: clean"
exit $bad
