#!/usr/bin/env python3
"""Turns what `tmux capture-pane -e -p` prints into an SVG: how README's pictures of terminals are made."""

import re
import sys
import unicodedata
from html import escape

COLOURS = ["#3b4252", "#bf616a", "#a3be8c", "#ebcb8b", "#81a1c1", "#b48ead", "#88c0d0", "#e5e9f0"]
INK, PAPER, DIM = "#d8dee9", "#2e3440", "#7b8494"
CELL, LINE, SIZE = 8.43, 19, 14


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def spans(line, state):
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                yield part, dict(state)
            continue
        for code in [int(c or 0) for c in part[2:-1].split(";")]:
            if code == 0:
                state.clear()
            elif code in (1, 2, 7):
                state[code] = True
            elif code == 22:
                state.pop(1, None), state.pop(2, None)
            elif code == 27:
                state.pop(7, None)
            elif 30 <= code <= 37:
                state["ink"] = COLOURS[code - 30]
            elif code == 39:
                state.pop("ink", None)


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    while len(lines) > 1 and not re.sub(r"\x1b\[[0-9;]*m", "", lines[1]).strip():
        lines.pop(1)
    columns = max(width(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    wide, high = columns * CELL + 28, len(lines) * LINE + 28
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high}" viewBox="0 0 {wide:.0f} {high}" font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="{SIZE}" xml:space="preserve">')
    print(f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>')
    state = {}
    for row, line in enumerate(lines):
        column, y = 0, 14 + row * LINE
        for text, look in spans(line, state):
            x, cells = 14 + column * CELL, width(text)
            ink = look.get("ink", DIM if 2 in look else INK)
            if 7 in look:
                print(f'<rect x="{x:.1f}" y="{y}" width="{wide - 14 - x:.1f}" height="{LINE}" fill="{INK}"/>')
                ink = PAPER
            if text.strip():
                weight = ' font-weight="bold"' if 1 in look else ""
                print(f'<text x="{x:.1f}" y="{y + 14}" fill="{ink}" textLength="{cells * CELL:.1f}"{weight}>{escape(text)}</text>')
            column += cells
    print("</svg>")


main()
