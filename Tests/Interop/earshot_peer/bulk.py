"""Section 13, the bulk line: a session of its own with long frames, on which one side gives a share and the other pulls it."""

import asyncio
import ipaddress
import struct
import time
from collections import deque

from . import envelopes as ev
from . import frames
from .crypto import Refused
from .discovery import acceptable_address
from .files import CHUNK, NOT_YOURS, Passed, Stopped, fetch_proof, share_of
from .link import dial, own_payload
from .manifests import id16

LINES, BESIDE, PULLS, FIRST_SECONDS = 16, 7, 64, 10
JOINED_SECONDS = 3  # how long one waits for those one asked to join, when some have
HELD = 4  # frames of one line that wait for those of others
HAVE_EVERY = 0.1
LARGE, SILENCE, TRIED = 16 << 20, 15, 16


class Closed(Exception):
    """The other end said Close."""


class Line:
    """A link from Ready on. As with Link, no rules of who may say what but in `next`."""

    def __init__(self, link, again=None):
        self.link, self.device, self.person = link, link.device, link.person
        self.hash = link.secrets.h
        self.again = again  # opens another like it, where we opened it
        self.beside, self.joinable, self.news = [], False, asyncio.Event()  # those that joined it; may others?

    async def send(self, kind, body=b""):
        self.link.writer.write(self.link.out.seal_long(kind, body))
        await self.link.writer.drain()

    async def say(self, kind, **values):
        await self.send(kind, frames.body(kind, **values))

    async def receive(self):
        """(type, body). Raises IncompleteReadError at the end of the stream, Refused on a bad frame."""
        (length,) = struct.unpack(">I", await self.link.reader.readexactly(4))
        if not frames.LONG[0] <= length <= frames.LONG[1]:
            raise Refused("a long frame of this length")
        return self.link.into.open_long(await self.link.reader.readexactly(length))

    async def next(self, *kinds):
        """(type, fields) of the next frame, which must be of these types; of Data, the bytes. Raises Stopped and Closed."""
        while True:
            kind, body = await self.receive()
            if kind == frames.CLOSE:
                raise Closed(f"closed with {frames.read(kind, body)['code']}")
            if kind == frames.STOP:
                raise Stopped(**frames.read(kind, body))
            if kind in kinds:
                return kind, body if kind == frames.DATA else frames.read(kind, body)
            raise Refused(f"nobody asked for {kind:#x}")

    def join(self, other):
        self.beside.append(other)
        self.news.set()

    def close(self):
        """And those beside it."""
        self.joinable = False
        for line in (self, *self.beside):
            line.link.close()

    def abort(self):
        self.joinable = False
        for line in (self, *self.beside):
            line.link.abort()


async def call(me, host, port, wanted, source=None, aes=True, refuse=None):
    """A bulk line to whoever answers there."""
    link = await dial(me, host, port, wanted, source=source, refuse=refuse, payload=own_payload(me, aes=aes, bulk=True))
    return Line(link, lambda: call(me, host, port, wanted, source, aes, refuse))


async def open_beside(line, count):
    """As many lines like this one, which we opened, or as many as can be had."""
    patience = 10
    while len(line.beside) < min(count, BESIDE) and patience:
        try:
            other = await line.again()
            await other.say(frames.JOIN, line=line.hash)
            line.join(other)
        except (Refused, OSError, EOFError):
            patience -= 1
            await asyncio.sleep(0.1)  # so many handshakes at once may be too many; nobody tells when there is room


async def widen(line, count, seconds=JOINED_SECONDS):
    """Says More. Then there are so many lines beside this one, or as many as came in a while."""
    line.joinable = not line.link.initiator
    await line.say(frames.MORE, count=count)
    if line.link.initiator:
        return await open_beside(line, count)
    try:
        async with asyncio.timeout(seconds):
            while len(line.beside) < count:
                line.news.clear()
                await line.news.wait()
    except TimeoutError:
        pass


# The sender's side.


class Giving:
    """One line on which a share is given."""

    def __init__(self, line, share, tell=None):
        self.line, self.share, self.tell = line, share, tell
        self.pulls, self.sent, self.have, self.haves = [], 0, 0, []
        self.over, self.why = False, None
        self.waiting, self.news = deque(), asyncio.Event()
        self.widened, self.strands, self.room, self.tasks = False, [], asyncio.Event(), []
        self.broken = asyncio.get_running_loop().create_future()  # by one of several lines
        share.givings.append(self)

    async def run(self):
        """From Source on, until one side is through with it. `why` says what ended it."""
        self.tasks.append(self.broken)
        try:
            self.proven = self.share.proven
            await self.line.say(frames.SOURCE, **self.share.source())
            self.tasks += [asyncio.create_task(self._hear()), asyncio.create_task(self._answer())]
            done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        except (Closed, Stopped) as error:
            self.why = error
        except Refused as error:
            self.why = error
            await _try(self.line.say(frames.CLOSE, code=frames.PROTOCOL_ERROR))
        except (OSError, EOFError) as error:
            self.why = error
            self.line.abort()
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            self.line.close()
            self.over = True
            if self.tell:
                await self.tell()

    async def _hear(self):
        while True:
            kind, values = await self.line.next(frames.PULL, frames.HAVE)
            if kind == frames.HAVE:
                if self.share.end is not None and values["at"] > self.share.end:
                    raise Refused("Have beyond the end")
                self.have = values["at"]
                self.haves.append((time.monotonic(), self.have))
            else:
                pull, end = (values["from"], values["to"]), self.share.end
                if end is not None and max(pull) > end or 0 < pull[1] < pull[0]:
                    raise Refused("Pull beyond the end")
                if self.proven and pull[0] % CHUNK and pull[0] != end:
                    raise Refused("Pull that begins inside a chunk")
                if len(self.waiting) == PULLS:
                    raise Refused("too many Pulls")
                self.pulls.append(pull)
                self.waiting.append(pull)
                self.news.set()
            if self.tell:
                await self.tell()

    async def _answer(self):
        while True:
            while not self.waiting:
                self.news.clear()
                await self.news.wait()
            at, to = self.waiting[0]
            while at != (to or self.share.end):
                if self.share.wide and not self.widened and self.sent >= self.share.plain:
                    await self._widen()
                if skip := getattr(self.share, "skips", None) and self.share.skip(at):
                    await self._say(frames.SKIP, at=at, file=skip[0], reason=self.share.skips[skip[0]])
                    at = min(skip[1], to or skip[1])
                    continue
                try:
                    # Data ends where a chunk does, and its Proof follows.
                    until = min(to or self.share.end, (at // CHUNK + 1) * CHUNK) if self.proven else to or None
                    if getattr(self.share, "skips", None):
                        until = min([until or self.share.end, *(b for n, b, e in self.share.spans() if n in self.share.skips and at < b < e)])
                    if self.strands:
                        until = min(until or 2**64, at + self.share.piece)
                    data = await self.share.read(at, until)
                except Stopped as error:
                    await self.line.say(frames.STOP, reason=error.reason, text=error.text)
                    raise
                if not data:
                    break
                await self._give(at, data)
                at += len(data)
                self.sent = max(self.sent, at)
                if self.proven and (at % CHUNK == 0 or at == self.share.end):
                    index = (at - 1) // CHUNK
                    if getattr(self.share, "skips", None) and not self.share.whole(index):
                        continue
                    await self._say(frames.PROOF, index=index, signature=await self.share.proof(index))
                if self.tell:
                    await self.tell()
            await self._say(frames.END, at=at)
            self.waiting.popleft()

    # Over several lines.

    async def _widen(self):
        self.widened = True
        await widen(self.line, self.share.wide)
        if self.line.beside:
            self.strands = [Strand(line) for line in (self.line, *self.line.beside)]
            self.tasks += [asyncio.create_task(self._until_broken(self._drain(strand))) for strand in self.strands]
            # What is said beside the first line is one word too many.
            self.tasks += [asyncio.create_task(self._until_broken(line.next())) for line in self.line.beside]

    async def _until_broken(self, coroutine):
        try:
            await coroutine
        except (Closed, Stopped, Refused, OSError, EOFError) as error:
            if not self.broken.done():
                self.broken.set_exception(error)

    async def _drain(self, strand):
        while True:
            kind, body = await strand.queue.get()
            self.room.set()
            await self.out(strand, kind, body)
            strand.count += kind == frames.DATA_AT

    async def out(self, strand, kind, body):
        await strand.line.send(kind, body)

    def choose(self):
        """On which line the next bytes go; None when all have enough to do."""
        self.strands.append(self.strands.pop(0))
        strand = min(self.strands, key=lambda strand: strand.queue.qsize())
        return None if strand.queue.full() else strand

    async def _give(self, at, data):
        if not self.strands:
            return await self.line.send(frames.DATA, data)
        while not (strand := self.choose()):
            self.room.clear()
            await self.room.wait()
        await strand.queue.put((frames.DATA_AT, frames.data_at(at, data)))

    async def _say(self, kind, **values):
        """On the first line, after what goes out on it already."""
        if not self.strands:
            return await self.line.say(kind, **values)
        first = next(strand for strand in self.strands if strand.line is self.line)
        await first.queue.put((kind, frames.body(kind, **values)))


class Strand:
    """One of several lines, what is to go out on it, and how many times bytes did."""

    def __init__(self, line):
        self.line, self.queue, self.count = line, asyncio.Queue(2), 0


async def _try(coroutine):
    try:
        await coroutine
    except OSError:
        pass


# The receiver's side.


class Strands:
    """What comes on a line and on those that join it."""

    def __init__(self, line, got):
        self.line, self.got, self.heard, self.tasks = line, got, {}, []
        self.more = self.apart = False  # did it say More, and did bytes come as Data at?
        line.joinable = not line.link.initiator

    def _listen(self, line):
        kinds = [frames.DATA_AT]
        if line is self.line:
            kinds += [frames.DATA, frames.END, frames.MORE, frames.SKIP, *[frames.PROOF] * self.got.proven]
        words, room = self.heard[line] = deque(), asyncio.Semaphore(HELD)

        async def hear():
            while True:
                await room.acquire()
                try:
                    words.append(await line.next(*kinds))
                except (Closed, Stopped, Refused, OSError, EOFError) as error:
                    words.append(error)
                    return
                finally:
                    self.line.news.set()

        self.tasks.append(asyncio.create_task(hear()))

    async def next(self, end, asked):
        """(type, value) of the next frame that is due, on whichever line: of Data and Data at, the bytes. `end` is where the oldest
        Pull ends, `asked` where the newest does."""
        while True:
            for line in (self.line, *self.line.beside):
                if line not in self.heard:
                    self._listen(line)
                words, room = self.heard[line]
                if words and isinstance(words[0], Exception):
                    raise words[0]
                if words and self._due(*words[0], end, asked):
                    room.release()
                    kind, value = words.popleft()
                    self.apart |= kind == frames.DATA_AT
                    return kind, value["data"] if kind == frames.DATA_AT else value
            self.line.news.clear()
            await self.line.news.wait()

    def _due(self, kind, value, end, asked):
        got = self.got
        full = got.proven and got.here in (got.end, len(got.stream) + CHUNK)
        if kind == frames.DATA_AT:
            if value["at"] < got.here or asked is not None and value["at"] + len(value["data"]) > asked:
                raise Refused("Data at of what is here or was not pulled")
            return value["at"] == got.here and got.here != end and not full
        if kind == frames.DATA and self.apart:
            raise Refused("Data after Data at")
        if not self.more:
            return True
        if kind == frames.PROOF:
            if value["index"] != len(got.stream) // CHUNK:
                raise Refused("a Proof of another chunk")
            return full
        if kind == frames.SKIP:
            return value["at"] <= got.here and not full
        return kind != frames.END or not got.pending and value["at"] <= got.here

    def close(self):
        for task in self.tasks:
            task.cancel()
        self.line.close()


async def take(line, source, got, by_author=True, silence=None):
    """From Source on, until everything is there. What came stays in `got`, whatever ends it."""
    strands = Strands(line, got)
    try:
        got.begins(source, by_author)
        pulls, asked, said = deque(), len(got.stream), 0
        while not got.complete or pulls:  # what is missing may be said until End
            while len(pulls) < got.ahead and (not pulls or pulls[-1][1]) and (pull := got.next(asked)):
                pulls.append(pull)
                got.pulls[-1].append(pull)
                asked = pull[1]
                await line.say(frames.PULL, **{"from": pull[0], "to": pull[1]})
            end = (pulls[0][1] or got.end) if pulls else got.here
            async with asyncio.timeout(silence):
                kind, value = await strands.next(end, (asked or got.end) if pulls else end)
            if kind == frames.MORE:
                if strands.more:
                    raise Refused("More again")
                strands.more = True
                if line.link.initiator:
                    strands.tasks.append(asyncio.create_task(open_beside(line, value["count"])))
                continue
            if not pulls:
                raise Refused("nothing was pulled")
            if kind in (frames.DATA, frames.DATA_AT):
                if not value or end is not None and got.here + len(value) > end:
                    raise Refused("Data of no bytes, or more than was pulled")
                got.took(value)
            elif kind == frames.PROOF:
                got.prove(**value)
            elif kind == frames.SKIP:
                if not by_author:
                    raise Refused("Skip from somebody else than the author")
                got.skip(**value, until=end)
            else:
                if got.pending or value["at"] != len(got.stream) or end is not None and value["at"] != end:
                    raise Refused("End where it is not")
                got.answered(pulls.popleft(), value["at"])
            if time.monotonic() - said > HAVE_EVERY:
                await line.say(frames.HAVE, at=len(got.stream))
                said = time.monotonic()
        await line.say(frames.CLOSE, code=frames.GOING_AWAY)
    except Refused:
        await _try(line.say(frames.CLOSE, code=frames.PROTOCOL_ERROR))
        raise
    except BaseException:
        line.abort()
        raise
    finally:
        strands.close()


# A node's part.


class Transfers:
    def __init__(self, node):
        self.node, self.shares, self.lines, self.awaited = node, {}, [], {}
        self.fetched = []  # shares asked for on ordinary sessions
        self.asked = []  # (device, what its Fetch said), of all of them
        self.held, self.fetching = {}, {}  # what is or was received, and whose it is while it is
        self.addresses = {}  # where devices listen, beside those we called
        self.large, self.silence = LARGE, SILENCE
        self.giving = Giving  # a test puts something worse here

    # What a person does.

    async def offer(self, person, share, **claims):
        """Returns the offer's id. `claims` say something else than is true."""
        self.shares[share.id] = share
        share.signer = self.node.me
        share.persons.add(person)
        share.proven |= len(share.persons) > 1 and not share.open
        return await self.node.write(person, ev.FILE, **{**share.about(), **claims})

    def offers(self, person):
        """(id, payload) of what that person's device offers and did not take back."""
        return [(e.id, e.content) for e in self._theirs(person) if e.kind == ev.FILE and e.content]

    def answers(self, person):
        """The first word about each of our offers, by its id."""
        words = {}
        for e in self._theirs(person):
            if e.kind == ev.ANSWER and e.content:
                words.setdefault(e.content["target"], e.content["word"])
        return words

    def _theirs(self, person):
        return [e for e in _envelopes(self.node.conversation(person)) if e.device != self.node.me.device]

    async def fetch(self, person, got):
        """Pulls what is missing of `got`: from the author over one line, called by whoever called the ordinary session, or from
        whom he refers us to."""
        got.author = self._author(person, got.share)
        self.hold(got)
        got.getting += 1
        self.fetching[got.share] = person
        try:
            while not await self._fetch(person, got):
                pass
        finally:
            self.fetching.pop(got.share, None)
            got.getting -= 1
            got.more.set()

    async def _fetch(self, person, got):
        """False when we come back from somebody in vain, and are to ask the author again."""
        link, line = self.node.session(person).link, None
        wanted = {"share": got.share, "avoid": got.tried}
        try:
            if link.initiator:
                line = await self.call(link)
                await line.say(frames.FETCH, **wanted)
                async with asyncio.timeout(FIRST_SECONDS):
                    kind, values = await line.next(frames.SOURCE, frames.REFER)
                refer = values if kind == frames.REFER else None
            else:
                awaited = self.awaited[got.share] = asyncio.get_running_loop().create_future()
                await link.say(frames.FETCH, **wanted)
                async with asyncio.timeout(FIRST_SECONDS):
                    line, values = await awaited
                refer = None if line else values
            if values["share"] != got.share:
                raise Refused("Source or Refer of another share")
            if not refer:
                await take(line, values, got)
                return True
        finally:
            self.awaited.pop(got.share, None)
            if line:
                line.close()
                self.lines.remove(line)
        if refer["device"] in got.tried or len(got.tried) == TRIED:
            raise Refused("referred again to whom we tried")
        try:
            await self._from_holder(refer, got)
            return True
        except (Refused, Closed, Stopped, OSError, EOFError) as error:
            self.node.errors.append(f"a holder: {error!r}")
            got.tried.append(refer["device"])
            return False

    async def _from_holder(self, refer, got):
        line, why = None, Refused("no address that may be called")
        for host, port in map(unpacked, refer["addresses"]):
            if not acceptable_address(host, port, loopback=self.node.host.startswith("127.")):
                continue
            try:
                line = await call(self.node.me, host, port, id16(refer["device"]), aes=self.node.aes, refuse=self.node._refuse)
                break
            except (Refused, OSError, EOFError) as error:
                why = error
        if not line:
            raise why
        self.lines.append(line)
        try:
            if line.device != refer["device"]:
                raise Refused("another device than we were referred to")
            await line.say(frames.FETCH, share=got.share, proof=fetch_proof(got.offer["key"], line.link.secrets.h, self.node.me.device))
            async with asyncio.timeout(self.silence):
                _, source = await line.next(frames.SOURCE)
            if source["share"] != got.share:
                raise Refused("Source of another share")
            await take(line, source, got, by_author=False, silence=self.silence)
        finally:
            line.close()
            self.lines.remove(line)

    def hold(self, got):
        """From now on it is given to whoever has its key."""
        if got.share not in self.held or self.held[got.share].got is not got:
            self.held[got.share] = Passed(got)
        return self.held[got.share]

    def _author(self, person, share):
        """The key of the device that offered it."""
        for e in self._theirs(person):
            if e.kind == ev.FILE and e.content and share_of(e.content["key"]) == share:
                return self.node.public_of(person)(e.device)
        return self.node.session(person).link.certificate.device_public

    # Lines.

    def open_with(self, device):
        return sum(1 + len(line.beside) for line in self.lines if line.device == device)

    async def call(self, link):
        """A line beside this ordinary session, which we called."""
        if self.open_with(link.device) >= LINES:
            raise Refused("sixteen lines are open")
        near = link.writer.get_extra_info("sockname")[0]
        line = await call(self.node.me, *link.remote[:2], link.id16, near, self.node.aes, self.node._refuse)
        line.again = self._within_limit(line)
        self.lines.append(line)
        return line

    def _within_limit(self, line):
        open_one = line.again

        async def again():
            if self.open_with(line.device) >= LINES:
                raise Refused("sixteen lines are open")
            return await open_one()

        return again

    def may_have(self, person, share):
        """Was this offered to that person, and not taken back?"""
        held = _envelopes(self.node.conversation(person))
        return share in self.shares and any(
            e.device == self.node.me.device and e.kind == ev.FILE and share_of(e.content["key"]) == share for e in held
        )

    def _refer(self, share, device, avoid):
        """The body of Refer: to whoever asked last before this one, and whom he does not avoid. None: it is given here."""
        before = share.chain[: share.chain.index(device)] if device in share.chain else share.chain[:]
        if device not in share.chain:
            share.chain.append(device)
        if not share.proven or share.end < self.large:
            return None
        for other in reversed(before):
            near = self.addresses.get(other) or [s.link.remote[:2] for s in self.node.sessions if s.link.device == other and s.link.initiator]
            if near and other not in avoid:
                return {"share": share.id, "device": other, "addresses": [packed(*a) for a in near[:8]]}
        return None

    async def called(self, link):
        """Somebody called with feature bit 1. Whom we do not talk to may only show that he has a key."""
        device = link.device
        known = any(s.up and s.link.device == device for s in self.node.sessions)
        if self.open_with(device) >= LINES:
            return link.abort()
        line = Line(link)
        self.lines.append(line)
        taken = False
        try:
            await link.send(frames.READY)
            async with asyncio.timeout(FIRST_SECONDS):
                kind, values = await line.next(frames.FETCH, frames.SOURCE, frames.JOIN)
            share = values.get("share")
            if kind == frames.JOIN:
                first = next((one for one in self.lines if one.hash == values["line"] and one.device == device), None)
                if not known or not first or not first.joinable or len(first.beside) == BESIDE:
                    raise Refused("a Join to no line")
                taken = True
                self.lines.remove(line)
                first.join(line)
            elif kind == frames.FETCH:
                if not values["look"]:
                    self.asked.append((device, values))
                await self._asked(line, values, known)
            elif known and share in self.awaited and self.node.session(line.person) and not self.awaited[share].done():
                taken = True
                self.awaited[share].set_result((line, values))
            else:
                raise Refused("a Source nobody asked for")
        except (Closed, Stopped):
            pass
        finally:
            if not taken:
                line.close()
                self.lines.remove(line)

    async def _asked(self, line, values, known):
        share = values["share"]
        passed = self.held.get(share)
        if known and self.may_have(line.person, share):
            if values["look"]:
                await self._show(line, self.shares[share])
            elif refer := self._refer(self.shares[share], line.device, values["avoid"]):
                await line.say(frames.REFER, **refer)
            else:
                await self.giving(line, self.shares[share], self.node._tell).run()
        elif passed and values["proof"] == fetch_proof(passed.got.offer["key"], line.link.secrets.h, line.device):
            try:
                await passed.ready()
            except Stopped as error:
                return await line.say(frames.STOP, reason=error.reason)
            await self.giving(line, passed, self.node._tell).run()
        else:
            await line.say(frames.STOP, reason=NOT_YOURS)

    async def _show(self, line, share):
        """Gives the listing to who wants no more; it is no giving, and nobody is referred."""
        look = self.giving(line, share, self.node._tell)
        share.givings.remove(look)
        share.looks.append(look)
        look.widened = True  # A listing is short: it needs no further lines.
        await look.run()

    async def wanted(self, session, values):
        """Fetch on an ordinary session. If we called it, we call again; where nothing may be given, nothing is said."""
        link, share = session.link, values["share"]
        if values["look"]:
            if link.initiator and self.may_have(link.person, share):
                self.node.spawn(self._bring(link, self.shares[share], looks=True))
            return
        self.fetched.append(share)
        self.asked.append((link.device, values))
        if link.initiator and self.may_have(link.person, share):
            if refer := self._refer(self.shares[share], link.device, values["avoid"]):
                await link.send(frames.REFER_THERE, frames.body(frames.REFER, **refer))
            else:
                self.node.spawn(self._bring(link, self.shares[share]))

    def referred(self, person, values):
        """Refer on an ordinary session. One we did not ask for means nothing."""
        awaited = self.awaited.get(values["share"])
        if awaited and not awaited.done() and self.fetching.get(values["share"], person) == person:
            awaited.set_result((None, values))

    async def _bring(self, link, share, looks=False):
        try:
            line = await self.call(link)
        except (Refused, OSError, EOFError, TimeoutError) as error:
            self.node.errors.append(str(error))
            return
        try:
            await (self._show(line, share) if looks else self.giving(line, share, self.node._tell).run())
        finally:
            self.lines.remove(line)


def packed(host, port):
    """An address as Refer says it."""
    return ipaddress.ip_address(host).packed + struct.pack(">H", port)


def unpacked(address):
    return str(ipaddress.ip_address(address[:-2])), int.from_bytes(address[-2:], "big")


def _envelopes(conversation):
    return [entry.envelope for log in conversation.logs.values() for entry in log.entries if entry.envelope]
