"""`earshot chat` as a person and as a program uses it: on a terminal, line by line, and through pipes."""

import asyncio
import fcntl
import json
import os
import re
import shlex
import signal
import struct
import subprocess
import termios
import time

from harness import cli_or_skip, friend_of, with_daemon


class Window:
    """A program on a terminal of its own, and what it has written there."""

    def __init__(self, daemon, *arguments, term="xterm-256color", columns=80, rows=24):
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, "EARSHOT_STATE": str(daemon.state), "TERM": term, "LC_ALL": "C.UTF-8", "PS1": "ready> "}
        self.process = subprocess.Popen(
            arguments or [*shlex.split(os.environ["EARSHOT"]), "chat", "Alice"],
            env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)
        os.set_blocking(self.master, False)
        self.written = ""

    def look(self):
        try:
            while chunk := os.read(self.master, 65536):
                self.written += chunk.decode(errors="replace")
        except (BlockingIOError, OSError):
            pass
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.written)

    async def until(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.look():
            assert time.monotonic() < end, f"{text!r} is not shown: {self.look()[-2000:]!r}"
            await asyncio.sleep(0.02)

    async def types(self, text):
        os.write(self.master, text.encode())

    def forget(self):
        self.look()
        self.written = ""

    @property
    def is_raw(self):
        return not termios.tcgetattr(self.master)[3] & termios.ICANON

    async def ends(self, seconds=20):
        code = await asyncio.to_thread(self.process.wait, seconds)
        self.look()
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


@with_daemon
async def test_every_way_out_gives_the_terminal_back(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    ways = [(signal.SIGTERM, 128 + 15), (signal.SIGHUP, 128 + 1), (signal.SIGINT, 128 + 2), (signal.SIGSEGV, -11), (None, 0)]
    for number, code in ways:
        window = Window(daemon)
        await window.until("Ctrl-D leaves")
        assert window.is_raw
        if number is None:
            await window.types("\x04")
        else:
            window.process.send_signal(number)
        assert await window.ends() == code, number
        assert not window.is_raw and window.written.endswith("\x1b[?1049l"), number
        window.close()
    await alice.stop()


@with_daemon
async def test_it_suspends_and_goes_on(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    window = Window(daemon, "bash", "--norc", "-i")
    await window.until("ready>")
    await window.types(f"{os.environ['EARSHOT']} chat Alice\n")
    await window.until("Ctrl-D leaves")
    await window.types("half a thought\x1a")
    await window.until("Stopped")
    window.forget()
    await window.types("fg\n")
    await window.until("half a thought")
    assert window.is_raw
    await window.types("\r")
    await alice.until(lambda: "half a thought" in alice.texts(daemon.person))
    await window.types("\x04")
    await window.until("ready>")
    window.close()
    await alice.stop()


@with_daemon
async def test_a_node_that_restarts_is_waited_for_and_nothing_goes_twice(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    window = Window(daemon)
    await window.until("Ctrl-D leaves")
    expected = []
    for turn in range(3):
        await window.types(f"before {turn}\r")
        daemon.kill()
        await window.types(f"after {turn}\r")
        await window.until("node restarting… waiting")
        expected += [f"before {turn}", f"after {turn}"]
        window.forget()
        await daemon.start()
        await daemon.until_texts(alice.me.person, *expected)
    await window.types("\x04")
    assert await window.ends() == 0
    window.close()
    await alice.stop()


@with_daemon
async def test_what_is_pasted_is_one_message_and_a_draft_is_kept(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    window = Window(daemon)
    await window.until("Ctrl-D leaves")
    await window.types("\x1b[200~/quit\r\n\tpasted\rrm -rf /\x1b[201~")
    await window.until("rm -rf /")
    await window.types("\x04")
    await window.until("Leave?")
    await window.types("\x04")
    assert await window.ends() == 0
    window.close()
    window = Window(daemon)
    await window.until("rm -rf /")
    await window.types("\x1b[A\x1b[A\x01 \r")  # A space before the slash: it is a text.
    await alice.until(lambda: "/quit\n\tpasted\nrm -rf /" in alice.texts(daemon.person))
    await window.types("\x04")
    assert await window.ends() == 0
    window.close()
    await alice.stop()


@with_daemon
async def test_a_plain_terminal_is_spoken_to_line_by_line(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    window = Window(daemon, term="dumb")
    await window.until("/help lists commands")
    assert not window.is_raw
    await window.types("hello\n")
    await alice.until(lambda: "hello" in alice.texts(daemon.person))
    await alice.send_text(daemon.person, "and you?")
    await window.until("Alice  and you?")
    await window.types("\x04")
    assert await window.ends() == 0
    assert "\x1b" not in window.written
    window.close()
    await alice.stop()


@with_daemon
async def test_lines_of_any_length_go_through_a_pipe(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    long = "x" * 1_100_000
    lines = f"one\n\ttab\n\n/quit\r\n{long}\n".encode() + b"\xff\xfe\n" + b"y" * 9_000_000 + b"\nlast"
    code, out, err = await daemon.cli("chat", "Alice", "--timeout", "30s", stdin=lines, seconds=60)
    assert (code, out) == (2, ""), err
    assert "line 6 was not sent" in err and "line 7 was not sent" in err
    assert await daemon.texts(alice.me.person, mine=True) == ["one", "\ttab", "/quit", long, "last"]
    await alice.stop()


@with_daemon
async def test_programs_get_objects_and_hear_what_was_not_delivered(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    out = await daemon.typed("chat", "Alice", "--json", stdin=b"hello\n")
    events = [json.loads(line) for line in out.splitlines()]
    assert all(event["v"] == 1 for event in events)
    sent = next(event for event in events if event["event"] == "sent")
    assert sent["line"] == 1 and events[-1] == {
        "event": "end", "v": 1, "lines": 1, "delivered": 1, "queued": [], "notSent": 0, "failed": 0,
    }  # fmt: skip
    await alice.stop()
    await daemon.until(lambda: daemon.offline(alice.me.person))
    code, out, err = await daemon.cli("chat", "Alice", "--timeout", "0s", stdin=b"are you there?\n")
    assert code == 5 and "1 line is queued" in err and "line 1: are you there?" in err
