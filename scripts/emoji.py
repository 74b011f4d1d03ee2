#!/usr/bin/env python3
"""Writes the page's table of emoji from Unicode's own list (Debian's package unicode-data): each once, without tones of skin."""

import pathlib
import re
import sys

SOURCE = pathlib.Path("/usr/share/unicode/emoji/emoji-test.txt")
TARGET = pathlib.Path(__file__).parent.parent / "Sources/EarshotPage/Page/emoji/table.js"
# What browsers of today draw.
NEWEST = 15.0


def groups(lines):
    found = {}
    for line in lines:
        if line.startswith("# group: "):
            group = found.setdefault(line[9:].strip(), [])
        entry = re.match(r"[0-9A-F ]+; fully-qualified +# (\S+) E([0-9.]+) (.+)", line)
        if entry and float(entry[2]) <= NEWEST and "skin tone" not in entry[3]:
            group.append((entry[1], entry[3].replace("flag: ", "flag ").replace("keycap: ", "keycap ")))
    return {name: entries for name, entries in found.items() if entries}


def table(found):
    yield "/** Unicode's emoji by group, one a line with its name. Written by scripts/emoji.py. */"
    yield "export const TABLE = {"
    for name, entries in found.items():
        yield f"  '{name}': `"
        yield from (f"{emoji} {words}" for emoji, words in entries)
        yield "`,"
    yield "};"


if __name__ == "__main__":
    if not SOURCE.exists():
        sys.exit(f"{SOURCE} is missing: install unicode-data.")
    TARGET.write_text("\n".join(table(groups(SOURCE.read_text().splitlines()))) + "\n")
