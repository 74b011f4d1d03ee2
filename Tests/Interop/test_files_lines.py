"""Section 13: attacks on the line, by who sends and by who receives, against a real earshotd."""

import asyncio
import os
import struct
import time

import pytest
from attacks import BROKEN, mutations, session
from earshot_peer import envelopes as ev
from earshot_peer import files, frames
from earshot_peer.bulk import Closed, Giving, call
from earshot_peer.files import InMemory, Received, Stopped, share_of
from earshot_peer.link import dial
from earshot_peer.peer import Node
from files_harness import (
    MB,
    agreed,
    answer,
    asked,
    complete,
    downloads,
    ended_by,
    hung_up,
    in_sight,
    line_from,
    much,
    of_memory,
    script,
    sent,
    transfers,
    until_transfer,
)
from harness import identity, met, near, still_talks


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
async def test_sixteen_lines_and_no_more_with_it(daemon, alice):
    """Each for another share: a second line for the same one may take the place of the first."""
    contents, lines = [], []
    for n in range(17):
        path = daemon.state.parent / f"{n}"
        path.write_bytes(much(MB))
        contents.append((await sent(daemon, alice, path))[1])

    async def begun(content):
        line = await line_from(alice, daemon)
        lines.append(line)
        await line.say(frames.FETCH, share=share_of(content["key"]))
        await answer(line, frames.SOURCE)

    for content in contents[:16]:
        await begun(content)
    with pytest.raises((Stopped, Closed, *BROKEN)):
        await begun(contents[16])
    # The sixteen are as they were.
    for line in lines[:16]:
        await line.say(frames.PULL, **{"from": 0, "to": 1})
        assert [(await answer(line, frames.DATA, frames.END))[0] for _ in range(2)] == [frames.DATA, frames.END]
    lines[0].abort()
    end = time.monotonic() + 10
    while True:
        try:
            await begun(contents[16])
            break
        except (Stopped, Closed, *BROKEN):
            assert time.monotonic() < end, "no room again"
            await asyncio.sleep(0.1)  # nobody tells when there is room
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
    for kind in range(frames.PULL, frames.MORE + 1):
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

    for after_source in (False, True):
        for kind, body in goods.items():
            for mutated in mutations(body, count, kind):
                assert await ended_by(daemon, alice, fetch, kind, mutated, after_source), (kind, mutated.hex())
        await daemon.fine()
