"""Section 13: files, a real earshotd that receives and sends, is cut and killed. What its owner does goes by the command line."""

import asyncio
import os

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import files, frames
from earshot_peer.crypto import base32
from earshot_peer.files import Entry, Growing, InMemory, Received, Stopped, share_of, write_listing
from files_harness import (
    MB,
    Cut,
    Held,
    agreed,
    complete,
    downloads,
    grow_tree,
    in_sight,
    much,
    of_memory,
    on_disk,
    sent,
    sent_to,
    transfers,
    tree,
    until_transfer,
)
from harness import friend_of, met, near


async def called_again(daemon, alice, we_called):
    """As before the daemon was killed: by the same side."""
    if we_called:
        await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    elif not alice.session(daemon.person):
        await daemon.calls(alice)


# It receives.


@met("we_called")
async def test_a_mistyped_name_is_not_sent_as_a_text(daemon, alice):
    """With -f every word is a person; a text has an option of its own."""
    path, who = daemon.state / "note.txt", base32(alice.me.person)
    path.write_bytes(b"note")
    code, out, err = await daemon.cli("send", who, "clea", "-f", path)
    assert code == 3 and "clea" in err and "--text" in err and not out
    assert not await daemon.texts(alice.me.person, mine=True) and not await transfers(daemon)
    await daemon.typed("send", who, "-f", path, "--text", "the plans")
    assert await daemon.texts(alice.me.person, mine=True) == ["the plans", "note.txt"]


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
    # What was looked at is not fetched again.
    assert len(begins) == 3 and begins[0] == len(share.listing) and begins[1] > 9 * MB and begins[2] > 24 * MB
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
    await daemon.typed("decline", row["id"])
    await alice.until(lambda: alice.files.answers(daemon.person) == {offer: ev.DECLINED})
    await until_transfer(daemon, id=row["id"], state="declined")
    assert not share.givings and not alice.files.fetched and not on_disk(downloads(daemon))


@met("we_called")
async def test_of_a_folder_only_the_listing_is_looked_at_before_its_owner_agrees(daemon, alice):
    share = InMemory({"trip/a.txt": b"a", "trip/photo.pdf.exe": b"b", "trip/run.sh": b"c"})
    await alice.files.offer(daemon.person, share)

    async def seen():
        return [row for row in await transfers(daemon, direction="in", state="offered") if not row.get("unseen")]

    (row,) = await daemon.until(seen)
    assert (row["warning"], row["programs"]) == ("disguised", 2)
    assert set(row["programNames"]) == {"trip/photo.pdf.exe", "trip/run.sh"}
    (look,) = share.looks
    assert look.pulls == [(0, len(share.listing))] and look.sent == len(share.listing)
    assert not share.givings and not alice.files.fetched and not on_disk(downloads(daemon))
    # What was looked at is not fetched again.
    await daemon.typed("accept-file", row["id"], "--to", downloads(daemon))
    await until_transfer(daemon, id=row["id"], state="complete")
    assert share.givings[0].pulls == [(len(share.listing), 0)] and on_disk(downloads(daemon)) == of_memory(share.bytes)


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
    _, content, _ = await sent(daemon, alice, photos, ends_with=1)  # links do not go, and that is said
    assert content["name"] == "photos" and content["folder"] and content["size"] == sum(map(len, tree().values()))
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert of_memory(got.files()) == of_memory(tree()) and content["files"] == len(tree())
    assert "photos/nothing in it" in [e.path for e in got.entries if e.kind == files.FOLDER]
    assert [e.path for e in got.entries if e.kind == files.OMITTED] == ["photos/out", "photos/passwd"]


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
