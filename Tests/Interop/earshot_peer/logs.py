"""Logs of one conversation and how they are brought level (sections 6, 7, 9). Values in, values out: no socket."""

import heapq
from dataclasses import dataclass, field

from . import envelopes as ev
from . import frames
from .crypto import Refused
from .envelopes import Envelope

PER_WANT, WANTS_OPEN, PARKED = 512, 8, 256


@dataclass
class Entry:
    id: bytes
    envelope: Envelope | None  # None once its body was dropped


@dataclass
class Log:
    device: bytes
    entries: list = field(default_factory=list)
    parked: dict = field(default_factory=dict)
    gone: dict = field(default_factory=dict)  # seq: id, not yet believed
    wanted: tuple | None = None
    forked: bool = False
    after: int = 0  # up to here nothing of it is held, nor can be (17)
    after_id: bytes = b""

    @property
    def seq(self):
        return self.after + len(self.entries)

    @property
    def head(self):
        return self.entries[-1].id if self.entries else self.after_id

    def at(self, seq):
        """The entry of this number, None where it is not held."""
        return self.entries[seq - self.after - 1] if self.after < seq <= self.seq else None


class Conversation:
    """A conversation of two, or one of a room with the id that is given, as one device holds it."""

    def __init__(self, me, other, the_id=None):
        self.me, self.other = me, other
        self.id = the_id or ev.conversation_of_two(me.person, other)
        self.mine = ev.log_id(me.gen, self.id)
        self.logs = {self.mine: Log(me.device)}
        self.delivered, self.read_by, self.i_read = {}, {}, {}
        self.newest = 0
        self.ids = {}

    # Writing.

    def write(self, kind, payload, now_ms, membership=0):
        log = self.logs[self.mine]
        self.newest = max(self.newest + 1, now_ms << 16)
        parents = [other.head for other in self.logs.values() if other is not log and other.seq][:16]
        envelope = Envelope(
            self.id, self.me.device, self.mine, log.seq + 1, log.head, parents, self.newest, membership, kind, payload
        ).signed(self.me.device_seed)
        self._keep(log, envelope)
        return envelope

    def write_text(self, text, now_ms, reply_to=b""):
        pieces = ev.parts_of(text)
        if len(pieces) == 1:
            return [self.write(ev.TEXT, ev.payload(ev.TEXT, text=text, reply_to=reply_to), now_ms)]
        out, first = [], b""
        for i, piece in enumerate(pieces):
            content = ev.payload(ev.TEXT, text=piece, reply_to=reply_to, part=i, parts=len(pieces), first=first)
            out.append(self.write(ev.TEXT, content, now_ms))
            first = out[0].id
        return out

    def _keep(self, log, envelope):
        log.entries.append(Entry(envelope.id, envelope))
        self.ids[envelope.id] = (log, log.seq)
        if envelope.kind == ev.DELETE and envelope.content:
            self._drop(envelope.content["target"], envelope.device)

    def _drop(self, target, by):
        place = self.ids.get(target)
        # Same person: with one device each, that is the same device.
        if place and place[0].device == by:
            place[0].at(place[1]).envelope = None

    # Reading.

    def receive(self, envelope, public_of, now_ms, limit_of=lambda device, log: None):
        """Checks in the order of section 6. True when something new was stored. `public_of(device)` gives D of a
        certified device of the conversation, else None; `limit_of(device, log)` the last good seq of a revoked one."""
        if envelope.id in self.ids:
            return False
        public = public_of(envelope.device)
        if public is None:
            raise Refused("device of nobody in this conversation")
        limit = limit_of(envelope.device, envelope.log)
        if limit is not None and envelope.seq > limit:
            raise Refused("device is revoked")
        log = self.logs.get(envelope.log)
        if log and log.device != envelope.device:
            raise Refused("log of another device")
        if log is None:
            log = Log(envelope.device)
        if envelope.seq <= log.seq:
            log.forked = True
            raise Refused("fork")
        if not envelope.verify(public):
            raise Refused("signature")
        self.logs.setdefault(envelope.log, log)
        if envelope.seq > log.seq + 1:
            self._believe_gone(log, envelope)
        if envelope.seq > log.seq + 1:
            if len(log.parked) < PARKED:
                log.parked[envelope.seq] = envelope
            return False
        return self._append(log, envelope, now_ms)

    def _believe_gone(self, log, envelope):
        run = range(log.seq + 1, envelope.seq)
        if all(seq in log.gone for seq in run) and log.gone[run[-1]] == envelope.prev:
            for seq in run:
                log.entries.append(Entry(log.gone.pop(seq), None))
                self.ids[log.head] = (log, log.seq)

    def _append(self, log, envelope, now_ms):
        if envelope.prev != log.head:
            log.forked = True
            raise Refused("prev does not fit")
        self._keep(log, envelope)
        if envelope.stamp >> 16 <= now_ms + 600_000:
            self.newest = max(self.newest, envelope.stamp)
        log.gone = {seq: the_id for seq, the_id in log.gone.items() if seq > log.seq}
        following = log.parked.pop(log.seq + 1, None)
        if following:
            self._append(log, following, now_ms)
        return True

    def told_gone(self, gone):
        log = self.logs.get(gone["log"])
        if log is None:
            return
        if log.seq < gone["seq"] <= log.seq + PER_WANT:
            log.gone[gone["seq"]] = gone["id"]

    # Heads and Want.

    def heads(self, ask=False, only=None, **more):
        marks = []
        for name, log in self.logs.items():
            if only is not None and name not in only:
                continue
            read = min(self.i_read.get(name, (0, 0))[0], log.seq)
            at = self.i_read.get(name, (0, 0))[1] if read else 0
            marks.append({"log": name, "device": log.device, "seq": log.seq, "id": log.head, "read": read, "read_at": at, "after": log.after})
        return frames.body(frames.HEADS, conversation=self.id, marks=marks, ask=ask, **more)

    def on_heads(self, heads, giver, last=lambda device, log: None):
        """Returns the Want bodies to send. `last(device, log)` is where what counts of a log ends; None where all of it does."""
        wants = []
        for mark in heads["marks"]:
            name = mark["log"]
            if not name or bool(mark["id"]) != (mark["seq"] > 0):
                raise Refused("mark")
            log = self.logs.get(name)
            if name == self.mine:
                if mark["seq"] and mark["seq"] <= log.seq and log.at(mark["seq"]).id == mark["id"]:
                    self.delivered[giver] = max(self.delivered.get(giver, 0), mark["seq"])
                    self.read_by[giver] = max(self.read_by.get(giver, 0), min(mark["read"], mark["seq"]))
                continue
            limit = last(mark["device"], name)
            if limit == 0:
                continue
            end = mark["seq"] if limit is None else min(mark["seq"], limit)
            if log is None:
                if not mark["seq"]:
                    continue
                log = self.logs[name] = Log(mark["device"])
            if end > log.seq >= mark["after"] and log.wanted is None and sum(l.wanted is not None for l in self.logs.values()) < WANTS_OPEN:
                log.wanted = (log.seq + 1, min(end, log.seq + PER_WANT))
                wants.append(frames.body(frames.WANT, conversation=self.id, log=name, **{"from": log.wanted[0], "to": log.wanted[1]}))
        return wants

    def answer(self, want):
        """Frames (type, body) in answer to a Want; none for what is not held, or asked in a wrong way."""
        log = self.logs.get(want["log"])
        first, last = want["from"], want["to"]
        if log is None or not 1 <= first <= last or last - first >= PER_WANT or not log.after < first <= log.seq:
            return []
        out, batch = [], b""
        for seq in range(first, min(last, log.seq) + 1):
            entry = log.at(seq)
            raw = entry.envelope.bytes if entry.envelope else b""
            if batch and (not raw or len(batch) + len(raw) > ev.MAX_BODY):
                out.append((frames.ENVELOPES, batch))
                batch = b""
            if raw:
                batch += raw
            else:
                out.append((frames.GONE, frames.body(frames.GONE, conversation=self.id, log=want["log"], seq=seq, id=entry.id)))
        return out + [(frames.ENVELOPES, batch)] if batch else out

    # What a person sees.

    def messages(self, person_of, shows=lambda envelope: True):
        """Texts in causal order, then by stamp, then by id, with edits, deletions and reactions applied."""
        envelopes = {e.id: e.envelope for log in self.logs.values() for e in log.entries if e.envelope and shows(e.envelope)}
        before = {i: [p for p in [e.prev, *e.parents] if p in envelopes] for i, e in envelopes.items()}
        after, missing = {}, {i: len(set(b)) for i, b in before.items()}
        for i, b in before.items():
            for p in set(b):
                after.setdefault(p, []).append(i)
        ready = [(envelopes[i].stamp, i) for i, n in missing.items() if n == 0]
        heapq.heapify(ready)
        order = []
        while ready:
            _, i = heapq.heappop(ready)
            order.append(i)
            for follower in after.get(i, []):
                missing[follower] -= 1
                if missing[follower] == 0:
                    heapq.heappush(ready, (envelopes[follower].stamp, follower))
        shown, parts = {}, {}
        edits, deleted, reactions = {}, set(), {}
        for i in order:
            e = envelopes[i]
            c, who = e.content, person_of(e.device)
            if c is None:
                shown[i] = {"id": i, "from": who, "kind": e.kind, "text": None}
            elif e.kind == ev.TEXT:
                if not c["parts"] or c["part"] == 0:
                    shown[i] = {"id": i, "from": who, "text": c["text"], "reply_to": c["reply_to"], "parts": c["parts"]}
                    parts[i] = {0: c["text"]}
                elif c["first"] in parts:
                    parts[c["first"]][c["part"]] = c["text"]
            elif e.kind == ev.EDIT:
                edits.setdefault(c["target"], []).append((e.stamp, i, who, c["text"]))
            elif e.kind == ev.DELETE:
                deleted.add((c["target"], who))
            elif e.kind == ev.REACTION:
                reactions.setdefault(c["target"], {})[who, c["emoji"]] = not c["off"]
        out = []
        for i, message in shown.items():
            who = message["from"]
            if (i, who) in deleted:
                continue
            if message.get("parts"):
                if len(parts[i]) != message["parts"]:
                    continue
                message["text"] = "".join(parts[i][n] for n in sorted(parts[i]))
            mine = [x for x in edits.get(i, []) if x[2] == who]
            if mine:
                message["text"], message["edited"] = max(mine)[3], True
            message["reactions"] = [key for key, on in reactions.get(i, {}).items() if on]
            out.append(message)
        return out
