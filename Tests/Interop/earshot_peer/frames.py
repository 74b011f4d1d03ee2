"""Section 4: padded, sealed frames on the TCP stream; the long ones of section 13; what each type carries (4, 9 and 13)."""

import struct

from . import protobuf as pb
from . import verify
from .crypto import Cipher, Refused, blake2b
from .rooms import Charter

CLOSE, READY, PING, PONG = 0x00, 0x01, 0x02, 0x03
HEADS, WANT, ENVELOPES, GONE = 0x10, 0x11, 0x12, 0x13
# All but FETCH on a bulk line only.
FETCH, SOURCE, PULL, DATA, END, STOP, HAVE, PROOF, REFER, DATA_AT, JOIN, MORE, SKIP = range(0x20, 0x2D)
REFER_THERE = 0x21  # Refer, on an ordinary session
MANIFEST_ASK, MANIFEST_GIVE, PROFILE, REQUEST, TYPING, VERIFY = 0x30, 0x31, 0x32, 0x33, 0x40, 0x50
PRESENCE, PICTURE_ASK, PICTURE_PART, DRAFT, DISCOVERY_KEY = range(0x90, 0x95)
PREKEY, SEALED_OFFER = 0x95, 0x96
SEALED_PUT, SEALED_GIVE, SEALED_TAKE, SEALED_ANSWER = range(0x60, 0x64)
MAIL = (PREKEY, SEALED_OFFER, SEALED_PUT, SEALED_GIVE, SEALED_TAKE, SEALED_ANSWER)
ROOMS, RELAY = 0x98, 0x99

ONLINE, AWAY, BUSY, ABSENT = range(1, 5)  # states of Presence
MOST_PICTURE, MOST_PART = 65_536, 32_768

GOING_AWAY, UNSUPPORTED, PROTOCOL_ERROR, REPLACED, NOT_WANTED, TOO_MANY = range(6)
REKEY_AFTER, MOST = 16_384, 65_519
MOST_DATA, MOST_DATA_AT, LONG = 262_144, 262_136, (17, 262_161)

F = pb.Field
MARK = {
    1: F("log", "bytes", size=16),
    2: F("device", "bytes", size=32),
    3: F("seq", "uint64"),
    4: F("id", "bytes", size=32),
    5: F("read", "uint64"),
    6: F("read_at", "uint64"),
    7: F("after", "uint64"),
}
VERSION = {1: F("person", "bytes", size=32), 2: F("version", "uint32")}
TOLD = {1: F("charter", "bytes"), 2: F("members", "uint32"), 3: F("topic", "string", limit=1024)}
SCHEMAS = {
    CLOSE: {1: F("code", "uint32")},
    READY: {},
    PING: {1: F("nonce", "uint64")},
    PONG: {1: F("nonce", "uint64")},
    HEADS: {
        1: F("conversation", "bytes", size=32),
        2: F("marks", "message", repeated=True, message=MARK),
        3: F("ask", "bool"),
        4: F("state", "bytes", size=32),
        5: F("persons", "message", repeated=True, message=VERSION),
    },
    WANT: {1: F("conversation", "bytes", size=32), 2: F("log", "bytes", size=16), 3: F("from", "uint64"), 4: F("to", "uint64")},
    GONE: {1: F("conversation", "bytes", size=32), 2: F("log", "bytes", size=16), 3: F("seq", "uint64"), 4: F("id", "bytes", size=32)},
    FETCH: {
        1: F("share", "bytes", size=16),
        2: F("proof", "bytes", size=32),
        3: F("avoid", "bytes", repeated=True, size=32, limit=16),
        4: F("look", "bool"),
    },
    SOURCE: {
        1: F("share", "bytes", size=16),
        2: F("listing", "uint64"),
        3: F("size", "uint64"),
        4: F("open", "bool"),
        5: F("proven", "bool"),
    },
    PULL: {1: F("from", "uint64"), 2: F("to", "uint64")},
    END: {1: F("at", "uint64")},
    STOP: {1: F("reason", "uint32"), 2: F("text", "string", limit=256)},
    HAVE: {1: F("at", "uint64")},
    PROOF: {1: F("index", "uint64"), 2: F("signature", "bytes", size=64)},
    REFER: {1: F("share", "bytes", size=16), 2: F("device", "bytes", size=32), 3: F("addresses", "bytes", repeated=True, limit=8)},
    JOIN: {1: F("line", "bytes", size=32)},
    MORE: {1: F("count", "uint32")},
    SKIP: {1: F("at", "uint64"), 2: F("file", "uint64"), 3: F("reason", "uint32")},
    MANIFEST_ASK: {1: F("person", "bytes", size=32)},
    PROFILE: {
        1: F("name", "string", limit=256),
        2: F("full_name", "string", limit=256),
        3: F("role", "string", limit=256),
        4: F("desk", "string", limit=256),
        5: F("phone", "string", limit=256),
        6: F("picture", "bytes", size=32),
        7: F("picture_size", "uint32"),
    },
    REQUEST: {1: F("text", "string", limit=1024)},
    TYPING: {1: F("conversation", "bytes", size=32), 2: F("on", "bool")},
    ROOMS: {1: F("room", "message", repeated=True, limit=64, message=TOLD)},
    VERIFY: {1: F("step", "uint32"), 2: F("value", "bytes", size=32)},
    PRESENCE: {1: F("state", "uint32"), 2: F("text", "string", limit=256), 3: F("idle", "uint32"), 4: F("unnoted", "bool")},
    PICTURE_ASK: {1: F("picture", "bytes", size=32)},
    PICTURE_PART: {1: F("picture", "bytes", size=32), 2: F("at", "uint32"), 3: F("data", "bytes", limit=MOST_PART)},
    SEALED_OFFER: {1: F("takes", "bool")},
    SEALED_TAKE: {1: F("mailbox", "bytes", repeated=True, size=32, limit=16)},
    SEALED_ANSWER: {1: F("blob", "bytes", size=32), 2: F("word", "uint32")},
    RELAY: {1: F("step", "uint32"), 2: F("port", "uint32"), 3: F("tags", "bytes", repeated=True, size=16, limit=512), 4: F("word", "bytes", size=16)},
    DISCOVERY_KEY: {1: F("key", "bytes", size=32)},
    DRAFT: {1: F("conversation", "bytes", size=32), 2: F("on", "bool"), 3: F("text", "string", limit=4_096)},
}


def body(kind, **values):
    return pb.encode(SCHEMAS[kind], values)


def data_at(at, data):
    """The body of Data at."""
    return struct.pack(">Q", at) + data


def read(kind, data):
    if kind == DATA_AT:
        if len(data) < 9:
            raise Refused("Data at of no bytes")
        return {"at": int.from_bytes(data[:8], "big"), "data": data[8:]}
    values = pb.decode(SCHEMAS[kind], data)
    if kind == HEADS and any(not person["person"] for person in values["persons"]):
        raise Refused("a version without person")
    if kind == ROOMS:
        for told in values["room"]:
            told["charter"] = Charter.read(told["charter"])
    if kind == PROOF and not values["signature"]:
        raise Refused("Proof without a signature")
    if kind == VERIFY:
        step, has_value = values["step"], bool(values["value"])
        if not step or step in verify.VALUED and not has_value or step in verify.BARE and has_value:
            raise Refused("Verify without a step, or with a value too many or missing")
    if kind == JOIN and not values["line"]:
        raise Refused("Join without a line")
    if kind == REFER and not (values["share"] and values["device"] and values["addresses"]):
        raise Refused("Refer without share, device or address")
    if kind == PROFILE and (bool(values["picture"]) != bool(values["picture_size"]) or values["picture_size"] > MOST_PICTURE):
        raise Refused("a picture and its size go together")
    if kind in (PICTURE_ASK, PICTURE_PART) and not values["picture"]:
        raise Refused("picture is missing")
    if kind == PICTURE_PART and (not values["data"] or values["at"] >= MOST_PICTURE):
        raise Refused("part of no picture")
    if kind == DISCOVERY_KEY and not values["key"]:
        raise Refused("key is missing")
    if kind == DRAFT and not values["conversation"]:
        raise Refused("conversation is missing")
    if kind == REFER and any(len(a) not in (6, 18) for a in values["addresses"]):
        raise Refused("an address of another length")
    return values


def picture_id(data):
    return blake2b("earshot.pictr.1", data)


def picture_parts(data):
    """The bodies of PicturePart for a whole picture, in their order."""
    name = picture_id(data)
    return [body(PICTURE_PART, picture=name, at=at, data=data[at : at + MOST_PART]) for at in range(0, len(data), MOST_PART)]


def padme(length):
    e = length.bit_length() - 1
    s = e.bit_length()
    mask = (1 << (e - s)) - 1
    return (length + mask) & ~mask


def padded(kind, data, most=MOST):
    """u16 inner ‖ type ‖ body ‖ zeros."""
    inner = 1 + len(data)
    plain = struct.pack(">HB", inner, kind) + data
    if len(plain) > most:
        raise Refused("body too long for a frame")
    return plain.ljust(min(most, padme(max(64, len(plain)))), b"\0")


def unpadded(plain):
    if len(plain) < 3:
        raise Refused("frame too short")
    (inner,) = struct.unpack(">H", plain[:2])
    if inner == 0 or 2 + inner > len(plain):
        raise Refused("inner length leads outside")
    if any(plain[2 + inner :]):
        raise Refused("padding is not zero")
    return plain[2], plain[3 : 2 + inner]


class Direction:
    """One direction's key and counter, renewed every 16,384 frames."""

    def __init__(self, key, aes=False):
        self.cipher, self.n = Cipher(key, aes), 0

    def _next(self):
        if self.n and self.n % REKEY_AFTER == 0:
            self.cipher = self.cipher.rekeyed()
        self.n += 1
        return self.n - 1

    def seal_plain(self, plain):
        """Any plaintext at all, for those who mean to break the rules."""
        n = self._next()
        sealed = self.cipher.seal(n, plain)
        return struct.pack(">H", len(sealed)) + sealed

    def seal(self, kind, data=b""):
        return self.seal_plain(padded(kind, data))

    def open(self, sealed):
        if len(sealed) < 17:
            raise Refused("frame too short")
        n = self._next()
        return unpadded(self.cipher.open(n, sealed))

    def seal_long(self, kind, data=b""):
        """A frame of a bulk line: no padding, a length of four bytes."""
        n = self._next()
        sealed = self.cipher.seal(n, bytes([kind]) + data)
        return struct.pack(">I", len(sealed)) + sealed

    def open_long(self, sealed):
        n = self._next()
        plain = self.cipher.open(n, sealed)
        return plain[0], plain[1:]
