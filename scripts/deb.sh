#!/bin/bash
# deb.sh PROGRAMS: a Debian package of them in the current folder, by dpkg's own tools. ARCH says for which architecture, if not for
# this machine's (then see TOOLS and STRIP in stage.sh); REVISION is the package's own count; OUT is the folder for the package.
set -eu
umask 022
cd "$(dirname "$0")/.."
programs=$1
arch=${ARCH:-$(dpkg --print-architecture)}
version=$(scripts/version.sh)-${REVISION:-1}
out=${OUT:-.build/package}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# Whoever builds a package answers for it; Debian's own tools ask for the same.
maintainer="${DEBFULLNAME:-$(git config user.name)} <${DEBEMAIL:-$(git config user.email)}>"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/DEBIAN" "$out"
DESTDIR=$root PREFIX=/usr scripts/stage.sh "$programs"

doc=$root/usr/share/doc/earshot
install -D -m 644 packaging/debian/copyright "$doc/copyright"
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
{
	printf 'earshot (%s) unstable; urgency=medium\n\n' "$version"
	printf '  * Package of Earshot %s; what is new in it stands in changelog.gz.\n' "${version%-*}"
	printf '\n -- %s  %s\n' "$maintainer" "$(date -uR -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.Debian.gz"
install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/earshot"
install -m 755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$root/DEBIAN/"
install -m 644 packaging/debian/conffiles "$root/DEBIAN/"

# Which packages have the libraries that the programs name.
mkdir "$work/debian"
printf 'Source: earshot\n\nPackage: earshot\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/earshot root/usr/bin/earshotd 2>"$work/shlibdeps" | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { cat "$work/shlibdeps" >&2; exit 1; }
size=$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" -e "s/@MAINTAINER@/$maintainer/" \
	packaging/debian/control.in >"$root/DEBIAN/control"
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch -hd "@$SOURCE_DATE_EPOCH"
# Both programs have the same runtime in them; the largest window lets the second refer to the first.
dpkg-deb --root-owner-group -Zxz -z9 --build "$root" "$out/earshot_${version}_$arch.deb" >/dev/null
echo "$out/earshot_${version}_$arch.deb: $(du -k "$out/earshot_${version}_$arch.deb" | cut -f1) KiB"
