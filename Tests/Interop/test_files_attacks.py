"""Section 13: what an attacker lists, and how he names it, against a real earshotd."""

import asyncio
import os
import unicodedata

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import files
from earshot_peer.crypto import base32
from earshot_peer.files import Entry, InMemory
from files_harness import MB, Held, agreed, complete, digest, downloads, good, in_sight, much, of_memory, on_disk, transfers, until_transfer
from harness import met

# What he lists.


class Lie(InMemory):
    """A listing of any bytes and any claims; the contents are zeros."""

    def __init__(self, listing, size=0, /, **source):
        super().__init__({})
        self.listing, self.size, self.lies = listing, size, source

    @property
    def end(self):
        return 2**64

    def about(self):
        return {"key": self.key, "name": "lie", "files": 1, "size": self.size}

    def source(self):
        return {**super().source(), **self.lies}

    async def read(self, begin, end):
        count = min(files.MOST_DATA, (end or len(self.listing) + self.size) - begin)
        return (self.listing[begin : begin + count] + bytes(count))[:count] if count > 0 else b""


async def lied(daemon, alice, share, **claims):
    """True when the daemon refused: the line is over, nothing is complete, nothing to be seen in the folder, and it is fine."""
    known = {row["id"] for row in await transfers(daemon)}
    to = downloads(daemon) / share.key.hex()
    to.mkdir()
    offer = await alice.files.offer(daemon.person, share, **claims)
    await alice.until(lambda: alice.is_delivered(daemon.person))
    if share.size < 2**62:
        row = await until_transfer(daemon, direction="in", state="offered")
        await daemon.typed("accept-file", row["id"], "--to", to)
        # The listing of several things is looked at before any of them is asked for: then that is refused already.
        over = (alice.until(lambda: share.givings and share.givings[0].over, 60), until_transfer(daemon, 60, id=row["id"], state="failed"))
        tasks = [asyncio.ensure_future(one) for one in over]
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        await asyncio.gather(*done)
    else:
        # Such an offer need not even be taken for one, or may be refused at once: there is no such disk.
        for row in await transfers(daemon, state="offered"):
            if (await daemon.cli("accept-file", row["id"], "--to", to))[0] == 0:
                await alice.until(lambda: share.givings and share.givings[0].over, 60)
    await daemon.fine()
    refused = not [row for row in await transfers(daemon, state="complete") if row["id"] not in known]
    await alice.write(daemon.person, ev.DELETE, target=offer)
    return refused and in_sight(to) == {}


async def all_refused(daemon, alice, lies):
    wrong = []
    for what, share in lies:
        try:
            if not await lied(daemon, alice, share):
                wrong.append(what)
        except TimeoutError:
            wrong.append(f"{what}: nothing happened")
    assert wrong == []


@met("we_called", seconds=180)
async def test_listings_that_break_the_rules(daemon, alice):
    folder = lambda path, size=0: Entry(path, size, 0, files.FOLDER)
    lies = {
        "twice": good(Entry("a"), Entry("a")),
        "file and folder": good(Entry("a"), folder("a")),
        "folder and file": good(folder("a"), Entry("a")),
        "below a file": good(Entry("a"), Entry("a/b")),
        "far below a file": good(Entry("a"), Entry("a/b/c/d")),
        "file after what is below": good(Entry("a/b"), Entry("a")),
        "folder after what is in it": good(Entry("a/b"), folder("a")),
        "folder with a size": good(folder("a", 1)),
        "kind": b"\2\0\0\1a",
        "size not minimal": b"\0\x80\0\0\1a",
        "time not minimal": b"\0\0\x80\0\1a",
        "length not minimal": b"\0\0\0\x81\0a",
        "size beyond 64 bits": b"\0" + b"\xff" * 9 + b"\2\0\1a",
        "varint without end": b"\0" + b"\xff" * 20,
        "cut in the path": b"\0\0\0\2a",
        "cut in the size": b"\0\x80",
        "only a kind": b"\0",
        "path of 2^63": b"\0\0\0" + b"\xff" * 8 + b"\x7fa",
        "path of 2^64 - 1": b"\0\0\0" + b"\xff" * 9 + b"\1a",
        "no path": b"\0\0\0\0",
        "long path": good(Entry("x" * 4097)),
        "not UTF-8": good(Entry(b"\xff")),
        "surrogate": good(Entry(b"\xed\xa0\x80")),
        "overlong": good(Entry(b"a\xc0\xafb")),
        "NUL": good(Entry("a\0b")),
        "absolute": good(Entry("/etc/x")),
        "empty part": good(Entry("a//b")),
        "ends with /": good(Entry("a/")),
        "only /": good(Entry("/")),
        "depth 65": good(*[folder("/".join(["d"] * n)) for n in range(1, 65)], Entry("d/" * 64 + "d")),
        "garbage": much(5_000)[8:],
    }
    await all_refused(daemon, alice, [(what, Lie(listing)) for what, listing in lies.items()])


@met("we_called", seconds=120)
async def test_sizes_and_lengths_that_lie(daemon, alice):
    one = good(Entry("a", 10))
    lies = {
        "2^63": Lie(good(Entry("a", 2**63)), 2**63),
        "2^64 - 1": Lie(good(Entry("a", 2**64 - 1)), 2**64 - 1),
        "sum of 2^63": Lie(good(Entry("a", 2**63 - 1), Entry("b", 1)), 2**63),
        "2^63 in the listing alone": Lie(good(Entry("a", 2**63)), 10),
        "a sum that wraps": Lie(good(Entry("a", 2**63), Entry("b", 2**63), Entry("c", 10)), 10),
        "a stream that wraps": Lie(good(Entry("a", 10)), 10, size=2**64 - 1),
        "source one more": Lie(good(Entry("a", 11)), 10, size=11),
        "source one less": Lie(good(Entry("a", 9)), 10, size=9),
        "listing one more": Lie(good(Entry("a", 11)), 10),
        "listing one less": Lie(good(Entry("a", 9)), 10),
        "length one more": Lie(one, 10, listing=len(one) + 1),
        "length one less": Lie(one, 10, listing=len(one) - 1),
    }
    await all_refused(daemon, alice, lies.items())


LIES = ({"listing": 0}, {"listing": files.LISTING + 1}, {"listing": 2**64 - 1}, {"open": True}, {"open": True, "size": 0})


@met("we_called")
@pytest.mark.parametrize("lie", LIES, ids=str)
async def test_sources_that_do_not_fit(daemon, alice, lie):
    """A daemon for each: what waits for the Source of one may hold up the next."""
    await all_refused(daemon, alice, [(lie, Lie(good(Entry("a", 10)), 10, **lie))])


@met("we_called")
async def test_open_offers_list_one_file_of_size_0(daemon, alice):
    for listing in (good(Entry("a"), Entry("b")), good(Entry("a", 1)), good(Entry("a", 0, 0, files.FOLDER))):
        share = Lie(listing, 0, open=True)
        assert await lied(daemon, alice, share, open=True), listing


@met("we_called", seconds=120)
async def test_a_million_and_one_entries(daemon, alice):
    listing = b"".join(b"\0\0\0\7%07d" % n for n in range(files.ENTRIES + 1))
    assert await lied(daemon, alice, Lie(listing), files=files.ENTRIES)


# How he names it.

HOSTILE = [
    "../../x", "..\\..\\x", "a/../../b", "a/./c", ". . /x", "..../w", "\u2024\u2024/y", "\uff0e\uff0e/z", ".../w", "%2e%2e%2f", "%00", "~",
    "CON", "con.txt", "NUL", "COM1.", "aux/aux/aux", "C:", "C:\\x", "a:stream", "trailing.", "trailing. ", " lead",
    "-rf", "--", ".bashrc", ".ssh/authorized_keys", "report.txt", "$HOME", "`id`", "$(id)", ";id", "*", "?", "|", "\"", "'",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b31m", "line\nbreak", "re\rturn", "tab\t", "\x7f", "<img src=x onerror=alert(1)>",
    "\u202egpj.exe", "\u2066iso\u2069", "\u200b", "\ufeffbom", "r\u00e9sum\u00e9.",
    "x" * 255, "x" * 256, "x" * 4096, "\u65e5" * 1365, "\U0001f600" * 300, "k" * 100 + "/" + "y" * 2000,
]  # fmt: skip

LONE = [
    "..", ".", "../..", "../.", "./.", ".earshot", ".earshot/x", "..\u200b", "...", " ", "\u202e", "\x1b", "/".join(["d"] * 64),
    "/".join(["e" * 62] * 64), "/".join([".."] * 64), "/".join(["\U0001f600" * 15] * 64),
]  # fmt: skip

TWINS = [
    ["Case", "case", "CASE/x", "cASE/x", "a\\b", "a:b", "a\x1bb", "a\x1cb", "x" * 300 + "1", "x" * 300 + "2"],
    ["caf\u00e9", "cafe\u0301", "\u212b", "\u00c5", "A\u030a", "caf\u00e9s/x", "cafe\u0301s/x"],
]


def outside(daemon):
    """All but what the daemon keeps for itself and the download folder."""
    return {p: h for p, h in on_disk(daemon.state.parent).items() if p.split("/")[0] not in ("bob", "bob.log", "downloads")}


def clean(path):
    """Nothing in it that steers a terminal or turns the writing."""
    turns = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    return not any(unicodedata.category(c) == "Cc" or c in turns for c in path)


async def names_tried(daemon, alice, names):
    folder, above = downloads(daemon), daemon.state.parent
    there = ["x", "b", "c", "CON", "-rf", ".bashrc", "Case", "report.txt", "~", "*", "x" * 255, "a_b", "caf\u00e9"]
    for name in there:
        (folder / name).write_text(f"mine: {name}")
    for name in ("x", "b", "c"):
        (above / name).write_text(f"mine, outside: {name}")
    before, far = on_disk(folder), outside(daemon)
    first = "\x1b[31m..\\..\\x\u202e\n"  # What an offer is called is what stands first in its listing.
    named = {name: f"theirs: {name}".encode() for name in [first, *names]}
    row = await complete(daemon, alice, InMemory(named), type="\x1b[31m", seen=True)
    after = on_disk(folder)
    assert {p: h for p, h in after.items() if p in before} == before, "something was replaced"
    assert outside(daemon) == far, "something was written outside"
    came = {p: h for p, h in after.items() if p not in before}
    assert sorted(came.values()) == sorted(of_memory(named).values())
    assert all(map(clean, came)), [p for p in came if not clean(p)]
    for path in row["files"]:
        assert (folder / path).resolve().is_relative_to(folder.resolve()), path
    for words in (("transfers",), ("history", base32(alice.me.person))):
        assert all(clean(line) for line in (await daemon.typed(*words)).splitlines()), words


@met("we_called")
async def test_hostile_names_land_in_the_folder(daemon, alice):
    await names_tried(daemon, alice, HOSTILE)


@met("we_called")
async def test_names_that_are_one_elsewhere_are_kept_apart(daemon, alice):
    """By case, by normal form, by what cleaning leaves, by what a shortened name leaves."""
    for names in TWINS:
        await names_tried(daemon, alice, names)


@met("we_called", seconds=150)
async def test_hostile_names_each_alone(daemon, alice):
    """As the only thing offered: what a name becomes is all there is."""
    folder, far = downloads(daemon), outside(daemon)
    wrong = []
    for name in LONE:
        data = f"theirs: {name}".encode()
        before = on_disk(folder)
        _, the_id = await agreed(daemon, alice, InMemory({name: data}))
        # A path too long for the file system may fail; all others must be there.
        row = await until_transfer(daemon, id=the_id, state=("complete", "failed"))
        after = on_disk(folder)
        came = [h for p, h in after.items() if p not in before and not p.startswith(".earshot")]
        if row["state"] == "failed" and len(name.encode()) < 3000 or row["state"] == "complete" and came != [digest(data)]:
            wrong.append((name, row))
        if {p: h for p, h in after.items() if p in before} != before or outside(daemon) != far or not all(map(clean, after)):
            wrong.append((name, after))
        await daemon.fine()
    assert wrong == []


@met("we_called")
async def test_nothing_that_is_there_is_replaced_and_no_link_followed(daemon, alice):
    folder, above = downloads(daemon), daemon.state.parent
    far = above / "far"
    far.mkdir()
    (far / "mine").write_text("mine")
    (folder / "file").write_text("mine")
    (folder / "to file").symlink_to(far / "mine")
    (folder / "to nowhere").symlink_to(far / "nowhere")
    (folder / "to folder").symlink_to(far)
    (folder / "folder").mkdir()
    (folder / "folder/file").write_text("mine")
    (folder / "folder/link").symlink_to(far)
    (folder / "was a folder").mkdir()
    before = on_disk(folder)
    paths = ("file", "to file", "to nowhere", "to folder/mine", "folder/file", "folder/link/mine", "was a folder")
    theirs = {path: f"theirs: {path}".encode() for path in paths}
    for one in [{name: data} for name, data in theirs.items()] + [{name: data + b"!" for name, data in theirs.items()}]:
        held_before = on_disk(folder)
        await complete(daemon, alice, InMemory(one))
        after = on_disk(folder)
        assert {p: h for p, h in after.items() if p in held_before} == held_before, one
        assert sorted(h for p, h in after.items() if p not in held_before) == sorted(of_memory(one).values()), one
    assert {p: h for p, h in on_disk(folder).items() if p in before} == before
    assert on_disk(far) == of_memory({"mine": b"mine"})


@met("we_called")
async def test_what_appears_meanwhile_is_not_replaced(daemon, alice):
    folder = downloads(daemon)
    share = Held({"x": much(2 * MB), "y/z": b"1"}, MB, drip=1000)
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].sent >= MB)
    (folder / "x").write_text("mine")
    (folder / "y").write_text("mine too")
    share.go.set()
    await until_transfer(daemon, id=the_id, state="complete")
    after = on_disk(folder)
    assert after["x"] == digest(b"mine") and after["y"] == digest(b"mine too")
    assert sorted(h for p, h in after.items() if p not in ("x", "y")) == sorted(of_memory(share.bytes).values())


@met("we_called")
async def test_links_planted_where_it_keeps_unfinished_things(daemon, alice):
    """By the name we know, and at every place seen while something is on its way."""
    above, far = daemon.state.parent, daemon.state.parent / "far"
    far.mkdir()
    first = Held({"x": much(2 * MB), "folder/y": b"1"}, MB, drip=1000)
    _, first_id = await agreed(daemon, alice, first)
    await alice.until(lambda: first.givings and first.givings[0].have >= MB)
    places = {".earshot"}
    for root, folders, names in os.walk(downloads(daemon)):
        places |= {os.path.relpath(os.path.join(root, name), downloads(daemon)) for name in folders + names}
    assert all(place.startswith(".") for place in places)
    first.go.set()
    plants = (lambda at: at.symlink_to(far), lambda at: at.symlink_to(far / "nowhere"), lambda at: at.write_text("mine"))
    for place in sorted(places):
        for n, plant in enumerate(plants):
            share = InMemory(first.bytes)
            await alice.files.offer(daemon.person, share)
            row = await until_transfer(daemon, direction="in", state="offered")
            to = above / f"{n} {place.replace('/', ' ')}"
            at = to / place.replace(first_id, row["id"])
            at.parent.mkdir(parents=True)
            plant(at)
            await daemon.typed("accept-file", row["id"], "--to", to)
            row = await until_transfer(daemon, id=row["id"], state=("complete", "failed"))
            assert on_disk(far) == {} and not (far / "nowhere").exists(), place
            assert in_sight(to) == (of_memory(share.bytes) if row["state"] == "complete" else {}), (place, row)
            await daemon.fine()
