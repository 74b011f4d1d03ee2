#!/bin/bash
# The package under a real systemd: the node of the machine as hardened as its unit says, one's own with its socket, the watchdog.
# Needs root, debootstrap and a Debian mirror. DEB and DEBIAN_ROOT as for life.sh; DEBIAN_ROOT may have systemd in it already.
set -eu
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "THE UNITS WERE NOT TRIED: this needs root" >&2; exit "${CI:+1}"; }
deb=${DEB:-.build/package/earshot_$(scripts/version.sh)-${REVISION:-1}_$(dpkg --print-architecture).deb}
base=${DEBIAN_ROOT:-.build/package/debian12}
[ -d "$base" ] || { echo "THE UNITS WERE NOT TRIED: there is no $base; life.sh makes it" >&2; exit "${CI:+1}"; }
work=$(mktemp -d)
root=$work/root
boot= first=
# The first process of the namespace: all others go with it. unshare itself hears no SIGTERM.
ended() { [ -z "$first" ] || kill -9 "$first"; [ -z "$boot" ] || wait "$boot" 2>/dev/null || true; rm -rf --one-file-system "$work"; }
trap ended EXIT
cp -a "$base" "$root"
cp "$deb" "$root/root/earshot.deb"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
chroot "$root" sh -eu -c '
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus dbus-user-session libpam-systemd /root/earshot.deb
	systemd-machine-id-setup; useradd -m -s /bin/bash anna; mkdir -p /var/lib/systemd/linger; touch /var/lib/systemd/linger/anna
	systemctl disable -q systemd-resolved systemd-timesyncd systemd-networkd 2>/dev/null || true' >"$work/apt.log" 2>&1 || { tail -5 "$work/apt.log"; exit 1; }
# Everything in namespaces of their own; it goes when the first process does.
unshare --mount --pid --fork --kill-child --net --uts --ipc --cgroup bash -eu -c '
	mount --make-rprivate /; mount --bind "$0" "$0"
	mount -t proc proc "$0/proc"; mount -t sysfs -o ro sysfs "$0/sys"
	for folder in run tmp dev; do mount -t tmpfs tmpfs "$0/$folder"; done
	for name in null zero full random urandom tty; do touch "$0/dev/$name"; mount --bind "/dev/$name" "$0/dev/$name"; done
	mkdir "$0/dev/pts" "$0/dev/shm"; mount -t devpts -o newinstance,ptmxmode=666 devpts "$0/dev/pts"; ln -s pts/ptmx "$0/dev/ptmx"
	ln -s /proc/self/fd "$0/dev/fd"
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"; else
		mount -t tmpfs tmpfs "$0/sys/fs/cgroup"; mkdir "$0/sys/fs/cgroup/systemd"
		mount -t cgroup -o none,name=systemd cgroup "$0/sys/fs/cgroup/systemd"
	fi
	ip link set lo up
	exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$0" /lib/systemd/systemd' "$root" >"$work/boot.log" 2>&1 &
boot=$!
for _ in $(seq 100); do
	first=$(pgrep -P "$boot" 2>/dev/null | head -1) || true
	[ -n "$first" ] && [ "$(cat "/proc/$first/comm")" = systemd ] && [ -S "/proc/$first/root/run/dbus/system_bus_socket" ] && break
	sleep 0.2
done
cat >"$root/root/inside.sh" <<'INSIDE'
set -eu
export LANG=C.UTF-8
say() { echo "systemd: $*"; }
fail() { echo "systemd: $*" >&2; systemctl status earshot --no-pager >&2 || true; journalctl -u earshot --no-pager -n 20 >&2; exit 1; }
until_true() { for _ in $(seq 100); do ! "$@" >/dev/null 2>&1 || return 0; sleep 0.2; done; return 1; }
say "$(systemctl --version | head -1), state: $(systemctl is-system-running || true)"
[ "$(systemctl is-enabled earshot)" = disabled ] || fail "installing it enabled it"

systemctl enable -q --now earshot || fail "it did not start"
node=$(systemctl show -p MainPID --value earshot)
say "the node of the machine: $(systemctl show -p StatusText --value earshot)"
[ "$(stat -c %U "/proc/$node")" = earshot ] || fail "whose process is it?"
for line in "CapEff:	0000000000000000" "NoNewPrivs:	1" "Seccomp:	2"; do grep -q "$line" "/proc/$node/status" || fail "not so: $line"; done
nsenter -t "$node" -m -r sh -c '! touch /usr/x 2>/dev/null && ! touch /etc/x 2>/dev/null && ! ls /home/anna 2>/dev/null' || fail "it could write elsewhere"
earshot status --state /var/lib/earshot || fail "root may not use its door"
earshot doctor --state /var/lib/earshot || true
journalctl -u earshot -o json --no-pager | grep '"PRIORITY":"5"' | grep -q 'earshotd ready' || fail "no priority in the journal"
systemctl reload earshot || fail "it did not read its files again"
mkdir -p /run/systemd/system/earshot.service.d
printf '[Service]\nWatchdogSec=2\nRestartSec=0\n' >/run/systemd/system/earshot.service.d/soon.conf
systemctl daemon-reload; systemctl restart earshot
node=$(systemctl show -p MainPID --value earshot)
sleep 3
[ "$(systemctl show -p MainPID --value earshot)" = "$node" ] || fail "one that lives was taken for dead"
kill -STOP "$node"
until_true sh -c '[ "$(systemctl show -p NRestarts --value earshot)" = 1 ] && systemctl is-active -q earshot' || fail "one that hangs stays"
say "one that hangs is started again; one that lives is not"
echo 'prot = 1' >>/etc/earshot/config.toml
! systemctl restart earshot 2>/dev/null || fail "it started with settings that are wrong"
[ "$(systemctl show -p ExecMainStatus --value earshot)/$(systemctl show -p NRestarts --value earshot)" = 2/0 ] || fail "it goes on trying"
sed -i '$d' /etc/earshot/config.toml
systemctl restart earshot || fail "with settings that are right it does not start"

until_true test -S /run/user/1000/systemd/private || fail "Anna has no manager"
anna() { su anna -c "XDG_RUNTIME_DIR=/run/user/1000 $*"; }
anna earshot service | grep -q 'service enable' || fail "service does not say how"
anna earshot peers >/dev/null
anna earshot service enable || fail "service enable"
anna earshot service --json | grep -q '"running":true' || fail "it does not run"
before=$(anna earshot id --json)
anna systemctl --user stop earshot.service
# The socket starts it, and it is the same person.
[ "$(anna earshot id --json)" = "$before" ] || fail "somebody else answers"
anna systemctl --user is-active earshot.service >/dev/null || fail "the door did not start it"
anna earshot stop; anna earshot status >/dev/null || fail "after stop the door does not start it"
anna earshot service disable
! anna systemctl --user is-active earshot.socket >/dev/null || fail "the door is still open"
say "one's own node: started by hand, as a service, by its socket, and no longer"

dpkg -r earshot >/dev/null 2>&1
! grep -qsx earshotd /proc/[0-9]*/comm || fail "removed, and still running"
dpkg -P earshot >/dev/null 2>&1
! systemctl cat earshot >/dev/null 2>&1 || fail "purged, and systemd still has the unit"
say "removed while it ran: it has stopped"
INSIDE
nsenter -t "$first" -m -p -n -u -i -r -w bash /root/inside.sh
