# What people and CI call. Each line is what it says.
SWIFT ?= swift
STRICT = --explicit-target-dependency-import-check error

.PHONY: build release demo run test unit interop lan-test crash bench bench-files bench-peers web-test fuzz fuzz-slice lint openrpc lan install setup clean

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

test: test-setup unit lint interop web-test lan-test fuzz-slice

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
install: release
	install -d $(DESTDIR)$(PREFIX)/bin
	install -s -m 755 .build/release/earshotd .build/release/earshot $(DESTDIR)$(PREFIX)/bin/
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,bash-completion/completions zsh/site-functions fish/vendor_completions.d)
	.build/release/earshot completions bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/earshot
	.build/release/earshot completions zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_earshot
	.build/release/earshot completions fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/earshot.fish

clean:
	rm -rf .build .build-*
