"""What the tests of section 13 share: things to send, a daemon's transfers and its disk, lines, and those who give badly."""

import asyncio
import hashlib
import json
import os
import stat

from attacks import BROKEN
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer.bulk import Closed, Giving, call
from earshot_peer.crypto import base32
from earshot_peer.files import InMemory, Received, Stopped, write_listing
from harness import near

MB = 1 << 20

# Things to send, and to receive.


def much(count, seed=1):
    """Bytes that are not alike anywhere, without drawing each."""
    block = hashlib.shake_256(seed.to_bytes(8, "big")).digest(min(count, MB))
    return b"".join(n.to_bytes(8, "big") + block[8:] for n in range(-(-count // MB)))[:count] if count > 8 else block


def tree():
    """A folder with what is easily got wrong: nothing in it, nothing in a file, names of other scripts."""
    return {
        "photos/one.jpg": much(300_000, 2),
        "photos/empty": b"",
        "photos/sub/ñandú 日本 🙂.txt": b"text",
        "photos/sub/deep/er/still.bin": much(MB + 1, 3),
        "photos/zz": b"",
    }


def grow_tree(above):
    """Puts it on disk, with an empty folder more. Returns the folder."""
    for path, data in tree().items():
        (above / path).parent.mkdir(parents=True, exist_ok=True)
        (above / path).write_bytes(data)
    (above / "photos/nothing in it").mkdir()
    return above / "photos"


def good(*entries):
    return write_listing(entries)


class Held(InMemory):
    """From this offset of the stream on it gives nothing until `go`; or next to nothing, `drip` bytes at a time."""

    def __init__(self, named, hold, drip=0):
        super().__init__(named)
        self.hold, self.drip, self.go = hold, drip, asyncio.Event()

    async def read(self, begin, end):
        data = await super().read(begin, end)
        if begin >= self.hold and not self.go.is_set():
            try:
                await asyncio.wait_for(self.go.wait(), 0.05 if self.drip else None)
            except TimeoutError:
                return data[: self.drip]
        return data


class Cut(Received):
    """Breaks the line when this much is here, once."""

    def __init__(self, offer, cut=None):
        super().__init__(offer)
        self.cut = cut

    def add(self, data):
        super().add(data)
        if self.cut is not None and len(self.stream) >= self.cut:
            self.cut = None
            raise ConnectionAbortedError("cut")


async def offered(giver, taker, share, **claims):
    """`giver` offers and `taker` sees it. Returns the payload of the offer."""
    the_id = await giver.files.offer(taker.me.person, share, **claims)
    await taker.until(lambda: the_id in dict(taker.files.offers(giver.me.person)))
    return dict(taker.files.offers(giver.me.person))[the_id]


# What a daemon's owner does and sees.


async def transfers(daemon, **like):
    """Those whose members are like these; of several values in a tuple, any."""
    rows = [json.loads(line) for line in (await daemon.typed("transfers", "--json")).splitlines() if line.strip()]
    for row in rows:
        assert {"id", "direction", "peer", "name", "have", "state"} <= set(row), row
        assert "size" in row or row.get("open"), row  # of an open offer nobody knows it
    fits = lambda value, wanted: value in wanted if isinstance(wanted, tuple) else value == wanted
    return [row for row in rows if all(fits(row.get(name), value) for name, value in like.items())]


async def until_transfer(daemon, seconds=30, **like):
    """The newest that is like this, as soon as there is one."""
    try:
        return (await daemon.until(lambda: transfers(daemon, **like), seconds))[-1]
    except AssertionError as error:
        raise AssertionError(f"no transfer like {like} but {await transfers(daemon)}: {error}") from None


async def until_complete(daemon, the_id, seconds=60):
    row = await until_transfer(daemon, seconds, id=the_id, state=("complete", "failed"))
    assert row["state"] == "complete", row
    return row


def downloads(daemon):
    folder = daemon.state.parent / "downloads"
    folder.mkdir(exist_ok=True)
    return folder


async def agreed(daemon, alice, share, to=None, seen=False, **claims):
    """Alice offers and Bob's owner says yes; with `seen` once their node has seen the listing, as who accepts before has
    not agreed to programs in it. Returns (id of the offer, id of the transfer)."""
    offer = await alice.files.offer(daemon.person, share, **claims)
    row = await until_transfer(daemon, direction="in", state="offered")

    async def is_seen():
        return not any(one.get("unseen") for one in await transfers(daemon, id=row["id"]))

    if seen:
        await daemon.until(is_seen)
    await daemon.typed("accept-file", row["id"], "--to", to or downloads(daemon))
    return offer, row["id"]


async def complete(daemon, alice, share, seconds=60, **how):
    """Offered, agreed to, and there. Returns what `transfers` says."""
    offer, the_id = await agreed(daemon, alice, share, **how)
    row = await until_complete(daemon, the_id, seconds)
    await alice.until(lambda: offer in alice.files.answers(daemon.person))
    assert alice.files.answers(daemon.person)[offer] == ev.COMPLETE
    return row


async def sent_to(daemon, nodes, *paths, ends_with=0):
    """Bob's owner sends it to all of them at once. Returns (id, payload) of the offer as each sees it."""
    before = [{the_id for the_id, _ in node.files.offers(daemon.person)} for node in nodes]
    people, named = [base32(node.me.person) for node in nodes], [word for path in paths for word in ("-f", path)]
    code, out, err = await daemon.cli("send", *people, *named, "--json")
    assert code == ends_with, (code, out, err)
    said = [json.loads(line) for line in out.splitlines() if line.strip()]
    assert len(said) == len(nodes) and all(row["id"] and row["state"] for row in said), out
    new = lambda node, known: [(the_id, content) for the_id, content in node.files.offers(daemon.person) if the_id not in known]
    for node, known in zip(nodes, before):
        await node.until(lambda: new(node, known))
    return [new(node, known)[0] for node, known in zip(nodes, before)]


async def sent(daemon, alice, *paths, ends_with=0):
    """Bob's owner sends. Returns (id and payload of the offer, as Alice sees it, id of the transfer)."""
    ((offer, content),) = await sent_to(daemon, [alice], *paths, ends_with=ends_with)
    return offer, content, (await until_transfer(daemon, direction="out"))["id"]


# What is on a disk.


def digest(data):
    return hashlib.sha256(data).hexdigest()


def of_memory(named):
    return {path: digest(data) for path, data in named.items()}


def on_disk(folder):
    """{path: hash} of all files below, links as what they say. By file descriptors, for paths too long to open."""
    out = {}
    for above, _, names, where in os.fwalk(folder, follow_symlinks=False):
        for name in names:
            found = os.stat(name, dir_fd=where, follow_symlinks=False)
            path = os.path.relpath(os.path.join(above, name), folder)
            if stat.S_ISREG(found.st_mode):
                with open(os.open(name, os.O_RDONLY, dir_fd=where), "rb") as file:
                    out[path] = digest(file.read())
            else:
                out[path] = f"no file: {stat.S_IFMT(found.st_mode):o}"
    for above, names, _ in os.walk(folder):
        links = [full for full in (os.path.join(above, name) for name in names) if os.path.islink(full)]
        out.update({os.path.relpath(full, folder): "link" for full in links})
    return out


def in_sight(folder):
    """As `on_disk`, without what begins with a dot."""
    return {path: what for path, what in on_disk(folder).items() if not path.startswith(".")}


# Lines.


async def line_from(node, daemon):
    """A line of the node's own on which nothing was said yet; the node itself knows nothing of it."""
    return await call(node.me, "127.0.0.1", daemon.port, daemon.id16, source=near())


async def answer(line, *kinds, seconds=10):
    async with asyncio.timeout(seconds):
        return await line.next(*kinds)


async def asked(daemon, node, share, avoid=()):
    """A Fetch, whoever is to call. Returns (line, Source) or (None, Refer)."""
    link = node.session(daemon.person).link
    if link.initiator:
        line = await line_from(node, daemon)
        await line.say(frames.FETCH, share=share, avoid=avoid)
        kind, values = await answer(line, frames.SOURCE, frames.REFER)
        return (line if kind == frames.SOURCE else None), values
    awaited = node.files.awaited[share] = asyncio.get_running_loop().create_future()
    await link.say(frames.FETCH, share=share, avoid=avoid)
    async with asyncio.timeout(10):
        line, values = await awaited
    if line:
        node.files.lines.remove(line)
    return line, values


async def hung_up(line, seconds=15):
    """Did the other end close? What it says before is not looked at."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                await line.receive()
    except TimeoutError:
        return False
    except (*BROKEN, Closed):
        return True
    finally:
        line.abort()


def script(act, seconds=15):
    """Something to be given in place of a share: `act(line, share)`, then waits until the daemon hangs up."""

    class Scripted(Giving):
        async def run(self):
            try:
                await act(self.line, self.share)
                self.over = await hung_up(self.line, seconds)
            except (Closed, Stopped, *BROKEN):
                self.over = True
            finally:
                self.line.close()
                if self.tell:
                    await self.tell()

    return Scripted


async def ended_by(daemon, alice, fetch, kind, body, after_source):
    """Says this as the first word on a line, or after Source, and then what ends any line: whether it is ended."""
    line = await line_from(alice, daemon)
    try:
        if after_source:
            await line.send(frames.FETCH, fetch)
            await line.next(frames.SOURCE)
        await line.send(kind, body)
        await line.send(0x7F)  # Whatever became of that, this ends it.
        return await hung_up(line)
    except (Stopped, Closed, *BROKEN):
        return True
    finally:
        line.abort()
