"""Section 19 on a small board: a keeper with 2,000 blobs and 20 sessions, in 128 MB and with a fifth of a processor."""

import asyncio
import os
import pathlib
import time

import pytest
from earshot_peer import mail
from harness import Daemon, Node, identity, near, stop

MEMORY, SHARE = 128 << 20, 0.2
SESSIONS, DEPOSITORS, EACH = 20, 10, 200
READY = 3.0


class Limits:
    """Processes with so much memory and processor, by whichever cgroups the kernel has; a test without them is skipped."""

    def __init__(self):
        base, name = pathlib.Path("/sys/fs/cgroup"), f"earshot-board-{os.getpid()}"
        quota = int(SHARE * 100_000)
        try:
            if (base / "cgroup.controllers").exists():
                (base / "cgroup.subtree_control").write_text("+memory +cpu")
                self.memory, self.groups = base / name, [base / name]
                writes = [("memory.max", MEMORY), ("cpu.max", f"{quota} 100000")]
            else:
                self.memory, self.groups = base / "memory" / name, [base / "memory" / name, base / "cpu" / name]
                writes = [("memory.limit_in_bytes", MEMORY), ("cpu.cfs_period_us", 100_000), ("cpu.cfs_quota_us", quota)]
            for group in self.groups:
                group.mkdir()
            for file, value in writes:
                group = next(g for g in self.groups if (g / file).exists())
                (group / file).write_text(str(value))
        except (OSError, StopIteration) as error:
            pytest.skip(f"no cgroups for this: {error}")

    def number(self, *names):
        """The first number of the first of these files, or behind the first of these words in it."""
        for name in names:
            file, _, word = name.partition(" ")
            if (self.memory / file).exists():
                lines = (self.memory / file).read_text().split("\n")
                return next((int(line.split()[-1]) for line in lines if line.startswith(word) and line), None)
        return None

    @property
    def peak(self):
        return self.number("memory.peak", "memory.max_usage_in_bytes")

    @property
    def kills(self):
        return self.number("memory.events oom_kill", "memory.oom_control oom_kill ") or 0

    def remove(self):
        for group in self.groups:
            group.rmdir()


class Board(Daemon):
    """A daemon that lives within limits from its first instruction on."""

    def __init__(self, state, limits):
        super().__init__(state, name="Board")
        self.limits = limits

    def command(self):
        procs = " ".join(f"'{group}/cgroup.procs'" for group in self.limits.groups)
        return ["/bin/sh", "-c", f'for one in {procs}; do echo $$ >"$one" || exit 1; done; exec "$@"', "sh", *super().command()]


def some_blob(number):
    """The keeper sees a tag and bytes; whether they open is their reader's affair."""
    return b"ESB1" + bytes([number % 25]) * 16 + os.urandom(1_120 + 1_040)


def test_a_keeper_on_a_small_board(tmp_path):
    if "earshot_peer" in os.environ.get("EARSHOTD", "earshot_peer"):
        pytest.skip("it needs a real daemon")
    limits = Limits()
    try:
        asyncio.run(asyncio.wait_for(keep_much(Board(tmp_path / "board", limits), limits), 300))
    finally:
        for _ in range(50):
            try:
                limits.remove()
                break
            except OSError:
                time.sleep(0.1)  # nobody tells when the kernel has buried who was in it


async def befriended(board, name):
    node = await Node(identity(name)).start()
    await node.dial("127.0.0.1", board.port, board.id16, source=near())
    await node.request(board.person, "It is me")
    await node.accept(board.person)
    await node.until(lambda: node.mail.offers.get(board.person), 60)
    return node


async def keep_much(board, limits):
    begin = time.monotonic()
    await board.start()
    print(f"new: ready after {time.monotonic() - begin:.2f} s")
    try:
        await board.rpc("settings.set", key="keeper.enabled", value="true")
        # Of strangers' requests it hears eight a minute; of a file or of this it makes contacts at once.
        await board.rpc("settings.set", key="contacts.accept", value="lan")
        friends = [await befriended(board, f"Person {number}") for number in range(SESSIONS)]
        begin = time.monotonic()

        async def leave(person, number):
            for one in range(EACH):
                assert await person.mail.put(board.person, some_blob(number * EACH + one)) == mail.KEPT

        await asyncio.gather(*(leave(person, number) for number, person in enumerate(friends[:DEPOSITORS])))
        print(f"{DEPOSITORS * EACH} blobs in {time.monotonic() - begin:.1f} s, peak {limits.peak / 1e6:.0f} MB")
        assert (await board.rpc("keeper"))["blobs"] == DEPOSITORS * EACH
        # With all of them here it talks as before.
        await friends[-1].send_text(board.person, "still there?")
        await friends[-1].until(lambda: friends[-1].is_delivered(board.person), 30)
        assert all(person.session(board.person) for person in friends) and limits.kills == 0
        await stop(*friends)
    finally:
        board.kill()
    begin = time.monotonic()
    await board.start()
    took = time.monotonic() - begin
    try:
        print(f"with {DEPOSITORS * EACH} blobs: ready after {took:.2f} s, peak {limits.peak / 1e6:.0f} MB")
        assert (await board.rpc("keeper"))["blobs"] == DEPOSITORS * EACH
        assert took < READY and limits.kills == 0
    finally:
        board.kill()
