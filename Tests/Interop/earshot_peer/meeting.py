"""Section 17, rooms in a node: who is given what, inviting, joining, open rooms, telling on. The values are in rooms.py."""

import asyncio
import contextlib
import os
import random
import time

from . import envelopes as ev
from . import frames, rooms
from .crypto import Refused
from .logs import PER_WANT, Conversation, Log
from .manifests import LISTED, Manifest
from .rooms import Charter, Operation, State

INVITED, JOINED, GONE, TAKEN = "invited", "joined", "left", "removed"
PUSHED_UNASKED, LINKS = 32, 3


def now_ms():
    return int(time.time() * 1000)


class Room:
    """One room, as this node has it."""

    def __init__(self, node, charter, standing, number=0, inviter=None):
        self.node, self.charter, self.standing, self.number, self.inviter = node, charter, standing, number, inviter
        self.id = charter.room
        self.operations, self.talk = (Conversation(node.me, None, the_id) for the_id in (charter.room, charter.talk))
        self.tellers, self.candidates, self.farewells = set(), set(), {}
        self.diverged, self.telling, self.grown = False, {}, {}
        self.refresh()

    def refresh(self):
        """The state anew, after operations came."""
        entries = [e.envelope for log in self.operations.logs.values() for e in log.entries if e.envelope]
        read = [(e, e.content, self.author(e.device)) for e in entries if rooms.ADD <= e.kind <= rooms.JOINED]
        self.named = {c["person"] for e, c, _ in read if e.kind == rooms.ADD and c}
        known = [Operation(e.id, who, e.log, e.seq, e.membership, e.kind, c) for e, c, who in read if c is not None and who]
        self.state = State(self.charter, known)
        # Who is out of it may have the word of that.
        self.farewells = {}
        for o in known:
            if o.kind == rooms.REMOVE and (o.content["person"], o.content["number"]) in self.state.memberships:
                if not self.state.has(o.content["person"]):
                    self.farewells[o.content["person"]] = (o.log, o.seq)
        number, standing = self.state.stay(self.node.me.person)
        if self.standing == JOINED and standing in (rooms.LEFT, rooms.TAKEN) and number >= self.number:
            self.standing = TAKEN if standing == rooms.TAKEN else GONE
        begun = False
        for start in self.state.starts(self.node.me.person, number):
            if not self.talk.logs.get(start["log"]) or not self.talk.logs[start["log"]].seq:
                self.talk.logs[start["log"]] = Log(start["device"], after=start["seq"], after_id=start["id"])
                begun = True
        return begun

    @property
    def authors(self):
        """Among whom the authors of envelopes are looked up."""
        found = {self.node.me.person, self.charter.owner} | getattr(self, "named", set())
        if hasattr(self, "state"):
            found |= {*self.state.owners, *self.state.everybody}
        return found | (self.tellers | self.candidates if self.charter.open else set())

    @property
    def tells(self):
        """By whom one may expect to be told of the room."""
        return {*self.state.members, self.state.owner, *self.tellers} | ({self.inviter} if self.inviter else set())

    def author(self, device):
        return self.node.person_of(device, self.authors)

    def is_full_for(self, author):
        """Whether no more operations by them are taken."""
        if author in self.state.owners:
            return False
        logs = list(self.operations.logs.values())
        mine = [log for log in logs if self.author(log.device) == author]

        def is_over(some, most, most_bytes):
            return sum(log.seq for log in some) >= most or sum(len(e.envelope.payload) for log in some for e in log.entries if e.envelope) >= most_bytes

        return is_over(logs, rooms.OPERATIONS, rooms.BYTES) or is_over(mine, rooms.OPERATIONS_EACH, rooms.BYTES_EACH)

    def public_of(self, device):
        person = self.author(device)
        return self.node.public_of(person)(device) if person else None

    def limit_of(self, device, log):
        person = self.author(device)
        return self.node.limit_of(person)(device, log) if person else 0

    def conversation(self, the_id):
        return self.operations if the_id == self.id else self.talk

    def start(self, person, log):
        """What they are not given of a log of the talk."""
        number, _ = self.state.stay(person)
        return next((s["seq"] for s in self.state.starts(person, number) if s["log"] == log), 0)

    def heads(self, conversation, ask=False, only=None):
        if self.standing != JOINED:
            return conversation.heads(ask, {conversation.mine})  # nothing but what was written here
        if conversation is self.talk or only is not None:
            return conversation.heads(ask, only)
        manifests = {self.node.me.person: self.node.me.manifest, **self.node.manifests}
        persons = [{"person": p, "version": manifests[p].version} for p in sorted(self.authors) if p in manifests][:1_024]
        return conversation.heads(ask, None, state=self.state.hash, persons=persons)

    def messages(self):
        shows = lambda e: self.state.shows(e.log, self.author(e.device), e.membership, e.seq, e.kind)
        return self.talk.messages(self.author, shows)


class Rooms:
    """The rooms of a node."""

    def __init__(self, node, patience=5):
        self.node, self.patience = node, patience
        self.delays = (0.5, 0.5), (5, 10)  # until operations, and what is said, are told on; and between two times
        self.all, self.told, self.asked = {}, {}, set()
        self.told_to = set()  # devices that know which open rooms we are in

    def find(self, conversation):
        return next((r for r in self.all.values() if conversation in (r.id, r.charter.talk)), None)

    def named(self, name):
        return next(r for r in self.all.values() if r.state.name == name)

    # Who is given what

    def admits(self, room, link):
        return self.listed(link) and room.standing == JOINED and room.state.has(link.person)

    def listed(self, link):
        return self.node.standing(link.person, link.device) == LISTED

    def hears(self, room, link):
        """Is what the other end says of its operations taken?"""
        return self.listed(link) and room.standing in (JOINED, GONE) and link.person in room.tells

    def mates(self, person):
        return any(r.standing in (JOINED, GONE) and person in r.tells for r in self.all.values())

    def shares(self, one, other):
        return any(r.standing == JOINED and one in r.tells and other in r.authors for r in self.all.values())

    @property
    def links(self):
        return [s.link for s in self.node.sessions if s.up]

    # What comes

    async def greet(self, link):
        """A session opened, or a device is listed now."""
        await self.say_which([link])
        for room in list(self.all.values()):
            await self.greet_room(room, link, ask=True)

    async def greet_room(self, room, link, ask=False):
        if self.admits(room, link):
            for conversation in (room.operations, room.talk):
                for log in conversation.logs.values():
                    log.wanted = None
                await link.send(frames.HEADS, room.heads(conversation, ask))
        elif self.hears(room, link):
            await link.send(frames.HEADS, room.heads(room.operations, ask))
        if link.person in room.farewells and self.listed(link):
            await link.send(frames.HEADS, self.farewell(room, link.person))

    def farewell(self, room, person):
        """Heads of the log with the word of their removal, up to it."""
        name, seq = room.farewells[person]
        log = room.operations.logs[name]
        mark = {"log": name, "device": log.device, "seq": seq, "id": log.at(seq).id}
        return frames.body(frames.HEADS, conversation=room.id, marks=[mark])

    async def heads(self, session, values):
        link, room = session.link, self.find(values["conversation"])
        if room is None or room.standing not in (JOINED, GONE):
            return
        conversation = room.conversation(values["conversation"])
        if conversation is room.operations and room.charter.open and self.listed(link) and link.person not in room.tells:
            room.tellers.add(link.person)
            room.refresh()
        if not (self.admits(room, link) or conversation is room.operations and self.hears(room, link)):
            return
        last = lambda device, log: room.limit_of(device, log) if room.author(device) else 0
        for mark in values["marks"]:
            if mark["device"] != self.node.me.device and room.author(mark["device"]) is None and room.id not in session.puzzled:
                session.puzzled.add(room.id)
                if conversation is room.operations and not values["persons"]:
                    # Who writes there? The answer names the persons.
                    await link.send(frames.HEADS, room.heads(conversation, ask=True))
        if room.standing == JOINED:
            for want in conversation.on_heads(values, link.device, last):
                await link.send(frames.WANT, want)
                self.node.spawn(self._ask_again(room, conversation, frames.read(frames.WANT, want)))
        if values["ask"] and self.admits(room, link) or values["ask"] and conversation is room.operations:
            await link.send(frames.HEADS, room.heads(conversation))
        if conversation is room.operations:
            await self._compare(room, link, values)

    async def _compare(self, room, link, values):
        held = {(name, log.seq) for name, log in room.operations.logs.items() if log.seq}
        if values["state"] and held == {(m["log"], m["seq"]) for m in values["marks"]} and values["state"] != room.state.hash:
            room.diverged = True
        persons = {told["person"]: told["version"] for told in values["persons"]}
        if room.charter.open:
            room.candidates.update(persons)
        for person in persons:
            known = self.node.manifests.get(person)
            if person in room.authors and person != self.node.me.person and (known is None or known.version < persons[person]):
                self.asked.add(person)
                await link.say(frames.MANIFEST_ASK, person=person)

    async def want(self, session, values):
        link, room = session.link, self.find(values["conversation"])
        if room is None or not self.listed(link):
            return
        conversation = room.conversation(values["conversation"])
        mine = values["log"] == conversation.mine
        if self.admits(room, link):
            allowed = conversation is room.operations or values["from"] > room.start(link.person, values["log"])
        elif conversation is room.talk:
            allowed = False
        else:
            log, seq = room.farewells.get(link.person, (None, 0))
            open_to = room.charter.open and room.standing == JOINED and link.person in room.tells
            allowed = open_to or mine and self.hears(room, link) or values["log"] == log and values["to"] <= seq
        if allowed:
            for reply in conversation.answer(values):
                await link.send(*reply)

    async def gone(self, session, values):
        room = self.find(values["conversation"])
        if room and self.admits(room, session.link):
            room.conversation(values["conversation"]).told_gone(values)

    async def envelopes(self, session, envelopes):
        link, touched = session.link, {}
        for envelope in envelopes:
            room = self.find(envelope.conversation)
            if room is None or room.standing != JOINED:
                continue
            conversation = room.conversation(envelope.conversation)
            if not (self.admits(room, link) or conversation is room.operations and self.hears(room, link)):
                continue
            if conversation is room.operations and room.is_full_for(room.author(envelope.device)):
                continue
            try:
                conversation.receive(envelope, room.public_of, now_ms(), room.limit_of)
            except Refused as error:
                self.node.errors.append(str(error))
                if room.author(envelope.device) is None:
                    session.puzzled.add(room.id)
                continue
            touched.setdefault(envelope.conversation, (room, conversation, set()))[2].add(envelope.log)
            if conversation is room.operations and envelope.kind == rooms.ADD and envelope.content:
                await self._learn(room, envelope.content["manifest"], envelope.content["person"])
        for room, conversation, logs in touched.values():
            if conversation is room.operations:
                await self.changed(room)
            await self._ask_on(link, room, conversation, logs)
            if self.admits(room, link) or conversation is room.operations:
                ask = any(log.wanted is None for log in conversation.logs.values())
                await link.send(frames.HEADS, conversation.heads(only=logs, ask=ask))
            self._tell_on(room, conversation, logs)

    async def _ask_on(self, link, room, conversation, logs):
        for name in logs & set(conversation.logs):
            log = conversation.logs[name]
            if log.wanted and log.seq >= log.wanted[1]:
                log.wanted = None
            if log.parked and log.wanted is None:
                log.wanted = (log.seq + 1, min(min(log.parked) - 1, log.seq + PER_WANT))
                want = {"conversation": conversation.id, "log": name, "from": log.wanted[0], "to": log.wanted[1]}
                await link.send(frames.WANT, frames.body(frames.WANT, **want))
                self.node.spawn(self._ask_again(room, conversation, want))

    async def changed(self, room):
        """Operations came, or manifests: who is in it may be others now."""
        before = set(room.state.members)
        begun = room.refresh()
        after = set(room.state.members)
        for link in self.links:
            if link.person in before - after and link.person in room.farewells:
                await link.send(frames.HEADS, self.farewell(room, link.person))
            elif link.person in after - before or begun:
                await self.greet_room(room, link, ask=True)
        for session in list(self.node.sessions):
            if session.up and room.id in session.puzzled:
                session.puzzled.discard(room.id)
                await self.greet_room(room, session.link, ask=True)

    async def _ask_again(self, room, conversation, want):
        """What somebody did not give others may have, or they themselves later."""
        await asyncio.sleep(self.patience)
        log = conversation.logs.get(want["log"])
        if log and log.wanted == (want["from"], want["to"]):
            log.wanted = None
            for link in self.links:
                if self.admits(room, link) or conversation is room.operations and self.hears(room, link):
                    await link.send(frames.HEADS, room.heads(conversation, ask=True))

    # Manifests

    async def _learn(self, room, raw, person):
        """A manifest of somebody who has to do with a room, as others gave it."""
        try:
            manifest = Manifest.read(raw) if raw else None
        except Refused:
            return
        if manifest and manifest.person == person != self.node.me.person:
            self.node.keep_manifest(manifest)

    async def manifest_given(self, link, manifest):
        if manifest.person not in self.asked or not self.mates(link.person):
            return
        self.asked.discard(manifest.person)
        self.node.keep_manifest(manifest)
        for room in list(self.all.values()):
            if manifest.person in room.authors:
                await self.changed(room)

    # Telling on

    def _tell_on(self, room, conversation, logs):
        room.grown.setdefault(conversation.id, set()).update(logs)
        task = room.telling.get(conversation.id)
        if task is None or task.done():
            room.telling[conversation.id] = self.node.spawn(self._tell_all(room, conversation))

    async def _tell_all(self, room, conversation):
        """What came, to everybody who is linked, to a few at a time."""
        delay, pause = self.delays[conversation is room.talk]
        await asyncio.sleep(delay)
        while logs := room.grown.pop(conversation.id, None):
            links = [link for link in self.links if self.admits(room, link)]
            random.shuffle(links)
            for start in range(0, len(links), LINKS):
                for link in links[start : start + LINKS]:
                    with contextlib.suppress(OSError):
                        await link.send(frames.HEADS, conversation.heads(only=logs))
                await asyncio.sleep(pause)

    # Open rooms

    async def say_which(self, links):
        told = [
            {"charter": r.charter.bytes, "members": len(r.state.members), "topic": r.state.topic}
            for r in self.all.values()
            if r.standing == JOINED and r.charter.open
        ]
        for link in links:
            if told or link.device in self.told_to:
                self.told_to.add(link.device)
                await link.say(frames.ROOMS, room=told[:64])

    async def hear_which(self, link, values):
        self.told[link.person] = [told for told in values["room"] if told["charter"].open]
        for told in self.told[link.person]:
            room = self.all.get(told["charter"].room)
            if room and room.standing == JOINED and link.person not in room.tellers:
                room.tellers.add(link.person)
                room.refresh()
                await self.greet_room(room, link, ask=True)

    # The user's verbs

    async def _write(self, room, conversation, kind, **content):
        envelope = conversation.write(kind, ev.payload(kind, **content), now_ms(), room.number)
        # Who is taken out is told of it by `changed`; everybody else is given it.
        admitted = [link for link in self.links if self.admits(room, link) or self.hears(room, link) and conversation is room.operations]
        if conversation is room.operations:
            await self.changed(room)
        for link in admitted:
            if room.standing == JOINED and not self.admits(room, link) and not self.hears(room, link):
                continue
            log, known = conversation.logs[conversation.mine], conversation.delivered.get(link.device, 0)
            try:
                if log.seq - known <= PUSHED_UNASKED:
                    await link.send(frames.ENVELOPES, envelope.bytes)
                else:
                    await link.send(frames.HEADS, conversation.heads(only={conversation.mine}))
            except OSError:
                pass  # the next session's Heads tells of it
        return envelope

    async def operate(self, room, kind, **content):
        """Any operation at all, also such as do not count."""
        return await self._write(room, room.operations, kind, **content)

    async def create(self, name, **flags):
        charter = Charter.make(name, owner=self.node.me.person, salt=os.urandom(16), **flags)
        room = self.all[charter.room] = Room(self.node, charter, JOINED, 1)
        if charter.open:
            await self.say_which(self.links)
        return room

    def as_owner(self, room):
        return len(room.state.owners) if room.state.owner == self.node.me.person else 0

    async def invite(self, room, person):
        number = room.state.next_number(person)
        manifest = self.node.manifests[person].bytes if person in self.node.manifests else b""
        starts = [
            {"log": name, "device": log.device, "seq": log.seq, "id": log.head} for name, log in room.talk.logs.items() if log.seq
        ]
        starts = starts[:400] if room.charter.from_join else []
        content = {"person": person, "number": number, "owner": self.as_owner(room), "manifest": manifest, "from": starts}
        await self.operate(room, rooms.ADD, **content)
        if person not in self.node.accepted:
            await self.node.accept(person)
        await self.node.write(person, rooms.INVITATION, charter=room.charter.bytes, number=number)

    def invited(self, person, content):
        charter = Charter.read(content["charter"])
        room = self.all.get(charter.room)
        if room and (room.standing == JOINED or content["number"] <= room.number):
            return
        if room is None:
            room = self.all[charter.room] = Room(self.node, charter, INVITED)
        room.standing, room.number, room.inviter = INVITED, content["number"], person

    async def join(self, the_id):
        """Into a room one was invited to, or an open one that somebody told of."""
        room = self.all.get(the_id)
        if room and room.standing == INVITED:
            room.standing = JOINED
            await self.operate(room, rooms.JOINED)
        else:
            by = {p: t["charter"] for p, told in self.told.items() for t in told if t["charter"].room == the_id}
            room = room or Room(self.node, next(iter(by.values())), JOINED)
            self.all[the_id] = room
            room.tellers.update(by)
            room.standing, room.number = JOINED, room.state.next_number(self.node.me.person)
            await self.say_which(self.links)
            person = self.node.me.person
            await self.operate(room, rooms.ADD, person=person, number=room.number, manifest=self.node.me.manifest.bytes)
        for link in self.links:
            await self.greet_room(room, link, ask=True)
        return room

    def cut(self, room, person, *conversations):
        logs = [(name, log) for c in conversations for name, log in c.logs.items() if log.seq]
        return [{"log": name, "seq": log.seq} for name, log in logs if room.author(log.device) == person]

    async def remove(self, room, person):
        """Out of it, by its owner; or oneself."""
        stay = room.number if person == self.node.me.person else room.state.stay(person)[0]
        owner = 0 if person == self.node.me.person else self.as_owner(room)
        cut = self.cut(room, person, room.operations, room.talk)
        await self.operate(room, rooms.REMOVE, person=person, number=stay, owner=owner, cut=cut)
        if person == self.node.me.person:
            room.standing = GONE

    async def transfer(self, room, person):
        cut = self.cut(room, self.node.me.person, room.operations)
        await self.operate(room, rooms.TRANSFER, person=person, owner=self.as_owner(room), cut=cut)

    async def set(self, room, what, **values):
        present = room.state.setting(what, values.get("subject", b""))
        number = (present["number"] if present else 0) + 1
        await self.operate(room, rooms.SET, what=what, number=number, owner=self.as_owner(room), **values)

    async def say(self, room, text, **content):
        return (await self._write(room, room.talk, ev.TEXT, text=text, **content)).id
