#!/usr/bin/env python3
"""man.py PROGRAM MORE.man VERSION DATE: a manual page on standard output, made from what the program says of itself.

MORE.man is what a program does not say of itself: files, variables, exit codes, in roff.
"""
import json
import re
import subprocess
import sys

# What most commands understand is said once.
COMMON_TO = 0.5


def dump(program):
    """The commands, as swift-argument-parser tells them."""
    return json.loads(subprocess.check_output([program, "--experimental-dump-help"]))["command"]


def escaped(text):
    """Characters of a text, and nothing that roff takes for a word of its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    text = text.replace("`", "\\(ga").replace("'", "\\(aq").replace('"', "\\(dq")
    return re.sub(r"^([.])", r"\\&\1", text)


def prose(text):
    """A sentence; what stands between two ` is to be typed, and bold."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    return "".join(escaped(part) if at % 2 == 0 else f"\\fB{escaped(part)}\\fR" for at, part in enumerate(parts))


def discussion(text):
    """Examples stay as they are; other paragraphs flow."""
    out = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        title = lines[0] if lines[0] == lines[0].upper() and lines[0].isalpha() else None
        rest = lines[1:] if title else lines
        if title:
            out += [".PP", f"{escaped(title.capitalize())}:"]
        if rest and all(line.startswith("  ") for line in rest):
            out += [".RS 4", ".EX", *(escaped(line[2:]) for line in rest), ".EE", ".RE"]
        elif rest:
            out += [".PP", *(prose(line.strip()) for line in rest)]
    return out


def names(argument):
    """`-f, --file FILE`"""
    words = []
    for name in sorted(argument.get("names", []), key=lambda name: name["kind"] == "long"):
        words.append(("--" if name["kind"] == "long" else "-") + name["name"])
    shown = ", ".join(f"\\fB{escaped(word)}\\fR" for word in words)
    return shown + (f" \\fI{escaped(value(argument))}\\fR" if argument["kind"] == "option" else "")


def value(argument):
    return argument["valueName"].upper()


def key(argument):
    return json.dumps([argument.get("names"), argument.get("abstract")], sort_keys=True)


def visible(command, kind=None):
    return [
        one
        for one in command.get("arguments", [])
        if one.get("shouldDisplay", True) and (kind is None or (one["kind"] == "positional") == (kind == "positional"))
    ]


def synopsis(path, command):
    words = [f"\\fB{escaped(' '.join(path))}\\fR"]
    for one in visible(command, "positional"):
        word = f"\\fI{escaped(value(one))}\\fR" + ("\\fR..." if one.get("isRepeating") else "")
        words.append(f"[{word}]" if one.get("isOptional") else word)
    words.append("[\\fIOPTIONS\\fR]")
    return " ".join(words)


def arguments(command, common):
    out = []
    for one in visible(command):
        if key(one) in common:
            continue
        head = f"\\fI{escaped(value(one))}\\fR" if one["kind"] == "positional" else names(one)
        text = prose(one.get("abstract", ""))
        if one.get("defaultValue") and "default" not in text:
            text += f" Default: {escaped(one['defaultValue'])}."
        if text:
            out += [".TP", head, text]
    return out


def tree(command, path=()):
    """Every command that is shown, with the words that lead to it."""
    path = (*path, command["commandName"])
    yield path, command
    for below in command.get("subcommands", []):
        if below.get("shouldDisplay", True) and below["commandName"] != "help":
            yield from tree(below, path)


def shared(commands):
    """What more than half of them understand."""
    counts, first = {}, {}
    for _, command in commands:
        for one in visible(command, "option"):
            counts[key(one)] = counts.get(key(one), 0) + 1
            first.setdefault(key(one), one)
    return {name: first[name] for name, count in counts.items() if count > COMMON_TO * len(commands)}


def page(command, more, version, date):
    name = command["commandName"]
    commands = list(tree(command))
    common = shared(commands) if len(commands) > 1 else {}
    out = [
        f'.TH {name.upper()} 1 "{date}" "Earshot {version}" "User Commands"',
        ".SH NAME",
        f"{name} \\- {escaped(command['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS",
        f"\\fB{name}\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]" if len(commands) > 1 else synopsis((name,), command),
        ".SH DESCRIPTION",
        prose(command["abstract"]),
        *discussion(command.get("discussion", "")),
    ]
    if len(commands) > 1:
        out.append(".SH COMMANDS")
        for path, one in commands[1:]:
            if one.get("subcommands"):
                out += [f".SS {' '.join(path)}", prose(one["abstract"])]
            else:
                out += [f".SS {' '.join(path)}", prose(one["abstract"]), ".PP", synopsis(path, one)]
            out += arguments(one, common) + discussion(one.get("discussion", ""))
        out += [".SH OPTIONS OF ALL COMMANDS"]
        for one in common.values():
            out += [".TP", names(one), prose(one.get("abstract", ""))]
    else:
        out += [".SH OPTIONS", *arguments(command, common)]
    return "\n".join(out) + "\n" + more


if __name__ == "__main__":
    program, more, version, date = sys.argv[1:]
    with open(more, encoding="utf-8") as file:
        sys.stdout.write(page(dump(program), file.read(), version, date))
