"""Makes the bytes of Appendix A of Protocol.md: one session between Alice and Bob from fixed inputs, by this peer.

Without arguments it writes the blocks anew into Protocol.md, where their places are: the words around them are written by hand."""

import re
import struct
import sys
from hashlib import sha256

from earshot_peer import envelopes as ev
from earshot_peer import files, frames, mail, rooms, verify
from earshot_peer import protobuf as pb
from earshot_peer.crypto import Cipher, KemKey, ed25519_public, encapsulate, hkdf, sign, x25519, x25519_public
from earshot_peer.datagrams import Channel
from earshot_peer.discovery import tag
from earshot_peer.handshake import NAME, PAYLOAD_SCHEMA, Initiator, Payload, Responder, gate, head, key_gate, prologue
from earshot_peer.manifests import MANIFEST, Certificate, Manifest, device_id, id16
from harness import ROOT

DOCUMENT = ROOT / "Protocol.md"
NOW = 1_760_000_000
TEXT, NAMES = "Hello, Bob", {"alice": "Alice", "bob": "Bob"}
BLOCK = re.compile(r"^```hex\n; ([^:\n]+): .*?^```$", re.M | re.S)
WIDTH = 32

# Everything that is chance elsewhere.
INPUTS = {
    "alice.person.seed": bytes([0x01]) * 32,
    "alice.device.seed": bytes([0x02]) * 32,
    "alice.static": bytes([0x03]) * 32,
    "alice.gen": bytes([0x04]) * 32,
    "alice.ephemeral": bytes([0x05]) * 32,
    "alice.kem.seed": bytes([0x06]) * 64,
    "alice.index": bytes.fromhex("0123456789abcdef"),
    "bob.person.seed": bytes([0x11]) * 32,
    "bob.device.seed": bytes([0x12]) * 32,
    "bob.static": bytes([0x13]) * 32,
    "bob.ephemeral": bytes([0x15]) * 32,
    "bob.kem.m": bytes([0x16]) * 32,
    "bob.index": bytes.fromhex("fedcba9876543210"),
    "unix.seconds": struct.pack(">Q", NOW),
    "offer.key": bytes([0x17]) * 32,
    "room.salt": bytes([0x18]) * 16,
    "bob.discovery.key": bytes([0x19]) * 32,
}

# The same for A.13, which nothing before it needs.
VERIFY_INPUTS = {
    "rA": bytes([0x21]) * 32,
    "rB": bytes([0x22]) * 32,
    "code": b"482019337",
    "chance of A": bytes([0x23]) * 64,
    "chance of B": bytes([0x24]) * 64,
}


# The same for A.15.
MAIL_INPUTS = {
    "prekey seed": bytes([0x26]) * 32,
    "mailbox": bytes([0x27]) * 32,
    "eseed of X-Wing": bytes([0x28]) * 64,
}


def fields(schema, data):
    """The fields of a protobuf body, each with the comment that names it."""
    reader, out = pb.Reader(data), []
    while reader.at < len(data):
        start = reader.at
        key = reader.varint()
        value = {0: reader.varint, 1: lambda: reader.take(8), 2: lambda: reader.take(reader.varint())}[key & 7]()
        out.append((data[start : reader.at], f"{key >> 3} {schema[key >> 3].name.replace('_', ' ')}" + (f" = {value}" if key & 7 == 0 else "")))
    return out


def plaintext(kind, name, body, schema=None, most=frames.MOST):
    """A padded plaintext in parts."""
    whole = frames.padded(kind, body, most)
    inner = fields(schema, body) if schema else [(body, "body")] if body else []
    return [(whole[:2], f"inner = {1 + len(body)}"), (whole[2:3], f"type: {name}"), *inner, (whole[3 + len(body) :], "padding")]


def sealed(wire, prefix):
    """A frame in parts: its length takes `prefix` bytes."""
    return [(wire[:prefix], f"length = {len(wire) - prefix}"), (wire[prefix:-16], "ciphertext"), (wire[-16:], "tag")]


class Example:
    """What the appendix shows: named blocks in the order in which they are made, each a list of (bytes, comment)."""

    def __init__(self):
        self.blocks = {}
        self._inputs()
        self._people()
        self._handshake()
        self._session()
        self._datagram()
        self._bulk()
        self._room()
        self._verify()
        self._private()
        self._mail()

    def put(self, name, parts):
        assert name not in self.blocks
        self.blocks[name] = [(bytes(data), comment) for data, comment in parts if data]

    def _inputs(self):
        self.put("inputs", [(data, name) for name, data in INPUTS.items()])

    def _people(self):
        self.certificates, self.manifests, self.devices = {}, {}, {}
        for who, name in NAMES.items():
            person_seed = INPUTS[f"{who}.person.seed"]
            person, signing = ed25519_public(person_seed), ed25519_public(INPUTS[f"{who}.device.seed"])
            static = x25519_public(INPUTS[f"{who}.static"])
            self.devices[who] = device = device_id(signing, static)
            self.put(
                f"keys of {who}",
                [(person, "P_pk = PersonID"), (signing, "D_pk"), (static, "S_pk"), (device, "DeviceID"), (id16(device).encode(), f"id16 = {id16(device)}")],
            )
            certificate = Certificate(person, signing, static, 1, NOW, NOW + 400 * 86_400).signed(person_seed)
            c = self.certificates[who] = certificate.bytes
            parts = [(0, 4, '"ESC1"'), (4, 6, "flags"), (6, 38, "P_pk"), (38, 70, "D_pk"), (70, 102, "S_pk"), (102, 106, "manifest version")]
            parts += [(106, 114, "not_before"), (114, 122, "not_after"), (122, 186, "signature")]
            self.put(f"certificate of {who}", [(c[a:b], text) for a, b, text in parts])
            m = self.manifests[who] = Manifest(person, 1, issued=NOW, active=[c], name=name).signed(person_seed)
            length = (m.bytes[:4], f"length = {len(m.body)}")
            self.put(f"manifest of {who}", [length, *fields(MANIFEST, m.body), (m.signature, "signature")])
            self.put(f"manifest hash of {who}", [(m.hash, "hash")])

    def payload(self, who, features):
        index = int.from_bytes(INPUTS[f"{who}.index"], "big")
        return Payload(self.certificates[who], 1, self.manifests[who].hash, [1], [1], index, features).encode()

    def _noise(self, alice_features):
        """A handshake: what is written, and what both sides have afterwards."""
        i = Initiator(INPUTS["alice.static"], prologue(self.head), INPUTS["alice.ephemeral"], kem_seed=INPUTS["alice.kem.seed"])
        r = Responder(INPUTS["bob.static"], prologue(self.head), INPUTS["bob.ephemeral"], kem_chosen=INPUTS["bob.kem.m"])
        one = i.write_1()
        assert r.read_1(one) == b""
        two = r.write_2(self.payload("bob", 0))
        assert i.read_2(two) == self.payload("bob", 0)
        three = i.write_3(self.payload("alice", alice_features))
        assert r.read_3(three) == self.payload("alice", alice_features)
        assert i.secrets().__dict__ | {"remote_static": b""} == r.secrets().__dict__ | {"remote_static": b""}
        return one, two, three, i.secrets()

    def _handshake(self):
        self.head = head(NOW // 900)
        one, two, three, self.secrets = self._noise(1)
        door = gate(id16(self.devices["bob"]), self.head, one)
        h = self.head
        self.put("hello", [(h[:8], '"EARSHOT" 0x01'), (h[8:9], "suite"), (h[9:12], "zeros"), (h[12:], f"epoch = {NOW // 900}"), (door, "gate")])
        self.put("prologue", [(prologue(h), '"earshot/1\\0" ‖ head')])
        self.put("message 1", [(struct.pack(">H", len(one)), "length = 1216"), (one[:32], "e"), (one[32:], "e1: ML-KEM public key")])
        shared, ciphertext = encapsulate(one[32:], INPUTS["bob.kem.m"])
        assert KemKey(INPUTS["alice.kem.seed"]).decapsulate(ciphertext) == shared
        self.put("kem ciphertext", [(ciphertext, "of ML-KEM.Encaps with m")])
        self.put("kem secret", [(shared, "the secret in it")])
        for who, features in (("bob", 0), ("alice", 1)):
            p = self.payload(who, features)
            length = int.from_bytes(p[:2], "big")
            body = fields(PAYLOAD_SCHEMA, p[2 : 2 + length])
            self.put(f"payload of {who}", [(p[:2], f"length = {length}"), *body, (p[2 + length :], "padding")])
        parts = [(0, 32, "e"), (32, 1120, "ekem1: sealed ciphertext"), (1120, 1136, "tag"), (1136, 1168, "s: sealed S_pk"), (1168, 1184, "tag")]
        parts += [(1184, 1696, "sealed payload"), (1696, 1712, "tag")]
        self.put("message 2", [(struct.pack(">H", len(two)), "length = 1712"), *((two[a:b], text) for a, b, text in parts)])
        self._third("message 3", three)
        self._steps(one, two, three, shared)
        self._keys("keys", self.secrets)

    def _third(self, name, three):
        parts = [(0, 32, "s: sealed S_pk"), (32, 48, "tag"), (48, 560, "sealed payload"), (560, 576, "tag")]
        self.put(name, [(struct.pack(">H", len(three)), "length = 576"), *((three[a:b], text) for a, b, text in parts)])

    def _steps(self, one, two, three, shared):
        """The symmetric state on the way, by the rules of Noise and nothing else."""
        mix = lambda h, data: sha256(h + data).digest()
        ck = sha256(NAME).digest()
        h = mix(ck, prologue(self.head))
        out = [(ck, "ck: SHA-256 of the name"), (h, "h after the prologue")]
        for data in (one[:32], one[32:], b""):
            h = mix(h, data)
        out.append((h, "h after message 1"))
        e = mix(h, two[:32])
        ee = x25519(INPUTS["alice.ephemeral"], x25519_public(INPUTS["bob.ephemeral"]))
        es = x25519(INPUTS["alice.ephemeral"], x25519_public(INPUTS["bob.static"]))
        se = x25519(INPUTS["alice.static"], x25519_public(INPUTS["bob.ephemeral"]))
        out.append((e, "h after e"))
        for name, secret in (("ee", ee), ("ekem1", shared), ("es", es), ("se", se)):
            ck, k = hkdf(ck, secret, 2)
            out += [(secret, f"{name}: shared secret"), (ck, f"ck after {name}"), (k, f"k after {name}")]
            if name == "es":
                h = mix(mix(mix(e, two[32:1136]), two[1136:1184]), two[1184:])
                out.append((h, "h after message 2"))
        h = mix(mix(h, three[:48]), three[48:])
        assert h == self.secrets.h
        self.put("steps", out)

    def _keys(self, name, secrets):
        self.put(name, [(secrets.h, "h, the handshake hash"), (secrets.k1, "k1: Alice to Bob"), (secrets.k2, "k2: Bob to Alice"), (secrets.k3, "k3, for Exp")])

    def _frame(self, name, direction, kind, title, body, schema=None):
        self.put(f"{name}, plaintext", plaintext(kind, title, body, schema))
        self.put(f"{name}, frame", sealed(direction.seal(kind, body), 2))

    def _session(self):
        alice, bob = frames.Direction(self.secrets.k1), frames.Direction(self.secrets.k2)
        self._frame("ready", bob, frames.READY, "Ready", b"")
        for who, direction in (("alice", alice), ("bob", bob)):
            body = frames.body(frames.PROFILE, name=NAMES[who])
            self._frame(f"profile of {who}", direction, frames.PROFILE, "Profile", body, frames.SCHEMAS[frames.PROFILE])

        people = [ed25519_public(INPUTS[f"{who}.person.seed"]) for who in NAMES]
        conversation = ev.conversation_of_two(*people)
        log = ev.log_id(INPUTS["alice.gen"], conversation)
        self.put("conversation and log", [(conversation, "conversation"), (log, "log")])
        e = ev.Envelope(conversation, self.devices["alice"], log, 1, stamp=NOW * 1000 << 16, payload=ev.payload(ev.TEXT, text=TEXT))
        e.signed(INPUTS["alice.device.seed"])
        w = e.bytes
        self.put("envelope", [(w[:1], "version"), (w[1:5], f"length = {len(e.body)}"), *fields(ev.BODY, e.body), (e.signature, "signature")])
        self.put("envelope id", [(e.id, "id")])
        self._frame("envelopes", alice, frames.ENVELOPES, "Envelopes", w)

        mark = {"log": log, "device": self.devices["alice"], "seq": 1, "id": e.id}
        body = frames.body(frames.HEADS, conversation=conversation, marks=[mark])
        start = body.index(pb.length_delimited(1, log))
        self.put(
            "heads, body",
            [(body[:34], "1 conversation"), (body[34:start], "2 marks: one, its length"), *((d, f"  {t}") for d, t in fields(frames.MARK, body[start:]))],
        )
        self._frame("heads", bob, frames.HEADS, "Heads", body)

    def _datagram(self):
        index = {who: int.from_bytes(INPUTS[f"{who}.index"], "big") for who in NAMES}
        channel = Channel(self.secrets, True, index["alice"], index["bob"], False)
        body = frames.body(frames.PING, nonce=7)
        self.put("datagram key", [(self.secrets.export(b"udp i2r\0\0"), 'Exp("udp i2r" ‖ 0 0, 32)')])
        self.put("datagram, plaintext", plaintext(frames.PING, "Ping", body, frames.SCHEMAS[frames.PING], 1_164))
        d = channel.seal(frames.PING, body)
        parts = [(0, 1, "0xE5"), (1, 2, "0x01"), (2, 4, "epoch"), (4, 12, "Bob's index"), (12, 20, "counter")]
        self.put("datagram", [*((d[a:b], text) for a, b, text in parts), (d[20:-16], "ciphertext"), (d[-16:], "tag")])

    def _bulk(self):
        _, _, three, secrets = self._noise(3)
        self._third("bulk message 3", three)
        self._keys("bulk keys", secrets)
        alice, bob = frames.Direction(secrets.k1), frames.Direction(secrets.k2)
        self.put("bulk ready, frame", sealed(bob.seal(frames.READY), 2))
        share = files.share_of(INPUTS["offer.key"])
        proof = files.fetch_proof(INPUTS["offer.key"], secrets.h, self.devices["alice"])
        self.put("share", [(share, "share")])
        for name, direction, kind, title, values in (
            ("fetch", alice, frames.FETCH, "Fetch", {"share": share, "proof": proof}),
            ("source", bob, frames.SOURCE, "Source", {"share": share, "listing": 20, "size": 5, "proven": True}),
        ):
            body = frames.body(kind, **values)
            self.put(f"{name}, plaintext", [(bytes([kind]), f"type: {title}"), *fields(frames.SCHEMAS[kind], body)])
            self.put(f"{name}, long frame", sealed(direction.seal_long(kind, body), 4))

    def _verify(self):
        self.put("verify inputs", [(data, name) for name, data in VERIFY_INPUTS.items()])
        people = {who: ed25519_public(INPUTS[f"{who}.person.seed"]) for who in NAMES}
        ends = verify.Ends(people["alice"], self.devices["alice"], people["bob"], self.devices["bob"], self.secrets.h)
        reveal, answer = VERIFY_INPUTS["rA"], VERIFY_INPUTS["rB"]
        body = frames.body(frames.VERIFY, step=verify.COMMIT, value=verify.commitment(reveal, ends.h))
        self.put("commit, body", fields(frames.SCHEMAS[frames.VERIFY], body))
        string = verify.short_string(reveal, answer, ends)
        self.put("short string", [(string, verify.numbers(string))])
        self.put("fingerprints", [(verify.fingerprint(people[who]).encode(), f"{NAMES[who]}: {verify.fingerprint(people[who])}") for who in NAMES])
        code = VERIFY_INPUTS["code"].decode()
        a = verify.Agreement(code, ends, True, VERIFY_INPUTS["chance of A"])
        b = verify.Agreement(code, ends, False, VERIFY_INPUTS["chance of B"])
        assert a.take(b.share) and b.take(a.share) and a.secret == b.secret
        self.put("shares", [(a.share, "Y of A"), (b.share, "Y of B")])
        self.put("isk", [(a.secret, "ISK")])
        self.put("tags", [(a.tag, "of A"), (b.tag, "of B")])


    def _private(self):
        key, epoch = INPUTS["bob.discovery.key"], NOW // 900
        body = frames.body(frames.DISCOVERY_KEY, key=key)
        self.put("discovery key, body", fields(frames.SCHEMAS[frames.DISCOVERY_KEY], body))
        near = [tag(key, one) for one in (epoch - 1, epoch, epoch + 1)]
        self.put("tags of bob", [(one.encode(), f"epoch {epoch + n - 1}: {one}") for n, one in enumerate(near)])
        one = Initiator(INPUTS["alice.static"], prologue(self.head), INPUTS["alice.ephemeral"], kem_seed=INPUTS["alice.kem.seed"]).write_1()
        self.put("closed gate", [(key_gate(key, self.head, one), "gate")])

    def _mail(self):
        self.put("mail inputs", [(data, name) for name, data in MAIL_INPUTS.items()])
        record = {"device": self.devices["bob"], "issued": NOW * 1000, "until": NOW * 1000 + mail.LIFE, "mailbox": MAIL_INPUTS["mailbox"]}
        record["key"] = mail.XWing(MAIL_INPUTS["prekey seed"]).public
        record = pb.encode(mail.RECORD, record)
        signature = sign(INPUTS["bob.device.seed"], b"earshot/1 prekey\0" + record)
        self.put("prekey of bob", [(signature, "signature"), *fields(mail.RECORD, record)])
        prekey = mail.Prekey.read(signature + record, ed25519_public(INPUTS["bob.device.seed"]))
        day = NOW // 86_400
        self.put("mailbox tag", [(mail.tag(prekey.mailbox, prekey.device, day), f"day {day}")])
        items = b"".join(data for data, _ in self.blocks["envelope"])
        listed = struct.pack(">I", len(items)) + items
        self.put("sealed list", [(listed[:4], f"length = {len(items)}"), (items, "the envelope of A.8")])
        blob = mail.seal(items, prekey, day, MAIL_INPUTS["eseed of X-Wing"])
        parts = [(0, 4, '"ESB1"'), (4, 20, "tag"), (20, 1140, "enc"), (1140, len(blob) - 16, "ciphertext"), (len(blob) - 16, len(blob), "tag of the AEAD")]
        self.put("blob", [(blob[a:b], text) for a, b, text in parts])
        self.put("blob id", [(mail.blob_id(blob), "id")])

    def _room(self):
        alice, bob = (ed25519_public(INPUTS[f"{who}.person.seed"]) for who in NAMES)
        charter = rooms.Charter.make("ops", owner=alice, salt=INPUTS["room.salt"])
        log = ev.log_id(INPUTS["alice.gen"], charter.room)
        self.put("charter", fields(rooms.CHARTER, charter.bytes))
        self.put("room and talk", [(charter.room, "room"), (charter.talk, "talk"), (log, "Alice's log in room")])
        prev, operations = b"", []
        for n, (name, kind, content) in enumerate(
            (
                ("add", rooms.ADD, {"person": bob, "number": 1}),
                ("set", rooms.SET, {"what": rooms.TOPIC, "number": 1, "text": "Lunch"}),
            )
        ):
            raw = ev.payload(kind, **content)
            self.put(f"{name}, payload", fields(rooms.OPERATION[kind], raw))
            e = ev.Envelope(charter.room, self.devices["alice"], log, n + 1, prev, [], (NOW * 1000 << 16) + n, 1, kind, raw)
            e.signed(INPUTS["alice.device.seed"])
            start = (e.bytes[:1], "version"), (e.bytes[1:5], f"length = {len(e.body)}")
            self.put(f"{name}, envelope", [*start, *fields(ev.BODY, e.body), (e.signature, "signature")])
            self.put(f"{name}, id", [(e.id, "id")])
            operations.append(rooms.Operation(e.id, alice, log, n + 1, 1, kind, e.content))
            prev = e.id
        state = rooms.State(charter, operations)
        assert state.members == sorted([alice, bob]) and state.topic == "Lunch"
        s, first, second = state.plain, *(f"{name}, number 1, {word}" for name, word in (("Alice", "joined"), ("Bob", "invited")))
        if alice > bob:
            first, second = second, first
        parts = [(0, 8, "owner's number = 1"), (8, 40, "owner"), (40, 44, "memberships = 2"), (44, 85, first), (85, 126, second)]
        parts += [(126, 130, "settings = 1"), (130, 134, "what = 2: topic"), (134, 166, "no subject"), (166, 174, "number = 1")]
        parts += [(174, 182, "value = 0"), (182, 186, "length of text = 5"), (186, len(s), '"Lunch"')]
        self.put("room state", [(s[a:b], text) for a, b, text in parts])
        self.put("room state hash", [(state.hash, "state")])
        invitation = ev.payload(rooms.INVITATION, charter=charter.bytes, number=1)
        self.put("invitation, payload", fields(rooms.OPERATION[rooms.INVITATION], invitation))


def rendered(name, parts):
    """A block as it stands in the document."""
    total = sum(len(data) for data, _ in parts)
    out = [f"; {name}: {total} bytes"]
    for data, comment in parts:
        lines = [data[n : n + WIDTH].hex() for n in range(0, len(data), WIDTH)]
        out.append(f"{lines[0]:<{2 * WIDTH}}  ; {comment}")
        out += lines[1:]
    return "```hex\n" + "\n".join(out) + "\n```"


def read(text):
    """The blocks of a document: names, and the bytes each has."""
    out = {}
    for match in BLOCK.finditer(text):
        name, lines = match[1], match[0].splitlines()[2:-1]
        assert name not in out, f"{name} stands there twice"
        out[name] = bytes.fromhex("".join(line.split(";")[0] for line in lines))
    return out


def renewed(text):
    """The document with its blocks made anew."""
    blocks = Example().blocks
    return BLOCK.sub(lambda match: rendered(match[1], blocks[match[1]]) if match[1] in blocks else match[0], text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write("\n\n".join(rendered(name, parts) for name, parts in Example().blocks.items()) + "\n")
    else:
        DOCUMENT.write_text(renewed(DOCUMENT.read_text()))
        sys.stdout.write(f"{len(read(DOCUMENT.read_text()))} examples\n")
