#!/bin/bash
# Coverage-guided fuzzing of everything that reads bytes from others and of sequences of operations. SECONDS are for all targets
# together; what is found is left in fuzz/found and becomes a test. TARGETS="frame log" for some of them.
set -eu
cd "$(dirname "$0")/.."
total=${1:-60}
out=.build-fuzz
# Swift's own report of a crash would come first, and libFuzzer would not write the input down.
export SWIFT_BACKTRACE=enable=no
for target in EarshotTesting EarshotTerminal EarshotDiscovery EarshotStore; do
	swift build --scratch-path $out -c release -Xswiftc -sanitize=fuzzer --target $target >$out.log 2>&1 || { cat $out.log; exit 1; }
done
rm -f $out.log
release=$(cd $out/release && pwd)
read -r -a targets <<<"${TARGETS:-frame session log name operations store room}"
each=$((total / ${#targets[@]}))
mkdir -p fuzz/found
# Not those of files that are gone, which a build from before has left.
objects() {
	local module object
	for module in "$@"; do
		find "$release/$module.build" -name '*.o' | while read -r object; do
			[ ! -d "Sources/$module" ] || [ -n "$(find "Sources/$module" -name "$(basename "$object" .o)")" ] || continue
			echo "$object"
		done
	done
}
# What SwiftPM calls the package in a folder of this name: our declarations are seen within the package only.
package=$(basename "$PWD" | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9_\n' _)
bad=0
for name in "${targets[@]}"; do
	mapfile -t linked < <(objects EarshotModel Noise EarshotWire EarshotRules EarshotText EarshotTesting EarshotControl EarshotTerminal EarshotDiscovery EarshotStore GRDB \
		$(cd "$release" && ls -d NIO*.build CNIO*.build Crypto*.build CCrypto*.build CX*.build Atomics.build _Atomics*.build DequeModule.build InternalCollections*.build \
			_NIO*.build swift-*.build Collections.build 2>/dev/null | sed 's/\.build$//'))
	swiftc -O -wmo -sanitize=fuzzer -parse-as-library -package-name "$package" -swift-version 6 -enable-upcoming-feature ExistentialAny \
		-I "$release/Modules" -I "$release" $(for map in Sources/C*/module.modulemap $out/checkouts/GRDB.swift/Sources/GRDBSQLite/module.modulemap; do echo "-Xcc -fmodule-map-file=$map"; done) \
		$(find $out/checkouts $out/release -path '*include*' -name module.modulemap 2>/dev/null | grep -E 'CNIO|CCrypto|CAtomics|_AtomicsShims' | sed 's/^/-Xcc -fmodule-map-file=/') \
		-module-name "fuzz_$name" "fuzz/$name.swift" fuzz/seeds.swift "${linked[@]}" -lsodium -lcrypto -lsqlite3 -lavahi-core -lavahi-common -lqrencode -lstdc++ \
		-o "$out/fuzz-$name"
	corpus=$out/corpus/$name
	mkdir -p "$corpus"
	EARSHOT_SEEDS=$corpus "$out/fuzz-$name"
	printf '%-12s' "$name"
	if "$out/fuzz-$name" -max_total_time="$each" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -artifact_prefix=fuzz/found/ -print_final_stats=1 "$corpus" >"$out/$name.log" 2>&1; then
		awk '/stat::number_of_executed_units/{n=$2} /cov:/{for(i=1;i<NF;i++) if($i=="cov:") c=$(i+1)} END{print n " runs, " c " edges, nothing found"}' "$out/$name.log"
	else
		bad=1
		echo "FOUND SOMETHING"
		tail -30 "$out/$name.log"
	fi
done
exit $bad
