#!/usr/bin/env python3
"""Writes Sources/EarshotPage/page.c: every file of Sources/EarshotPage/Page but what is written for people, embedded.
To be run when a file is added or removed; a test says which are missing."""
import os
import re

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Sources", "EarshotPage")
PAGE = os.path.join(HERE, "Page")

paths = sorted(
    os.path.relpath(os.path.join(folder, name), PAGE)
    for folder, _, names in os.walk(PAGE) for name in names if not name.startswith(".") and not name.endswith(".md"))

out = ["/* Written by scripts/page.py: what the folder Page holds. */", '#include "EarshotPage.h"', ""]
for number, path in enumerate(paths):
    out += [f"/* {path} */", f"static const unsigned char file_{number}[] = {{"]
    out += [f'#embed "Page/{path}" suffix(,)', "0};", ""]
out.append("static const struct page_file files[] = {")
out += [f'    {{"{path}", file_{number}, sizeof file_{number} - 1}},' for number, path in enumerate(paths)]
out += ["};", "", "size_t page_file_count(void) { return sizeof files / sizeof files[0]; }",
        "struct page_file page_file_at(size_t index) { return files[index]; }", ""]
for path in paths:
    if not re.fullmatch(r"[A-Za-z0-9._/-]+", path):
        raise SystemExit(f"{path}: letters, digits, dots and dashes only")
with open(os.path.join(HERE, "page.c"), "w", encoding="utf-8") as file:
    file.write("\n".join(out))
print(f"{len(paths)} files")
