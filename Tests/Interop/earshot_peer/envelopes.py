"""Sections 6 and 7: signed envelopes, their logs' names, and what they carry."""

import struct
from dataclasses import dataclass, field

from . import protobuf as pb
from . import rooms
from .crypto import Refused, blake2b, sign, verify

MAX_BODY, MAX_PAYLOAD, MAX_PARENTS = 61_440, 49_152, 16
TEXT, EDIT, DELETE, REACTION, FILE, ANSWER = 1, 2, 3, 4, 5, 6
ACKNOWLEDGE, REMIND, LASTS = 7, 8, 9
DECLINED, COMPLETE = 1, 2  # the words of an answer
PART_ABOVE = 40_000

F = pb.Field
BODY = {
    1: F("conversation", "bytes", size=32),
    2: F("device", "bytes", size=32),
    3: F("log", "bytes", size=16),
    4: F("seq", "uint64"),
    5: F("prev", "bytes", size=32),
    6: F("parents", "bytes", repeated=True, size=32, limit=MAX_PARENTS),
    7: F("stamp", "uint64"),
    8: F("membership", "uint64"),
    9: F("kind", "uint32"),
    10: F("payload", "bytes", limit=MAX_PAYLOAD),
    11: F("pad", "bytes"),
}
PAYLOADS = {
    TEXT: {
        1: F("text", "string"),
        2: F("reply_to", "bytes", size=32),
        3: F("part", "uint32"),
        4: F("parts", "uint32"),
        5: F("first", "bytes", size=32),
        6: F("ask", "bool"),
        7: F("mentions", "bytes", repeated=True, size=32, limit=64),
        8: F("lifetime", "uint64"),
    },
    EDIT: {1: F("target", "bytes", size=32), 2: F("text", "string")},
    DELETE: {1: F("target", "bytes", size=32)},
    REACTION: {1: F("target", "bytes", size=32), 2: F("emoji", "string", limit=64), 3: F("off", "bool")},
    FILE: {
        1: F("key", "bytes", size=32),
        2: F("name", "string", limit=255),
        3: F("folder", "bool"),
        4: F("tops", "uint32"),
        5: F("files", "uint64"),
        6: F("size", "uint64"),
        7: F("open", "bool"),
        8: F("type", "string", limit=100),
        9: F("picture", "bytes", limit=16_384),
        10: F("duration", "uint64"),
    },
    ANSWER: {
        1: F("target", "bytes", size=32),
        2: F("word", "uint32"),
        3: F("not_sent", "uint64"),
        4: F("renamed", "uint64"),
        5: F("names", "message", repeated=True, limit=100, message={1: F("from", "string", limit=4096), 2: F("to", "string", limit=4096)}),
    },
    ACKNOWLEDGE: {1: F("target", "bytes", size=32)},
    REMIND: {1: F("target", "bytes", size=32)},
    LASTS: {1: F("ms", "uint64")},
    **rooms.OPERATION,
}


def conversation_of_two(a, b):
    return blake2b("earshot.convdm.1", min(a, b) + max(a, b))


def log_id(gen, conversation):
    return blake2b("earshot.logid.v1", conversation, 16, gen)


def envelope_id(body):
    return blake2b("earshot.msgid.v1", body)


def signed_bytes(the_id):
    return b"earshot/1 envelope\0" + the_id


def payload(kind, **values):
    return pb.encode(PAYLOADS[kind], values)


def read_payload(kind, data):
    """None for what this version cannot show."""
    try:
        content = pb.decode(PAYLOADS[kind], data)
    except (KeyError, Refused):
        return None
    if kind in rooms.OPERATION and not rooms.fits(kind, content):
        return None
    if kind in (EDIT, DELETE, REACTION, ANSWER, ACKNOWLEDGE, REMIND) and not content["target"]:
        return None
    if kind == FILE and not content["key"] or kind == ANSWER and content["word"] not in (DECLINED, COMPLETE):
        return None
    if kind == TEXT and content["parts"]:
        if not 2 <= content["parts"] <= 1024 or content["part"] >= content["parts"]:
            return None
        if bool(content["first"]) == (content["part"] == 0):
            return None
    elif kind == TEXT and (content["part"] or content["first"]):
        return None
    return content


def wrap(body, signature):
    return b"\x01" + struct.pack(">I", len(body)) + body + signature


@dataclass
class Envelope:
    conversation: bytes
    device: bytes
    log: bytes
    seq: int
    prev: bytes = b""
    parents: list = field(default_factory=list)
    stamp: int = 0
    membership: int = 0
    kind: int = TEXT
    payload: bytes = b""
    pad: bytes = b""
    body: bytes = b""
    signature: bytes = b""

    @property
    def id(self):
        return envelope_id(self.body)

    @property
    def bytes(self):
        return wrap(self.body, self.signature)

    @property
    def content(self):
        return read_payload(self.kind, self.payload)

    def signed(self, seed):
        values = {f.name: getattr(self, f.name) for f in BODY.values()}
        self.body = pb.encode(BODY, values)
        self.signature = sign(seed, signed_bytes(self.id))
        return self

    def verify(self, device_public):
        return verify(device_public, signed_bytes(self.id), self.signature)


def parse(data):
    """The envelope at the start of `data`, and what follows it."""
    if len(data) < 5 or data[0] != 1:
        raise Refused("not an envelope")
    (length,) = struct.unpack(">I", data[1:5])
    if length > MAX_BODY:
        raise Refused("envelope too long")
    if len(data) < 5 + length + 64:
        raise Refused("envelope leads outside")
    body, signature = data[5 : 5 + length], data[5 + length : 69 + length]
    values = pb.decode(BODY, body)
    for name in ("conversation", "device", "log"):
        if not values[name]:
            raise Refused(f"{name} is missing")
    if values["seq"] == 0:
        raise Refused("seq 0")
    if bool(values["prev"]) == (values["seq"] == 1):
        raise Refused("prev with seq 1" if values["seq"] == 1 else "prev is missing")
    return Envelope(**values, body=bytes(body), signature=bytes(signature)), data[69 + length :]


def parse_all(data):
    if not data:
        raise Refused("no envelope")
    out = []
    while data:
        envelope, data = parse(data)
        out.append(envelope)
    return out


def parts_of(text, most=PART_ABOVE):
    """Pieces of at most `most` bytes of UTF-8, cut between characters."""
    raw, out = text.encode(), []
    while len(raw) > most:
        cut = most
        while raw[cut] & 0xC0 == 0x80:
            cut -= 1
        out.append(raw[:cut].decode())
        raw = raw[cut:]
    return out + [raw.decode()]
