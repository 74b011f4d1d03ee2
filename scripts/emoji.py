#!/usr/bin/env python3
"""Writes the page's table of emoji from Unicode's own list (Debian's package unicode-data): each once, without tones of skin."""

import pathlib
import re
import sys
import textwrap

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
        # Families one by one were given up by Unicode: browsers draw all of them alike.
        if entry and float(entry[2]) <= NEWEST and "skin tone" not in entry[3] and not entry[3].startswith("family: "):
            group.append((entry[1], entry[3].replace("flag: ", "flag ").replace("keycap: ", "keycap ")))
    return {name: entries for name, entries in found.items() if entries}


def region(emoji):
    """The letters of a flag made of regional indicators, or nothing."""
    letters = [ord(one) - 0x1F1E6 for one in emoji]
    return "".join(chr(65 + one) for one in letters) if all(0 <= one < 26 for one in letters) else ""


def forms(emoji, name):
    """A man and a woman who do the same, as emoji/find.js makes them of the entry for a person."""
    rest = name.removeprefix("person ")
    for sign, who, word in (("\u2642", "\U0001F468", "man"), ("\u2640", "\U0001F469", "woman")):
        person, joiner = "\U0001F9D1", "\u200D"
        acts = emoji.startswith(person + joiner)
        made = emoji.replace(person, who) if acts else emoji.removesuffix("\uFE0F") + joiner + sign + "\uFE0F"
        yield made, f"{word} {rest}"


def plain(emoji):
    """What find.js makes whole again: a single character that is drawn as text unless it is told otherwise."""
    return emoji.removesuffix("\uFE0F") if len(emoji) == 2 else emoji


def entries(found):
    """Lines of a group: a plus stands for a man and a woman who do the same, and no sign for the one after the last."""
    last, at = "", 0
    while at < len(found):
        emoji, name = found[at]
        both = found[at + 1 : at + 3] == list(forms(emoji, name))
        letters, sign = re.match("[A-Za-z]", name), plain(emoji)
        follows = len(plain(last)) == len(sign) == 1 and ord(sign) == ord(plain(last)) + 1 and letters
        between = "" if letters and sign[0] > "9" else " "
        yield ("" if follows else sign + between) + name + ("+" if both else "")
        last, at = emoji, at + (3 if both else 1)


def table(found):
    regions = [letters for emoji, _ in found["Flags"] if (letters := region(emoji))]
    yield "/**"
    yield " * Unicode's emoji by group, one a line: its sign and its name (find.js reads it). A line without a sign is the"
    yield " * character after the one above; a plus stands for a man and a woman besides. Written by scripts/emoji.py."
    yield " */"
    yield "export const TABLE = {"
    for name, group in found.items():
        yield f"  '{name}': `"
        yield from entries([entry for entry in group if not region(entry[0])])
        yield "`,"
    yield "};"
    yield ""
    yield "/** Regions that have a flag. What they are called the browser knows. */"
    yield "export const REGIONS = `"
    yield from textwrap.wrap(" ".join(regions), 117)
    yield "`;"


if __name__ == "__main__":
    if not SOURCE.exists():
        sys.exit(f"{SOURCE} is missing: install unicode-data.")
    TARGET.write_text("\n".join(table(groups(SOURCE.read_text().splitlines()))) + "\n")
