"""Section 13: files, the peer against itself. Where nothing else is said, Alice called Bob."""

import asyncio
import os

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import files, frames
from earshot_peer.bulk import Closed
from earshot_peer.crypto import Refused
from earshot_peer.files import Growing, InMemory, OnDisk, Received, Stopped
from files_harness import MB, Cut, grow_tree, much, offered, tree
from harness import pair, run, stop


class Broken(InMemory):
    """Breaks the line when it gets to one of these offsets of the stream, once at each."""

    breaks = ()

    async def read(self, begin, end):
        for at in self.breaks:
            if begin >= at:
                self.breaks = [b for b in self.breaks if b > at]
                raise ConnectionAbortedError("cut")
        return await super().read(begin, end)


async def giver_and_taker(from_the_caller):
    alice, bob = await pair()
    return (alice, bob) if from_the_caller else (bob, alice)


async def _a_hundred_megabytes(from_the_caller):
    giver, taker = await giver_and_taker(from_the_caller)
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
    await stop(giver, taker)


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
        giver, taker = await giver_and_taker(caller)
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
        await stop(giver, taker)


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
        (lambda: path.write_bytes(b"another"), files.CHANGED),
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
        giver, taker = await giver_and_taker(caller)
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
        await stop(giver, taker)


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
async def test_sixteen_lines_and_no_more():
    alice, bob = await pair()
    share = Growing("pipe")
    offer = await offered(bob, alice, share)
    share.feed(b"1")
    tasks = [asyncio.create_task(alice.files.fetch(bob.me.person, Received(offer))) for _ in range(16)]
    await bob.until(lambda: len([g for g in share.givings if g.sent > len(share.listing)]) == 16)
    with pytest.raises(Refused, match="sixteen lines"):
        await alice.files.fetch(bob.me.person, Received(offer))
    alice.files.open_with = lambda device: 0
    with pytest.raises((OSError, EOFError)):
        await alice.files.fetch(bob.me.person, Received(offer))
    share.finish()
    await asyncio.gather(*tasks)
    await stop(alice, bob)
