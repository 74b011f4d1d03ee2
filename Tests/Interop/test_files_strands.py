"""Section 13, several lines: the peer against itself, then a real earshotd that receives, from who keeps the rules and from who does
not."""

import asyncio
import os
from contextlib import asynccontextmanager

import pytest
from attacks import mutations
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer.bulk import BESIDE, Closed, Giving, widen
from earshot_peer.files import CHUNK, InMemory, Received, share_of
from earshot_peer.peer import Node
from files_harness import (
    MB,
    Cut,
    Held,
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
    offered,
    on_disk,
    script,
    sent,
    transfers,
    until_complete,
    until_transfer,
)
from harness import friend_of, identity, met, pair, run, stop

PIECE = 64 << 10
both = pytest.mark.parametrize("proven", (False, True))


def wide(named, proven=False, count=BESIDE, **how):
    """A share that is given over so many lines beside the first; proven as if it were offered to somebody else too."""
    share = InMemory(named)
    return widened(share, proven, count, **how)


def widened(share, proven=False, count=BESIDE, piece=PIECE, plain=0):
    share.wide, share.proven, share.piece, share.plain = count, proven, piece, plain
    return share


def counts(giving):
    """How many times bytes went out on each line, the first one first."""
    return [next(s.count for s in giving.strands if s.line is line) for line in (giving.line, *giving.line.beside)]


# The peer against itself.


@run
async def test_over_several_lines():
    """Called and calling, proven and not, with one piece in a frame or what fits, at once or after a while on the first alone."""
    for caller in (True, False):
        for proven in (False, True):
            for piece, plain in ((PIECE, 0), (frames.MOST_DATA_AT, 0), (PIECE, 3 * MB)):
                alice, bob = await pair()
                giver, taker = (alice, bob) if caller else (bob, alice)
                share = wide({"a/x": much(9 * MB), "a/y": much(3 * MB + 77, 2)}, proven, piece=piece, plain=plain)
                got = Received(await offered(giver, taker, share))
                await taker.files.fetch(giver.me.person, got)
                (giving,) = share.givings
                await giver.until(lambda: giving.over)
                assert got.files() == share.bytes and giving.line.link.initiator == caller
                assert isinstance(giving.why, (Closed, EOFError, OSError)) and len(giving.line.beside) == BESIDE
                assert all(counts(giving)[1:]) and got.proven == proven
                assert not giver.files.lines and not taker.files.lines
                await stop(alice, bob)


@run
async def test_over_several_lines_after_a_cut():
    for caller in (True, False):
        for proven in (False, True):
            alice, bob = await pair()
            giver, taker = (alice, bob) if caller else (bob, alice)
            share = wide({"x": much(12 * MB)}, proven)
            share.persons.add(bytes(32))
            got = Cut(await offered(giver, taker, share), 5 * MB)
            with pytest.raises((OSError, EOFError)):
                await taker.files.fetch(giver.me.person, got)
            await taker.files.fetch(giver.me.person, got)
            assert got.files() == share.bytes and got.pulls[1][0][0] >= 5 * MB
            assert [len(giving.line.beside) for giving in share.givings] == [BESIDE] * 2
            await stop(alice, bob)


@run
async def test_a_line_beside_that_breaks_ends_them_all():
    for caller in (True, False):
        alice, bob = await pair()
        giver, taker = (alice, bob) if caller else (bob, alice)
        share = widened(Held({"x": much(12 * MB)}, 6 * MB))
        got = Received(await offered(giver, taker, share))
        task = asyncio.create_task(taker.files.fetch(giver.me.person, got))
        await giver.until(lambda: share.givings and share.givings[0].sent >= 6 * MB)
        share.givings[0].line.beside[2].link.abort()
        with pytest.raises((OSError, EOFError)):
            await task
        await giver.until(lambda: share.givings[0].over)
        share.go.set()
        await taker.files.fetch(giver.me.person, got)
        assert got.files() == share.bytes and got.pulls[1][0][0] > 0
        await stop(alice, bob)


# Ways to spread what is given.


class InTurn(Giving):
    """Each line in its turn, however slow it is."""

    turn = 0

    def pick(self):
        return self.strands[self.turn % len(self.strands)]

    def choose(self):
        strand = self.pick()
        if strand.queue.full():
            return None
        self.turn += 1
        return strand


class OneSlow(InTurn):
    """A line beside is much slower than the others."""

    slow = 3

    async def out(self, strand, kind, body):
        if strand is self.strands[self.slow]:
            await asyncio.sleep(0.05)  # This is what slow means.
        await super().out(strand, kind, body)


class FirstSlow(OneSlow):
    """The first is, and so a Proof comes after bytes of the next chunk on lines beside."""

    slow = 0


class EveryTenth(InTurn):
    """A line beside gets a piece in ten, the others the rest."""

    def pick(self):
        return self.strands[-1 if self.turn % 10 == 9 else self.turn % (len(self.strands) - 1)]


class NoneOnTheFirst(InTurn):
    """There are only words on it, which come long before what they are about."""

    def pick(self):
        return self.strands[1 + self.turn % (len(self.strands) - 1)]

    async def out(self, strand, kind, body):
        if strand.line is not self.line:
            await asyncio.sleep(0.01)  # This is what slow means.
        await super().out(strand, kind, body)


class OneForAll(InTurn):
    """Seven lines, and one does it all."""

    def pick(self):
        return self.strands[4]


class ByTheHundred(InTurn):
    """A hundred pieces on one line, then as many on the next."""

    def pick(self):
        return self.strands[self.turn // 100 % len(self.strands)]


UNEQUAL = [InTurn, OneSlow, FirstSlow, EveryTenth, NoneOnTheFirst, OneForAll, ByTheHundred]


@run
async def test_unequal_lines_between_peers():
    for n, how in enumerate(UNEQUAL * 2):
        alice, bob = await pair()
        giver, taker = (alice, bob) if n % 2 else (bob, alice)
        giver.files.giving = how
        share = wide({"x": much(6 * MB)}, n < len(UNEQUAL))
        got = Received(await offered(giver, taker, share))
        await taker.files.fetch(giver.me.person, got)
        assert got.files() == share.bytes, how
        await stop(alice, bob)


# A real earshotd receives.


def came_over(share, beside=BESIDE):
    """On one transfer, with that many lines beside, all of them used."""
    (giving,) = share.givings
    assert len(giving.line.beside) == beside, giving.line.beside
    assert all(counts(giving)[1:]), counts(giving)


@both
@met()
async def test_it_receives_over_eight_lines(daemon, alice, proven):
    called = alice.session(daemon.person).link.initiator
    for named, how in (
        ({"x": much(20 * MB)}, {}),
        ({"a/y": much(12 * MB, 2), "a/empty": b"", "a/z": much(8 * MB + 77, 3)}, {"plain": 3 * MB}),
        ({"w": much(20 * MB, 4)}, {"piece": frames.MOST_DATA_AT}),
    ):
        share = wide(named, proven, **how)
        await complete(daemon, alice, share)
        came_over(share)
        assert in_sight(downloads(daemon)).items() >= of_memory(named).items()
        assert share.givings[0].line.link.initiator == called
        assert all(line.link.initiator == called for line in share.givings[0].line.beside)


@met()
async def test_it_receives_over_as_many_lines_as_are_asked_for(daemon, alice):
    for count in (1, 2, 5):
        share = wide({f"{count}": much(6 * MB, count)}, count == 2, count=count)
        await complete(daemon, alice, share)
        came_over(share, count)
    assert len(in_sight(downloads(daemon))) == 3
    # What comes in between still comes: many small things, nothing at all.
    share = wide({f"small/{n}": much(n * 100 + 9, n) for n in range(200)} | {"small/none": b""}, piece=1000)
    await complete(daemon, alice, share)
    assert in_sight(downloads(daemon)).items() >= of_memory(share.bytes).items()


@pytest.mark.parametrize("how", UNEQUAL)
@both
@met()
async def test_it_receives_over_unequal_lines(daemon, alice, proven, how):
    alice.files.giving = how
    share = wide({"x": much(20 * MB)}, proven)
    await complete(daemon, alice, share)
    (giving,) = share.givings
    assert len(giving.line.beside) == BESIDE
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)


@both
@met()
async def test_it_opens_lines_that_are_not_used(daemon, alice, proven):
    """More, lines beside, and then plain Data on the first alone."""

    class OnTheFirst(Giving):
        async def _widen(self):
            self.widened = True
            await widen(self.line, self.share.wide)

    alice.files.giving = OnTheFirst
    share = wide({"x": much(20 * MB)}, proven)
    await complete(daemon, alice, share)
    assert len(share.givings) == 1 and len(share.givings[0].line.beside) == BESIDE
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)


@met("it_called")
async def test_it_opens_no_more_than_seven(daemon, alice):
    """However many would be welcome."""

    class Greedy(Giving):
        async def _widen(self):
            self.widened = True
            await widen(self.line, 2**32 - 1, 2)

    alice.files.giving = Greedy
    share = wide({"x": much(4 * MB)})
    await complete(daemon, alice, share)
    assert [len(giving.line.beside) for giving in share.givings] == [BESIDE]


@pytest.mark.parametrize("which", ("beside", "first"))
@both
@met()
async def test_it_goes_on_after_one_of_the_lines_broke(daemon, alice, proven, which):
    share = widened(Held({"x": much(20 * MB)}, 12 * MB, drip=1000), proven)
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].have > 8 * MB)
    first = share.givings[0]
    (first.line.beside[3] if which == "beside" else first.line).link.abort()
    await alice.until(lambda: first.over)
    share.go.set()
    await until_complete(daemon, the_id)
    assert len(share.givings) == 2 and share.givings[1].pulls[0][0] >= first.have // CHUNK * CHUNK > 7 * MB
    assert len(share.givings[1].line.beside) == BESIDE
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)


@met()
async def test_it_goes_on_over_eight_lines_after_it_was_killed(daemon, alice):
    share = widened(Held({"x": much(20 * MB)}, 12 * MB, drip=1000))
    _, the_id = await agreed(daemon, alice, share)
    called = alice.session(daemon.person).link.initiator
    await alice.until(lambda: share.givings and share.givings[0].have > 8 * MB)
    daemon.kill()
    await alice.until(lambda: share.givings[0].over and not alice.sessions)
    share.go.set()
    await daemon.start()
    if called:
        await alice.dial("127.0.0.1", daemon.port, daemon.id16)
    elif not alice.session(daemon.person):
        await daemon.calls(alice)
    await until_complete(daemon, the_id)
    assert share.givings[1].pulls[0][0] >= share.givings[0].have
    assert on_disk(downloads(daemon)) == of_memory(share.bytes)


# A giver that breaks the rules.


def badly(how, at_least=MB):
    """Once so much was given as it should be, `how(giving, at, data)`; then it goes on as if nothing had been."""

    class Bad(InTurn):
        done = False

        async def _give(self, at, data):
            if at >= at_least and self.strands and not self.done:
                self.done = True
                await how(self, at, data)
            await super()._give(at, data)

        def strand(self, n):
            """The first line, or the n-th beside it."""
            return next(s for s in self.strands if s.line is [self.line, *self.line.beside][n])

        async def put(self, n, kind, body=b"", **values):
            await self.strand(n).queue.put((kind, frames.body(kind, **values) if values else body))

        async def put_at(self, n, at, data):
            await self.put(n, frames.DATA_AT, frames.data_at(at, data))

    return Bad


async def had_long_ago(g, at, data):
    await g.put_at(1, 0, b"\xff" * 1000)


async def had_on_the_first(g, at, data):
    await g.put_at(0, 300, b"\xff" * 1000)


async def had_in_part(g, at, data):
    await g.put_at(1, at - 1, b"\xff" * 1000)


async def beyond_the_end(g, at, data):
    await g.put_at(1, g.share.end, b"1")


async def across_the_end(g, at, data):
    await g.put_at(1, g.share.end - 10, bytes(20))


async def at_the_last_offset_there_is(g, at, data):
    await g.put_at(1, 2**64 - 1, b"12")


async def of_no_bytes(g, at, data):
    await g.put(1, frames.DATA_AT, frames.data_at(at, b""))


async def of_no_offset(g, at, data):
    await g.put(1, frames.DATA_AT, bytes(7))


async def of_nothing(g, at, data):
    await g.put(0, frames.DATA_AT)


async def too_long(g, at, data):
    await g.put_at(1, at, bytes(frames.MOST_DATA_AT + 1))


async def plain_after(g, at, data):
    await g.put(0, frames.DATA, data)


async def plain_beside(g, at, data):
    await g.put(1, frames.DATA, data)


async def more_again(g, at, data):
    await g.put(0, frames.MORE, count=1)


async def join_on_the_first(g, at, data):
    await g.put(0, frames.JOIN, line=g.line.hash)


async def join_again(g, at, data):
    await g.put(1, frames.JOIN, line=g.line.hash)


async def bad_tag_beside(g, at, data):
    await g.strand(1).line.link.send_wire(b"\0\0\0\x11" + bytes(17))


def word_beside(kind, **values):
    async def act(g, at, data):
        await g.put(1, kind, **values)

    act.__name__ = f"{kind:#x} beside"
    return act


async def later_first(g, at, data):
    """What comes next, after what comes later on the same line."""
    await g.put_at(1, at + len(data), b"\xff" * 1000)
    await g.put_at(1, at, data)


# What ends the line as soon as it is read.
BY_GIVERS = [
    of_no_bytes, of_no_offset, of_nothing, too_long, more_again, join_on_the_first, join_again, bad_tag_beside,
    *[word_beside(kind, **values) for kind, values in (
        (frames.END, {"at": MB}), (frames.HAVE, {"at": 9}), (frames.MORE, {"count": 1}), (frames.PULL, {"from": 1, "to": 2}),
        (frames.SOURCE, {"share": bytes(16), "listing": 9}), (frames.FETCH, {"share": bytes(16)}),
        (frames.PROOF, {"index": 3, "signature": bytes(64)}), (frames.STOP, {"reason": 6}), (frames.CLOSE, {"code": 0}),
    )],
    word_beside(0x2C), word_beside(0x7F), word_beside(0x80),
]  # fmt: skip

# What a receiver may also wait with, until it has waited too long: it is never next.
NEVER_NEXT = [
    had_long_ago, had_on_the_first, had_in_part, beyond_the_end, across_the_end, at_the_last_offset_there_is, plain_after, plain_beside,
    later_first,
]  # fmt: skip
PATIENCE = 60  # with an author
WAIT = int(os.environ.get("EARSHOT_WAIT", "1"))  # 75 tries that too, and takes long


def by_share(line, share, tell):
    """Each share is given in its own bad way."""
    return badly(share.how)(line, share, tell)


@both
@met(seconds=180)
async def test_givers_that_break_the_rules(daemon, alice, proven):
    alice.files.giving, wrong = by_share, []
    named = {"x": much(6 * MB)}
    for how in BY_GIVERS:
        share = wide(named, proven)
        share.how = how
        offer, the_id = await agreed(daemon, alice, share)
        try:
            await alice.until(lambda: share.givings and share.givings[0].over)
            assert share.givings[0].done and len(share.givings[0].line.beside) == BESIDE
        except TimeoutError:
            wrong.append(how.__name__)
        assert not await transfers(daemon, id=the_id, state="complete"), how
        await alice.write(daemon.person, ev.DELETE, target=offer)
        await until_transfer(daemon, id=the_id, state=("withdrawn", "cancelled", "failed", "gone", "declined"))
        await daemon.fine()
    assert wrong == [] and in_sight(downloads(daemon)) == {}
    alice.files.giving = Giving
    share = wide({"honest": much(6 * MB, 2)}, proven)
    await complete(daemon, alice, share)
    came_over(share)


@pytest.mark.parametrize("how", NEVER_NEXT)
@both
@met("we_called", seconds=90 + WAIT)
async def test_bytes_that_are_never_next(daemon, alice, proven, how):
    """Whether it is said at once or only after a long while: it is never complete, and others get through."""
    alice.files.giving = by_share
    share = wide({"x": much(3 * MB)}, proven)
    share.how = how
    offer, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and (share.givings[0].over or share.givings[0].sent == share.end))
    assert share.givings[0].done
    try:
        await alice.until(lambda: share.givings[0].over, WAIT)
    except TimeoutError:
        assert WAIT < PATIENCE, "it waits for ever"
    assert not await transfers(daemon, id=the_id, state="complete") and in_sight(downloads(daemon)) == {}
    await daemon.fine()
    alice.files.giving = Giving
    await complete(daemon, alice, wide({"honest": much(MB)}))
    share.givings[0].line.abort()
    await alice.write(daemon.person, ev.DELETE, target=offer)


# Joins that nobody waits for.


@asynccontextmanager
async def under_way(daemon, alice, count=2):
    """Something is on its way over so many lines beside; it gets there when we are done."""
    share = widened(Held({"x": much(8 * MB)}, 4 * MB, drip=1000), count=count)
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].have > MB)
    yield share.givings[0].line
    share.go.set()
    await until_complete(daemon, the_id)
    assert len(share.givings) == 1, "the line that was there ended"
    assert in_sight(downloads(daemon)).items() >= of_memory(share.bytes).items()


async def join(node, daemon, the_hash):
    line = await line_from(node, daemon)
    await line.say(frames.JOIN, line=the_hash)
    return line


@met("we_called")
async def test_joins_to_no_line(daemon, alice):
    carol, mallory = await friend_of(daemon, "Carol"), await Node(identity("Mallory")).start()
    async with under_way(daemon, alice) as first:
        ordinary = alice.session(daemon.person).link.secrets.h
        for what, node, the_hash in (
            ("any", alice, os.urandom(32)),
            ("of the ordinary session", alice, ordinary),
            ("of a line beside", alice, first.beside[0].hash),
            ("of another device", carol, first.hash),
            ("of a stranger", mallory, first.hash),
        ):
            assert await hung_up(await join(node, daemon, the_hash), 5), what
        line = await line_from(alice, daemon)
        await line.send(frames.DATA_AT, frames.data_at(MB, b"\xff" * 1000))
        assert await hung_up(line, 5), "Data at before Join"
        assert not first.link.writer.is_closing()
    assert await hung_up(await join(alice, daemon, first.hash), 5), "of a line that is over"
    await stop(carol, mallory)


@met("we_called")
async def test_seven_joins_and_no_eighth(daemon, alice):
    async with under_way(daemon, alice, BESIDE) as first:
        assert len(first.beside) == BESIDE
        assert await hung_up(await join(alice, daemon, first.hash), 5)


@met("it_called")
async def test_a_join_to_a_line_it_opened(daemon, alice):
    """It is not said whether that is closed. What is on its way comes right, whatever comes on such a line."""
    async with under_way(daemon, alice) as first:
        line = await join(alice, daemon, first.hash)
        await line.send(frames.DATA_AT, frames.data_at(0, b"\xff" * 1000))


@met("we_called")
async def test_a_join_to_a_line_on_which_it_gives(daemon, alice):
    """It did not say More. Whether that is closed is not said; its line goes on."""
    path = daemon.state.parent / "x"
    path.write_bytes(much(MB))
    _, content, _ = await sent(daemon, alice, path)
    first, _ = await asked(daemon, alice, share_of(content["key"]))
    joined = await join(alice, daemon, first.hash)
    await first.say(frames.PULL, **{"from": 0, "to": 1})
    assert [(await answer(first, frames.DATA, frames.END))[0] for _ in range(2)] == [frames.DATA, frames.END]
    joined.abort()
    # Of a receiver it takes none of these.
    for kind, body in (
        (frames.MORE, frames.body(frames.MORE, count=1)),
        (frames.JOIN, frames.body(frames.JOIN, line=first.hash)),
        (frames.DATA_AT, frames.data_at(0, b"1")),
    ):
        line, _ = await asked(daemon, alice, share_of(content["key"]))
        await line.send(kind, body)
        assert await hung_up(line, 5), hex(kind)


# Chance.

GOOD = {
    frames.DATA_AT: frames.data_at(MB, b"12345678"),
    frames.JOIN: frames.body(frames.JOIN, line=bytes(range(32))),
    frames.MORE: frames.body(frames.MORE, count=3),
}
COUNT = int(os.environ.get("EARSHOT_FUZZ", "4"))


def cut_short(body):
    return (body[:n] for n in range(0, len(body), 5))


@met("we_called", seconds=180)
async def test_chance_on_lines_and_beside_them(daemon, alice):
    """The first word on a line, or after Source, by who receives; and by who gives, on the first line and on one beside it."""
    path = daemon.state.parent / "x"
    path.write_bytes(much(MB))
    _, content, _ = await sent(daemon, alice, path)
    fetch = frames.body(frames.FETCH, share=share_of(content["key"]))

    for after_source in (False, True):
        for kind, good in GOOD.items():
            for body in (*cut_short(good), *mutations(good, COUNT, kind)):
                assert await ended_by(daemon, alice, fetch, kind, body, after_source), (kind, body.hex())
        await daemon.fine()
    for beside in (0, 1):
        for kind, good in GOOD.items():
            for body in mutations(good, COUNT, kind + beside):

                async def act(line, share):
                    await line.say(frames.SOURCE, **share.source())
                    await line.next(frames.PULL)
                    await widen(line, 1)
                    on = line.beside[0] if beside else line
                    await on.send(kind, body)
                    await on.send(0x7F)

                alice.files.giving, share = script(act), wide({"y": much(2 * MB)})
                offer, the_id = await agreed(daemon, alice, share)
                await alice.until(lambda: share.givings and share.givings[0].over)
                assert not await transfers(daemon, id=the_id, state="complete"), (kind, body.hex())
                await alice.write(daemon.person, ev.DELETE, target=offer)
        await daemon.fine()
    alice.files.giving = Giving
    await complete(daemon, alice, wide({"honest": much(2 * MB)}))
