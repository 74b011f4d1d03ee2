"""proto3's wire format, read as strictly as Protocol.md asks, and written in one way: fields in the order of
their numbers, absent where they hold the default, repeated integers packed."""

import struct
from dataclasses import dataclass, field

from .crypto import Refused

MAX_BODY, MAX_DEPTH, MAX_REPEATED = 61_440, 8, 1_024


@dataclass(frozen=True)
class Field:
    name: str
    kind: str  # uint32, uint64, bool, fixed64, bytes, string, message
    repeated: bool = False
    size: int | None = None  # exact size of a bytes field that is present
    limit: int | None = None  # most bytes of bytes and string, most items of a repeated field
    message: "dict | None" = field(default=None, compare=False)


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number, wire):
    return varint(number << 3 | wire)


def length_delimited(number, data):
    return tag(number, 2) + varint(len(data)) + data


WIRE = {"uint32": 0, "uint64": 0, "bool": 0, "fixed64": 1, "bytes": 2, "string": 2, "message": 2}


def encode(schema, values):
    unknown = set(values) - {f.name for f in schema.values()}
    assert not unknown, unknown
    out = b""
    for number in sorted(schema):
        f = schema[number]
        value = values.get(f.name)
        if f.repeated:
            items = value or []
            if f.kind in ("uint32", "uint64"):
                if items:
                    out += length_delimited(number, b"".join(map(varint, items)))
            else:
                for item in items:
                    out += length_delimited(number, encode(f.message, item) if f.kind == "message" else item)
        elif not value:
            continue
        elif f.kind in ("uint32", "uint64", "bool"):
            out += tag(number, 0) + varint(int(value))
        elif f.kind == "fixed64":
            out += tag(number, 1) + struct.pack("<Q", value)
        elif f.kind == "message":
            out += length_delimited(number, encode(f.message, value))
        else:
            out += length_delimited(number, value.encode() if f.kind == "string" else value)
    return out


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def varint(self):
        result = 0
        for shift in range(0, 70, 7):
            if self.at >= len(self.data):
                raise Refused("varint leads outside")
            byte = self.data[self.at]
            self.at += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                if result >= 2**64:
                    raise Refused("varint beyond 64 bits")
                return result
        raise Refused("varint longer than 10 bytes")

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Refused("length leads outside")
        self.at += count
        return self.data[self.at - count : self.at]


def decode(schema, data, depth=1, limit=MAX_BODY):
    """A dict with every field of the schema: defaults where absent."""
    if len(data) > limit:
        raise Refused("body too long")
    if depth > MAX_DEPTH:
        raise Refused("nested too deeply")
    values = {f.name: [] if f.repeated else {"bytes": b"", "string": "", "message": None}.get(f.kind, 0) for f in schema.values()}
    seen, counts = set(), {}
    reader = Reader(data)
    while reader.at < len(data):
        key = reader.varint()
        number, wire = key >> 3, key & 7
        if number == 0 or number >= 2**29:
            raise Refused("field number 0" if number == 0 else "field number too high")
        if wire not in (0, 1, 2, 5):
            raise Refused(f"wire type {wire}")
        raw = {0: reader.varint, 1: lambda: reader.take(8), 5: lambda: reader.take(4), 2: lambda: reader.take(reader.varint())}[wire]()
        f = schema.get(number)
        if f is None:
            continue
        if f.repeated and f.kind in ("uint32", "uint64") and wire == 2:
            items, inner = [], Reader(raw)
            while inner.at < len(raw):
                items.append(inner.varint())
        elif wire != WIRE[f.kind]:
            raise Refused(f"wire type {wire} does not fit {f.name}")
        else:
            items = [raw]
        if not f.repeated and number in seen:
            raise Refused(f"{f.name} twice")
        seen.add(number)
        counts[number] = counts.get(number, 0) + len(items)
        if counts[number] > (MAX_REPEATED if not f.repeated or f.limit is None else f.limit):
            raise Refused(f"too many {f.name}")
        for item in items:
            item = _value(f, item, depth)
            if f.repeated:
                values[f.name].append(item)
            else:
                values[f.name] = item
    return values


def _value(f, raw, depth):
    if f.kind == "uint32" and raw >= 2**32:
        raise Refused(f"{f.name} beyond 32 bits")
    if f.kind == "bool":
        return raw != 0
    if f.kind == "fixed64":
        return struct.unpack("<Q", raw)[0]
    if f.kind == "message":
        return decode(f.message, raw, depth + 1)
    if f.kind in ("bytes", "string"):
        if f.size is not None and len(raw) != f.size:
            raise Refused(f"{f.name} is {len(raw)} bytes, not {f.size}")
        if not f.repeated and f.limit is not None and len(raw) > f.limit:
            raise Refused(f"{f.name} is too long")
        if f.kind == "string":
            try:
                return bytes(raw).decode()
            except UnicodeDecodeError as error:
                raise Refused(f"{f.name} is not UTF-8") from error
        return bytes(raw)
    return raw
