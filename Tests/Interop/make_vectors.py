"""Writes Tests/EarshotWireTests/Vectors/earshot1.json: everything above Noise, from fixed seeds, by this peer."""

import json
import struct
import sys

import make_rooms
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer import protobuf as pb
from earshot_peer.crypto import blake2b, export, sign
from earshot_peer.datagrams import Channel
from earshot_peer.envelopes import Envelope
from earshot_peer.handshake import STRANGER, Payload, Secrets, gate, head, prologue
from earshot_peer.manifests import Certificate, Identity, Manifest
from harness import ROOT

OUT = ROOT / "Tests/EarshotWireTests/Vectors/earshot1.json"
NOW = 1_760_000_000
ABOUT = (
    "Made by Tests/Interop/make_vectors.py from Protocol.md. Protobuf here is written with fields in the order of their numbers, "
    "fields that hold 0, false or nothing left out, repeated integers packed, varints as short as they can be. Readers take any order. "
    "Binary values are lower-case hex, integers from 2^53 strings of digits. `vectors`: expected is what the named thing comes to. `reads`: bytes that must be read, and "
    "what they mean. `refuse`: bytes that must be refused, and why; `with` names what the checker needs to know."
)


def seed(name):
    return name.encode().ljust(32, b".")


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, int) and value >= 2**53:
        return str(value)
    return [plain(v) for v in value] if isinstance(value, list) else value


class Book:
    def __init__(self):
        self.vectors, self.reads, self.refuse = [], [], []

    def add(self, kind, name, expected, /, **inputs):
        self.vectors.append({"kind": kind, "name": name, "input": plain(inputs), "expected": plain(expected)})

    def read(self, kind, name, data, /, **meaning):
        self.reads.append({"kind": kind, "name": name, "bytes": data.hex(), "meaning": plain(meaning)})

    def no(self, kind, name, data, reason, /, **context):
        self.refuse.append({"kind": kind, "name": name, "bytes": data.hex(), "reason": reason, "with": plain(context)})


def make():
    book = Book()
    alice, bob = Identity(seed("alice"), "Alice", now=NOW), Identity(seed("bob"), "Bob", now=NOW)
    laptop = Identity(seed("alice"), "Alice", device_seed=seed("alice laptop"), now=NOW)
    laptop.certificate.version = 2
    laptop.certificate.signed(alice.person_seed)
    identities(book, alice, bob, laptop)
    handshakes(book, alice, bob)
    transport(book)
    sync(book, alice, bob)
    messages(book, alice, bob)
    make_rooms.vectors(book, alice, bob)
    return {"about": ABOUT, "vectors": book.vectors, "reads": book.reads, "refuse": book.refuse}


def identities(book, alice, bob, laptop):
    for who, name in ((alice, "alice"), (bob, "bob")):
        book.add(
            "identity",
            name,
            {"person": who.person, "device_public": who.certificate.device_public, "static_public": who.certificate.static_public,
             "device": who.device, "id16": who.id16},
            person_seed=who.person_seed, device_seed=who.device_seed, static_private=who.static,
        )  # fmt: skip
        c = who.certificate
        book.add(
            "certificate", name, c.bytes, person_seed=who.person_seed, person=c.person, device_public=c.device_public,
            static_public=c.static_public, manifest_version=c.version, not_before=c.not_before, not_after=c.not_after,
        )  # fmt: skip

    # A chain: one device, then two, then the first revoked with a cut.
    log = ev.log_id(alice.gen, ev.conversation_of_two(alice.person, bob.person))
    one = alice.manifest
    two = Manifest(alice.person, 2, one.hash, NOW + 60, [alice.certificate.bytes, laptop.certificate.bytes], [], "Alice").signed(alice.person_seed)
    revoked = [
        {"device": alice.device, "reason": 1, "cut": [{"log": log, "seq": 7}]},
        {"device": bytes(range(32)), "reason": 0, "cut": []},
    ]
    three = Manifest(alice.person, 3, two.hash, NOW + 120, [laptop.certificate.bytes], revoked, "Alíce").signed(alice.person_seed)
    for m in (one, two, three):
        book.add(
            "manifest", f"version {m.version}", {"manifest": m.bytes, "hash": m.hash}, person_seed=alice.person_seed, person=m.person,
            version=m.version, prev=m.prev, issued=m.issued, active=m.active, revoked=m.revoked, name=m.name,
        )  # fmt: skip

    def resigned(certificate, offset, new):
        body = bytearray(certificate.bytes[:122])
        body[offset : offset + len(new)] = new
        return bytes(body) + sign(alice.person_seed, b"earshot/1 device-cert\0" + bytes(body))

    good = alice.certificate.bytes
    book.no("certificate", "flags", resigned(alice.certificate, 4, b"\0\1"), "flags other than 0, well signed")
    book.no("certificate", "high flag", resigned(alice.certificate, 4, b"\x80\0"), "flags other than 0, well signed")
    book.no("certificate", "magic", resigned(alice.certificate, 0, b"ESC2"), "not ESC1, well signed")
    book.no("certificate", "short", good[:-1], "185 bytes")
    book.no("certificate", "long", good + b"\0", "187 bytes")
    book.no("certificate", "empty", b"", "0 bytes")
    for at in (6, 38, 70, 102, 106, 114, 122, 154, 185):
        book.no("certificate", f"flipped bit at {at}", good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], "signature does not hold")
    forged = Certificate(alice.person, *[getattr(bob.certificate, f) for f in ("device_public", "static_public")], 1, NOW, NOW + 1)
    book.no("certificate", "signed by another person", forged.signed(bob.person_seed).bytes, "signed by someone else than its P_pk")
    raw = sign(alice.person_seed, good[:122])
    book.no("certificate", "signed without context", good[:122] + raw, "signature lacks the context string")

    def manifest(body):
        signature = sign(alice.person_seed, b"earshot/1 manifest\0" + blake2b("earshot.manif.1", body))
        return struct.pack(">I", len(body)) + body + signature

    fields = lambda **v: pb.encode(MANIFEST_SCHEMA, {"person": alice.person, "version": 1, "issued": NOW, "active": [good], **v})
    book.read("manifest", "unknown field is kept and signed", manifest(fields() + pb.length_delimited(100, b"later")), version=1)
    book.no("manifest", "version twice", manifest(fields() + b"\x10\x01"), "singular field twice")
    book.no("manifest", "version 0", manifest(fields(version=0)), "versions count from 1")
    book.no("manifest", "prev in version 1", manifest(fields(prev=one.hash)), "prev is absent in version 1")
    book.no("manifest", "no prev in version 2", manifest(fields(version=2)), "prev is missing")
    book.no("manifest", "short prev", manifest(fields(version=2, prev=bytes(31))), "prev is not 32 bytes")
    book.no("manifest", "no person", manifest(fields(person=b"")), "person is missing")
    book.no("manifest", "17 devices", manifest(fields(active=[good] * 17)), "more than 16 active")
    book.no("manifest", "certificate of another person", manifest(fields(active=[bob.certificate.bytes])), "not a certificate of this person")
    book.no("manifest", "short certificate", manifest(fields(active=[good[:185]])), "active is not 186 bytes")
    book.no("manifest", "65 revoked", manifest(fields(revoked=[{"device": bytes([n]) * 32} for n in range(65)])), "more than 64 revoked")
    book.no("manifest", "long name", manifest(fields(name="x" * 257)), "name above 256 bytes")
    book.no("manifest", "name is not UTF-8", manifest(fields() + b"\x3a\x01\xff"), "string is not UTF-8")
    book.no("manifest", "trailing byte", one.bytes + b"\0", "more than length, body and signature")
    book.no("manifest", "truncated", one.bytes[:-1], "signature is cut")
    book.no("manifest", "length leads outside", b"\xff\xff\xff\xff" + one.bytes[4:], "length leads outside")
    book.no("manifest", "flipped signature", one.bytes[:-1] + bytes([one.bytes[-1] ^ 1]), "signature does not hold")
    book.no("manifest", "over 32 KiB", manifest(fields() + pb.length_delimited(100, bytes(32_768))), "more than 32,768 bytes")


from earshot_peer.manifests import MANIFEST as MANIFEST_SCHEMA  # noqa: E402
from earshot_peer.handshake import PAYLOAD_SCHEMA  # noqa: E402


def handshakes(book, alice, bob):
    the_head, message = head(1_955_555), bytes(i % 251 for i in range(1216))
    book.add("head", "epoch 1955555", the_head, epoch=1_955_555)
    book.add("prologue", "epoch 1955555", prologue(the_head), head=the_head)
    for name, id16 in (("addressed", bob.id16), ("hyphens", STRANGER)):
        book.add("gate", name, gate(id16, the_head, message), id16=id16, head=the_head, message_1=message)
    k3, h = blake2b("test", b"k3"), blake2b("test", b"h")
    for label in (b"udp i2r\0\0", b"udp r2i\0\0", b"udp i2r\0\1", b"test"):
        for length in (16, 32, 80):
            book.add("exporter", f"{label!r} {length}", export(k3, h, label, length), k3=k3, h=h, label=label, length=length)

    full = Payload(alice.certificate.bytes, 3, alice.manifest.hash, [1, 2], [1], 0x0123456789ABCDEF, 1)
    for name, p in (("full", full), ("no features", Payload(alice.certificate.bytes, 1, alice.manifest.hash, [1], [1], 1, 0))):
        book.add("payload", name, p.encode(), **p.__dict__)
    values = {**full.__dict__}
    body = pb.encode(PAYLOAD_SCHEMA, values)
    wrap = lambda b: (struct.pack(">H", len(b)) + b).ljust(512, b"\0")
    unpacked = b"".join(
        [pb.length_delimited(1, full.certificate), b"\x10\x03", pb.length_delimited(3, full.manifest_hash), b"\x20\x01\x20\x02\x28\x01",
         b"\x31" + struct.pack("<Q", full.index), b"\x38\x01"]
    )  # fmt: skip
    book.read("payload", "integers one by one", wrap(unpacked), **full.__dict__)
    book.read("payload", "unknown fields", wrap(body + b"\x78\x01" + pb.length_delimited(99, b"new")), **full.__dict__)
    book.no("payload", "511 bytes", wrap(body)[:511], "not 512 bytes")
    book.no("payload", "513 bytes", wrap(body) + b"\0", "not 512 bytes")
    book.no("payload", "length leads outside", struct.pack(">H", 511) + wrap(body)[2:], "length beyond 510")
    book.no("payload", "padding", wrap(body)[:511] + b"\1", "padding is not zero")
    book.no("payload", "index 0", wrap(pb.encode(PAYLOAD_SCHEMA, {**values, "index": 0})), "datagram index is 0")
    book.no("payload", "index twice", wrap(body + b"\x31" + bytes(8)), "singular field twice")
    book.no("payload", "certificate of 185 bytes", wrap(pb.encode(PAYLOAD_SCHEMA, {**values, "certificate": full.certificate[:185]})), "length")
    book.no("payload", "hash of 31 bytes", wrap(pb.encode(PAYLOAD_SCHEMA, {**values, "manifest_hash": bytes(31)})), "length")
    book.no("payload", "index as varint", wrap(pb.encode(PAYLOAD_SCHEMA, {**values, "index": 0}) + b"\x30\x05"), "wire type does not fit")
    book.no("payload", "group", wrap(body + b"\x7b\x7c"), "wire type 3")
    book.no("payload", "only wire version 2", wrap(pb.encode(PAYLOAD_SCHEMA, {**values, "versions": [2]})), "version in use is not listed")
    book.no("payload", "only suite 2", wrap(pb.encode(PAYLOAD_SCHEMA, {**values, "suites": [2]})), "suite in use is not listed")
    book.no(
        "binding", "another static key", wrap(body), "certificate's S_pk is not the Noise remote static",
        remote_static=bob.certificate.static_public,
    )  # fmt: skip
    book.no("binding", "my own device", wrap(body), "my own device", remote_static=alice.certificate.static_public, me=alice.device)


def transport(book):
    for length in (64, 65, 72, 73, 100, 128, 129, 200, 255, 256, 1000, 1023, 1024, 1025, 4097, 10_000, 32_769, 61_440, 65_000, 65_519):
        book.add("padme", str(length), min(frames.MOST, frames.padme(length)), length=length)
    examples = {
        "Close 0": (frames.CLOSE, {}),
        "Close 3": (frames.CLOSE, {"code": 3}),
        "Ready": (frames.READY, {}),
        "Ping": (frames.PING, {"nonce": 2**64 - 1}),
        "Pong": (frames.PONG, {"nonce": 1}),
        "ManifestAsk": (frames.MANIFEST_ASK, {"person": bytes(range(32))}),
        "Profile": (frames.PROFILE, {"name": "Ålice 🙂"}),
        "Request": (frames.REQUEST, {"text": "It is me from the third floor"}),
        "Typing on": (frames.TYPING, {"conversation": bytes(range(32)), "on": True}),
        "Profile, all of it": (
            frames.PROFILE,
            {
                "name": "Alice", "full_name": "Alice Ålund", "role": "carpenter", "desk": "2.14", "phone": "+49 30 901820",
                "picture": frames.picture_id(b"picture"), "picture_size": 7,
            },
        ),
        "Presence, busy": (frames.PRESENCE, {"state": frames.BUSY, "text": "until noon"}),
        "Presence, away": (frames.PRESENCE, {"state": frames.AWAY, "idle": 600}),
        "Presence, absent": (frames.PRESENCE, {"state": frames.ABSENT, "unnoted": True}),
        "PictureAsk": (frames.PICTURE_ASK, {"picture": frames.picture_id(b"picture")}),
        "PicturePart": (frames.PICTURE_PART, {"picture": frames.picture_id(b"picture"), "at": 0, "data": b"picture"}),
        "Draft": (frames.DRAFT, {"conversation": bytes(range(32)), "on": True, "text": "lun"}),
        "Draft off": (frames.DRAFT, {"conversation": bytes(range(32)), "on": False}),
        "Typing off": (frames.TYPING, {"conversation": bytes(range(32)), "on": False}),
    }
    key = blake2b("test", b"frame key")
    for aes in (False, True):
        direction = frames.Direction(key, aes)
        for n, (name, (kind, values)) in enumerate(examples.items()):
            body = frames.body(kind, **values)
            padded = frames.padded(kind, body)
            sealed = direction.seal_plain(padded)
            book.add(
                "frame", f"{name}, {'AES-GCM' if aes else 'ChaCha20-Poly1305'}", {"body": body, "plaintext": padded, "wire": sealed},
                type=kind, **{k: v for k, v in values.items()}, key=key, aes=aes, n=n,
            )  # fmt: skip
        direction = frames.Direction(key, aes)
        for n in range(2 * frames.REKEY_AFTER + 1):
            wire = direction.seal(frames.PING)
            if n in (frames.REKEY_AFTER - 1, frames.REKEY_AFTER, 2 * frames.REKEY_AFTER - 1, 2 * frames.REKEY_AFTER):
                book.add("rekey", f"frame {n}, {'AES-GCM' if aes else 'ChaCha20-Poly1305'}", wire, key=key, aes=aes, n=n, type=frames.PING)
    for name, data, why in (
        ("empty", b"", "shorter than 3"),
        ("one byte", b"\0", "shorter than 3"),
        ("no type", b"\0\0", "shorter than 3"),
        ("inner 0", bytes(64), "inner is 0"),
        ("inner one beyond", b"\0\x3f" + b"\2" + bytes(61), "inner beyond the frame"),
        ("inner 65535", b"\xff\xff\2" + bytes(61), "inner beyond the frame"),
        ("padding", b"\0\1\2" + bytes(60) + b"\1", "padding is not zero"),
    ):
        book.no("plaintext", name, data, why)
    book.read("plaintext", "no padding", b"\0\1\2", type=2, body=b"")
    book.read("plaintext", "far too much padding", b"\0\1\2" + bytes(5000), type=2, body=b"")

    secrets = Secrets(bytes(32), bytes(32), blake2b("test", b"k3"), blake2b("test", b"h"), bytes(32))
    for aes in (False, True):
        for initiator in (True, False):
            channel = Channel(secrets, initiator, 0x1111111111111111, 0x0123456789ABCDEF, aes)
            for epoch, counter in ((0, 0), (0, 1), (1, 0), (65_535, 2**64 - 1)):
                body = frames.body(frames.PING, nonce=5)
                book.add(
                    "datagram", f"epoch {epoch} counter {counter} {'i2r' if initiator else 'r2i'} {'AES-GCM' if aes else 'ChaCha20-Poly1305'}",
                    channel.seal(frames.PING, body, epoch=epoch, counter=counter), k3=secrets.k3, h=secrets.h, from_initiator=initiator,
                    index=0x0123456789ABCDEF.to_bytes(8, "big"), epoch=epoch, counter=str(counter), aes=aes, type=frames.PING, body=body,
                )  # fmt: skip

    # Protobuf itself, on Ping: 1 nonce uint64.
    for name, text, why in (
        ("nonce twice", "08010801", "singular field twice"),
        ("nonce twice, first 0", "08000801", "singular field twice"),
        ("field number 0", "0001", "field number 0"),
        ("wire type 3", "0b0c", "wire type 3"),
        ("wire type 4", "0c", "wire type 4"),
        ("wire type 6", "0e", "wire type 6"),
        ("wire type 7", "0f", "wire type 7"),
        ("unknown field with wire type 3", "7b7c", "wire type 3"),
        ("fixed64 for a varint", "090000000000000000", "wire type does not fit"),
        ("bytes for a varint", "0a0101", "wire type does not fit"),
        ("fixed32 for a varint", "0d00000000", "wire type does not fit"),
        ("cut in the tag", "88", "varint leads outside"),
        ("cut in the value", "08ff", "varint leads outside"),
        ("no value", "08", "varint leads outside"),
        ("varint of 11 bytes", "08" + "80" * 10 + "01", "varint longer than 10 bytes"),
        ("varint beyond 64 bits", "08" + "ff" * 9 + "02", "varint beyond 64 bits"),
        ("length leads outside", "1205aabb", "length leads outside"),
        ("length of 2^63", "12" + "80" * 9 + "01", "length leads outside"),
        ("length of 2^64-1", "12" + "ff" * 9 + "01", "length leads outside"),
        ("cut fixed64", "11000000", "length leads outside"),
        ("cut fixed32", "15000000", "length leads outside"),
    ):
        book.no("ping", name, bytes.fromhex(text), why)
    book.no("ping", "61,441 bytes", pb.length_delimited(9, bytes(61_441 - 4)), "body above 61,440 bytes")
    book.read("ping", "61,440 bytes", pb.length_delimited(9, bytes(61_440 - 4)), nonce="0")
    book.read("ping", "empty", b"", nonce="0")
    book.read("ping", "unknown fields of all four types", bytes.fromhex("0807" "1001" "190000000000000000" "220161" "2d00000000"), nonce="7")
    book.read("ping", "greatest", bytes.fromhex("08" + "ff" * 9 + "01"), nonce=str(2**64 - 1))
    book.read("ping", "longer than need be", bytes.fromhex("088700"), nonce="7")
    picture = frames.picture_id(b"picture")
    book.read("presence", "a state of later", pb.tag(1, 0) + b"\x63", state=frames.ONLINE)
    book.read("presence", "nothing", b"", state=frames.ONLINE)
    for field in range(2, 6):
        book.no("profile", f"field {field} of 257 bytes", pb.length_delimited(field, b"x" * 257), "above 256 bytes")
    book.no("profile", "a picture without a size", pb.length_delimited(6, picture), "both or neither")
    book.no("profile", "a size without a picture", pb.tag(7, 0) + b"\x07", "both or neither")
    book.no("profile", "a picture too large", pb.length_delimited(6, picture) + pb.tag(7, 0) + pb.varint(65_537), "above 65,536 bytes")
    book.no("presence", "text of 257 bytes", pb.length_delimited(2, b"x" * 257), "text above 256 bytes")
    book.no("presence", "idle beyond 32 bits", pb.tag(3, 0) + pb.varint(2**32), "uint32 above 2^32 - 1")
    book.no("picture ask", "empty", b"", "picture is missing")
    part = pb.length_delimited(1, picture)
    book.no("picture part", "without bytes", part, "no bytes")
    book.no("picture part", "without its picture", pb.length_delimited(3, b"x"), "picture is missing")
    book.no("picture part", "32,769 bytes", part + pb.length_delimited(3, bytes(32_769)), "above 32,768 bytes")
    book.no("picture part", "beyond every picture", part + pb.tag(2, 0) + pb.varint(65_536) + pb.length_delimited(3, b"x"), "at above 65,535")
    book.no("draft", "without conversation", pb.tag(2, 0) + b"\1", "conversation is missing")
    book.no("draft", "4,097 bytes", pb.length_delimited(1, bytes(32)) + pb.length_delimited(3, b"x" * 4_097), "text above 4,096 bytes")
    book.no("profile", "257 bytes", pb.length_delimited(1, b"x" * 257), "name above 256 bytes")
    book.no("profile", "not UTF-8", b"\x0a\x02\xc3\x28", "string is not UTF-8")
    book.no("request", "1025 bytes", pb.length_delimited(1, b"x" * 1025), "text above 1,024 bytes")
    book.no("manifest ask", "31 bytes", pb.length_delimited(1, bytes(31)), "person is not 32 bytes")
    book.no("typing", "33 bytes", pb.length_delimited(1, bytes(33)), "conversation is not 32 bytes")


def sync(book, alice, bob):
    conversation = ev.conversation_of_two(alice.person, bob.person)
    book.add("conversation", "of two", conversation, a=alice.person, b=bob.person)
    book.add("conversation", "of two, other way round", conversation, a=bob.person, b=alice.person)
    book.add("conversation", "with oneself", ev.conversation_of_two(alice.person, alice.person), a=alice.person, b=alice.person)
    log = ev.log_id(alice.gen, conversation)
    book.add("log", "alice", log, gen=alice.gen, conversation=conversation)
    mark = {"log": log, "device": alice.device, "seq": 3, "id": blake2b("test", b"id"), "read": 2, "read_at": NOW * 1000}
    empty = {"log": log, "device": alice.device, "seq": 0, "id": b"", "read": 0, "read_at": 0}
    for name, marks, ask in (("no marks", [], False), ("one mark", [mark], True), ("empty log and another", [empty, mark], False)):
        book.add("heads", name, frames.body(frames.HEADS, conversation=conversation, marks=marks, ask=ask), conversation=conversation, marks=marks, ask=ask)
    want = {"conversation": conversation, "log": log, "from": 1, "to": 512}
    book.add("want", "1 to 512", frames.body(frames.WANT, **want), **want)
    want = {**want, "from": 2**64 - 2, "to": 2**64 - 1}
    book.add("want", "the last two", frames.body(frames.WANT, **want), **{**want, "from": str(2**64 - 2), "to": str(2**64 - 1)})
    gone = {"conversation": conversation, "log": log, "seq": 9, "id": blake2b("test", b"gone")}
    book.add("gone", "seq 9", frames.body(frames.GONE, **gone), **gone)

    encoded_mark = lambda **v: pb.encode(frames.MARK, {**mark, **v})
    heads = lambda *marks: pb.length_delimited(1, conversation) + b"".join(pb.length_delimited(2, m) for m in marks)
    small = pb.encode(frames.MARK, empty)
    book.read("heads", "1,024 marks", heads(*[small] * 1024), marks=1024)
    book.no("heads", "1,025 marks", heads(*[small] * 1025), "repeated more than 1,024 times")
    book.no("heads", "log of 15 bytes", heads(encoded_mark(log=bytes(15))), "length")
    book.no("heads", "device of 33 bytes", heads(encoded_mark(device=bytes(33))), "length")
    book.no("heads", "id of 31 bytes", heads(encoded_mark(id=bytes(31))), "length")
    book.no("heads", "seq twice in a mark", heads(encoded_mark() + b"\x18\x01"), "singular field twice")
    book.no("heads", "conversation of 31 bytes", pb.length_delimited(1, bytes(31)), "length")
    book.no("heads", "conversation twice", heads() + pb.length_delimited(1, conversation), "singular field twice")
    book.no("heads", "mark is a varint", heads() + b"\x10\x01", "wire type does not fit")


def messages(book, alice, bob):
    conversation = ev.conversation_of_two(alice.person, bob.person)
    log = ev.log_id(alice.gen, conversation)
    head_of_bob = blake2b("test", b"bob's head")
    prev, made = b"", []

    def say(name, kind, parents=(), pad=b"", membership=0, **content):
        nonlocal prev
        n = len(made) + 1
        raw = ev.payload(kind, **content) if kind in ev.PAYLOADS else content["raw"]
        e = Envelope(conversation, alice.device, log, n, prev, list(parents), (NOW * 1000 + n << 16) + n, membership, kind, raw, pad)
        e.signed(alice.device_seed)
        book.add(
            "envelope", name, {"payload": raw, "body": e.body, "id": e.id, "signature": e.signature, "envelope": e.bytes},
            device_seed=alice.device_seed, conversation=conversation, device=alice.device, log=log, seq=n, prev=prev, parents=list(parents),
            stamp=str(e.stamp), membership=membership, kind=kind, content=content, pad=pad,
        )  # fmt: skip
        prev = e.id
        made.append(e)
        return e

    text = say("text", ev.TEXT, text="Hello, Bob")
    say("reply with parents", ev.TEXT, [head_of_bob], text="Yes, at 3 🙂", reply_to=head_of_bob)
    first = say("part 0 of 2", ev.TEXT, text="x" * 100, part=0, parts=2, first=b"")
    say("part 1 of 2", ev.TEXT, text="y" * 50, part=1, parts=2, first=first.id)
    say("edit", ev.EDIT, target=text.id, text="Hello, Bob!")
    say("delete", ev.DELETE, target=text.id)
    say("reaction", ev.REACTION, target=head_of_bob, emoji="👍", off=False)
    say("reaction taken back", ev.REACTION, target=head_of_bob, emoji="👍", off=True)
    say("empty text", ev.TEXT, text="")
    say("unknown kind", 77, raw=b"\1\2\3")
    say("sixteen parents", ev.TEXT, [bytes([n]) * 32 for n in range(1, 17)], text="many")
    say("pad and membership", ev.TEXT, pad=bytes(20), membership=5, text="padded")
    big = Envelope(conversation, alice.device, log, len(made) + 1, prev, [], 1, 0, 78, bytes(ev.MAX_PAYLOAD)).signed(alice.device_seed)
    book.read("envelope", "greatest payload", big.bytes, seq=big.seq, id=big.id, device_public=alice.certificate.device_public)

    fields = {f.name: getattr(text, f.name) for f in ev.BODY.values()}

    def body(**v):
        return pb.encode(ev.BODY, {**fields, **v})

    def sealed(raw, by=alice.device_seed):
        return ev.wrap(raw, sign(by, ev.signed_bytes(ev.envelope_id(raw))))

    extra = pb.length_delimited(200, b"of a later version")
    later = sealed(body() + extra)
    book.read("envelope", "unknown field is kept byte for byte", later, seq=1, id=ev.envelope_id(body() + extra), device_public=alice.certificate.device_public)
    shuffled = pb.encode({10: ev.BODY[10]}, {"payload": text.payload}) + pb.encode(ev.BODY, {**fields, "payload": b""})
    book.read("envelope", "fields in another order", sealed(shuffled), seq=1, id=ev.envelope_id(shuffled), device_public=alice.certificate.device_public)
    for name, raw, why in (
        ("seq 0", body(seq=0), "seq counts from 1"),
        ("prev with seq 1", body(prev=bytes(32)), "prev is absent when seq = 1"),
        ("no prev with seq 2", body(seq=2), "prev is missing"),
        ("prev of 31 bytes", body(seq=2, prev=bytes(31)), "length"),
        ("seventeen parents", body(parents=[bytes(32)] * 17), "more than 16 parents"),
        ("parent of 31 bytes", body(parents=[bytes(31)]), "length"),
        ("empty parent", body(parents=[b""]), "length"),
        ("conversation of 31 bytes", body(conversation=bytes(31)), "length"),
        ("no conversation", body(conversation=b""), "conversation is missing"),
        ("device of 33 bytes", body(device=bytes(33)), "length"),
        ("no device", body(device=b""), "device is missing"),
        ("log of 32 bytes", body(log=bytes(32)), "length"),
        ("no log", body(log=b""), "log is missing"),
        ("payload above 49,152", body(payload=bytes(49_153)), "payload too long"),
        ("body above 61,440", body(pad=bytes(61_440)), "body too long"),
        ("seq twice", body() + b"\x20\x01", "singular field twice"),
        ("device twice", body() + pb.length_delimited(2, bob.device), "singular field twice"),
        ("payload twice", body() + pb.length_delimited(10, b""), "singular field twice"),
        ("field number 0", body() + b"\0\0", "field number 0"),
        ("group", body() + b"\x6b\x6c", "wire type 3"),
        ("seq as bytes", body(seq=0) + pb.length_delimited(4, b"\1"), "wire type does not fit"),
        ("cut field", body() + b"\x52", "varint leads outside"),
        ("kind beyond 32 bits", body(kind=0) + b"\x48" + pb.varint(2**32 + 1), "uint32 beyond 32 bits"),
        ("empty body", b"", "everything is missing"),
    ):
        book.no("envelope", name, sealed(raw), why, device_public=alice.certificate.device_public)
    good = text.bytes
    public = alice.certificate.device_public
    book.no("envelope", "version byte 2", b"\2" + good[1:], "not 0x01", device_public=public)
    book.no("envelope", "cut signature", good[:-1], "signature is cut", device_public=public)
    book.no("envelope", "length one short", good[:1] + struct.pack(">I", len(text.body) - 1) + good[5:], "body is cut, garbage follows", device_public=public)
    book.no("envelope", "length 2^32-1", good[:1] + b"\xff" * 4 + good[5:], "length leads outside", device_public=public)
    book.no("envelopes", "none", b"", "a frame holds at least one")
    book.no("envelopes", "trailing byte", good + b"\0", "trailing garbage")
    book.no("envelopes", "trailing start of another", good + good[:40], "trailing garbage")
    book.no("signature", "signed by another device", sealed(text.body, bob.device_seed), "not the signature of device", device_public=public)
    book.no("signature", "flipped", good[:-1] + bytes([good[-1] ^ 1]), "signature does not hold", device_public=public)
    book.no("signature", "zero", good[:-64] + bytes(64), "signature does not hold", device_public=public)
    order = 2**252 + 27742317777372353535851937790883648493
    big = (int.from_bytes(good[-32:], "little") + order).to_bytes(32, "little")
    book.no("signature", "S + L", good[:-32] + big, "S is not below L", device_public=public)
    swapped = ev.wrap(body(payload=ev.payload(ev.TEXT, text="Goodbye")), text.signature)
    book.no("signature", "another body under it", swapped, "signature of another body", device_public=public)
    bare = ev.wrap(text.body, sign(alice.device_seed, text.id))
    book.no("signature", "without context", bare, "signature lacks the context string", device_public=public)
    person = ev.wrap(text.body, sign(alice.person_seed, ev.signed_bytes(text.id)))
    book.no("signature", "by the person key", person, "P signs no envelopes", device_public=public)

    for name, kind, raw in (
        ("text not UTF-8", 1, b"\x0a\x02\xc3\x28"),
        ("part 1 of 2 without first", 1, ev.payload(1, text="x", part=1, parts=2)),
        ("part 0 of 2 with first", 1, ev.payload(1, text="x", part=0, parts=2, first=text.id)),
        ("part 2 of 2", 1, ev.payload(1, text="x", part=2, parts=2, first=text.id)),
        ("one part", 1, ev.payload(1, text="x", part=0, parts=1)),
        ("1,025 parts", 1, ev.payload(1, text="x", part=1, parts=1025, first=text.id)),
        ("edit without target", 2, ev.payload(2, text="x")),
        ("edit with a short target", 2, pb.length_delimited(1, bytes(31))),
        ("delete without target", 3, b""),
        ("reaction of 65 bytes", 4, ev.payload(4, target=text.id, emoji="x" * 65)),
        ("kind 0", 0, b""),
        ("kind 77", 77, b"\1"),
        ("text twice", 1, b"\x0a\x01x\x0a\x01y"),
    ):
        book.read("content", name, raw, kind=kind, shown=None)


def text():
    return json.dumps(make(), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text())
    made = json.loads(OUT.read_text())
    sys.stdout.write(f"{OUT.name}: " + ", ".join(f"{len(v)} {k}" for k, v in made.items() if k != "about") + "\n")
