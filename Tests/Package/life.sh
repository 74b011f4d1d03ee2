#!/bin/bash
# The life of the package in a Debian 12 of its own: installed, used, upgraded, removed, purged. Needs root, debootstrap and a Debian
# mirror. DEB is the package, DEBIAN_ROOT a Debian 12 to copy, MIRROR where one is had from.
set -eu
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "THE PACKAGE WAS NOT TESTED: this needs root" >&2; exit "${CI:+1}"; }
arch=$(dpkg --print-architecture)
deb=${DEB:-.build/package/earshot_$(scripts/version.sh)-${REVISION:-1}_$arch.deb}
base=${DEBIAN_ROOT:-.build/package/debian12}
[ -e "$deb" ] || { echo "there is no $deb: make deb" >&2; exit 1; }
if [ ! -d "$base" ]; then
	command -v debootstrap >/dev/null || { echo "THE PACKAGE WAS NOT TESTED: there is no debootstrap" >&2; exit "${CI:+1}"; }
	debootstrap --variant=minbase bookworm "$base.new" "${MIRROR:-http://deb.debian.org/debian}" >/dev/null
	mv "$base.new" "$base"
fi
work=$(mktemp -d)
root=$work/root
# Mounts and processes are in namespaces of their own, and go with them.
trap 'rm -rf --one-file-system "$work"' EXIT
cp -a "$base" "$root"
cp "$deb" "$root/root/one.deb"
# The same with a higher version, and one line of the settings for everybody that is new.
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^\(Version: .*\)$/\1+next/' "$work/next/DEBIAN/control"
echo '# New.' >>"$work/next/etc/earshot/config.toml"
dpkg-deb --root-owner-group -Zgzip -z1 -b "$work/next" "$root/root/two.deb" >/dev/null
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cat >"$root/root/inside.sh" <<'INSIDE'
set -eu
say() { echo "package: $*"; }
fail() { echo "package: $*" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
case $1 in
install)
	apt-get update -qq
	find / -xdev \( -path /proc -o -path /root -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \) -prune -o -print | sort >/root/before
	apt-get install -y -qq --no-install-recommends /root/one.deb >/root/apt.log 2>&1 || { cat /root/apt.log; exit 1; }
	say "installed: $(dpkg-query -W -f '${Version}, ${Installed-Size} KiB' earshot)"
	;;
use)
	getent passwd earshot >/dev/null || fail "there is no user earshot"
	[ "$(stat -c %U:%a /etc/earshot/config.toml)" = root:644 ] || fail "who may write the settings for everybody?"
	code=0; earshot status --state /var/lib/earshot || code=$?
	[ $code = 9 ] || fail "status without a node: $code"
	# As the unit starts it.
	install -d -o earshot -g earshot -m 700 /var/lib/earshot
	setpriv --reuid=earshot --regid=earshot --clear-groups --no-new-privs \
		env -i HOME=/var/lib/earshot /usr/bin/earshotd --state /var/lib/earshot --log-format journal >/root/ready 2>/root/log &
	node=$!
	for _ in $(seq 100); do grep -q ready /root/ready && break; sleep 0.1; done
	earshot status --state /var/lib/earshot | tee /root/status
	[ -s /root/status ] || { cat /root/log; fail "no status"; }
	[ "$(stat -c %U /var/lib/earshot/identity.key)" = earshot ] || fail "whose keys are these?"
	kill $node; wait $node || fail "it did not end well"
	# As a person: the first command starts a node.
	useradd -m anna 2>/dev/null || true
	su anna -c 'earshot peers && earshot config check && earshot send anna "" 2>/dev/null; earshot id --json && earshot stop'
	su anna -c 'code=0; earshot service enable || code=$?; [ $code = 1 ]' || fail "service enable without systemd"
	bash -c '. /usr/share/bash-completion/completions/earshot && complete -p earshot' || fail "no completion"
	;;
upgrade)
	echo '# Mine.' >>/etc/earshot/config.toml
	cp /var/lib/earshot/identity.key /root/identity
	dpkg --force-confdef --force-confold -i /root/two.deb >/root/apt.log 2>&1 || { cat /root/apt.log; exit 1; }
	grep -q '# Mine.' /etc/earshot/config.toml || fail "what somebody had set is gone"
	cmp -s /var/lib/earshot/identity.key /root/identity || fail "the keys are others"
	say "upgraded: $(dpkg-query -W -f '${Version}' earshot); what was set is as it was"
	;;
remove)
	dpkg -L earshot | sort >/root/list
	dpkg -r earshot >/dev/null
	! command -v earshot >/dev/null || fail "there still is an earshot"
	[ -e /etc/earshot/config.toml ] && [ -e /var/lib/earshot/identity.key ] || fail "settings or keys went with the programs"
	say "removed; settings and keys are still there"
	dpkg -P earshot >/dev/null
	[ ! -e /var/lib/earshot ] && [ ! -e /etc/earshot ] || fail "something is left"
	! getent passwd earshot >/dev/null || fail "there still is a user earshot"
	[ -e /home/anna/.local/state/earshot/identity.key ] || fail "what people have in their homes is theirs"
	userdel -r anna 2>/dev/null || true
	apt-get autoremove -y -qq --purge >/dev/null 2>&1
	find / -xdev \( -path /proc -o -path /root -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \) -prune -o -print | sort >/root/after
	left=$(comm -13 /root/before /root/after | grep -v -e '^/tmp' -e '^/dev' -e '-old$' -e '^/etc/.*-$' -e '\.dpkg-' -e '/var/lib/dpkg' -e '__pycache__' || true)
	[ -z "$(echo "$left" | grep -i earshot)" ] || fail "purged, and left: $left"
	[ -z "$left" ] || say "left by others: $(echo $left)"
	say "purged; nothing of it is left"
	;;
esac
INSIDE
# inside WORD OPTIONS OF UNSHARE…: a step of it.
inside() {
	local step=$1; shift
	unshare --mount --pid --fork --kill-child "$@" bash -c '
		mount --make-rprivate /; mount --bind "$0" "$0"; mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/tmp"
		ip link set lo up 2>/dev/null; exec chroot "$0" bash /root/inside.sh "$1"' "$root" "$step"
}
inside install
inside use --net
inside upgrade --net
inside remove
