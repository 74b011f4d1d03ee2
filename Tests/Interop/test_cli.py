"""What a person or a script types: `earshot` against a real daemon, whose friend is the peer that knows only Protocol.md."""

import asyncio
import json
import os
import pty
import shlex
import subprocess

import pytest
from earshot_peer.crypto import base32
from harness import cli_or_skip, met


def earshot(*words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **environment):
    """One command that needs no node: (exit code, what is printed, what is complained about)."""
    cli_or_skip()
    command = [*shlex.split(os.environ["EARSHOT"]), *words]
    done = subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env={**os.environ, **environment}, timeout=30)
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


def commands(tree=None, path=()):
    """Every command there is, as words."""
    if tree is None:
        tree = json.loads(earshot("--experimental-dump-help")[1])["command"]
    for below in tree.get("subcommands", []):
        if below["commandName"] != "help":
            yield (*path, below["commandName"])
            yield from commands(below, (*path, below["commandName"]))


# Help and slips.


def test_help_of_every_command_begins_with_examples():
    found = list(commands())
    assert len(found) > 30
    for path in found:
        code, out, err = earshot(*path, "--help") if path[0] not in ("daemon", "__complete") else earshot("help", *path)
        assert code == 0 and not err, path
        lines = [line for line in out.splitlines() if line]
        first = lines.index("EXAMPLES")
        assert lines[0].startswith("OVERVIEW") and first < 3 and "USAGE" in out, path
        examples = out.split("EXAMPLES\n")[1].split("\n\n")[0].splitlines()
        assert examples and all(line.startswith("  ") and "earshot " in line for line in examples), f"{path}: wrapped, or no example: {examples}"


@pytest.mark.parametrize("group", ["room", "peer", "profile", "config"])
def test_options_need_no_command_where_one_is_meant(group, tmp_path):
    """Before the group or behind it, and before the command of it that is named."""
    state = str(tmp_path / "none")
    command = {"profile": "show", "config": "show"}.get(group, "list")
    for words in ((group, "--state", state), ("--state", state, group), (group, "--json", "--state", state), (group, "--state", state, command)):
        code, out, err = earshot(*words)
        # There is no such node; what was asked is understood.
        assert code == (0 if group == "config" else 9), (words, err)
    code, out, err = earshot(group, "--state", state, "--zzzz")
    assert code == 2 and "no option --zzzz" in err, err
    assert "EXAMPLES" in earshot(group, "--state", state, "--help")[1]


def test_alone_it_tells_how_to_begin():
    code, out, err = earshot()
    assert code == 0 and not err and "earshot peers" in out and "earshot help" in out
    assert earshot("help")[1].count("earshot ") > 5 and "EXAMPLES" in earshot("help", "send")[1]


@pytest.mark.parametrize(
    "line, hint",
    [
        ("sned anna hi", "send"),
        ("pers", "peers"),
        ("peer ad x", "add"),
        ("send anna hi --jsn", "--json"),
        ("send anna hi -json", "--json"),
        ("send anna --hello", "-- --hello"),
        ("send anna hi --wait delivred", "delivered"),
        ("peers --wacth", "--watch"),
        ("completions bsh", "bash"),
        ("history", "needs <who>"),
        ("history anna --since yesterday", "as 2h or 3d"),
        ("help sned", "Did you mean send?"),
        ("rename bob", "earshot rename bob"),
        ("edit", "earshot edit"),
        ("room creat ops", "create"),
        ("room invite ops", "needs <who>"),
        ("room create ops --history evrything", "all or from-join"),
        ("room lifetime ops soon", "such as 7d"),
        ("ack", "needs <id>"),
    ],
)
def test_a_slip_is_explained(line, hint, tmp_path):
    code, out, err = earshot(*line.split(), "--state", str(tmp_path / "none"))
    assert code == 2 and not out and hint in err and err.startswith("earshot: "), err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("status",), ("peers",), ("doctor",), ("stop",), ("send", "anna", "hi"), ("status", "--json")])
def test_a_mistyped_folder_makes_nothing(words, tmp_path):
    folder = tmp_path / "typo"
    for how in (("--state", str(folder)), ()):
        code, out, err = earshot(*words, *how, **({} if how else {"EARSHOT_STATE": str(folder)}))
        assert code == (1 if words[0] == "doctor" else 9) and not folder.exists(), (out, err)
        assert str(folder) in out + err and ("running" in out) == (words[-1] == "--json")


def test_relative_folders_of_xdg_are_ignored(tmp_path):
    code, out, err = earshot("status", XDG_STATE_HOME="some/where", HOME=str(tmp_path), EARSHOT_STATE="")
    assert code == 9 and f"{tmp_path}/.local/state/earshot" in err and not list(tmp_path.iterdir())


def test_what_is_not_utf8_is_an_error_and_says_where(tmp_path):
    cli_or_skip()
    command = [*shlex.split(os.environ["EARSHOT"]), "send", "anna", b"caf\xe9", "--state", str(tmp_path)]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 2 and b"byte 4" in done.stderr and b"0xE9" in done.stderr and not done.stdout


def test_output_that_cannot_be_written_is_an_error():
    for words in (["help"], ["completions", "bash"], []):
        with open("/dev/full", "wb") as full:
            code, _, err = earshot(*words, stdout=full)
        assert code == 1 and "No space left" in err, words
    done = subprocess.run(f"{os.environ['EARSHOT']} help >&-", shell=True, capture_output=True)
    assert done.returncode == 1 and b"cannot be written" in done.stderr
    done = subprocess.run(["bash", "-c", f"{os.environ['EARSHOT']} help | head -1; exit ${{PIPESTATUS[0]}}"], capture_output=True)
    assert not done.stderr and done.stdout.count(b"\n") == 1


# Text.


@met("we_called")
async def test_words_that_begin_with_a_dash_are_text(daemon, alice):
    who = base32(alice.me.person)
    said = ["-hello", "- milk", "-5 °C", "--- a/file", "  indented", "--quiet", "a\tb"]
    for text in said:
        await daemon.typed("send", who, *(["--", text] if text == "--quiet" else [text]))
    assert await daemon.texts(alice.me.person, mine=True) == said
    out = await daemon.typed("history", who)
    assert all(f"Bob  {text}  " in out for text in said)
    ids = [m["id"] for m in await daemon.history(alice.me.person)]
    await daemon.typed("edit", ids[0], "- now else")
    await daemon.typed("react", ids[0], "-1")
    await daemon.typed("search", "-milk")
    assert (await daemon.texts(alice.me.person))[0] == "- now else"
    code, out, err = await daemon.cli("send", who, "--hello")
    assert code == 2 and "-- --hello" in err and not out


@met("we_called")
async def test_standard_input_is_read_in_one_way(daemon, alice):
    who = base32(alice.me.person)
    for raw in (b"one\r\ntwo\r\n", b"one\rtwo", b"one\ntwo\n"):
        await daemon.typed("send", who, "-", stdin=raw)
    assert await daemon.texts(alice.me.person) == ["one\ntwo"] * 3
    code, _, err = await daemon.cli("send", who, "-", stdin=b"fine\nna\xefve\n")
    assert code == 2 and "byte 8" in err and "line 2" in err and "0xEF" in err
    for nothing in (b"", b"\x01\x02", b"\r\n\r\n", "\u200b\u202e".encode()):
        code, _, err = await daemon.cli("send", who, "-", stdin=nothing)
        assert code == 2 and err, nothing
    code, _, err = await daemon.cli("send", who, "-", stdin=b"a" * 8_000_001)
    assert code == 2 and "8 MB" in err
    code, _, err = await daemon.cli("edit", (await daemon.history(alice.me.person))[0]["id"], "-", stdin=b"\xff")
    assert code == 2 and "0xFF" in err
    assert len(await daemon.texts(alice.me.person)) == 3
    out = await daemon.typed("rpc", "history", "-", stdin=json.dumps({"who": who, "limit": 1}).encode())
    assert len(json.loads(out)) == 1


@met("we_called")
async def test_a_pipe_gets_whole_lines(daemon, alice):
    who = base32(alice.me.person)
    url = "https://wiki.example/" + "a/long/path/" * 30
    await daemon.typed("send", who, f"see {url} please")
    for words in (["history", who], ["search", "please"]):
        out = await daemon.typed(*words)
        assert any(f"see {url} please" in line for line in out.splitlines()), words


@met("we_called")
async def test_as_many_messages_as_are_asked_for_are_shown(daemon, alice):
    """More than the node gives at once too; and what cannot be given is refused, not cut."""
    await daemon.typed("room", "create", "many", "-q")
    lines = [f"line {number}" for number in range(10_020)]
    code, _, err = await daemon.cli("chat", "#many", "--json", stdin="\n".join(lines).encode(), seconds=120)
    assert code == 0, err
    for words in (["history", "#many"], ["search", "line"]):
        out = await daemon.typed(*words, "--limit", "10010", "--json")
        shown = [json.loads(line)["text"] for line in out.splitlines()]
        assert sorted(shown, key=lambda text: int(text.split()[1])) == lines[10:], words
        assert shown in (lines[10:], lines[:9:-1]), "in order"
        code, out, err = await daemon.cli(*words, "--limit", "0")
        assert code == 2 and "limit" in err and not out
    for wrong in (0, -1, 10_001, 2**63 - 1):
        code, out, err = await daemon.cli("rpc", "history", json.dumps({"who": "#many", "limit": wrong}))
        assert code == 2 and "from 1 to 10000" in err, wrong


@met("we_called")
async def test_someone_who_is_here_has_it_when_the_command_returns(daemon, alice):
    out = await daemon.typed("send", base32(alice.me.person), "quick")
    assert "delivered to Alice" in out
    assert json.loads(await daemon.typed("send", base32(alice.me.person), "again", "--json"))["state"] == "delivered"


@met("we_called")
async def test_what_the_node_does_not_know_is_asked_about(daemon, alice):
    for words, hint in ((["rpc", "statsu"], "status"), (["settings", "contacts.acept"], "contacts.accept"), (["settings", "files.rat", "1"], "files.rate")):
        code, out, err = await daemon.cli(*words)
        assert code == 2 and not out and f"Did you mean {hint}" in err, err
    code, out, err = await daemon.cli("history", "dora")
    assert code == 3 and "Alice" in err


@met("we_called")
async def test_what_a_room_does_not_allow_is_said_and_changes_nothing(daemon, alice):
    who = base32(alice.me.person)
    assert "#ops is there" in await daemon.typed("room", "create", "ops")
    await daemon.typed("room", "create", "news", "--announce")
    said = json.loads(await daemon.typed("send", "#ops", "hello", "--json"))
    assert said["toName"] == "#ops" and said["state"] == "delivered" and "to" not in said, "nobody else is in it"
    before = await daemon.typed("room", "list", "--json")
    slips = [
        (3, "There is no room #opps here", "send", "#opps", "hi"),
        (3, "There is nobody called opps", "send", "opps", "hi"),
        (3, "#ops", "room", "info", "nowhere"),
        (3, "too short for a name", "room", "info", "o"),
        (3, "There is no room #gone", "send", who, "#gone", "to neither"),
        (6, "already in #ops", "room", "join", "ops"),
        (6, "in a room #OPS already", "room", "create", "OPS"),
        (2, "at most 64 characters", "room", "create", "x" * 65),
        (2, "visible characters", "room", "create", " "),
        (6, "no invitation", "room", "decline", "ops"),
        (6, "Alice is not in #ops", "room", "remove", "ops", who),
        (6, "Alice is not in #ops", "room", "transfer", "ops", who),
        (6, "Everybody in #ops may write", "room", "writer", "ops", who),
        (3, "There is nobody called dora", "room", "invite", "ops", who, "dora"),
        (6, "a room", "room", "invite", "ops", "#news"),
        (3, "There is no message zzzz", "room", "pin", "ops", "zzzz"),
        (6, "not one of #news", "room", "pin", "news", said["id"][:8]),
        (6, "not pinned", "room", "pin", "ops", said["id"][:8], "--off"),
        (6, "your own", "ack", said["id"][:8]),
        (6, "does not ask", "remind", said["id"][:8]),
        (2, "at most 1,024", "room", "topic", "ops", "x" * 1025),
    ]
    for code, words, *line in slips:
        got, out, err = await daemon.cli(*line)
        assert got == code and words in err and not out, (line, got, err)
    assert await daemon.typed("room", "list", "--json") == before
    assert "to neither" not in await daemon.typed("history", who)


@met("we_called")
async def test_looking_marks_nothing_as_read(daemon, alice):
    who = base32(alice.me.person)
    await alice.send_text(daemon.person, "hello")
    await daemon.until_texts(alice.me.person, "hello")
    for words in (["inbox"], ["history", who]):
        await daemon.typed(*words)
        assert json.loads(await daemon.typed("inbox", "--json"))["conversations"][0]["unread"] == 1
    await daemon.typed("history", who, "--read")
    assert json.loads(await daemon.typed("inbox", "--json"))["conversations"] == []
    code, out, err = await daemon.cli("inbox")
    assert code == 0 and not out and "Nothing waits for you." in err


# On a terminal.


async def on_terminal(daemon, *words, answer=b"", size=(24, 80)):
    """As `cli` on a terminal: (exit code, what is on it)."""
    main, far = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    environment = {**os.environ, "EARSHOT_STATE": str(daemon.state), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    process = await asyncio.create_subprocess_exec(
        *shlex.split(os.environ["EARSHOT"]), *words, stdin=far, stdout=far, stderr=far, env=environment
    )
    os.close(far)
    os.write(main, answer)
    seen = b""

    def read():
        nonlocal seen
        while True:
            try:
                got = os.read(main, 65536)
            except OSError:
                return
            if not got:
                return
            seen += got

    await asyncio.to_thread(read)
    os.close(main)
    return await process.wait(), seen.decode().replace("\r\n", "\n")


@met("we_called")
async def test_a_terminal_is_asked_before_a_message_is_deleted(daemon, alice):
    await daemon.typed("send", base32(alice.me.person), "a slip")
    message = (await daemon.history(alice.me.person))[0]["id"]
    code, seen = await on_terminal(daemon, "delete", message[:6], answer=b"n\n")
    assert code == 1 and "a slip" in seen and "[y/N]" in seen and "Nothing was deleted" in seen
    assert await daemon.texts(alice.me.person) == ["a slip"]
    code, seen = await on_terminal(daemon, "delete", message[:6], answer=b"y\n")
    assert code == 0 and await daemon.texts(alice.me.person) == []
    await daemon.typed("send", base32(alice.me.person), "another")
    message = next(m["id"] for m in await daemon.history(alice.me.person) if m["text"] == "another")
    assert "another" in await daemon.typed("delete", message[:6]), "elsewhere nobody is asked, and is told what it was"


@met("we_called")
async def test_a_window_is_kept_to_and_a_url_stays_whole(daemon, alice):
    who = base32(alice.me.person)
    url = "https://wiki.example/" + "a/long/path/" * 8
    await daemon.typed("send", who, "some words before it " * 5 + url + " and some after it" * 3)
    for columns in (40, 80):
        code, seen = await on_terminal(daemon, "history", who, size=(24, columns))
        assert code == 0 and url in seen
        assert all(len(line) <= columns for line in seen.splitlines() if "://" not in line)
        code, seen = await on_terminal(daemon, "peers", size=(24, columns))
        assert code == 0 and all(len(line) <= columns for line in seen.splitlines()), seen


# Tab.


@met("we_called")
async def test_bash_completes_names_and_ids(daemon, alice):
    who = base32(alice.me.person)
    await daemon.typed("rename", who, "Alice Berg-O'Neill")
    await daemon.typed("send", who, "a message")
    message = (await daemon.history(alice.me.person))[0]["id"]
    script = daemon.state / "completion.bash"
    script.write_text(await daemon.typed("completions", "bash"))

    async def tab(*words):
        """What bash would put there."""
        quoted = " ".join(shlex.quote(word) for word in ("earshot", *words))
        code = f"""earshot() {{ {os.environ["EARSHOT"]} "$@"; }}; compopt() {{ echo "compopt $*"; }}; source {script}
            COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _earshot earshot; printf '%s\\n' "${{COMPREPLY[@]}}" """
        environment = {**os.environ, "EARSHOT_STATE": str(daemon.state)}
        done = await asyncio.to_thread(subprocess.run, ["bash", "-c", code], capture_output=True, text=True, env=environment)
        assert not done.stderr
        return done.stdout.splitlines()

    assert await tab("send", "al") == [r"Alice\ Berg-O\'Neill"]
    assert await tab("history", '"ALICE B') == ["Alice Berg-O'Neill"]
    assert await tab("edit", message[:3]) == [message[:8]]
    assert await tab("hist") == ["history"]
    assert await tab("settings", "files.r") == ["files.rate", "files.rate.peer"]
    assert await tab("settings", "contacts.accept", "") == ["ask", "lan"]
    assert await tab("send", "alice", "--wait", "=", "de") == ["delivered", "delivered=all"]
    assert (await tab("send", "alice", "-f", ""))[0] == "compopt -o default"
    assert (await tab("accept-file", "x", "--to", ""))[0] == "compopt -o dirnames"
    assert await tab("send", "nobody-of-this-name") == [""]
