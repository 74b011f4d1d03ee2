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

LINES, PULLS, FIRST_SECONDS = 8, 64, 10
HAVE_EVERY = 0.1
LARGE, SILENCE, TRIED = 16 << 20, 15, 16


class Closed(Exception):
    """The other end said Close."""


class Line:
    """A link from Ready on. As with Link, no rules of who may say what but in `next`."""

    def __init__(self, link):
        self.link, self.device, self.person = link, link.device, link.person

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

    def close(self):
        self.link.close()

    def abort(self):
        self.link.abort()


async def call(me, host, port, wanted, source=None, aes=True, refuse=None):
    """A bulk line to whoever answers there."""
    return Line(await dial(me, host, port, wanted, source=source, refuse=refuse, payload=own_payload(me, aes=aes, bulk=True)))


# The sender's side.


class Giving:
    """One line on which a share is given."""

    def __init__(self, line, share, tell=None):
        self.line, self.share, self.tell = line, share, tell
        self.pulls, self.sent, self.have, self.haves = [], 0, 0, []
        self.over, self.why = False, None
        self.waiting, self.news = deque(), asyncio.Event()
        share.givings.append(self)

    async def run(self):
        """From Source on, until one side is through with it. `why` says what ended it."""
        tasks = []
        try:
            self.proven = self.share.proven
            await self.line.say(frames.SOURCE, **self.share.source())
            tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._answer())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
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
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
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
                try:
                    # Data ends where a chunk does, and its Proof follows.
                    until = min(to or self.share.end, (at // CHUNK + 1) * CHUNK) if self.proven else to or None
                    data = await self.share.read(at, until)
                except Stopped as error:
                    await self.line.say(frames.STOP, reason=error.reason, text=error.text)
                    raise
                if not data:
                    break
                at += len(data)
                self.sent = max(self.sent, at)
                await self.line.send(frames.DATA, data)
                if self.proven and (at % CHUNK == 0 or at == self.share.end):
                    index = (at - 1) // CHUNK
                    await self.line.say(frames.PROOF, index=index, signature=await self.share.proof(index))
                if self.tell:
                    await self.tell()
            await self.line.say(frames.END, at=at)
            self.waiting.popleft()


async def _try(coroutine):
    try:
        await coroutine
    except OSError:
        pass


# The receiver's side.


async def take(line, source, got, by_author=True, silence=None):
    """From Source on, until everything is there. What came stays in `got`, whatever ends it."""
    try:
        got.begins(source, by_author)
        pulls, asked, said = deque(), len(got.stream), 0
        while not got.complete:
            while len(pulls) < got.ahead and (not pulls or pulls[-1][1]) and (pull := got.next(asked)):
                pulls.append(pull)
                got.pulls[-1].append(pull)
                asked = pull[1]
                await line.say(frames.PULL, **{"from": pull[0], "to": pull[1]})
            async with asyncio.timeout(silence):
                kind, value = await line.next(frames.DATA, frames.END, *[frames.PROOF] * got.proven)
            if not pulls:
                raise Refused("nothing was pulled")
            end = pulls[0][1] or got.end
            if kind == frames.DATA:
                if not value or end is not None and got.here + len(value) > end:
                    raise Refused("Data of no bytes, or more than was pulled")
                got.took(value)
            elif kind == frames.PROOF:
                got.prove(**value)
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
        line.close()


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
                return self.node._public_of(person)(e.device)
        return self.node.session(person).link.certificate.device_public

    # Lines.

    def open_with(self, device):
        return sum(line.device == device for line in self.lines)

    async def call(self, link):
        """A line beside this ordinary session, which we called."""
        if self.open_with(link.device) >= LINES:
            raise Refused("eight lines are open")
        near = link.writer.get_extra_info("sockname")[0]
        line = await call(self.node.me, *link.remote[:2], link.id16, near, self.node.aes, self.node._refuse)
        self.lines.append(line)
        return line

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
                kind, values = await line.next(frames.FETCH, frames.SOURCE)
            share = values["share"]
            if kind == frames.FETCH:
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
            if refer := self._refer(self.shares[share], line.device, values["avoid"]):
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

    async def wanted(self, session, values):
        """Fetch on an ordinary session. If we called it, we call again; where nothing may be given, nothing is said."""
        link, share = session.link, values["share"]
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

    async def _bring(self, link, share):
        try:
            line = await self.call(link)
        except (Refused, OSError, EOFError, TimeoutError) as error:
            self.node.errors.append(str(error))
            return
        try:
            await self.giving(line, share, self.node._tell).run()
        finally:
            self.lines.remove(line)


def packed(host, port):
    """An address as Refer says it."""
    return ipaddress.ip_address(host).packed + struct.pack(">H", port)


def unpacked(address):
    return str(ipaddress.ip_address(address[:-2])), int.from_bytes(address[-2:], "big")


def _envelopes(conversation):
    return [entry.envelope for log in conversation.logs.values() for entry in log.entries if entry.envelope]
