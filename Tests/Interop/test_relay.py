"""Section 20: the daemon relays, and is relayed."""

import asyncio
import os

from earshot_peer import frames
from earshot_peer.peer import Node
from earshot_peer.relays import AT, COME, GONE, OFFER, SEEK, THERE, WITHDRAW, fetching, knocking, tag
from earshot_peer.crypto import x25519_public
from harness import attack, friend_of, identity, source, with_daemon


def known(node):
    return node.me.device, x25519_public(node.me.static)


def introduce(one, other):
    """Two who have accepted each other, long ago and elsewhere."""
    for a, b in ((one, other), (other, one)):
        a.accepted.add(b.me.person)
        a.keep_manifest(b.me.manifest)


async def met(daemon):
    """Anna and Bob, contacts of the daemon and of each other, who have both told it whom they seek."""
    anna, bob = await friend_of(daemon, "Anna"), await friend_of(daemon, "Bella")
    introduce(anna, bob)
    await daemon.typed("settings", "relay", "on")
    for node in (anna, bob):
        await node.until(lambda: node.relays.ports == {daemon.device: daemon.port})
    await anna.relays.seek(anna.session(daemon.person), known(bob))
    await bob.relays.seek(bob.session(daemon.person), known(anna))
    pair = tag(anna.me.static, known(bob)[1], daemon.device)
    for node in (anna, bob):
        await node.until(lambda: (daemon.device, pair) in node.relays.doors)
    return anna, bob, pair


@with_daemon
async def test_two_talk_over_the_daemon(daemon):
    anna, bob, pair = await met(daemon)
    assert anna.relays.doors != bob.relays.doors
    session = await anna.relays.call(daemon.device, pair, bob.me.id16)
    assert session.link.device == bob.me.device
    await bob.until(lambda: bob.session(anna.me.person))
    await anna.send_text(bob.me.person, "over somebody")
    await bob.until(lambda: bob.texts(anna.me.person) == ["over somebody"])
    await anna.until(lambda: anna.is_delivered(bob.me.person))
    await bob.send_text(anna.me.person, "and back")
    await anna.until(lambda: "and back" in anna.texts(bob.me.person))
    assert (await daemon.rpc("status"))["relayed"] == 1
    await daemon.typed("settings", "relay", "off")
    await anna.until(lambda: not session.up and not anna.relays.ports)
    assert "relayed" not in await daemon.rpc("status")
    await anna.stop()
    await bob.stop()


@with_daemon
async def test_who_does_not_seek_is_not_called(daemon):
    anna, bob, pair = await met(daemon)
    door = anna.relays.doors[(daemon.device, pair)]
    await bob.relays.seek(bob.session(daemon.person))
    await anna.until(lambda: not anna.relays.doors)
    assert await ended(daemon, knocking(door))
    assert all(said["step"] != COME for said in bob.relays.told_of)
    # It is the same door when they come again.
    await bob.relays.seek(bob.session(daemon.person), known(anna))
    await anna.until(lambda: anna.relays.doors == {(daemon.device, pair): door})
    await bob.stop()
    await anna.until(lambda: not anna.relays.doors)
    await anna.stop()


async def ended(daemon, speech, seconds=8):
    """Whether the connection is closed without a byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port, local_addr=(source(), 0))
    try:
        writer.write(speech)
        async with asyncio.timeout(seconds):
            return await reader.read(1) == b""
    except ConnectionError:
        return True
    finally:
        writer.close()


@attack
async def test_what_is_no_way_leads_nowhere(daemon):
    # It does not relay: no more than a wrong Hello.
    assert await ended(daemon, knocking(os.urandom(16)) + bytes(100))
    anna, bob, pair = await met(daemon)
    door = anna.relays.doors[(daemon.device, pair)]
    for speech in (knocking(os.urandom(16)), fetching(os.urandom(16)), fetching(door), b"EARSHOT\x04" + door, knocking(pair)):
        assert await ended(daemon, speech + bytes(100)), speech
    # Half a knock, and nothing more.
    assert await ended(daemon, knocking(door)[:20])
    # Nobody fetches.
    bob.relays.fetches = False
    assert await ended(daemon, knocking(door) + bytes(1000))
    ticket = [said["word"] for said in bob.relays.told_of if said["step"] == COME][-1]
    assert await ended(daemon, fetching(ticket)), "its time is over"
    # A ticket is good once.
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port, local_addr=(source(), 0))
    writer.write(knocking(door) + b"hello")
    before = len(bob.relays.told_of)
    await bob.until(lambda: len(bob.relays.told_of) > before)
    ticket = bob.relays.told_of[-1]["word"]
    fetched, fetcher = await asyncio.open_connection("127.0.0.1", daemon.port, local_addr=(source(), 0))
    fetcher.write(fetching(ticket))
    assert await fetched.readexactly(5) == b"hello"
    assert await ended(daemon, fetching(ticket))
    fetcher.write(b"x" * 1_000_000)
    assert len(await reader.readexactly(1_000_000)) == 1_000_000
    fetcher.close()
    assert await reader.read() == b"", "an end goes through too"
    writer.close()
    await anna.stop()
    await bob.stop()


@attack
async def test_a_stranger_is_not_relayed(daemon):
    await daemon.typed("settings", "relay", "on")
    mallory = await Node(identity("Mallory")).start()
    session = await mallory.dial("127.0.0.1", daemon.port, daemon.id16)
    for step in ({"step": SEEK, "tags": [os.urandom(16)]}, {"step": THERE, "tags": [os.urandom(16)], "word": os.urandom(16)}, {"step": AT, "port": 5_000, "tags": [os.urandom(16)]}, {"step": 99}):
        await session.link.say(frames.RELAY, **step)
    await session.link.say(frames.PING, nonce=7)
    await mallory.until(lambda: 7 in mallory.pongs)
    assert not mallory.relays.told_of
    for body in ({"step": AT, "port": 5_000}, {"step": AT, "tags": [os.urandom(16)]}, {"step": AT, "port": 5_000, "tags": [os.urandom(16)] * 9}, {"step": OFFER}, {"step": THERE, "tags": [os.urandom(16)]}, {"step": GONE}, {"port": 7}, {"step": WITHDRAW, "word": os.urandom(16)}):
        broken = await Node(identity("Mallory")).start()
        session = await broken.dial("127.0.0.1", daemon.port, daemon.id16)
        await session.link.say(frames.RELAY, **body)
        await broken.until(lambda: broken.codes == [frames.PROTOCOL_ERROR])
        await broken.stop()
    await mallory.stop()


@attack
async def test_a_relay_that_lies(daemon):
    """Rita relays for the daemon, and means it harm: whom it wants is not who answers, and it is sent to places."""
    bob = await friend_of(daemon, "Bella")
    rita = await friend_of(daemon, "Rita")
    knocks = asyncio.Queue()
    server = await asyncio.start_server(lambda reader, writer: knocks.put((reader, writer)), "0.0.0.0", 0)
    port = server.sockets[0].getsockname()[1]
    told = rita.session(daemon.person).link
    # Bob is gone, and listens no more.
    await bob.stop()
    await told.say(frames.RELAY, step=OFFER, port=99)
    await told.say(frames.RELAY, step=COME, word=os.urandom(16))
    await told.say(frames.RELAY, step=OFFER, port=port)
    await rita.until(lambda: rita.relays.told_of and rita.relays.told_of[-1]["step"] == SEEK)
    pair = tag(bob.me.static, daemon_static(rita, daemon), rita.me.device)
    assert pair in rita.relays.told_of[-1]["tags"]
    await told.say(frames.RELAY, step=THERE, tags=[os.urandom(16)], word=os.urandom(16))
    door = os.urandom(16)
    await told.say(frames.RELAY, step=THERE, tags=[pair], word=door)
    # Mallory answers in Bob's place.
    reader, writer = await asyncio.wait_for(knocks.get(), 20)
    assert await reader.readexactly(24) == knocking(door)
    mallory = Node(identity("Mallory"))
    mallory.me.__dict__["id16"] = bob.me.id16
    await mallory._called(reader, writer)
    assert mallory.errors or not mallory.sessions
    # And then what it had written itself is sent back to it: a fetch for a replay.
    reader, writer = await asyncio.wait_for(knocks.get(), 40)
    flight = (await reader.readexactly(24 + 32 + 2 + 1216))[24:]
    writer.close()
    await told.say(frames.RELAY, step=COME, word=os.urandom(16))
    while True:
        reader, writer = await asyncio.wait_for(knocks.get(), 20)
        begin = await reader.readexactly(24)
        if begin[7] == 3:
            break
        writer.close()
    writer.write(flight)
    assert await asyncio.wait_for(reader.read(), 10) == b"", "its own call is not for it"
    await told.say(frames.RELAY, step=GONE, word=door)
    await told.say(frames.RELAY, step=WITHDRAW)
    server.close()
    await rita.stop()


def daemon_static(node, daemon):
    return next(c.static_public for d, c in node.devices.items() if d == daemon.device)
