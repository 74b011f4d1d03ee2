"""Section 13: files. First the peer against itself, then a real earshotd, in both directions and under attack."""

import asyncio
import os
import struct
import time
import unicodedata

import pytest
from attacks import BROKEN, mutations, session
from earshot_peer import envelopes as ev
from earshot_peer import files, frames
from earshot_peer.bulk import Closed, Giving, call
from earshot_peer.crypto import Refused, base32
from earshot_peer.files import Entry, Growing, InMemory, OnDisk, Received, Stopped, read_listing, share_of, write_listing
from earshot_peer.link import dial
from earshot_peer.peer import Node
from files_harness import (
    MB,
    Cut,
    Held,
    agreed,
    answer,
    asked,
    complete,
    digest,
    downloads,
    good,
    grow_tree,
    hung_up,
    in_sight,
    line_from,
    much,
    of_memory,
    offered,
    on_disk,
    script,
    sent,
    sent_to,
    transfers,
    tree,
    until_transfer,
)
from harness import friend_of, identity, met, near, pair, run, still_talks, stop


class Broken(InMemory):
    """Breaks the line when it gets to one of these offsets of the stream, once at each."""

    breaks = ()

    async def read(self, begin, end):
        for at in self.breaks:
            if begin >= at:
                self.breaks = [b for b in self.breaks if b > at]
                raise ConnectionAbortedError("cut")
        return await super().read(begin, end)


# Listings.


def test_listings_come_out_as_they_went_in():
    entries = [Entry("a", 0, 0, files.FOLDER), Entry("a/b", 2**40, 1_700_000_000_123), Entry("../x", 1)]
    entries += [Entry("c" * 4096), Entry("d/" * 63 + "d")]
    assert read_listing(write_listing(entries)) == entries


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "without an entry"),
        (b"\2\0\0\1a", "unknown kind"),
        (good(Entry("a", 1, 0, files.FOLDER)), "folder with a size"),
        (b"\0\x80\0\0\1a", "longer than need be"),
        (b"\0\0\x80\0\1a", "longer than need be"),
        (b"\0\0\0\x81\0a", "longer than need be"),
        (b"\0" + b"\xff" * 9 + b"\2\0\1a", "beyond 64"),
        (b"\0" + b"\xff" * 10 + b"\0\1a", "longer than 10"),
        (b"\0\0\0\2a", "leads outside"),
        (b"\0\0", "leads outside"),
        (b"\0\0\0\0", "no length"),
        (good(Entry("x" * 4097)), "too long"),
        (good(Entry(b"\xff")), "UTF-8"),
        (good(Entry(b"\xed\xa0\x80")), "UTF-8"),
        (good(Entry("a\0b")), "zero"),
        (good(Entry("/a")), "empty part"),
        (good(Entry("a//b")), "empty part"),
        (good(Entry("a/")), "empty part"),
        (good(Entry("a/" * 64 + "a")), "too many"),
        (good(Entry("a", 2**63)), "2\\^63"),
        (good(Entry("a", 2**63 - 1), Entry("b", 1)), "2\\^63"),
        (good(Entry("a"), Entry("a")), "twice"),
        (good(Entry("a"), Entry("a", 0, 0, files.FOLDER)), "twice"),
        (good(Entry("a"), Entry("a/b")), "below a file"),
        (good(Entry("a/b/c"), Entry("a")), "after what is in it"),
        (good(Entry("a/b/c"), Entry("a/b", 0, 0, files.FOLDER)), "after what is in it"),
    ],
)
def test_bad_listings_are_refused(data, why):
    with pytest.raises(Refused, match=why):
        read_listing(data)


def test_a_million_entries_and_no_more(monkeypatch):
    assert files.ENTRIES == 1_000_000
    monkeypatch.setattr(files, "ENTRIES", 1_000)
    data = good(*[Entry(f"{n}") for n in range(1_000)])
    assert len(read_listing(data)) == 1_000
    with pytest.raises(Refused, match="too many"):
        read_listing(data + good(Entry("a")))


def test_offers_and_answers_that_do_not_fit():
    share = InMemory({"a": b"1", "b": b""}, key=bytes(range(32)))
    content = ev.read_payload(ev.FILE, ev.payload(ev.FILE, **share.about()))
    assert (content["tops"], content["files"], content["size"], content["name"], content["folder"]) == (2, 2, 1, "a", 0)
    assert share_of(content["key"]) == share.id and len(share.id) == 16
    assert ev.read_payload(ev.FILE, ev.payload(ev.FILE, name="x")) is None
    for bad in ({"name": "n" * 256}, {"type": "t" * 101}, {"picture": bytes(16_385)}):
        assert ev.read_payload(ev.FILE, ev.payload(ev.FILE, key=bytes(32), **bad)) is None
    assert ev.read_payload(ev.ANSWER, ev.payload(ev.ANSWER, target=bytes(32), word=2))
    for bad in ({"word": 1}, {"target": bytes(32)}, {"target": bytes(32), "word": 3}):
        assert ev.read_payload(ev.ANSWER, ev.payload(ev.ANSWER, **bad)) is None


# The peer against itself. Alice called Bob.


async def _a_hundred_megabytes(from_the_caller):
    alice, bob = await pair()
    giver, taker = (alice, bob) if from_the_caller else (bob, alice)
    data = much(100 * MB)
    share = InMemory({"big.bin": data})
    got = Received(await offered(giver, taker, share))
    await taker.files.fetch(giver.me.person, got)
    assert got.files() == {"big.bin": data}
    # Whoever called the ordinary session called here, and Fetch went on it only where the receiver had been called.
    assert share.givings[0].line.link.initiator == from_the_caller
    assert taker.files.fetched == [] and giver.files.fetched == ([share.id] if from_the_caller else [])
    await giver.until(lambda: share.givings[0].over)
    assert isinstance(share.givings[0].why, Closed) and 0 < share.givings[0].have <= share.end
    await stop(alice, bob)


@run
async def test_a_hundred_megabytes_from_the_caller():
    await _a_hundred_megabytes(True)


@run
async def test_a_hundred_megabytes_to_the_caller():
    await _a_hundred_megabytes(False)


@run
async def test_the_line_is_rekeyed():
    """More than 16,384 frames: Data of few bytes, both ciphers."""
    for aes in (True, False):
        alice, bob = await pair(aes=(aes, aes))
        data = much(20_000)
        share = InMemory({f"{n}": b"" for n in range(3)} | {"x": data})
        inner = share.read
        share.read = lambda begin, end: inner(begin, min(begin + 1, end))
        got = Received(await offered(bob, alice, share))
        await alice.files.fetch(bob.me.person, got)
        assert got.files()["x"] == data and share.givings[0].line.link.out.n > frames.REKEY_AFTER
        assert share.givings[0].line.link.aes == aes
        await stop(alice, bob)


@run
async def test_it_goes_on_after_cuts_by_either_side():
    for caller in (True, False):
        alice, bob = await pair()
        giver, taker = (alice, bob) if caller else (bob, alice)
        data = much(24 * MB)
        share = Broken({"x": data[: 8 * MB], "y": data[8 * MB :]})
        share.breaks = [0, 5 * MB]
        got = Cut(await offered(giver, taker, share), 15 * MB)
        for _ in range(3):
            with pytest.raises((OSError, EOFError)):
                await taker.files.fetch(giver.me.person, got)
        await taker.files.fetch(giver.me.person, got)
        assert got.files() == share.bytes
        begins = [pulls[0][0] for pulls in got.pulls]
        assert begins[:2] == [0, 0] and 4 * MB < begins[2] <= 5 * MB + files.MOST_DATA and begins[3] >= 15 * MB
        await stop(alice, bob)


@run
async def test_a_folder_from_disk_to_memory(tmp_path):
    photos = grow_tree(tmp_path)
    (photos / "link").symlink_to("/etc/passwd")
    alice, bob = await pair()
    share = OnDisk(photos)
    offer = await offered(alice, bob, share)
    assert (offer["name"], offer["folder"], offer["files"]) == ("photos", True, 5)
    got = Received(offer)
    await bob.files.fetch(alice.me.person, got)
    assert got.files() == tree()
    folders = [e.path for e in got.entries if e.kind == files.FOLDER]
    assert folders == ["photos", "photos/nothing in it", "photos/sub", "photos/sub/deep", "photos/sub/deep/er"]
    await stop(alice, bob)


@run
async def test_a_source_that_changes_or_goes_is_told(tmp_path):
    alice, bob = await pair()
    path = tmp_path / "x"
    for change, reason in (
        (lambda: path.write_bytes(b"other"), files.CHANGED),
        (lambda: os.utime(path, (1, 1)), files.CHANGED),
        (path.unlink, files.UNREADABLE),
    ):
        path.write_bytes(b"first")
        share = OnDisk(path)
        os.utime(path, ns=(0, share.entries[0].modified * 1_000_000))
        got = Received(await offered(alice, bob, share))
        change()
        with pytest.raises(Stopped) as stopped:
            await bob.files.fetch(alice.me.person, got)
        assert stopped.value.reason == reason and not got.complete
    await stop(alice, bob)


@run
async def test_an_open_offer_of_unknown_length():
    for caller in (True, False):
        alice, bob = await pair()
        giver, taker = (alice, bob) if caller else (bob, alice)
        data = much(3 * MB)
        share = Growing("pipe")
        share.feed(data[:MB])
        got = Cut(await offered(giver, taker, share))
        assert got.offer["open"] and got.offer["size"] == 0
        got.cut = MB // 2
        with pytest.raises(ConnectionAbortedError):
            await taker.files.fetch(giver.me.person, got)
        task = asyncio.create_task(taker.files.fetch(giver.me.person, got))
        await giver.until(lambda: len(share.givings) == 2 and share.givings[1].sent == len(share.listing) + MB)
        assert not task.done()
        share.feed(data[MB:])
        share.finish()
        await task
        assert got.files() == {"pipe": data} and got.pulls[1][0][0] >= MB // 2
        await stop(alice, bob)


@run
async def test_nothing_and_only_folders():
    alice, bob = await pair()
    for share in (InMemory({"empty": b""}), InMemory({"a/b/c": b"", "a/d": b""}), Growing("open and empty")):
        share.finish() if share.open else None
        got = Received(await offered(alice, bob, share))
        await bob.files.fetch(alice.me.person, got)
        assert got.complete and set(got.files().values()) == {b""}
    await stop(alice, bob)


@run
async def test_only_to_whom_it_was_offered_and_until_it_is_taken_back():
    alice, bob = await pair()
    share, other = InMemory({"x": b"1"}), InMemory({"x": b"2"})
    bob.files.shares[other.id] = other
    content = ev.read_payload(ev.FILE, ev.payload(ev.FILE, **other.about()))
    with pytest.raises(Stopped) as stopped:
        await alice.files.fetch(bob.me.person, Received(content))
    assert stopped.value.reason == files.NOT_YOURS
    got = Received(await offered(bob, alice, share))
    ((the_id, _),) = alice.files.offers(bob.me.person)
    await bob.write(alice.me.person, ev.DELETE, target=the_id)
    await alice.until(lambda: not alice.files.offers(bob.me.person))
    with pytest.raises(Stopped):
        await alice.files.fetch(bob.me.person, got)
    await stop(alice, bob)


@run
async def test_an_answer_is_told_and_the_first_counts():
    alice, bob = await pair()
    await offered(alice, bob, InMemory({"x": b"1"}))
    ((the_id, _),) = bob.files.offers(alice.me.person)
    await bob.write(alice.me.person, ev.ANSWER, target=the_id, word=ev.DECLINED)
    await bob.write(alice.me.person, ev.ANSWER, target=the_id, word=ev.COMPLETE)
    await bob.until(lambda: bob.is_delivered(alice.me.person))
    assert alice.files.answers(bob.me.person) == {the_id: ev.DECLINED}
    await stop(alice, bob)


@run
async def test_eight_lines_and_no_ninth():
    alice, bob = await pair()
    share = Growing("pipe")
    offer = await offered(bob, alice, share)
    share.feed(b"1")
    tasks = [asyncio.create_task(alice.files.fetch(bob.me.person, Received(offer))) for _ in range(8)]
    await bob.until(lambda: len([g for g in share.givings if g.sent > len(share.listing)]) == 8)
    with pytest.raises(Refused, match="eight lines"):
        await alice.files.fetch(bob.me.person, Received(offer))
    alice.files.open_with = lambda device: 0
    with pytest.raises((OSError, EOFError)):
        await alice.files.fetch(bob.me.person, Received(offer))
    share.finish()
    await asyncio.gather(*tasks)
    await stop(alice, bob)


# A real earshotd. What its owner does goes by the command line.


async def called_again(daemon, alice, we_called):
    """As before the daemon was killed: by the same side."""
    if we_called:
        await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    elif not alice.session(daemon.person):
        await daemon.calls(alice)


# It receives.


@met()
async def test_it_receives_a_hundred_megabytes(daemon, alice):
    data = much(100 * MB)
    share = InMemory({"big.bin": data})
    row = await complete(daemon, alice, share)
    assert row["size"] == row["have"] == len(data) and row["direction"] == "in" and row["name"] == "big.bin"
    assert [(downloads(daemon) / f).resolve() for f in row["files"]] == [downloads(daemon).resolve() / "big.bin"]
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)
    assert alice.files.fetched == ([share.id] if share.givings[0].line.link.initiator else [])
    for giving in share.givings:
        times, haves = [t for t, _ in giving.haves], [have for _, have in giving.haves]
        assert haves == sorted(haves) and all(b - a > 0.9 for a, b in zip(times, times[11:]))
        assert len(giving.pulls) == len(set(giving.pulls))


@met()
async def test_it_receives_a_folder(daemon, alice):
    share = InMemory(tree())
    share.entries.insert(1, Entry("photos/nothing in it", 0, 1, files.FOLDER))
    share.listing = write_listing(share.entries)
    row = await complete(daemon, alice, share)
    assert on_disk(downloads(daemon)) == of_memory(tree())
    assert (downloads(daemon) / "photos/nothing in it").is_dir()
    assert row["files"] and all((downloads(daemon) / f).exists() for f in row["files"])


@met("we_called")
async def test_it_receives_what_is_empty_and_several_at_once(daemon, alice):
    share = InMemory({"empty": b"", "a/b/c": b"", "two": b"2", "three": much(MB)})
    await complete(daemon, alice, share)
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)
    await complete(daemon, alice, InMemory({"nothing": b""}))
    assert (downloads(daemon) / "nothing").read_bytes() == b""


@met()
async def test_it_receives_an_open_offer(daemon, alice):
    data, share = much(5 * MB), Growing("pipe")
    offer, the_id = await agreed(daemon, alice, share)
    share.feed(data[:MB])
    await alice.until(lambda: share.givings and share.givings[-1].sent == len(share.listing) + MB)
    share.feed(data[MB:])
    share.finish()
    await until_transfer(daemon, id=the_id, state="complete")
    assert on_disk(downloads(daemon)) == of_memory({"pipe": data})
    await alice.until(lambda: alice.files.answers(daemon.person) == {offer: ev.COMPLETE})


@met()
async def test_it_goes_on_receiving_after_cuts(daemon, alice):
    share = Held({"x": much(12 * MB, 4), "y": much(28 * MB, 5)}, 10 * MB, drip=1000)
    _, the_id = await agreed(daemon, alice, share)
    for n, hold in enumerate((25 * MB, 40 * MB)):
        await alice.until(lambda: len(share.givings) > n and share.givings[n].have > share.hold - MB)
        share.hold = hold
        share.givings[n].line.abort()
    share.go.set()
    await until_transfer(daemon, id=the_id, state="complete")
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)
    begins = [giving.pulls[0][0] for giving in share.givings]
    assert len(begins) == 3 and begins[0] == 0 and begins[1] > 9 * MB and begins[2] > 24 * MB
    for before, begin in zip(share.givings, begins[1:]):
        assert begin >= before.have, (begins, [g.have for g in share.givings])


@met()
async def test_it_goes_on_receiving_after_the_ordinary_session_broke(daemon, alice):
    share = Held({"x": much(20 * MB)}, 12 * MB, drip=1000)
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].have > MB)
    ordinary = alice.session(daemon.person)
    called = ordinary.link.initiator
    for broken in (share.givings[0].line, ordinary.link):
        broken.abort()
    await alice.until(lambda: share.givings[0].over and not ordinary.up)
    share.go.set()
    if called:
        await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    await until_transfer(daemon, 60, id=the_id, state="complete")
    assert share.givings[-1].pulls[0][0] >= share.givings[0].have
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)


@met()
async def test_it_goes_on_receiving_after_it_was_killed(daemon, alice):
    """Killed three times, each time at the moment when it said Have: that much must be there."""
    share = Held({"x": much(12 * MB, 7), "y": much(48 * MB)}, 10 * MB, drip=1000)
    offer, the_id = await agreed(daemon, alice, share)
    called = alice.session(daemon.person).link.initiator
    for n, hold in enumerate((25 * MB, 40 * MB, 60 * MB)):
        await alice.until(lambda: len(share.givings) > n and share.givings[n].have > share.hold - MB)
        daemon.process.kill()
        share.hold = hold
        daemon.process.wait()
        await alice.until(lambda: share.givings[n].over and not alice.sessions)
        assert in_sight(downloads(daemon)) == {}
        await daemon.start()
        await called_again(daemon, alice, called)
    share.go.set()
    await until_transfer(daemon, 60, id=the_id, state="complete")
    assert [giving.pulls[0][0] >= before.have for before, giving in zip(share.givings, share.givings[1:])] == [True] * 3, [
        (before.have, giving.pulls[0][0]) for before, giving in zip(share.givings, share.givings[1:])
    ]
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)
    await alice.until(lambda: alice.files.answers(daemon.person) == {offer: ev.COMPLETE})


@met("we_called")
async def test_it_pauses_goes_on_and_gives_up(daemon, alice):
    share = Held({"x": much(20 * MB)}, 10 * MB, drip=1000)
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].have > 9 * MB)
    await daemon.typed("transfers", "pause", the_id)
    await alice.until(lambda: share.givings[0].over)
    await until_transfer(daemon, id=the_id, state="paused")
    # Of two ways to end a line either will do; Stop says why.
    assert getattr(share.givings[0].why, "reason", files.PAUSED) == files.PAUSED and len(share.givings) == 1
    await daemon.typed("transfers", "resume", the_id)
    await alice.until(lambda: len(share.givings) == 2 and share.givings[1].pulls)
    assert share.givings[1].pulls[0][0] >= share.givings[0].have
    await daemon.typed("transfers", "cancel", the_id)
    await alice.until(lambda: share.givings[1].over)
    await until_transfer(daemon, id=the_id, state=("cancelled", "declined"))
    assert in_sight(downloads(daemon)) == {}


@met("we_called")
async def test_nothing_is_asked_for_before_its_owner_agrees_and_declined_is_told(daemon, alice):
    share = InMemory({"x": b"1"})
    offer = await alice.files.offer(daemon.person, share)
    row = await until_transfer(daemon, direction="in", state="offered")
    assert not share.givings and not alice.files.fetched
    await daemon.typed("reject", row["id"])
    await alice.until(lambda: alice.files.answers(daemon.person) == {offer: ev.DECLINED})
    await until_transfer(daemon, id=row["id"], state="declined")
    assert not share.givings and not alice.files.fetched and not on_disk(downloads(daemon))


@met("we_called")
async def test_an_offer_taken_back_is_not_open_any_more(daemon, alice):
    share = InMemory({"x": b"1"})
    offer = await alice.files.offer(daemon.person, share)
    row = await until_transfer(daemon, direction="in", state="offered")
    await alice.write(daemon.person, ev.DELETE, target=offer)
    await alice.until(lambda: alice.is_delivered(daemon.person))

    async def closed():
        return not await transfers(daemon, id=row["id"], state="offered")

    await daemon.until(closed)
    code, _, _ = await daemon.cli("accept-file", row["id"], "--to", downloads(daemon))
    assert code != 0 and not alice.files.fetched


@met("we_called")
async def test_an_edit_of_an_offer_means_nothing(daemon, alice):
    share = InMemory({"x": b"1"})
    offer = await alice.files.offer(daemon.person, share)
    await alice.write(daemon.person, ev.EDIT, target=offer, text="y")
    row = await until_transfer(daemon, direction="in", state="offered")
    await daemon.typed("accept-file", row["id"], "--to", downloads(daemon))
    await until_transfer(daemon, id=row["id"], state="complete")
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)


@met("we_called")
async def test_it_understands_every_stop(daemon, alice):
    for reason in (1, 2, 3, 99):
        share = Stopping(f"stop {reason}", reason)
        _, the_id = await agreed(daemon, alice, share)
        await alice.until(lambda: share.givings and share.givings[0].over)
        # 1, 2 and 3 are for good; of an unknown one only that it is no end of the daemon.
        if reason < 4:
            await until_transfer(daemon, id=the_id, state=("failed", "cancelled"))
        await daemon.fine()
    assert in_sight(downloads(daemon)) == {}


class Stopping(InMemory):
    def __init__(self, name, reason):
        super().__init__({name: much(MB)})
        self.reason = reason

    async def read(self, begin, end):
        if begin >= MB // 2:
            raise Stopped(self.reason, "\x1b[31mit is so")
        return await super().read(begin, end)


# It sends.


@met()
async def test_it_sends_a_hundred_megabytes(daemon, alice):
    path = daemon.state.parent / "big.bin"
    data = much(100 * MB)
    path.write_bytes(data)
    offer, content, the_id = await sent(daemon, alice, path)
    assert (content["name"], content["files"], content["size"], bool(content["folder"])) == ("big.bin", 1, len(data), False)
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert of_memory(got.files()) == of_memory({"big.bin": data})
    assert got.entries[0].modified == path.stat().st_mtime_ns // 1_000_000
    assert not await transfers(daemon, id=the_id, state="complete")
    await alice.write(daemon.person, ev.ANSWER, target=offer, word=ev.COMPLETE)
    await until_transfer(daemon, id=the_id, state="complete")


@met()
async def test_it_sends_a_folder(daemon, alice):
    photos = grow_tree(daemon.state.parent)
    (photos / "out").symlink_to("/etc")
    (photos / "passwd").symlink_to("/etc/passwd")
    _, content, _ = await sent(daemon, alice, photos)
    assert content["name"] == "photos" and content["folder"] and content["size"] == sum(map(len, tree().values()))
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert of_memory(got.files()) == of_memory(tree()) and content["files"] == len(tree())
    assert "photos/nothing in it" in [e.path for e in got.entries if e.kind == files.FOLDER]


@met("we_called")
async def test_it_sends_several_as_one_offer(daemon, alice):
    above = daemon.state.parent
    for name in ("one", "two"):
        (above / name).write_text(name)
    _, content, _ = await sent(daemon, alice, above / "one", above / "two")
    assert (content["tops"], content["files"], content["size"], content["name"]) == (2, 2, 6, "one")
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"one": b"one", "two": b"two"}


@met("we_called")
async def test_it_offers_the_same_to_several_with_the_same_key(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(b"for both")
    carol = await friend_of(daemon, "Carol")
    keys = []
    nodes = (alice, carol)
    for node, (_, content) in zip(nodes, await sent_to(daemon, nodes, path)):
        keys.append(content["key"])
        got = Received(content)
        await node.files.fetch(daemon.person, got)
        assert got.files() == {"x": b"for both"}
    assert keys[0] == keys[1]
    await carol.stop()


@met()
async def test_it_sends_what_comes_through_a_pipe(daemon, alice):
    data = much(5 * MB)
    typed = asyncio.create_task(daemon.typed("send", base32(alice.me.person), "-f", "-", "--as", "pipe", stdin=data, seconds=60))
    await alice.until(lambda: alice.files.offers(daemon.person))
    ((offer, content),) = alice.files.offers(daemon.person)
    assert content["open"] and content["size"] == 0 and content["name"] == "pipe"
    got = Cut(content, 2 * MB)
    with pytest.raises(ConnectionAbortedError):
        await alice.files.fetch(daemon.person, got)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"pipe": data} and got.pulls[1][0][0] >= 2 * MB
    await alice.write(daemon.person, ev.ANSWER, target=offer, word=ev.COMPLETE)
    await until_transfer(daemon, direction="out", state="complete")
    await typed


@met("we_called")
async def test_a_pipe_whose_receiver_goes_waits_for_him(daemon, alice):
    """While nothing comes out of the program: giving ends at once, and costs nothing until he is back."""
    reading, writing = os.pipe()
    data = much(2 * MB)
    typed = asyncio.create_task(daemon.typed("send", base32(alice.me.person), "-f", "-", "--as", "pipe", stdin=reading, seconds=60))
    await asyncio.to_thread(os.write, writing, data[:50_000])
    await alice.until(lambda: alice.files.offers(daemon.person))
    ((offer, content),) = alice.files.offers(daemon.person)
    got = Cut(content, 1_000)
    with pytest.raises(ConnectionAbortedError):
        await alice.files.fetch(daemon.person, got)
    await until_transfer(daemon, direction="out", state=("waiting", "offered"))
    await asyncio.to_thread(os.write, writing, data[50_000:100_000])
    os.close(writing)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"pipe": data[:100_000]}
    await alice.write(daemon.person, ev.ANSWER, target=offer, word=ev.COMPLETE)
    await typed


@met()
async def test_it_serves_from_where_we_ask(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(much(40 * MB))
    _, content, the_id = await sent(daemon, alice, path)
    got = Cut(content)
    for cut in (1, 13 * MB + 1, 29 * MB + 77):
        got.cut = cut
        with pytest.raises(ConnectionAbortedError):
            await alice.files.fetch(daemon.person, got)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"x": path.read_bytes()}
    assert [pulls[0][0] >= cut for pulls, cut in zip(got.pulls[1:], (1, 13 * MB + 1, 29 * MB + 77))] == [True] * 3
    assert not await transfers(daemon, id=the_id, state="failed")


@met()
async def test_it_serves_after_it_was_killed(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(much(20 * MB))
    _, content, _ = await sent(daemon, alice, path)
    got = Cut(content, 9 * MB)
    called = alice.session(daemon.person).link.initiator
    with pytest.raises(ConnectionAbortedError):
        await alice.files.fetch(daemon.person, got)
    daemon.kill()
    await alice.until(lambda: not alice.sessions)
    await daemon.start()
    await called_again(daemon, alice, called)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"x": path.read_bytes()} and got.pulls[1][0][0] >= 9 * MB


@met("we_called")
async def test_it_sees_that_what_it_offered_has_changed(daemon, alice):
    above = daemon.state.parent
    (above / "f").mkdir()

    def grow(path):
        path.write_bytes(b"another size")

    def touch(path):
        os.utime(path, (1, 1))

    def other(path):
        path.rename(above / "away")
        path.write_bytes(b"same!")

    def link(path):
        path.unlink()
        (above / "elsewhere").write_bytes(b"12345")
        path.symlink_to(above / "elsewhere")

    def folder(path):
        path.unlink()
        path.mkdir()

    for change, reasons in ((grow, {2}), (touch, {2}), (other, {2}), (link, {2, 3}), (folder, {2, 3}), (os.unlink, {2, 3})):
        path = above / f"f/{getattr(change, '__name__')}"
        path.write_bytes(b"12345")
        os.utime(path, (1_000_000_000, 1_000_000_000))
        _, content, _ = await sent(daemon, alice, path)
        change(path)
        got = Received(content)
        with pytest.raises(Stopped) as stopped:
            await alice.files.fetch(daemon.person, got)
        assert stopped.value.reason in reasons, change
        assert not got.complete and len(got.stream) <= (got.listing or 0), change


@met("we_called")
async def test_it_sees_that_a_file_changes_while_it_is_read(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(much(40 * MB))
    _, content, _ = await sent(daemon, alice, path)
    got = Cut(content, MB)

    def change(data, inner=got.add):
        try:
            inner(data)
        except ConnectionAbortedError:
            path.write_bytes(b"another")

    got.add, got.ahead = change, 1
    with pytest.raises(Stopped) as stopped:
        await alice.files.fetch(daemon.person, got)
    assert stopped.value.reason == files.CHANGED and not got.complete


@met("we_called")
async def test_it_gives_only_to_whom_it_was_offered(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(b"for Carol")
    carol = await friend_of(daemon, "Carol")
    offer, content, _ = await sent(daemon, carol, path)
    for key in (content["key"], os.urandom(32)):
        with pytest.raises(Stopped) as stopped:
            await alice.files.fetch(daemon.person, Received({**content, "key": key}))
        assert stopped.value.reason == files.NOT_YOURS
        # On the ordinary session nothing is said.
        await alice.session(daemon.person).link.say(frames.FETCH, share=share_of(key))
    got = Received(content)
    await carol.files.fetch(daemon.person, got)
    assert got.files() == {"x": b"for Carol"}
    await carol.stop()


@met("we_called")
async def test_it_does_not_give_what_it_took_back(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(b"1")
    for words in (("transfers", "cancel"), ("delete",)):
        offer, content, the_id = await sent(daemon, alice, path)
        await alice.files.fetch(daemon.person, Received(content))
        await daemon.typed(*words, the_id if words[0] == "transfers" else base32(offer))
        await alice.until(lambda: not alice.files.offers(daemon.person))
        with pytest.raises(Stopped) as stopped:
            await alice.files.fetch(daemon.person, Received(content))
        assert stopped.value.reason == files.NOT_YOURS, words


# Attacks by a sender: what he lists.


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
        await alice.until(lambda: share.givings and share.givings[0].over, 60)
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


# Attacks by a sender: names.

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
    named = {name: f"theirs: {name}".encode() for name in names}
    row = await complete(daemon, alice, InMemory(named), name="\x1b[31m../../x\u202e\n", type="\x1b[31m")
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
        _, the_id = await agreed(daemon, alice, InMemory({name: data}), name=name[:60])
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


# Attacks on the line.


async def sourced(line, share):
    await line.say(frames.SOURCE, **share.source())


async def pulled(line, share):
    """Source, and the first Pull: (from, to), to the end where it asks for that."""
    await sourced(line, share)
    _, pull = await line.next(frames.PULL)
    return pull["from"], pull["to"] or share.end


async def data_at_once(line, share):
    """More than was or could be pulled: of the first bytes one cannot tell that they came too early."""
    await sourced(line, share)
    for _ in range(20):
        await line.send(frames.DATA, bytes(files.MOST_DATA))


async def data_before_source(line, share):
    await line.send(frames.DATA, b"1")


async def end_before_pull(line, share):
    await sourced(line, share)
    await line.say(frames.END, at=0)


async def two_sources(line, share):
    await sourced(line, share)
    await sourced(line, share)


async def source_of_another(line, share):
    await line.say(frames.SOURCE, **{**share.source(), "share": os.urandom(16)})


async def more_than_pulled(line, share):
    begin, end = await pulled(line, share)
    stream = share.listing + bytes(3 * MB)
    while begin <= end:
        await line.send(frames.DATA, stream[begin : min(end + 1, begin + files.MOST_DATA)])
        begin += files.MOST_DATA


async def more_after_end(line, share):
    """The line must end; what was pulled before may well be complete."""
    begin, end = await pulled(line, share)
    while begin < end:
        data = await share.read(begin, end)
        await line.send(frames.DATA, data)
        begin += len(data)
    for _ in range(200):
        await line.say(frames.END, at=end)
        await line.send(frames.DATA, b"1")


async def end_too_early(line, share):
    begin, end = await pulled(line, share)
    await line.say(frames.END, at=begin)


async def end_elsewhere(line, share):
    begin, end = await pulled(line, share)
    await line.send(frames.DATA, await share.read(begin, end - 1))
    await line.say(frames.END, at=end)


async def empty_data(line, share):
    await pulled(line, share)
    await line.send(frames.DATA, b"")


async def pull_by_the_sender(line, share):
    await sourced(line, share)
    await line.say(frames.PULL, **{"from": 0, "to": 0})


async def have_by_the_sender(line, share):
    await sourced(line, share)
    await line.say(frames.HAVE, at=0)


async def fetch_by_the_sender(line, share):
    await sourced(line, share)
    await line.say(frames.FETCH, share=share.id)


async def unknown_frame(line, share):
    await sourced(line, share)
    await line.send(0x7F, b"1")


async def ordinary_frames(line, share):
    await sourced(line, share)
    await line.link.say(frames.PING, nonce=1)


async def bad_tag(line, share):
    await sourced(line, share)
    await line.link.send_wire(struct.pack(">I", 17) + bytes(17))


async def frame_of_262162(line, share):
    await sourced(line, share)
    await line.link.send_wire(line.link.out.seal_long(frames.DATA, bytes(files.MOST_DATA + 1)))


async def close_at_once(line, share):
    await line.say(frames.CLOSE, code=0)
    line.close()


BY_SENDERS = [
    data_at_once, end_before_pull, two_sources, more_than_pulled, more_after_end, end_too_early, end_elsewhere, empty_data,
    pull_by_the_sender, have_by_the_sender, fetch_by_the_sender, unknown_frame, ordinary_frames, bad_tag, frame_of_262162,
    data_before_source, source_of_another, close_at_once,
]  # fmt: skip


@met(seconds=180)
async def test_senders_that_break_the_rules(daemon, alice):
    async def one(act):
        alice.files.giving = script(act)
        share = InMemory({"x": bytes(2 * MB)})
        offer, the_id = await agreed(daemon, alice, share)
        try:
            await alice.until(lambda: share.givings and share.givings[0].over, 20)
        except TimeoutError:
            return f"{act.__name__}: the line stayed" if share.givings else f"{act.__name__}: it never asked"
        finally:
            await daemon.fine()
            await alice.write(daemon.person, ev.DELETE, target=offer)
        if act is not more_after_end and await transfers(daemon, id=the_id, state="complete"):
            return f"{act.__name__}: complete"

    wrong = [await one(act) for act in BY_SENDERS]
    assert [w for w in wrong if w] == []
    assert in_sight(downloads(daemon)).items() <= of_memory({"x": bytes(2 * MB)}).items()
    # And honestly again.
    alice.files.giving = Giving
    await complete(daemon, alice, InMemory({"honest": b"1"}))


@met("we_called", seconds=120)
async def test_lines_that_begin_wrongly(daemon, alice):
    unagreed, done, mine = InMemory({"x": b"1"}), InMemory({"y": b"1"}), InMemory({"z": b"1"})
    await complete(daemon, alice, done)
    await alice.files.offer(daemon.person, unagreed)
    await until_transfer(daemon, direction="in", state="offered")
    source = lambda share: (frames.SOURCE, frames.body(frames.SOURCE, **share.source()))
    firsts = {
        "Source of what nobody offered": source(mine),
        "Source of what nobody agreed to": source(unagreed),
        "Source of what is complete": source(done),
        "Pull": (frames.PULL, frames.body(frames.PULL)),
        "Data": (frames.DATA, bytes(1000)),
        "End": (frames.END, b""),
        "Have": (frames.HAVE, b""),
        "Stop": (frames.STOP, frames.body(frames.STOP, reason=5)),
        "Ready": (frames.READY, b""),
        "Ping": (frames.PING, frames.body(frames.PING, nonce=1)),
        "Envelopes": (frames.ENVELOPES, b""),
        "unknown": (0x7F, b""),
        "Source without share": (frames.SOURCE, frames.body(frames.SOURCE, listing=1)),
        "Source that is none": (frames.SOURCE, b"\x0a\x10"),
        "Fetch of nothing": (frames.FETCH, b""),
        "Fetch of 15 bytes": (frames.FETCH, b"\x0a\x0f" + bytes(15)),
        "Fetch that is none": (frames.FETCH, b"\x0a\xff"),
    }
    wrong = []
    for what, (kind, body) in firsts.items():
        line = await line_from(alice, daemon)
        await line.send(kind, body)
        if not await hung_up(line):
            wrong.append(what)
        await daemon.fine()
    for wire in (struct.pack(">I", 16) + bytes(16), struct.pack(">I", 17) + bytes(17), b"\xff" * 4 + bytes(1000)):
        line = await line_from(alice, daemon)
        await line.link.send_wire(wire)
        if not await hung_up(line):
            wrong.append(wire[:4].hex())
    assert wrong == []


@met("we_called")
async def test_a_line_that_says_nothing_is_closed_after_ten_seconds(daemon, alice):
    line, begin = await line_from(alice, daemon), time.monotonic()
    assert await hung_up(line, 20)
    assert 8 < time.monotonic() - begin < 15


@met("we_called")
async def test_no_line_without_an_ordinary_session(daemon, alice):
    for who in (identity("Mallory"), alice.me):
        if who is alice.me:
            await alice._end(alice.session(daemon.person), frames.GOING_AWAY)
            await alice.until(lambda: not alice.sessions)
            await daemon.until(lambda: daemon.offline(alice.me.person))
        try:
            line = await call(who, "127.0.0.1", daemon.port, daemon.id16, near())
            await line.say(frames.FETCH, share=bytes(16))
        except BROKEN:
            continue
        assert await hung_up(line)
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())


@met("we_called")
async def test_a_stranger_is_given_nothing(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(b"for Alice")
    _, content, _ = await sent(daemon, alice, path)
    mallory = await Node(identity("Mallory")).start()
    await mallory.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    link = mallory.session(daemon.person).link
    await link.say(frames.FETCH, share=share_of(content["key"]))
    with pytest.raises((Stopped, Closed, *BROKEN)):
        await mallory.files.fetch(daemon.person, Received(content))
    await daemon.fine()
    await mallory.stop()


@met("we_called")
async def test_eight_lines_and_no_ninth_with_it(daemon, alice):
    """Each for another share: a second line for the same one may take the place of the first."""
    contents, lines = [], []
    for n in range(9):
        path = daemon.state.parent / f"{n}"
        path.write_bytes(much(MB))
        contents.append((await sent(daemon, alice, path))[1])

    async def begun(content):
        line = await line_from(alice, daemon)
        lines.append(line)
        await line.say(frames.FETCH, share=share_of(content["key"]))
        await answer(line, frames.SOURCE)

    for content in contents[:8]:
        await begun(content)
    with pytest.raises((Stopped, Closed, *BROKEN)):
        await begun(contents[8])
    # The eight are as they were.
    for line in lines[:8]:
        await line.say(frames.PULL, **{"from": 0, "to": 1})
        assert [(await answer(line, frames.DATA, frames.END))[0] for _ in range(2)] == [frames.DATA, frames.END]
    lines[0].abort()
    end = time.monotonic() + 10
    while True:
        try:
            await begun(contents[8])
            break
        except (Stopped, Closed, *BROKEN):
            assert time.monotonic() < end, "no room again"
            await asyncio.sleep(0.1)
    for line in lines:
        line.abort()


@met(seconds=120)
async def test_receivers_that_break_the_rules(daemon, alice):
    path, size = daemon.state.parent / "x", 30 * MB
    path.write_bytes(much(size))

    async def begun():
        """A line on which we were given Source, the share, and the end of the stream."""
        _, content, _ = await sent(daemon, alice, path)
        share = share_of(content["key"])
        line, source = await asked(daemon, alice, share)
        assert (source["share"], source["size"]) == (share, size)
        return line, share, source["listing"] + size

    pull = lambda begin, end: (frames.PULL, frames.body(frames.PULL, **{"from": begin, "to": end}))
    line, share, end = await begun()
    line.abort()
    bad = {
        "Pull to beyond the end": [pull(0, end + 1)],
        "Pull from beyond the end": [pull(end + 1, 0)],
        "Pull from 2^64 - 1": [pull(2**64 - 1, 0)],
        "Pull to 2^64 - 1": [pull(0, 2**64 - 1)],
        "Pull backwards": [pull(100, 99)],
        "Pull that is none": [(frames.PULL, b"\x08")],
        "sixty-five Pulls and more": [pull(0, 0)] * 200,
        "Fetch": [(frames.FETCH, frames.body(frames.FETCH, share=share))],
        "Source": [(frames.SOURCE, frames.body(frames.SOURCE, share=share, listing=1))],
        "Data": [(frames.DATA, b"1")],
        "End": [(frames.END, b"")],
        "unknown": [(0x7F, b"")],
        "Ready": [(frames.READY, b"")],
    }
    wrong = []
    for what, said in bad.items():
        line, _, _ = await begun()
        try:
            for kind, body in said:
                await line.send(kind, body)
            if not await hung_up(line):
                wrong.append(what)
        except BROKEN:
            pass
        line.abort()
        await daemon.fine()
    assert wrong == []
    # To the end and not beyond, from the end, backwards, and Have of nothing are all fine.
    line, _, end = await begun()
    for said in (pull(end, 0), (frames.HAVE, b""), pull(end - 1, end), pull(0, 1)):
        await line.send(*said)
    heard = []
    async with asyncio.timeout(10):
        while sum(kind == frames.END for kind, _ in heard) < 3:
            heard.append(await line.next(frames.DATA, frames.END))
    assert [v if k == frames.DATA else v["at"] for k, v in heard] == [end, path.read_bytes()[-1:], end, b"\0", 1]
    line.abort()


@met("we_called")
async def test_types_from_0x80_on_close_a_line(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(b"1")
    _, content, _ = await sent(daemon, alice, path)
    line = await line_from(alice, daemon)
    async with asyncio.timeout(10):
        await line.say(frames.FETCH, share=share_of(content["key"]))
        await line.next(frames.SOURCE)
        await line.send(0x80, b"1")
        with pytest.raises((Closed, *BROKEN)):
            await line.say(frames.PULL)
            await line.next(frames.DATA)
    line.abort()


@met("we_called")
async def test_frames_of_lines_on_the_ordinary_session(daemon, alice):
    """All but Fetch and Refer, which has another number there, are unknown. Fetch of what we may not have, or have not called for, is
    ignored."""
    link = alice.session(daemon.person).link
    for _ in range(300):
        await link.say(frames.FETCH, share=os.urandom(16))
    await still_talks(daemon, alice)
    for kind in range(frames.PULL, frames.REFER + 1):
        link = await session(daemon)
        await link.send(kind)
        assert await link.ends() == frames.UNSUPPORTED, hex(kind)
    for body in (b"", b"\x0a\x0f" + bytes(15), b"\x0a\xff"):
        other = await dial(alice.me, "127.0.0.1", daemon.port, daemon.id16, source=near())
        await other.send(frames.FETCH, body)
        assert await other.ends() == frames.PROTOCOL_ERROR, body
    # Each of those took the place of her session.
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())


@met("we_called", seconds=120)
async def test_chance_on_the_line(daemon, alice):
    """Bodies near to good ones, for every type, on both sides of a transfer."""
    path = daemon.state.parent / "x"
    path.write_bytes(much(MB))
    _, content, _ = await sent(daemon, alice, path)
    fetch = frames.body(frames.FETCH, share=share_of(content["key"]))
    count = int(os.environ.get("EARSHOT_FUZZ", "4"))
    goods = {
        frames.PULL: frames.body(frames.PULL, **{"from": 1, "to": 300}),
        frames.HAVE: frames.body(frames.HAVE, at=9),
        frames.STOP: frames.body(frames.STOP, reason=5, text="no"),
        frames.CLOSE: frames.body(frames.CLOSE, code=0),
        frames.FETCH: fetch,
        frames.SOURCE: frames.body(frames.SOURCE, share=share_of(content["key"]), listing=9, size=MB),
    }

    async def tried(kind, body, after_source):
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

    for after_source in (False, True):
        for kind, body in goods.items():
            for mutated in mutations(body, count, kind):
                assert await tried(kind, mutated, after_source), (kind, mutated.hex())
        await daemon.fine()
