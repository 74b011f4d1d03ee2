"""A whole node: listens, dials, keeps logs level with everyone it has accepted (sections 3 to 10), and gives and takes files
(13; see bulk.py). Its disk is memory."""

import asyncio
import time
from collections import defaultdict

from . import envelopes as ev
from . import frames, rooms
from . import verify
from .bulk import Transfers
from .crypto import Refused
from .link import BUFFER, BULK, answer, dial, own_payload
from .logs import Conversation
from .mail import Mail
from .manifests import LISTED, REVOKED, UNKNOWN, UNLISTED, Manifest
from .meeting import Rooms
from .relays import Relays

PUSHED_UNASKED = 32


def now_ms():
    return int(time.time() * 1000)


class Session:
    """A link and what is remembered for as long as it lasts."""

    def __init__(self, link):
        self.link, self.up = link, True
        self.address = None  # where good datagrams come from
        self.welcome = False  # a manifest lists the device
        self.key = None  # the discovery key that it told
        self.unheard = {}  # its Profile and Request, from before that
        self.puzzled = set()  # rooms of which it told what cannot be told whose it is
        self.task = None


class Node:
    def __init__(self, me, *, versions=(1,), aes=True, datagrams=True, key=None, private=False):
        self.me, self.versions, self.aes, self.use_datagrams = me, versions, aes, datagrams
        # Section 8, private adverts: ours, if we tell one, and those that others have told, by device.
        self.key, self.private, self.keys = key, private, {}
        self.sessions, self.accepted, self.blocked = [], set(), set()
        self.requests, self.to_request, self.names, self.manifests = {}, {}, {}, {}
        self.profile, self.picture = {}, b""  # what we tell of ourselves; no fields, no picture
        self.profiles, self.presences, self.pictures, self.drafts = {}, {}, {}, []
        self.live = set()  # persons with whom text is shown while it is typed
        self.devices, self.conversations = {}, {}
        self.seen = defaultdict(int)  # frames by type
        self.errors, self.pongs, self.typing = [], [], []
        # What came of section 18, as (step, value); and whether we say that we invite.
        self.verifies, self.invites = [], False
        self.codes = []  # how sessions ended: the code of their Close, None without one
        self.datagrams_in = 0
        self.server = self.udp = None
        self.changed = asyncio.Condition()
        self.tasks = set()
        self.files = Transfers(self)
        self.rooms = Rooms(self)
        self.mail = Mail(self)
        self.relays = Relays(self)

    # The network.

    async def start(self, host="127.0.0.1", port=0):
        self.host = host
        self.server = await asyncio.start_server(self._called, host, port, limit=BUFFER)
        self.port = self.server.sockets[0].getsockname()[1]
        self.udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(host, self.port)
        )
        return self

    async def stop(self):
        if self.server:
            self.server.close()
        if self.udp:
            self.udp.close()
        for session in list(self.sessions):
            await self._end(session, frames.GOING_AWAY)
        for line in list(self.files.lines):
            line.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def spawn(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _called(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        try:
            link = await answer(
                self.me, reader, writer, payload=own_payload(self.me, self.versions, self.aes), refuse=self._refuse, ready=False,
                key=self.key, is_open=not self.private,
            )  # fmt: skip
            await (self.files.called(link) if link.theirs.features & BULK else self._up(link))
        except (Refused, OSError, EOFError, TimeoutError) as error:
            self.errors.append(str(error))
        except asyncio.CancelledError:
            pass  # stop(); asyncio would log it otherwise.

    async def dial(self, host, port, wanted=None, source=None, key=None, knock=b""):
        link = await dial(
            self.me, host, port, wanted, source=source, key=key, refuse=self._refuse, payload=own_payload(self.me, self.versions, self.aes),
            knock=knock,
        )  # fmt: skip
        session = Session(link)
        session.task = self.spawn(self._run(session))
        await self._greet(session)
        return session

    async def _up(self, link):
        session = Session(link)
        session.task = asyncio.current_task()
        await link.send(frames.READY)
        await self._greet(session)
        await self._run(session)

    def _refuse(self, certificate, claimed):
        if certificate.person in self.blocked:
            raise Refused("blocked")
        standing = self.standing(certificate.person, certificate.device, claimed)
        if standing in (REVOKED, UNLISTED):
            raise Refused(standing)

    def standing(self, person, device, claimed=0):
        known = self.manifests.get(person)
        return known.standing(device, claimed) if known else UNKNOWN

    def talks(self, link):
        """Are messages exchanged on it: is the person accepted, and does their newest manifest list this device?"""
        return link.person in self.accepted and self.standing(link.person, link.device) == LISTED

    async def _greet(self, session):
        link = session.link
        self.devices[link.device] = link.certificate
        session.welcome = self.standing(link.person, link.device) == LISTED
        rivals = [s for s in self.sessions if s.up and s.link.device == link.device]
        self.sessions.append(session)
        await self._tell_profile(link)
        known = self.manifests.get(link.person)
        version, differs = link.theirs.manifest_version, known and link.theirs.manifest_hash != known.hash
        if not known or version > known.version or (version == known.version and differs):
            await link.say(frames.MANIFEST_ASK, person=link.person)
        if link.person in self.to_request:
            await link.say(frames.REQUEST, text=self.to_request[link.person])
        if self.talks(link):
            await self._tell_key(link)
            await self._tell_heads(link)
        if session.welcome:
            await self.rooms.greet(link)
        for rival in rivals:
            await self._settle(rival, session)
        await self._tell()

    async def _tell_profile(self, link):
        told = dict(self.profile) if self.talks(link) else {}
        if told and self.picture:
            told.update(picture=frames.picture_id(self.picture), picture_size=len(self.picture))
        await link.say(frames.PROFILE, name=self.me.name, **told)

    async def _tell_key(self, link):
        if self.key:
            await link.say(frames.DISCOVERY_KEY, key=self.key)

    async def _tell_heads(self, link, ask=False):
        conversation = self.conversation(link.person)
        for log in conversation.logs.values():
            log.wanted = None
        await link.send(frames.HEADS, conversation.heads(ask=ask))

    async def _manifest(self, session, given):
        """A manifest of the other end's person came: who is not in it goes, who is may talk."""
        person = session.link.person
        self.keep_manifest(given)
        for other in [s for s in self.sessions if s.up and s.link.person == person]:
            claimed = 0 if other is session else other.link.theirs.manifest_version
            standing = self.standing(person, other.link.device, claimed)
            if standing in (REVOKED, UNLISTED):
                self.errors.append(standing)
                await self._end(other, frames.NOT_WANTED)
            elif standing == LISTED and not other.welcome:
                other.welcome = True
                self._hear_claims(person, other.unheard)
                if person in self.accepted:
                    await self._tell_profile(other.link)
                    await self._tell_key(other.link)
                    await self._tell_heads(other.link, ask=True)
                await self.rooms.greet(other.link)

    def keep_manifest(self, given):
        person, known = given.person, self.manifests.get(given.person)
        if known is None or given.version > known.version and not known.contradicted:
            if known and given.version == known.version + 1 and given.prev != known.hash:
                known.contradicted = True
            else:
                self.manifests[person] = given
        elif given.version == known.version and given.hash != known.hash:
            known.contradicted = True

    def person_of(self, device, among):
        """Whose device it is, by the manifests of some persons."""
        if device == self.me.device:
            return self.me.person
        for person in among:
            known = self.manifests.get(person)
            if known and (known.device(device) or any(r["device"] == device for r in known.revoked)):
                return person
        return None

    def _hear_claims(self, person, claims):
        if "name" in claims:
            self.names[person] = claims["name"]
        if "request" in claims and person not in self.accepted:
            self.requests[person] = claims["request"]

    async def _settle(self, old, new):
        """Crossed dials: the session the lower device opened stays. A renewal: the opener closes the older one."""
        opener = lambda s: self.me.device if s.link.initiator else s.link.device
        if opener(old) == opener(new):
            if new.link.initiator:
                await self._end(old, frames.REPLACED)
            return
        loser = old if opener(new) < opener(old) else new
        await self._end(loser, frames.REPLACED)

    async def _end(self, session, code):
        session.up = False
        try:
            await session.link.say(frames.CLOSE, code=code)
        except (OSError, ConnectionError):
            pass
        session.link.close()

    async def _tell(self):
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition, seconds=20):
        """Waits until `condition()` holds."""
        async with asyncio.timeout(seconds):
            async with self.changed:
                await self.changed.wait_for(condition)

    def session(self, person):
        live = [s for s in self.sessions if s.up and s.link.person == person]
        return live[-1] if live else None

    async def _run(self, session):
        link = session.link
        try:
            while True:
                kind, body = await link.receive()
                self.seen[kind] += 1
                if kind == frames.CLOSE:
                    break
                await self._handle(session, kind, body)
                await self._tell()
        except Refused as error:
            self.errors.append(str(error))
            await self._end(session, frames.PROTOCOL_ERROR)
        except (OSError, EOFError) as error:
            self.errors.append(repr(error))
        finally:
            session.up = False
            if session in self.sessions:
                self.sessions.remove(session)
            self.codes.append(link.closed_with)
            link.close()
            try:
                await self._tell()
            except asyncio.CancelledError:
                pass

    # What is said.

    def conversation(self, person):
        if person not in self.conversations:
            self.conversations[person] = Conversation(self.me, person)
        return self.conversations[person]

    def public_of(self, person):
        def find(device):
            if device == self.me.device:
                return self.me.certificate.device_public
            certificate = self.manifests[person].device(device) if person in self.manifests else None
            # Of a device that was revoked since, what comes before its cut still counts.
            certificate = certificate or self.devices.get(device)
            return certificate.device_public if certificate and certificate.person == person else None

        return find

    def limit_of(self, person):
        def find(device, log):
            if device == self.me.device:
                return None
            known = self.manifests.get(person)
            return known.refused_above(device, log) if known else 0

        return find

    async def _handle(self, session, kind, body, by_datagram=False):
        link, person = session.link, session.link.person
        mine = self.talks(link)
        heard = session.welcome or person not in self.manifests and person not in self.accepted
        if kind == frames.READY:
            raise Refused("Ready again")
        if kind == frames.PING:
            answer_body = frames.body(frames.PONG, nonce=frames.read(kind, body)["nonce"])
            if by_datagram:
                self.send_datagram(session, frames.PONG, answer_body)
            else:
                await link.send(frames.PONG, answer_body)
        elif kind == frames.PONG:
            self.pongs.append(frames.read(kind, body)["nonce"])
        elif kind == frames.PROFILE:
            values = frames.read(kind, body)
            claim = {"name": values["name"]}
            if mine:
                self.profiles[person] = values
                if values["picture"] and values["picture"] not in self.pictures:
                    self.pictures[values["picture"]] = b""
                    await link.say(frames.PICTURE_ASK, picture=values["picture"])
            self._hear_claims(person, claim) if heard else session.unheard.update(claim)
        elif kind == frames.REQUEST:
            claim = {"request": frames.read(kind, body)["text"]}
            self._hear_claims(person, claim) if session.welcome else session.unheard.setdefault("request", claim["request"])
        elif kind == frames.MANIFEST_ASK:
            wanted = frames.read(kind, body)["person"]
            if wanted == self.me.person:
                await link.send(frames.MANIFEST_GIVE, self.me.manifest.bytes)
            elif wanted in self.manifests and (wanted == person or self.rooms.shares(person, wanted)):
                await link.send(frames.MANIFEST_GIVE, self.manifests[wanted].bytes)
        elif kind == frames.MANIFEST_GIVE:
            given = Manifest.read(body)
            if given.person == person:
                await self._manifest(session, given)
            else:
                await self.rooms.manifest_given(link, given)
        elif kind == frames.ROOMS:
            await self.rooms.hear_which(link, frames.read(kind, body))
        elif kind == frames.FETCH:
            values = frames.read(kind, body)
            if not values["share"]:
                raise Refused("share is missing")
            if mine:
                await self.files.wanted(session, values)
        elif kind == frames.REFER_THERE:
            values = frames.read(frames.REFER, body)
            if mine:
                self.files.referred(person, values)
        elif kind == frames.TYPING:
            values = frames.read(kind, body)
            if mine and values["conversation"] == self.conversation(person).id:
                self.typing.append((person, values["on"]))
        elif kind == frames.VERIFY:
            values = frames.read(kind, body)
            if session.welcome:
                self.verifies.append((values["step"], values["value"]))
                if values["step"] == verify.WHO_INVITES:
                    await link.say(frames.VERIFY, step=verify.INVITES if self.invites else verify.DOES_NOT_INVITE)
        elif kind == frames.DISCOVERY_KEY:
            session.key = frames.read(kind, body)["key"]
            if mine:
                self.keys[link.device] = session.key
        elif kind in frames.MAIL:
            await self.mail.handle(session, kind, body)
        elif kind == frames.PRESENCE:
            self.presences[link.device] = frames.read(kind, body)
        elif kind == frames.PICTURE_ASK:
            if mine and self.picture and frames.read(kind, body)["picture"] == frames.picture_id(self.picture):
                for part in frames.picture_parts(self.picture):
                    await link.send(frames.PICTURE_PART, part)
        elif kind == frames.PICTURE_PART:
            values = frames.read(kind, body)
            have = self.pictures.get(values["picture"])
            if mine and have is not None and values["at"] == len(have):
                self.pictures[values["picture"]] = have + values["data"]
        elif kind == frames.DRAFT:
            values = frames.read(kind, body)
            if mine and values["conversation"] == self.conversation(person).id:
                self.drafts.append((person, values["on"], values["text"] if person in self.live else ""))
        elif kind == frames.RELAY:
            values = frames.read(kind, body)
            if mine:
                await self.relays.told(session, values)
        elif kind in (frames.HEADS, frames.WANT, frames.GONE):
            values = frames.read(kind, body)
            if self.rooms.find(values["conversation"]):
                there = {frames.HEADS: self.rooms.heads, frames.WANT: self.rooms.want, frames.GONE: self.rooms.gone}
                return await there[kind](session, values)
            conversation = self.conversation(person) if mine else None
            if conversation is None or values["conversation"] != conversation.id:
                return
            if kind == frames.HEADS:
                last = lambda device, log: self.limit_of(person)(device, log) if self.public_of(person)(device) else 0
                for want in conversation.on_heads(values, link.device, last):
                    await link.send(frames.WANT, want)
                if values["ask"]:
                    await link.send(frames.HEADS, conversation.heads())
            elif kind == frames.WANT:
                for reply in conversation.answer(values):
                    await link.send(*reply)
            else:
                conversation.told_gone(values)
        elif kind == frames.ENVELOPES:
            envelopes = ev.parse_all(body) if mine or self.rooms.mates(person) else []
            await self._envelopes(session, envelopes, mine)
            await self.rooms.envelopes(session, envelopes)
        elif kind < 0x80:
            await self._end(session, frames.UNSUPPORTED)

    async def _envelopes(self, session, envelopes, mine):
        link, person = session.link, session.link.person
        if not mine:
            return
        conversation, touched = self.conversation(person), set()
        for envelope in envelopes:
            if envelope.conversation != conversation.id:
                continue
            try:
                is_new = conversation.receive(envelope, self.public_of(person), now_ms(), self.limit_of(person))
                touched.add(envelope.log)
                if is_new and envelope.kind == rooms.INVITATION and envelope.content:
                    self.rooms.invited(person, envelope.content)
            except Refused as error:
                self.errors.append(str(error))
        for name in touched:
            log = conversation.logs.get(name)
            if log is None:
                continue
            if log.wanted and log.seq >= log.wanted[1]:
                log.wanted = None
            if log.parked and log.wanted is None:
                first = min(log.parked)
                log.wanted = (log.seq + 1, min(first - 1, log.seq + 512))
                await link.send(
                    frames.WANT,
                    frames.body(frames.WANT, conversation=conversation.id, log=name, **{"from": log.wanted[0], "to": log.wanted[1]}),
                )
        if touched:
            # With `ask` the giver says again how far he is, and the rest of a long log is wanted.
            await link.send(frames.HEADS, conversation.heads(only=touched, ask=any(l.wanted is None for l in conversation.logs.values())))

    # The user's verbs.

    async def tell(self, person, kind, **values):
        """A frame with these values to whoever is there of a person."""
        for session in [s for s in self.sessions if s.up and s.link.person == person]:
            await session.link.say(kind, **values)

    async def draft(self, person, text, on=True):
        self.live.add(person) if on else self.live.discard(person)
        await self.tell(person, frames.DRAFT, conversation=self.conversation(person).id, on=on, text=text)

    async def accept(self, person):
        self.accepted.add(person)
        self.requests.pop(person, None)
        session = self.session(person)
        if session and self.talks(session.link):
            if session.key:
                self.keys[session.link.device] = session.key
            await self._tell_key(session.link)
            await session.link.send(frames.HEADS, self.conversation(person).heads(ask=True))

    async def request(self, person, text):
        self.to_request[person] = text
        session = self.session(person)
        if session:
            await session.link.say(frames.REQUEST, text=text)

    async def _push(self, person, envelopes):
        conversation, session = self.conversation(person), self.session(person)
        if not session or not self.talks(session.link):
            return
        known = conversation.delivered.get(session.link.device, 0)
        log = conversation.logs[conversation.mine]
        try:
            if log.seq - known <= PUSHED_UNASKED:
                for envelope in envelopes:
                    await session.link.send(frames.ENVELOPES, envelope.bytes)
            else:
                await session.link.send(frames.HEADS, conversation.heads(only={conversation.mine}))
        except OSError:
            pass  # The line broke. What was written is in the log, and the next session's Heads tells of it.

    async def send_text(self, person, text, reply_to=b""):
        if person not in self.accepted:
            await self.accept(person)
        written = self.conversation(person).write_text(text, now_ms(), reply_to)
        await self._push(person, written)
        return written[0].id

    async def write(self, person, kind, **content):
        envelope = self.conversation(person).write(kind, ev.payload(kind, **content), now_ms())
        await self._push(person, [envelope])
        return envelope.id

    async def read(self, person):
        conversation = self.conversation(person)
        for name, log in conversation.logs.items():
            if name != conversation.mine:
                conversation.i_read[name] = (log.seq, now_ms())
        session = self.session(person)
        if session and self.talks(session.link):
            await session.link.send(frames.HEADS, conversation.heads())

    def messages(self, person):
        def owner(device):
            return self.me.person if device == self.me.device else person

        return self.conversation(person).messages(owner)

    def texts(self, person, of=None):
        return [m["text"] for m in self.messages(person) if of is None or m["from"] == of]

    def is_delivered(self, person, device=None):
        conversation = self.conversation(person)
        return max(conversation.delivered.values(), default=0) == conversation.logs[conversation.mine].seq

    # Datagrams.

    def send_datagram(self, session, kind, body=b"", **how):
        address = session.address or session.link.remote[:2]
        self.udp.sendto(session.link.channel.seal(kind, body, **how), address)

    async def _datagram(self, data, address):
        if not self.use_datagrams:
            return
        for session in list(self.sessions):
            opened = session.link.channel.open(data)
            if opened is None:
                continue
            if address[0].rsplit(".", 1)[0] == session.link.remote[0].rsplit(".", 1)[0]:
                session.address = address
            kind, body = opened
            self.datagrams_in += 1
            if kind in (frames.PING, frames.PONG, frames.HEADS, frames.ENVELOPES, frames.TYPING):
                try:
                    await self._handle(session, kind, body, by_datagram=True)
                except (Refused, OSError):
                    pass
                await self._tell()
            return


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, node):
        self.node = node

    def datagram_received(self, data, address):
        self.node.spawn(self.node._datagram(data, address))
