"""One session: the handshake over TCP (section 3), then frames (4) and datagrams beside them (5). No rules of
who may say what; those are in peer.py, and a test that drives a Link by hand breaks them as it likes."""

import asyncio
import os
import struct

from . import frames
from .crypto import Refused
from .datagrams import Channel
from .handshake import (
    MESSAGE_1,
    MESSAGE_2,
    MESSAGE_3,
    STRANGER,
    Initiator,
    Payload,
    Responder,
    gate,
    head,
    is_downgrade,
    key_gate,
    prologue,
)
from .manifests import Certificate, id16

HANDSHAKE_SECONDS = 5
BULK = 2  # feature bit 1 of an initiator: this is a bulk line
BUFFER = 1 << 20  # room for the long frames of a bulk line


class Link:
    def __init__(self, reader, writer, secrets, initiator, mine, theirs):
        self.reader, self.writer, self.secrets, self.initiator = reader, writer, secrets, initiator
        self.mine, self.theirs = mine, theirs
        self.aes = bool(mine.features & theirs.features & 1)
        out, into = (secrets.k1, secrets.k2) if initiator else (secrets.k2, secrets.k1)
        self.out, self.into = frames.Direction(out, self.aes), frames.Direction(into, self.aes)
        self.channel = Channel(secrets, initiator, mine.index, theirs.index, self.aes)
        self.certificate = Certificate.read(theirs.certificate)
        self.person, self.device = self.certificate.person, self.certificate.device
        self.id16 = id16(self.device)
        self.remote = writer.get_extra_info("peername")
        self.closed_with = None

    async def send(self, kind, body=b""):
        self.writer.write(self.out.seal(kind, body))
        await self.writer.drain()

    async def say(self, kind, **values):
        await self.send(kind, frames.body(kind, **values))

    async def send_plain(self, plain):
        self.writer.write(self.out.seal_plain(plain))
        await self.writer.drain()

    async def send_wire(self, raw):
        """Bytes as they are, sealed by nobody."""
        self.writer.write(raw)
        await self.writer.drain()

    async def receive(self):
        """(type, body). Raises IncompleteReadError at the end of the stream, Refused on a bad frame."""
        (length,) = struct.unpack(">H", await self.reader.readexactly(2))
        kind, body = self.into.open(await self.reader.readexactly(length))
        if kind == frames.CLOSE:
            self.closed_with = frames.read(kind, body)["code"]
        return kind, body

    async def expect(self, kind, seconds=5):
        """The body of the next frame of this type; other types are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                got, body = await self.receive()
                if got == kind:
                    return body
                if got == frames.CLOSE:
                    raise Refused(f"closed with {self.closed_with} while waiting for {kind:#x}")

    async def ends(self, seconds=5):
        """Waits for the other end to close. Returns the code of its Close, or None when there was none."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.receive()
        except (asyncio.IncompleteReadError, ConnectionError, Refused):
            return self.closed_with

    def close(self):
        self.writer.close()

    def abort(self):
        self.writer.transport.abort()


def check(payload, remote_static, me, wanted=None, refuse=None):
    """The checks of section 3 in their order. `wanted` is an id16; `refuse(certificate, its manifest version)` knows who is blocked,
    revoked and not listed."""
    certificate = Certificate.read(payload.certificate)
    if certificate.static_public != remote_static:
        raise Refused("certificate is not for this static key")
    if certificate.device == me.device:
        raise Refused("my own device")
    if refuse:
        refuse(certificate, payload.manifest_version)
    if wanted is not None and id16(certificate.device) != wanted:
        raise Refused("another device than the one called")


async def dial(me, host, port, wanted=None, *, source=None, payload=None, noise=None, versions=(1,), refuse=None, the_head=None,
               gate_id=None, key=None, ready=True, knock=b""):  # fmt: skip
    """A finished session to whoever answers at the address. `source` binds the near end to another address; `knock` is what a relay
    there is told first (20)."""
    async with asyncio.timeout(HANDSHAKE_SECONDS):
        reader, writer = await asyncio.open_connection(host, port, limit=BUFFER, local_addr=(source, 0) if source else None)
        try:
            the_head = the_head or head()
            noise = noise or Initiator(me.static, prologue(the_head))
            message = noise.write_1()
            door = key_gate(key, the_head, message) if key else gate(gate_id or wanted or STRANGER, the_head, message)
            writer.write(knock + the_head + door + struct.pack(">H", len(message)) + message)
            (length,) = struct.unpack(">H", await reader.readexactly(2))
            if length != MESSAGE_2:
                raise Refused("message 2 has another length")
            theirs = Payload.decode(noise.read_2(await reader.readexactly(length)))
            mine = payload or own_payload(me, versions)
            check(theirs, noise.rs, me, wanted, refuse)
            if is_downgrade(mine.versions, theirs.versions):
                raise Refused("downgrade")
            message = noise.write_3(mine if isinstance(mine, bytes) else mine.encode())
            writer.write(struct.pack(">H", len(message)) + message)
            link = Link(reader, writer, noise.secrets(), True, mine if not isinstance(mine, bytes) else own_payload(me), theirs)
            if ready:
                kind, body = await link.receive()
                if kind != frames.READY or body:
                    raise Refused("first frame is not Ready")
            return link
        except BaseException:
            writer.transport.abort()
            raise




async def answer(me, reader, writer, *, payload=None, versions=(1,), refuse=None, noise=None, ready=True, stranger=True, key=None, is_open=True):
    """The responder's side on a fresh connection. A first byte that is wrong is noticed at once. With `key` the gate takes that too,
    and without `is_open` nothing else."""
    async with asyncio.timeout(HANDSHAKE_SECONDS):
        try:
            begin = b""
            for byte in b"EARSHOT\x01\x01\0\0\0":
                begin += await reader.readexactly(1)
                if begin[-1] != byte:
                    raise Refused("not a Hello")
            the_head = begin + await reader.readexactly(4)
            the_gate = await reader.readexactly(16)
            (length,) = struct.unpack(">H", await reader.readexactly(2))
            if length != MESSAGE_1:
                raise Refused("message 1 has another length")
            message = await reader.readexactly(length)
            names = ([me.id16, STRANGER] if stranger else [me.id16]) if is_open else []
            doors = [gate(i, the_head, message) for i in names] + ([key_gate(key, the_head, message)] if key else [])
            if the_gate not in doors:
                raise Refused("gate")
            noise = noise(prologue(the_head)) if noise else Responder(me.static, prologue(the_head))
            if noise.read_1(message):
                raise Refused("message 1 carries something")
            mine = payload or own_payload(me, versions)
            message = noise.write_2(mine.encode())
            writer.write(struct.pack(">H", len(message)) + message)
            (length,) = struct.unpack(">H", await reader.readexactly(2))
            if length != MESSAGE_3:
                raise Refused("message 3 has another length")
            theirs = Payload.decode(noise.read_3(await reader.readexactly(length)))
            check(theirs, noise.rs, me, None, refuse)
            if is_downgrade(mine.versions, theirs.versions):
                raise Refused("downgrade")
            link = Link(reader, writer, noise.secrets(), False, mine, theirs)
            if ready:
                await link.send(frames.READY)
            return link
        except BaseException:
            writer.transport.abort()
            raise


def own_payload(me, versions=(1,), aes=True, bulk=False):
    return Payload(
        me.certificate.bytes,
        me.manifest.version,
        me.manifest.hash,
        list(versions),
        [1],
        int.from_bytes(os.urandom(8), "big") | 1,
        int(aes) | BULK * bulk,
    )
