"""Section 20: meeting over a third peer, at its side of those who meet."""

import asyncio

from . import frames
from .crypto import blake2b, x25519

OFFER, WITHDRAW, SEEK, THERE, GONE, COME, AT = range(1, 8)


def tag(static, public, relay):
    """What two devices are called at a relay: only they can tell."""
    return blake2b("earshot.relay.v1", relay, 16, x25519(static, public))


def knocking(door):
    return b"EARSHOT\x02" + door


def fetching(ticket):
    return b"EARSHOT\x03" + ticket


class Relays:
    def __init__(self, node):
        self.node = node
        self.ports = {}  # of those who relay, by device
        self.doors = {}  # door by (relay, tag)
        self.told_of = []  # everything that was said, as it came
        self.fetches = True

    async def seek(self, session, *devices):
        """Says whom we would meet: pairs of a DeviceID and a static key."""
        tags = sorted(tag(self.node.me.static, public, session.link.device) for _, public in devices)
        await session.link.say(frames.RELAY, step=SEEK, tags=tags)

    async def told(self, session, values):
        relay, step = session.link.device, values["step"]
        self.told_of.append(values)
        if step == OFFER:
            self.ports[relay] = values["port"]
        elif step == WITHDRAW:
            self.ports.pop(relay, None)
        elif step == THERE:
            self.doors[(relay, values["tags"][0])] = values["word"]
        elif step == GONE:
            self.doors = {key: door for key, door in self.doors.items() if door != values["word"]}
        elif step == COME and self.fetches:
            self.node.spawn(self.fetch(relay, values["word"]))
        await self.node._tell()

    async def fetch(self, relay, ticket):
        """Fetches whoever has called us there, and answers them."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[relay])
        writer.write(fetching(ticket))
        await self.node._called(reader, writer)

    async def call(self, relay, tag, wanted):
        return await self.node.dial("127.0.0.1", self.ports[relay], wanted, knock=knocking(self.doors[(relay, tag)]))
