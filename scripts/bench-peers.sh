#!/bin/bash
# Installs what bench-files.py holds file transfer against. Each of them is optional: what cannot be had is named at the end, and left out there.
set -u
cd "$(dirname "$0")/.."
venv=.build-bench-peers
missing=
have() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

want=
for package in socat openssl openssh-server openssh-client rsync iperf3 uftp python3-venv; do have $package || want="$want $package"; done
if [ -n "$want" ]; then
	echo "installing:$want"
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	# No service of these is to start by itself: sshd and uftpd would listen to the whole network.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null && $sudo chmod 755 $policy
		trap '$sudo rm -f $policy' EXIT
	fi
	$sudo apt-get update -qq || true
	for package in $want; do   # one by one: one that is gone must not keep the others away
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null || true
		have "$package" || missing="$missing $package"
	done
fi

pip=$venv/bin/pip
[ -x $pip ] || python3 -m venv $venv || missing="$missing venv"
# The mailbox server is what magic-wormhole finds its other end with: one of our own, so nothing leaves the machine.
for package in magic-wormhole magic-wormhole-mailbox-server localsendd; do
	[ -x $pip ] && { $pip show -q $package 2>/dev/null || $pip install -q --disable-pip-version-check $package >/dev/null 2>$venv/$package.log; } || missing="$missing $package"
done

[ -z "$missing" ] || echo "could not be had:$missing" >&2
exit 0
