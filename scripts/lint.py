#!/usr/bin/env python3
"""What needs more than one line to be seen: lines that are too wide, dependencies that nobody imports, types that
own too much, functions that are too long."""
import re
import subprocess
import sys

CODE, PROSE, LONGEST = 120, 100, 60
# Stored properties of a type that others can reach.
MOST_STATE = 10
found = []


def files(*patterns):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], capture_output=True, text=True)
    return [name for name in out.stdout.split("\n") if name]


def read(name):
    try:
        with open(name, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def width():
    for name in files("*.swift"):
        for number, line in enumerate(read(name).split("\n"), 1):
            # A literal of a test cannot be broken.
            if len(line) > CODE and not (name.startswith(("Tests/", "fuzz/")) and '"' in line):
                found.append(f"{name}:{number}: {len(line)} columns, more than {CODE}")
    for name in files("*.md"):
        if name == "CHANGELOG.md":
            continue
        in_code = False
        for number, line in enumerate(read(name).split("\n"), 1):
            if line.startswith("```"):
                in_code = not in_code
            # Tables, examples and links cannot be broken.
            if in_code or line.startswith("|") or "](" in line or "http" in line:
                continue
            if len(line) > PROSE + 10:
                found.append(f"{name}:{number}: {len(line)} columns, more than {PROSE}")


def dependencies():
    package = read("Package.swift")
    products = {"NIOCore", "NIOPosix", "NIOEmbedded", "Crypto", "GRDB", "GRDBSQLite", "Logging", "ArgumentParser"}
    for kind, name, uses in re.findall(r"\b(module|program|tests)\(\s*\"([^\"]+)\"([^)]*)\)", package):
        folder = f"Tests/{name}Tests" if kind == "tests" else f"Sources/{name}"
        text = "\n".join(read(file) for file in files(f"{folder}/*.swift"))
        named = re.findall(r"\"([A-Za-z]+)\"", uses.split("data:")[0])
        named += [word for word in re.findall(r"\b[A-Za-z]+\b", uses) if word in products]
        for module in named:
            if not re.search(rf"\bimport (?:[a-z]+ )?{module}\b", text):
                found.append(f"Package.swift: {folder} depends on {module} and does not import it")


def state():
    """What owns much is asked for much: a type that keeps state is made of parts that keep their own."""
    begin = re.compile(r"^( *)(?:[a-z@()]+ )*(?:struct|class|actor) (\w+).*\{$")
    stored = re.compile(r"^ *((?:[a-z@]+(?:\([a-z]+\))? )*)(?:var|let) \w+(.*)$")
    folders = ("Node", "Rules", "Transfer", "Terminal")
    for name in files(*(f"Sources/Earshot{folder}/*.swift" for folder in folders)):
        lines = read(name).split("\n")
        for start, line in enumerate(lines):
            match = begin.match(line)
            if not match:
                continue
            (indent, kind), count = match.groups(), 0
            for inner in lines[start + 1:lines.index(indent + "}", start)]:
                found_one = stored.match(inner)
                if not found_one or not re.match(indent + r"    \S", inner):
                    continue
                words, rest = found_one.groups()
                is_computed = rest.split("=")[0].rstrip().endswith(("{", "}"))
                count += not is_computed and not re.search(r"\b(static|private|fileprivate)\b(?!\(set)", words)
            if count > MOST_STATE:
                found.append(f"{name}:{start + 1}: {kind} has {count} stored properties that others reach")


def functions():
    """From `func`, `init` or `var … {` to the brace that closes it, in code that is formatted."""
    begin = re.compile(r"^( *)(?:[a-z@()]+ )*(?:func |init[?(<]|deinit)")
    for name in files("Sources/*.swift"):
        lines = read(name).split("\n")
        for number, line in enumerate(lines):
            match = begin.match(line)
            if not match or not line.split("  //")[0].rstrip().endswith(("{", "(")):
                continue
            indent = match.group(1)
            end = next((at for at in range(number, len(lines)) if lines[at].rstrip() in (indent + "}",)), number)
            if end - number + 1 > LONGEST and not re.search("lint: (table|loop)", line):
                found.append(f"{name}:{number + 1}: a function of {end - number + 1} lines, more than {LONGEST}")


width()
dependencies()
state()
functions()
for line in found:
    print("lint:", line)
sys.exit(1 if found else 0)
