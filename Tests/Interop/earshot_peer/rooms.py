"""Section 17, as values: charters, operations, and the state that follows from them."""

from dataclasses import dataclass, field

from . import protobuf as pb
from .crypto import Refused, blake2b
from .manifests import CUT

ADD, REMOVE, TRANSFER, SET, JOINED, INVITATION = range(17, 23)
NAME, TOPIC, LIFETIME, WRITER, PIN = range(1, 6)
INVITED, HAS_JOINED, LEFT, TAKEN = range(4)
NOBODY, MOST, MEMBERS, NAME_BYTES = bytes(32), 2**32, 128, 128
# Operations of a room that are taken and bytes of their payloads; of them by one person.
OPERATIONS, BYTES, OPERATIONS_EACH, BYTES_EACH = 16_384, 16 << 20, 1_024, 2 << 20
FOR_EVER = 2**64 - 1
SPOKEN = (1, 2, 3, 5)  # kinds that not all may write where the room is for announcements

F = pb.Field
CHARTER = {
    1: F("name", "string", limit=NAME_BYTES),
    2: F("owner", "bytes", size=32),
    3: F("salt", "bytes", size=16),
    4: F("open", "bool"),
    5: F("announce", "bool"),
    6: F("from_join", "bool"),
    7: F("owner_invites", "bool"),
}
START = {1: F("log", "bytes", size=16), 2: F("device", "bytes", size=32), 3: F("seq", "uint64"), 4: F("id", "bytes", size=32)}
PERSON, NUMBER = F("person", "bytes", size=32), F("number", "uint64")
OWNER, CUTS = F("owner", "uint64"), F("cut", "message", repeated=True, message=CUT)
OPERATION = {
    ADD: {
        1: PERSON,
        2: NUMBER,
        3: OWNER,
        4: F("manifest", "bytes", limit=32_768),
        5: F("from", "message", repeated=True, limit=400, message=START),
    },
    REMOVE: {1: PERSON, 2: NUMBER, 3: OWNER, 4: CUTS},
    TRANSFER: {1: PERSON, 2: OWNER, 3: CUTS},
    SET: {
        1: F("what", "uint32"),
        2: NUMBER,
        3: OWNER,
        4: F("text", "string", limit=1_024),
        5: F("value", "uint64"),
        6: F("subject", "bytes", size=32),
        7: CUTS,
    },
    JOINED: {},
    INVITATION: {1: F("charter", "bytes"), 2: NUMBER},
}


@dataclass(frozen=True)
class Charter:
    name: str
    owner: bytes = NOBODY
    salt: bytes = bytes(16)
    open: bool = False
    announce: bool = False
    from_join: bool = False
    owner_invites: bool = False
    bytes: bytes = b""

    @staticmethod
    def make(name, **values):
        values = {"owner": NOBODY, "salt": bytes(16), **values}
        return Charter(name, **values, bytes=pb.encode(CHARTER, {"name": name, **values}))

    @staticmethod
    def read(data):
        values = pb.decode(CHARTER, data)
        if not (values["name"] and values["owner"] and values["salt"]):
            raise Refused("charter without name, owner or salt")
        return Charter(**values, bytes=bytes(data))

    @property
    def room(self):
        return blake2b("earshot.convrm.1", self.bytes)

    @property
    def talk(self):
        return blake2b("earshot.convrt.1", self.room)


LOBBY = Charter.make("lobby", open=True)


def fits(kind, content):
    """Does the content of kinds 17 to 22 count, as far as it can be told from itself?"""
    if any(not cut["log"] for cut in content.get("cut", [])):
        return False
    if any(not (s["log"] and s["device"] and s["id"] and 1 <= s["seq"] < 2**63) for s in content.get("from", [])):
        return False
    if not 1 <= content.get("number", 1) <= MOST or content.get("owner", 0) > MOST or content.get("person") == b"":
        return False
    if kind == INVITATION:
        try:
            return bool(Charter.read(content["charter"]))
        except Refused:
            return False
    if kind == SET:
        if content["what"] == NAME and len(content["text"].encode()) > NAME_BYTES:
            return False
        return NAME <= content["what"] <= PIN and bool(content["subject"]) == (content["what"] in (WRITER, PIN))
    return kind != TRANSFER or content["owner"] > 0


@dataclass(frozen=True)
class Operation:
    """`stay` is the author's membership, field 8 of its envelope."""

    id: bytes
    author: bytes
    log: bytes
    seq: int
    stay: int
    kind: int
    content: dict = field(compare=False)


@dataclass
class End:
    taker: int = 0  # the latest owner who took them out, 0 where they left
    cuts: list = field(default_factory=list)
    left: dict = field(default_factory=dict)  # log: where they first left

    def cut(self, log):
        return min(cut.get(log, 0) for cut in self.cuts)


def cut_of(content):
    cut = {}
    for c in content["cut"]:
        cut[c["log"]] = min(c["seq"], cut.get(c["log"], FOR_EVER))
    return cut


class State:
    """What follows from operations (section 17, The state of a room). Slow and plain."""

    def __init__(self, charter, operations):
        self.charter, self.operations = charter, sorted(operations, key=lambda o: o.id)
        self.owners, self.transfers = [charter.owner], []
        self._owners()
        self.ends = {}
        self._ends()
        self.memberships = {} if charter.owner == NOBODY else {(charter.owner, 1): HAS_JOINED}
        self.added = []  # the adds that count
        while any([self._count(o) for o in self.of(ADD) if o not in self.added]):
            pass
        self._standings()
        self.settings = {}
        self._settings()

    def of(self, kind):
        return [o for o in self.operations if o.kind == kind]

    # 1. Owners

    def _owners(self):
        while True:
            firsts = {}
            for o in self.of(TRANSFER):
                if o.content["owner"] == len(self.owners) and o.author == self.owners[-1] != NOBODY:
                    if o.log not in firsts or o.seq < firsts[o.log].seq:
                        firsts[o.log] = o
            if not firsts:
                return
            lowest = min(firsts.values(), key=lambda o: o.id)
            self.owners.append(lowest.content["person"])
            self.transfers.append(cut_of(lowest.content))

    def stands(self, o):
        n = o.content["owner"]
        if not 1 <= n <= len(self.owners) or self.owners[n - 1] != o.author:
            return False
        return n == len(self.owners) or o.seq <= self.transfers[n - 1].get(o.log, 0)

    # 2. Ends

    def _ends(self):
        removes, of = self.of(REMOVE), lambda o: (o.content["person"], o.content["number"])
        taken = [o for o in removes if o.content["owner"] and self.stands(o)]
        left = [o for o in removes if not o.content["owner"] and o.author == o.content["person"]]
        firsts = {}
        for o in sorted(left, key=lambda o: o.seq):
            firsts.setdefault((of(o), o.log), o)
        for o in taken + list(firsts.values()):
            end = self.ends.setdefault(of(o), End())
            if o in taken:
                end.taker = max(end.taker, o.content["owner"])
            else:
                end.left[o.log] = o.seq
            if o in taken or not end.taker:
                end.cuts.append(cut_of(o.content))

    # 3. Memberships

    def _count(self, o):
        """Does this add count now that it did not before?"""
        person, n = o.content["person"], o.content["number"]
        if not self.follows(o):
            return False
        if o.content["owner"]:
            counts = self.counts_as_owners(o)
        elif o.author == person:
            counts = self.charter.open and o.stay == n and self.free(person, n)
        else:
            counts = not self.charter.owner_invites and self.free(person, n) and self.acts(o)
        if counts:
            self.added.append(o)
            self.memberships.setdefault((person, n), INVITED)
        return counts

    def follows(self, o):
        return o.content["number"] == 1 or (o.content["person"], o.content["number"] - 1) in self.ends

    def takers(self, person, n):
        """The numbers below n in which they were taken, and by which owner."""
        return {k: end.taker for (p, k), end in self.ends.items() if p == person and k < n and end.taker}

    def counts_as_owners(self, o):
        owner = o.content["owner"]
        earlier = self.takers(o.content["person"], o.content["number"])
        return owner > 0 and self.stands(o) and self.follows(o) and all(taker <= owner for taker in earlier.values())

    def free(self, person, n):
        last = max(self.takers(person, n), default=0)
        added = [o.content["number"] for o in self.of(ADD) if o.content["person"] == person and self.counts_as_owners(o)]
        return not last or any(last < k < n for k in added)

    def acts(self, o):
        if (o.author, o.stay) not in self.memberships:
            return False
        end = self.ends.get((o.author, o.stay))
        if end is None:
            return True
        return o.seq <= end.cut(o.log) if end.taker else o.seq < end.left.get(o.log, FOR_EVER)

    # 4. Members

    def _standings(self):
        for o in self.operations:
            if (o.author, o.stay) in self.memberships:
                self.memberships[o.author, o.stay] = HAS_JOINED
        for key in self.memberships:
            if key in self.ends:
                self.memberships[key] = TAKEN if self.ends[key].taker else LEFT

    def stay(self, person):
        """(number, standing) of their highest membership that counts; (0, None) without one."""
        return max(((n, s) for (p, n), s in self.memberships.items() if p == person), default=(0, None))

    def has(self, person):
        return self.stay(person)[1] in (INVITED, HAS_JOINED)

    @property
    def everybody(self):
        return sorted({p for p, _ in self.memberships})

    @property
    def members(self):
        return [p for p in self.everybody if self.has(p)]

    @property
    def owner(self):
        return self.owners[-1]

    def next_number(self, person):
        n = 1
        while (person, n) in self.ends:
            n += 1
        return n

    # 5. Settings

    def members_may(self, what):
        return what in (TOPIC, PIN) and not self.charter.announce

    def _settings(self):
        changes = {}
        for o in self.of(SET):
            what = o.content["what"]
            if self.stands(o) if o.content["owner"] else self.members_may(what) and self.acts(o):
                changes.setdefault((what, o.content["subject"]), []).append(o)
        for key, some in changes.items():
            owner = lambda o: 0 if self.members_may(key[0]) else o.content["owner"]  # noqa: B023
            present = 0
            for o in sorted(some, key=lambda o: (owner(o), o.content["number"], o.id)):
                if o.content["number"] <= present + 1:
                    present, self.settings[key] = o.content["number"], o.content

    def setting(self, what, subject=b""):
        return self.settings.get((what, subject))

    @property
    def name(self):
        return self.setting(NAME)["text"] if self.setting(NAME) else self.charter.name

    @property
    def topic(self):
        return self.setting(TOPIC)["text"] if self.setting(TOPIC) else ""

    # What is said

    def limit(self, log, person, n):
        """Up to where in a log what was written under a membership is shown: all of it, and the kinds that are spoken."""
        if (person, n) not in self.memberships:
            return 0, 0
        all_of_it = self.ends[person, n].cut(log) if (person, n) in self.ends else FOR_EVER
        writer = self.setting(WRITER, person)
        if not self.charter.announce or person == self.owner:
            return all_of_it, all_of_it
        if writer is None:
            return all_of_it, all_of_it if person in self.owners else 0
        return all_of_it, all_of_it if writer["value"] == 1 else min(all_of_it, cut_of(writer).get(log, 0))

    def shows(self, log, person, n, seq, kind):
        return seq <= self.limit(log, person, n)[kind in SPOKEN]

    def starts(self, person, n):
        """Where they begin the logs, in a room from join: of several adds the lowest id's."""
        counted = [o for o in self.added if (o.content["person"], o.content["number"]) == (person, n)]
        return min(counted, key=lambda o: o.id).content["from"] if self.charter.from_join and counted else []

    @property
    def plain(self):
        """What the hash is of."""
        u32, u64 = lambda n: n.to_bytes(4, "big"), lambda n: n.to_bytes(8, "big")
        out = u64(len(self.owners)) + self.owner + u32(len(self.memberships))
        for (person, n), standing in sorted(self.memberships.items()):
            out += person + u64(n) + bytes([standing])
        out += u32(len(self.settings))
        for (what, subject), s in sorted(self.settings.items(), key=lambda i: (i[0][0], i[0][1] or NOBODY)):
            text = s["text"].encode()
            out += u32(what) + (subject or NOBODY) + u64(s["number"]) + u64(s["value"]) + u32(len(text)) + text
        return out

    @property
    def hash(self):
        return blake2b("earshot.rmstate1", self.plain)
