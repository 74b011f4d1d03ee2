#!/bin/bash
# Installs what is missing: with `test`, also what the tests use. Says nothing when all is there.
set -eu
build="libsodium-dev libssl-dev libavahi-compat-libdnssd-dev libavahi-core-dev libsqlite3-dev libqrencode-dev linux-libc-dev"
tests="iproute2 iptables util-linux gcc libc6-dev dbus avahi-daemon dnsmasq-base python3 python3-venv
	chromium fonts-noto-color-emoji"
want=$build
[ "${1:-}" = test ] && want="$build $tests"
missing=
for package in $want; do
	dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	echo "installing:$missing"
	$sudo apt-get update -qq
	# Services that come along are not wanted to start on a developer's machine.
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux/" >&2; exit 1; }
