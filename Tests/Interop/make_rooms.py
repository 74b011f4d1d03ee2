"""What make_vectors.py says of rooms, and Tests/EarshotWireTests/Vectors/rooms1.json: 200 random rooms and the state of each."""

import json
import random
import sys

from earshot_peer import envelopes as ev
from earshot_peer import frames, rooms
from earshot_peer import protobuf as pb
from earshot_peer.crypto import blake2b
from earshot_peer.rooms import Charter, Operation, State
from harness import ROOT

OUT = ROOT / "Tests/EarshotWireTests/Vectors/rooms1.json"
ABOUT = (
    "Made by Tests/Interop/make_rooms.py from section 17 of Protocol.md. Of an operation: id (zeros follow), number of its author in "
    "persons, number of the author's log, seq, field 8, kind, payload. The person with number p has the logs 3p to 3p + 2. Of the state: "
    "its hash, the numbers of those who are in it, and for each `limits` [log, person, number, all, words]."
)
COUNT = 200


def thing(name):
    return blake2b("test", name.encode())


def vectors(book, alice, bob):
    charters = {
        "closed": Charter.make("Ops ✿", owner=alice.person, salt=bytes(range(16))),
        "everything": Charter.make("a", owner=bob.person, salt=bytes(16), open=True, announce=True, from_join=True, owner_invites=True),
        "lobby": rooms.LOBBY,
    }
    for name, c in charters.items():
        fields = {f.name: getattr(c, f.name) for f in rooms.CHARTER.values()}
        book.add("charter", name, {"bytes": c.bytes, "room": c.room, "talk": c.talk}, **fields)
    good = charters["closed"]
    later = good.bytes + pb.length_delimited(99, b"of a later version")
    book.read("charter", "unknown field is kept and hashed", later, room=Charter.read(later).room)
    shuffled = good.bytes[-18:] + good.bytes[:-18]
    book.read("charter", "fields in another order are another room", shuffled, room=Charter.read(shuffled).room)
    charter = lambda **v: pb.encode(rooms.CHARTER, {"name": "x", "owner": alice.person, "salt": bytes(16), **v})
    for name, data, why in (
        ("no name", charter(name=""), "name is missing"),
        ("name of 129 bytes", charter(name="x" * 129), "name above 128 bytes"),
        ("name is not UTF-8", charter(name="") + b"\x0a\x01\xff", "string is not UTF-8"),
        ("no owner", charter(owner=b""), "owner is missing"),
        ("owner of 31 bytes", charter(owner=bytes(31)), "length"),
        ("no salt", charter(salt=b""), "salt is missing"),
        ("salt of 17 bytes", charter(salt=bytes(17)), "length"),
        ("salt of 0 bytes", charter(salt=b"") + pb.length_delimited(3, b""), "length"),
        ("open twice", charter(open=True) + b"\x20\x01", "singular field twice"),
    ):
        book.no("charter", name, data, why)
    contents(book, alice, bob, good)
    frames_of_rooms(book, alice, bob, good)


def contents(book, alice, bob, charter):
    log, other = sorted([thing("log")[:16], thing("other")[:16]])
    cut = [{"log": log, "seq": 7}, {"log": other, "seq": 2**63}]
    start = {"log": log, "device": bob.device, "seq": 9, "id": thing("id")}
    target, member = thing("target"), {"person": bob.person, "number": 2}
    for name, kind, content in (
        ("text with everything", ev.TEXT, {"text": "@Bob", "ask": True, "mentions": [bob.person, alice.person], "lifetime": 60_000}),
        ("acknowledge", ev.ACKNOWLEDGE, {"target": target}),
        ("remind", ev.REMIND, {"target": target}),
        ("lifetime", ev.LASTS, {"ms": 86_400_000}),
        ("lifetime off", ev.LASTS, {}),
        ("add", rooms.ADD, {**member, "manifest": bob.manifest.bytes}),
        ("add as owner, from join", rooms.ADD, {**member, "number": 2**32, "owner": 2**32, "from": [start, start]}),
        ("remove", rooms.REMOVE, {**member, "owner": 1, "cut": cut}),
        ("leave", rooms.REMOVE, {**member, "cut": cut[:1]}),
        ("transfer", rooms.TRANSFER, {"person": bob.person, "owner": 3, "cut": cut}),
        ("set name", rooms.SET, {"what": rooms.NAME, "number": 1, "owner": 1, "text": "Òps"}),
        ("set topic", rooms.SET, {"what": rooms.TOPIC, "number": 2, "text": "x" * 1_024}),
        ("set lifetime", rooms.SET, {"what": rooms.LIFETIME, "number": 1, "owner": 1, "value": 2**64 - 1}),
        ("set writer", rooms.SET, {"what": rooms.WRITER, "number": 1, "owner": 1, "value": 1, "subject": bob.person}),
        ("set writer no more", rooms.SET, {"what": rooms.WRITER, "number": 2, "owner": 1, "subject": bob.person, "cut": cut}),
        ("set pin", rooms.SET, {"what": rooms.PIN, "number": 1, "value": 1, "subject": target}),
        ("joined", rooms.JOINED, {}),
        ("invitation", rooms.INVITATION, {"charter": charter.bytes, "number": 1}),
    ):
        raw = ev.payload(kind, **content)
        assert ev.read_payload(kind, raw) is not None, name
        book.add("content", name, raw, kind=kind, content=content)
    add, remove = (lambda **v: ev.payload(rooms.ADD, **{**member, **v})), (lambda **v: ev.payload(rooms.REMOVE, **{**member, **v}))
    change = lambda **v: ev.payload(rooms.SET, **{"what": rooms.TOPIC, "number": 1, **v})
    again = pb.length_delimited(4, pb.encode(rooms.CUT, cut[0]))
    for name, kind, raw in (
        ("joined with unknown fields", rooms.JOINED, b"\x08\x01\x12\x00"),
        ("remove with owner 0", rooms.REMOVE, remove() + b"\x18\x00"),
        ("remove with a cut of 0", rooms.REMOVE, remove(cut=[{"log": log, "seq": 0}])),
        ("remove with 1,024 cuts", rooms.REMOVE, remove() + again * 1_024),
        ("acknowledge with other fields of later versions", ev.ACKNOWLEDGE, ev.payload(ev.ACKNOWLEDGE, target=target) + b"\x10\x01\x1a\x00"),
        ("add with 400 starts", rooms.ADD, add(**{"from": [start] * 400})),
    ):
        book.read("content", name, raw, kind=kind, shown=True)
    for name, kind, raw in (
        ("65 mentions", ev.TEXT, ev.payload(ev.TEXT, text="x", mentions=[bytes([n]) * 32 for n in range(65)])),
        ("mention of 31 bytes", ev.TEXT, pb.length_delimited(7, bytes(31))),
        ("acknowledge without target", ev.ACKNOWLEDGE, b""),
        ("remind of 31 bytes", ev.REMIND, pb.length_delimited(1, bytes(31))),
        ("lifetime twice", ev.LASTS, b"\x08\x01\x08\x01"),
        ("add without person", rooms.ADD, b"\x10\x01"),
        ("add with number 0", rooms.ADD, add(number=0)),
        ("add with number above 2^32", rooms.ADD, add(number=2**32 + 1)),
        ("add with owner above 2^32", rooms.ADD, add(owner=2**32 + 1)),
        ("add with owner twice", rooms.ADD, add(owner=1) + b"\x18\x01"),
        ("add with 401 starts", rooms.ADD, add(**{"from": [start] * 401})),
        ("add with a start at 0", rooms.ADD, add(**{"from": [{**start, "seq": 0}]})),
        ("add with a start at 2^63", rooms.ADD, add(**{"from": [{**start, "seq": 2**63}]})),
        ("add with a start without id", rooms.ADD, add(**{"from": [{**start, "id": b""}]})),
        ("add with a manifest above 32,768", rooms.ADD, add(manifest=bytes(32_769))),
        ("remove without number", rooms.REMOVE, remove(number=0)),
        ("remove with a cut without log", rooms.REMOVE, remove(cut=[{"seq": 1}])),
        ("remove with 1,025 cuts of one log", rooms.REMOVE, remove() + again * 1_025),
        ("transfer without owner", rooms.TRANSFER, ev.payload(rooms.TRANSFER, person=bob.person)),
        ("transfer with owner 0", rooms.TRANSFER, ev.payload(rooms.TRANSFER, person=bob.person) + b"\x10\x00"),
        ("transfer to nobody", rooms.TRANSFER, b"\x10\x01"),
        ("set 0", rooms.SET, change(what=0)),
        ("set 6", rooms.SET, change(what=6)),
        ("set without number", rooms.SET, change(number=0)),
        ("set topic with a subject", rooms.SET, change(subject=target)),
        ("set pin without a subject", rooms.SET, change(what=rooms.PIN)),
        ("set pin with an empty subject", rooms.SET, change(what=rooms.PIN) + pb.length_delimited(6, b"")),
        ("topic of 1,025 bytes", rooms.SET, change(text="x" * 1_025)),
        ("name of 129 bytes", rooms.SET, change(what=rooms.NAME, text="x" * 129)),
        ("joined that is not protobuf", rooms.JOINED, b"\x0b"),
        ("invitation without number", rooms.INVITATION, ev.payload(rooms.INVITATION, charter=charter.bytes)),
        ("invitation without charter", rooms.INVITATION, b"\x10\x01"),
        ("invitation with a broken charter", rooms.INVITATION, ev.payload(rooms.INVITATION, charter=charter.bytes[:-1], number=1)),
    ):
        book.read("content", name, raw, kind=kind, shown=None)


def frames_of_rooms(book, alice, bob, charter):
    mark = {"log": thing("log")[:16], "device": bob.device, "seq": 12, "id": thing("id"), "after": 9}
    heads = {"conversation": charter.room, "marks": [mark], "ask": True, "state": State(charter, []).hash}
    heads["persons"] = [{"person": alice.person, "version": 1}, {"person": bob.person, "version": 2**32 - 1}]
    book.add("heads", "of a room", frames.body(frames.HEADS, **heads), **heads)
    told = [{"charter": charter.bytes, "members": 128, "topic": "all"}, {"charter": rooms.LOBBY.bytes}]
    for name, some in (("none", []), ("two", told), ("64", told[1:] * 64)):
        book.add("rooms", name, frames.body(frames.ROOMS, room=some), room=some)
    book.no("rooms", "65", frames.body(frames.ROOMS, room=told[1:] * 65), "more than 64")
    book.no("rooms", "1,000", frames.body(frames.ROOMS, room=told[1:] * 1_000), "more than 64")
    book.no("rooms", "no charter", frames.body(frames.ROOMS, room=[{"members": 1}]), "charter is missing")
    book.no("rooms", "broken charter", frames.body(frames.ROOMS, room=[{"charter": charter.bytes[:-1]}]), "charter cannot be read")
    book.no("rooms", "topic of 1,025 bytes", frames.body(frames.ROOMS, room=[{**told[0], "topic": "x" * 1_025}]), "topic too long")
    start = pb.length_delimited(1, charter.room)
    one = pb.length_delimited(5, pb.encode(frames.VERSION, heads["persons"][0]))
    book.read("heads", "1,024 persons", start + one * 1_024, marks=0)
    book.no("heads", "1,025 persons", start + one * 1_025, "repeated more than 1,024 times")
    book.no("heads", "state of 31 bytes", start + pb.length_delimited(4, bytes(31)), "length")
    book.no("heads", "state twice", start + pb.length_delimited(4, bytes(32)) * 2, "singular field twice")
    book.no("heads", "person missing", start + pb.length_delimited(5, b"\x10\x01"), "person is missing")
    book.no("heads", "after twice", start + pb.length_delimited(2, pb.encode(frames.MARK, mark) + b"\x38\x01"), "singular field twice")


# Random rooms


def cut(chance, person, places):
    logs = sorted(log for log in places if log[0] == person and chance.random() < 0.8)
    return [(log, chance.choice([places[log], places[log], chance.randrange(places[log] + 1)])) for log in logs]


class Story:
    """One room, in which everybody knows something of what the others do, and some cheat."""

    def __init__(self, seed):
        self.chance = chance = random.Random(seed)
        self.persons = [thing(f"person {seed} {n}") for n in range(6)]
        self.logs = [thing(f"log {seed} {n}")[:16] for n in range(3 * len(self.persons))]
        flags = {name: chance.random() < p for name, p in (("open", 0.4), ("announce", 0.3), ("from_join", 0.3), ("owner_invites", 0.15))}
        owner = self.persons[0] if chance.random() < 0.9 else rooms.NOBODY
        self.charter = Charter.make("room", owner=owner, salt=thing(f"salt {seed}")[:16], **flags)
        self.operations, self.rows, self.places = [], [], {}
        self.view = State(self.charter, [])
        for _ in range(chance.randrange(8, 45)):
            self._tell()
        self.state = State(self.charter, self.operations)

    def _tell(self):
        chance = self.chance
        author = chance.randrange(len(self.persons))
        if chance.random() < 0.35 and self.view.owner in self.persons:
            author = self.persons.index(self.view.owner)
        log = (author, chance.randrange(3))
        self.places[log] = seq = self.places.get(log, 0) + 1
        stay = self.view.stay(self.persons[author])[0] or 1
        if chance.random() < 0.1:
            stay = chance.randrange(5)
        kind, content = self._operation(author, stay)
        raw = ev.payload(kind, **content)
        the_id = chance.randbytes(4)
        log_id = self.logs[3 * author + log[1]]
        self.rows.append([the_id.hex(), author, log[1], seq, stay, kind, raw.hex()])
        read = ev.read_payload(kind, raw)
        if read is not None:
            self.operations.append(Operation(the_id.ljust(32, b"\0"), self.persons[author], log_id, seq, stay, kind, read))
        if chance.random() < 0.7:
            self.view = State(self.charter, self.operations)

    def _operation(self, author, stay):
        chance, view = self.chance, self.view
        other = chance.randrange(len(self.persons))
        wild = lambda: chance.choice([0, 1, 2, 3, 4, 2**32, 2**32 + 1])
        mine = self.persons[author] == view.owner and chance.random() < 0.75
        owner = len(view.owners) if mine else chance.choice([0] * 10 + [1, 2, 3])
        cuts = lambda person: [{"log": self.logs[3 * p + d], "seq": seq} for (p, d), seq in cut(chance, person, self.places)]
        what = chance.random()
        if what < 0.35:
            person = author if self.charter.open and chance.random() < 0.5 else other
            number = view.next_number(self.persons[person]) if chance.random() < 0.85 else wild()
            start = {"log": self.logs[0], "device": thing("device"), "seq": chance.randrange(1, 9), "id": thing("start")}
            return rooms.ADD, {"person": self.persons[person], "number": number, "owner": owner, "from": [start] * self.charter.from_join}
        if what < 0.6:
            person = author if what > 0.5 else other
            number = view.stay(self.persons[person])[0] or 1 if chance.random() < 0.85 else wild()
            owner = 0 if person == author else owner
            return rooms.REMOVE, {"person": self.persons[person], "number": number, "owner": owner, "cut": cuts(person)}
        if what < 0.68 and (mine or chance.random() < 0.2):
            number = len(view.owners) if chance.random() < 0.85 else wild()
            return rooms.TRANSFER, {"person": self.persons[other], "owner": number, "cut": cuts(author)}
        if what < 0.92:
            kind = chance.choice([rooms.NAME, rooms.TOPIC, rooms.TOPIC, rooms.LIFETIME, rooms.WRITER, rooms.PIN])
            subject = self.persons[other] if kind in (rooms.WRITER, rooms.PIN) else b""
            present = view.setting(kind, subject)
            number = (present["number"] if present else 0) + chance.randrange(3)
            content = {"what": kind, "number": number if chance.random() < 0.9 else wild(), "owner": owner, "text": str(chance.randrange(9))}
            return rooms.SET, {**content, "value": chance.randrange(2), "subject": subject, "cut": cuts(other)}
        return rooms.JOINED, {}

    @property
    def plain(self):
        number = self.persons.index
        limits = []
        for person, n in sorted(self.state.memberships):
            for device in range(3):
                log = 3 * number(person) + device
                limits.append([log, number(person), n, *map(str, self.state.limit(self.logs[log], person, n))])
        return {
            "charter": self.charter.bytes.hex(),
            "persons": [p.hex() for p in self.persons],
            "logs": [log.hex() for log in self.logs],
            "operations": self.rows,
            "state": {"hash": self.state.hash.hex(), "members": [number(p) for p in self.state.members], "limits": limits},
        }


def text():
    made = [json.dumps(Story(seed).plain, separators=(",", ":")) for seed in range(COUNT)]
    return f'{{"about": {json.dumps(ABOUT)},\n"rooms": [\n' + ",\n".join(made) + "\n]}\n"


if __name__ == "__main__":
    OUT.write_text(text())
    sys.stdout.write(f"{OUT.name}: {COUNT} rooms\n")
