"""Section 13: what does not go with the rest, and what has no length; a real earshotd gives and takes it."""

import asyncio
import os

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import files, frames
from earshot_peer.bulk import Giving
from earshot_peer.crypto import base32
from earshot_peer.files import Entry, InMemory, Received, write_listing
from files_harness import MB, agreed, complete, downloads, much, of_memory, on_disk, script, sent, sent_to, transfers, until_transfer
from harness import friend_of, met

# It receives.


@met()
async def test_what_its_sender_cannot_give_is_named_and_the_rest_is_there(daemon, alice):
    data = {"t/a": much(MB), "t/b": much(300_000), "t/c": b"", "t/d": much(2 * MB), "t/e": b"e"}
    share = InMemory(data)
    share.entries += [Entry("t/secret", 1, 0, files.OMITTED), Entry("t/old", 0, -86_400_001)]
    data["t/old"] = share.bytes["t/old"] = b""
    share.listing = write_listing(share.entries)
    share.skips = {1: 3, 4: files.GONE}
    row = await complete(daemon, alice, share)
    assert on_disk(downloads(daemon)) == of_memory({path: what for path, what in data.items() if path not in ("t/b", "t/e")})
    assert sorted(one["path"] for one in row["notSent"]) == ["t/b", "t/e", "t/secret"] and row["notSentCount"] == 3
    assert (downloads(daemon) / "t/old").stat().st_mtime_ns == -86_400_001_000_000
    (answer,) = [e.content for e in alice.files._theirs(daemon.person) if e.kind == ev.ANSWER and e.content]
    assert answer["not_sent"] == 3 and answer["word"] == ev.COMPLETE


@met()
async def test_a_skip_in_the_middle_and_an_interruption_behind_it(daemon, alice):
    """The daemon goes on behind what it was told does not come; what comes all the same is taken."""
    data = {"t/a": much(3 * MB), "t/b": much(MB), "t/c": much(3 * MB)}
    share = InMemory(data)
    share.skips = {1: files.GONE}

    class Breaking(Giving):
        async def _give(self, at, data):
            if at > len(self.share.listing) + 5 * MB and len(self.share.givings) == 1:
                self.line.abort()
            await super()._give(at, data)

    alice.files.giving = Breaking
    row = await complete(daemon, alice, share)
    assert len(share.givings) >= 2 and [one["path"] for one in row["notSent"]] == ["t/b"]
    assert on_disk(downloads(daemon)) == of_memory({"t/a": data["t/a"], "t/c": data["t/c"]})


@met()
async def test_names_that_are_changed_are_told_to_the_sender(daemon, alice):
    share = InMemory({"-rf": b"1", "t/12:30.log": b"2", "t/.git/config": b"3", "t/A": b"4", "t/a": b"5", "t/\u202egpj.exe": b"6"})
    row = await complete(daemon, alice, share)
    assert {one["from"]: one["to"] for one in row["renamed"]} == {"-rf": "_rf", "t/\\u{202e}gpj.exe": "t/gpj.exe"}
    assert sorted(on_disk(downloads(daemon))) == ["_rf", "t/.git/config", "t/12:30.log", "t/A", "t/a", "t/gpj.exe"]
    (answer,) = [e.content for e in alice.files._theirs(daemon.person) if e.kind == ev.ANSWER and e.content]
    assert answer["renamed"] == 2 and {one["from"]: one["to"] for one in answer["names"]} == {"-rf": "_rf", "t/\u202egpj.exe": "t/gpj.exe"}


BAD_SKIPS = {
    "before the listing": lambda share: (0, 0),
    "of another place": lambda share: (len(share.listing) + 1, 0),
    "of the file after the next": lambda share: (len(share.listing), 1),
    "of a file there is not": lambda share: (len(share.listing), 2**64 - 1),
}


@pytest.mark.parametrize("why", BAD_SKIPS)
@met("we_called")
async def test_a_skip_that_makes_no_sense_ends_the_line(daemon, alice, why):
    async def skip(line, share):
        await line.say(frames.SOURCE, **share.source())
        _, pull = await line.next(frames.PULL)
        if pull["to"]:  # only the listing, to look at
            await line.send(frames.DATA, share.listing)
            return await line.say(frames.END, at=pull["to"])
        if why != "before the listing":
            await line.send(frames.DATA, share.listing)
        at, file = BAD_SKIPS[why](share)
        await line.say(frames.SKIP, at=at, file=file, reason=2)
        if why == "of the file after the next":
            # It may be one without bytes, for all a receiver can know before it has come; it is not complete without it.
            await line.say(frames.END, at=share.end)

    alice.files.giving = script(skip)
    share = InMemory({"t/a": b"aaa", "t/b": b"bbb"})
    _, the_id = await agreed(daemon, alice, share)
    await until_transfer(daemon, id=the_id, state="failed")
    assert not [path for path in on_disk(downloads(daemon)) if not path.startswith(".")]


# It sends.


@met()
async def test_what_vanishes_after_the_offer_is_skipped(daemon, alice):
    folder = daemon.state.parent / "t"
    folder.mkdir()
    data = {f"t/{n:03}": much(n * 997) for n in range(120)}
    for path, what in data.items():
        (folder.parent / path).write_bytes(what)
    _, content, the_id = await sent(daemon, alice, folder)
    (folder / "050").unlink()
    (folder / "000").write_bytes(b"no more empty")
    os.utime(folder / "119", (0, 0))
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert got.skipped == {50: files.GONE, 119: 3, 0: 3}
    assert got.files() == {path: what for path, what in data.items() if path[2:] not in ("050", "000", "119")}
    row = await until_transfer(daemon, id=the_id, notSentCount=3)
    assert sorted(one["path"] for one in row["notSent"]) == ["t/000", "t/050", "t/119"]


@met("we_called")
async def test_what_vanishes_is_skipped_for_several_too(daemon, alice):
    """Each chunk is proven but for those with a hole in them, and nobody gives those on."""
    folder = daemon.state.parent / "t"
    folder.mkdir()
    data = {"t/a": much(3 * MB), "t/b": much(MB + 7), "t/c": much(3 * MB)}
    for path, what in data.items():
        (folder.parent / path).write_bytes(what)
    carol = await friend_of(daemon, "Carol")
    offers = await sent_to(daemon, (alice, carol), folder)
    (folder / "b").unlink()
    for node, (_, content) in zip((alice, carol), offers):
        got = Received(content)
        await node.files.fetch(daemon.person, got)
        assert got.skipped == {1: files.GONE} and got.files() == {path: data[path] for path in ("t/a", "t/c")}
        assert len(got.proofs) >= (6 * MB) // files.CHUNK - 3
    await carol.stop()


@met("we_called")
async def test_the_only_file_is_not_skipped(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(much(MB))
    _, content, the_id = await sent(daemon, alice, path)
    path.write_bytes(b"other")
    with pytest.raises(files.Stopped) as stopped:
        await alice.files.fetch(daemon.person, Received(content))
    assert stopped.value.reason == files.CHANGED
    await until_transfer(daemon, id=the_id, state="failed")


@met("we_called")
async def test_what_has_no_length_is_read_to_its_end(daemon, alice):
    """A file that the kernel makes up, a named pipe, a descriptor, and an ordinary file: in one command."""
    above = daemon.state.parent
    (above / "plain").write_bytes(b"plain")
    os.mkfifo(above / "fifo")

    def write():
        with open(above / "fifo", "wb") as pipe:
            pipe.write(b"through the pipe")

    writing = asyncio.create_task(asyncio.to_thread(write))
    words = ["-f", above / "plain", "-f", "/proc/sys/kernel/ostype", "-f", above / "fifo", "-f", "/dev/stdin"]
    await daemon.typed("send", base32(alice.me.person), *words, stdin=b"on standard input", seconds=30)
    await writing
    await alice.until(lambda: len(alice.files.offers(daemon.person)) == 3)
    found = {}
    for _, content in alice.files.offers(daemon.person):
        got = Received(content)
        await alice.files.fetch(daemon.person, got)
        found |= got.files()
    assert found == {"plain": b"plain", "ostype": b"Linux\n", "fifo": b"through the pipe", "stdin": b"on standard input"}


@pytest.mark.parametrize("how", ["nothing is said", "it is closed", "a file", "a device"])
@met("we_called")
async def test_standard_input_of_every_kind(daemon, alice, how):
    path = daemon.state.parent / "plain"
    path.write_bytes(b"plain")
    stdin = {"nothing is said": b"", "it is closed": b"", "a file": path.open("rb"), "a device": open("/dev/null", "rb")}[how]
    words = ["send", base32(alice.me.person), "-f", "-", "--as", "in"]
    if how == "it is closed":
        command = f'exec {os.environ["EARSHOT"]} {" ".join(words)} <&-'
        process = await asyncio.create_subprocess_shell(
            command, env={**os.environ, "EARSHOT_STATE": str(daemon.state)}, stderr=asyncio.subprocess.PIPE
        )
        _, err = await process.communicate()
        assert process.returncode == 2 and b"closed" in err and not alice.files.offers(daemon.person)
        return
    await daemon.typed(*words, stdin=stdin)
    await alice.until(lambda: alice.files.offers(daemon.person))
    ((_, content),) = alice.files.offers(daemon.person)
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"in": b"plain" if how == "a file" else b""}


@met("we_called")
async def test_a_pipe_that_nobody_writes_to_is_taken_back_in_time(daemon, alice):
    pipe = daemon.state.parent / "fifo"
    os.mkfifo(pipe)
    code, _, err = await daemon.cli("send", base32(alice.me.person), "-f", pipe, "--timeout", "1s")
    assert code == 5 and "taken back" in err
    await until_transfer(daemon, direction="out", state="cancelled")
    assert not list((daemon.state / "spool").iterdir())


@met("we_called")
async def test_a_name_that_is_not_utf8_goes(daemon, alice):
    folder = daemon.state.parent / "t"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    with open(os.fsencode(folder) + b"/caf\xe9", "wb") as file:
        file.write(b"coffee")
    _, content, the_id = await sent(daemon, alice, folder)
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"t/a": b"a", "t/caf%E9": b"coffee"}
    (row,) = await transfers(daemon, id=the_id)
    assert [one["to"] for one in row["renamed"]] == ["t/caf%E9"]


@met("we_called")
async def test_an_unreadable_file_does_not_keep_the_rest(daemon, alice):
    """Where root reads everything: what cannot be read is a link that leads nowhere, and a socket."""
    above = daemon.state.parent
    (above / "plain").write_bytes(b"plain")
    (above / "nowhere").symlink_to("/nowhere/at/all")
    code, out, err = await daemon.cli("send", base32(alice.me.person), "-f", above / "plain", above / "nowhere", above / "gone")
    assert code == 1 and "nowhere" in err and "gone" in err
    await alice.until(lambda: alice.files.offers(daemon.person))
    ((_, content),) = alice.files.offers(daemon.person)
    got = Received(content)
    await alice.files.fetch(daemon.person, got)
    assert got.files() == {"plain": b"plain"} and [e.path for e in got.entries if e.kind == files.OMITTED] == ["nowhere", "gone"]


@met()
async def test_what_had_come_of_a_changed_source_is_removed(daemon, alice):
    class Changing(Giving):
        async def _give(self, at, data):
            if at > 2 * MB:
                await self.line.say(frames.STOP, reason=files.CHANGED, text="a")
                raise files.Stopped(files.CHANGED)
            await super()._give(at, data)

    async def nothing_is_left():
        return not any(downloads(daemon).iterdir())

    alice.files.giving = Changing
    _, the_id = await agreed(daemon, alice, InMemory({"t/a": much(3 * MB), "t/b": b"b"}))
    row = await until_transfer(daemon, id=the_id, state="failed")
    assert "changed" in row["reason"]
    await daemon.until(nothing_is_left)
