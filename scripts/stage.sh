#!/bin/bash
# stage.sh PROGRAMS: puts everything that is installed where it belongs, for `make install` and for the package. PROGRAMS is the
# folder of earshot and earshotd; DESTDIR and PREFIX as in the Makefile. Where they are another machine's, TOOLS is a folder with an
# earshot and earshotd that run here, and STRIP that machine's strip.
set -eu
umask 022
cd "$(dirname "$0")/.."
programs=$1
tools=${TOOLS:-$programs}
prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}
share=$root$prefix/share
version=$(scripts/version.sh)
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}" +%Y-%m-%d)
put() { install -D -m 644 "$1" "$2"; }

for program in earshot earshotd; do
	install -D -m 755 "$programs/$program" "$root$prefix/bin/$program"
	"${STRIP:-strip}" --strip-unneeded --remove-section=.comment "$root$prefix/bin/$program"
	mkdir -p "$share/man/man1"
	scripts/man.py "$tools/$program" packaging/man/$program.man "$version" "$date" | gzip -9n >"$share/man/man1/$program.1.gz"
done
completions() { mkdir -p "$(dirname "$2")"; "$tools/earshot" completions "$1" >"$2"; }
completions bash "$share/bash-completion/completions/earshot"
vendor=site-functions
[ "$prefix" != /usr ] || vendor=vendor-completions
completions zsh "$share/zsh/$vendor/_earshot"
completions fish "$share/fish/vendor_completions.d/earshot.fish"
put packaging/earshot.desktop "$share/applications/earshot.desktop"
put Sources/EarshotPage/Page/icon.svg "$share/icons/hicolor/scalable/apps/earshot.svg"

unit() { mkdir -p "$(dirname "$2")"; sed "s|@BINDIR@|$prefix/bin|" "$1" >"$2"; }
case $prefix in
"${HOME:-/nowhere}"/*)
	# One's own: nothing of the machine. The units are where one's own manager looks.
	for kind in service socket; do unit packaging/systemd/user/earshot.$kind "$share/systemd/user/earshot.$kind"; done
	exit
	;;
esac
for kind in service socket; do unit packaging/systemd/user/earshot.$kind "$root$prefix/lib/systemd/user/earshot.$kind"; done
# In a package the units of the machine are where Debian 12 has them; both places are read.
system=$prefix/lib
[ "$prefix" != /usr ] || system=/lib
unit packaging/systemd/system/earshot.service "$root$system/systemd/system/earshot.service"
put packaging/systemd/sysusers.conf "$root$prefix/lib/sysusers.d/earshot.conf"
put packaging/ufw.profile "$root/etc/ufw/applications.d/earshot"
# firewalld looks in two places only.
firewalld=/etc/firewalld
[ "$prefix" != /usr ] || firewalld=/usr/lib/firewalld
put packaging/firewalld.xml "$root$firewalld/services/earshot.xml"
for name in policy people; do put packaging/$name.example.toml "$share/doc/earshot/examples/$name.toml"; done
# What somebody has set stays.
[ -e "$root/etc/earshot/config.toml" ] || put docs/config.toml "$root/etc/earshot/config.toml"
