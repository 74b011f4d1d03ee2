"""Ways to break the rules of Protocol.md against a node that keeps them. Valid cryptography around broken contents."""

import asyncio
import os
import random
import struct

from earshot_peer import frames
from earshot_peer.crypto import Refused, base32
from earshot_peer.handshake import STRANGER, Initiator, Responder, gate, head, prologue
from earshot_peer.link import dial, own_payload
from earshot_peer.manifests import Identity
from harness import source

BROKEN = (OSError, EOFError, Refused)

LOW_ORDER = [
    bytes.fromhex(x)
    for x in (
        "00" * 32,
        "01" + "00" * 31,
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        # The same with the top bit set, which X25519 ignores.
        "00" * 31 + "80",
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 31,
        "ed" + "ff" * 31,
        "ee" + "ff" * 31,
    )
]


def stranger():
    return Identity(os.urandom(32), "Mallory")


async def connect(daemon, address=None):
    for _ in range(20):
        try:
            return await asyncio.open_connection("127.0.0.1", daemon.port, local_addr=(address or source(), 0))
        except OSError:
            await asyncio.sleep(0.05)  # nobody tells when there is room
    raise AssertionError("cannot connect")


async def answer_to(daemon, data, *, eof=False, seconds=7, address=None):
    """Everything the daemon says to these bytes until it hangs up. Fails if it does not."""
    reader, writer = await connect(daemon, address)
    try:
        async with asyncio.timeout(seconds):
            try:
                writer.write(data)
                if eof:
                    writer.write_eof()
                return await reader.read()
            except OSError:
                return b""
    finally:
        writer.transport.abort()


def first_flight(daemon, me=None, noise=None, id16=None, the_head=None):
    """Hello and message 1 as one run of bytes, and the state that goes on."""
    me = me or stranger()
    the_head = the_head or head()
    noise = noise or Initiator(me.static, prologue(the_head))
    message = noise.write_1()
    return noise, sealed_first(message, id16 or daemon.id16, the_head)


def sealed_first(message, id16=STRANGER, the_head=None):
    the_head = the_head or head()
    return the_head + gate(id16, the_head, message) + struct.pack(">H", len(message)) + message


def flipped(data, bit):
    data = bytearray(data)
    data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


async def until_message_3(daemon, me):
    """A connection on which only message 3 is missing."""
    noise, flight = first_flight(daemon, me)
    reader, writer = await connect(daemon)
    writer.write(flight)
    async with asyncio.timeout(5):
        (length,) = struct.unpack(">H", await reader.readexactly(2))
        noise.read_2(await reader.readexactly(length))
    return noise, reader, writer


async def third_refused(daemon, me, third):
    """Sends `third(noise)` in place of message 3 with its length. The daemon must hang up without a byte."""
    noise, reader, writer = await until_message_3(daemon, me)
    try:
        async with asyncio.timeout(7):
            try:
                writer.write(third(noise))
                return await reader.read() == b""
            except OSError:
                return True
    finally:
        writer.transport.abort()


def framed(message):
    return struct.pack(">H", len(message)) + message


def third_of(payload):
    """Message 3 around any 512 bytes, or any other number of them."""
    return lambda noise: framed(noise.write_3(payload))


class Called:
    """A listener the daemon is told to call, which answers message 1 as `second(responder, message)` says."""

    def __init__(self, daemon, second, me=None):
        self.daemon, self.second, self.me = daemon, second, me or stranger()
        self.heard = asyncio.get_running_loop().create_future()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._called, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        await self.daemon.rpc("peer.add", address=f"127.0.0.1:{port}")
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def _called(self, reader, writer):
        """`heard` becomes everything the daemon said after our message 2."""
        try:
            async with asyncio.timeout(8):
                hello = await reader.readexactly(34)
                noise = Responder(self.me.static, prologue(hello[:16]))
                noise.read_1(await reader.readexactly(1216))
                writer.write(self.second(noise, self.me))
                said = await reader.read()
        except (OSError, EOFError):
            said = b""
        except TimeoutError:
            said = None
        finally:
            writer.transport.abort()
        if not self.heard.done():
            self.heard.set_result(said)


def honest_second(noise, me):
    return framed(noise.write_2(own_payload(me).encode()))


async def session(daemon, me=None, **how):
    """A finished session, with patience for limits of rate."""
    for attempt in range(6):
        try:
            return await dial(me or stranger(), "127.0.0.1", daemon.port, daemon.id16, source=source(), **how)
        except BROKEN:
            if attempt == 5:
                raise
            await asyncio.sleep(0.1 * (attempt + 1))  # nobody tells when it may


async def fate(link, nonce=4_242, seconds=5):
    """What becomes of a session after what was sent on it: the code of its Close, "ended" without one, or "lives"."""
    try:
        await link.say(frames.PING, nonce=nonce)
        async with asyncio.timeout(seconds):
            while True:
                kind, body = await link.receive()
                if kind == frames.PONG and frames.read(kind, body)["nonce"] == nonce:
                    return "lives"
                if kind == frames.CLOSE:
                    return link.closed_with
    except BROKEN:
        return "ended" if link.closed_with is None else link.closed_with
    finally:
        link.writer.transport.abort()


async def answered(link, daemon, seconds=5):
    """Everything that came until the daemon had dealt with what was said before, as (type, body). A Pong says only that it was read;
    ManifestAsk is answered in turn, and acknowledgements come at the end of a turn, so it is asked twice. Ends early with the Close,
    where there is one."""
    heard = []
    try:
        async with asyncio.timeout(seconds):
            for _ in range(2):
                await link.say(frames.MANIFEST_ASK, person=daemon.person)
                while (got := await link.receive())[0] != frames.MANIFEST_GIVE:
                    heard.append(got)
                    if got[0] == frames.CLOSE:
                        return heard
                heard.append(got)
    except BROKEN:
        pass
    return heard


async def outcome(link, daemon):
    """As `fate`, once the daemon has dealt with it: the code of its Close, "ended" without one, or "lives"."""
    try:
        heard = await answered(link, daemon)
    except BROKEN:
        heard = []
    if link.closed_with is not None:
        return link.closed_with
    return "lives" if heard and heard[-1][0] == frames.MANIFEST_GIVE else "ended"


def mutations(good, count, seed):
    """Bodies near to a good one, and some far from any."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(good)
        match chance.randrange(6):
            case 0:
                data = bytearray(chance.randbytes(chance.randrange(200)))
            case 1 if data:
                data = data[: chance.randrange(len(data))]
            case 2 if data:
                for _ in range(chance.randrange(1, 4)):
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 3 if data:
                at = chance.randrange(len(data))
                data[at:at] = chance.randbytes(chance.randrange(1, 12))
            case 4:
                data += data[chance.randrange(len(data) + 1) :]
            case _:
                data += bytes([chance.randrange(256)]) + b"\xff" * chance.randrange(12)
        yield bytes(data[:65_000])


def named(person):
    return base32(person)
