# What people and CI call. Each line is what it says.
SWIFT ?= swift
STRICT = --explicit-target-dependency-import-check error

.PHONY: build release demo run test unit interop lan-test crash bench bench-files bench-peers bench-web web-test fuzz fuzz-slice lint openrpc lan install deb package-test \
	package-quick setup clean

setup:
	@scripts/setup.sh

build: setup
	@SWIFT="$(SWIFT)" scripts/build.sh earshotd earshot -- $(STRICT)

FLAGS = -c release --static-swift-stdlib -Xlinker --gc-sections -Xlinker --no-export-dynamic

release: setup
	@SWIFT="$(SWIFT)" scripts/build.sh earshotd earshot -- $(FLAGS)

demo: build
	@scripts/demo.sh .build/debug

run: build
	@.build/debug/earshot peers
	@.build/debug/earshot peers --watch

test: test-setup unit lint interop web-test lan-test package-quick fuzz-slice

test-setup:
	@scripts/setup.sh test

unit: test-setup
	$(SWIFT) build --build-tests $(STRICT)
	@SWIFT="$(SWIFT)" scripts/unit.sh

interop: build
	@Tests/Interop/run.sh

web-test: build
	@Tests/Web/run.sh

lan-test: build
	@Tests/Lan/run.sh

lint:
	@scripts/lint.sh

bench: release
	@SWIFT="$(SWIFT)" scripts/build.sh earshot-bench -- $(FLAGS)
	@scripts/bench.sh .build/release $(FLAGS)

bench-files: release
	@scripts/bench-files.py

bench-web: release
	@Tests/Web/.venv/bin/python scripts/bench-web.py

bench-peers:
	@scripts/bench-peers.sh

# A node killed in the middle of what it takes, again and again; best in a network namespace of its own.
crash: build
	python3 Tests/Crash/rounds.py
	python3 Tests/Crash/rounds.py --folder

fuzz: setup
	@fuzz/run.sh $(or $(SECONDS),60)

fuzz-slice: setup
	@fuzz/run.sh 20

# The description of the door, from the declarations of its methods.
openrpc: build
	@.build/debug/earshot rpc rpc.discover | python3 -m json.tool --sort-keys > docs/openrpc.json

lan:
	@lan/lan.sh help

PREFIX ?= /usr/local
# Programs, manual pages, completions, units of systemd, the desktop entry; DESTDIR goes before all of them.
install: release
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" scripts/stage.sh .build/release

# A Debian package in .build/package; DEBFULLNAME and DEBEMAIL say who made it.
deb: release
	@scripts/deb.sh .build/release

# The package installed, upgraded, removed and purged in a Debian 12 of its own. Root.
package-test: deb package-quick
	@Tests/Package/life.sh
	@Tests/Package/systemd.sh

# What can be said of it without a release build.
package-quick: build
	@Tests/Package/run.sh

clean:
	rm -rf .build .build-*
