"""Section 8, private adverts: this peer and a real daemon, of which either or both are private, and a stranger."""

import asyncio
import os
import re
import socket
import struct
import time

import pytest
from earshot_peer import frames
from earshot_peer.crypto import Refused, base32
from earshot_peer.discovery import EPOCH, Discovery, acceptable, recognised, tag
from earshot_peer.handshake import MESSAGE_2, Initiator, gate, head, key_gate, prologue
from earshot_peer.link import dial
from earshot_peer.manifests import id16
from earshot_peer.peer import Node
from harness import Daemon, daemon_or_skip, friend_of, identity, near, pair, run, source, still_talks, stop, with_daemon

KEY = bytes(range(32))


def test_tags_by_the_clock():
    start = 1_888_888 * EPOCH
    shown = tag(KEY, 1_888_888)
    assert re.fullmatch("[a-z2-7]{16}", shown) and shown != tag(KEY, 1_888_889)
    keys = {"bob": os.urandom(32), "alice": KEY}
    for seconds, who in ((0, "alice"), (-1, "alice"), (EPOCH * 2 - 1, "alice"), (-EPOCH - 1, None), (EPOCH * 2, None)):
        assert recognised(shown, keys, start + seconds) == who
    assert recognised(shown, {}, start) is None


def test_an_advert_has_an_id_or_a_tag():
    name = b"abcdefghijklmn23"
    for properties in ({b"tag": name}, {b"id": name}):
        assert acceptable(properties, 47447, ["10.0.0.7"]) == (name.decode(), ["10.0.0.7"])
    for properties in ({b"tag": name, b"id": name}, {}, {b"tag": b"A" * 16}, {b"tag": None}):
        assert acceptable(properties, 47447, ["10.0.0.7"]) is None


@run
async def test_the_peer_itself_keeps_strangers_out():
    alice, bob = await pair(key=KEY)
    await alice.until(lambda: alice.keys.get(bob.me.device) == KEY)
    await stop(alice)
    bob.private = True
    for door in ({}, {"gate_id": bob.me.id16}, {"key": os.urandom(32)}):
        with pytest.raises((Refused, OSError, EOFError)):
            await dial(identity("Mallory"), "127.0.0.1", bob.port, bob.me.id16, **door)
    link = await dial(identity("Alice"), "127.0.0.1", bob.port, bob.me.id16, key=KEY)
    link.close()
    await stop(bob)


async def private(daemon, on=True):
    await daemon.rpc("settings.set", key="discovery.private", value="on" if on else "off")


async def heard(port, speech, seconds=6):
    """All bytes that come back until the other end closes, at most as many as message 2 has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source(), 0))
    try:
        writer.write(speech)
        async with asyncio.timeout(seconds):
            back = b""
            while len(back) < MESSAGE_2 + 2 and (data := await reader.read(4096)):
                back += data
            return back
    except ConnectionError:
        return b""
    finally:
        writer.close()


def first_flight(daemon, door):
    """Hello and message 1, with a gate made of them."""
    the_head = head()
    message = Initiator(identity("Mallory").static, prologue(the_head)).write_1()
    return the_head + door(the_head, message) + struct.pack(">H", len(message)) + message


class Ear:
    """Listens to adverts in threads of its own."""

    async def __aenter__(self):
        self.discovery = await asyncio.to_thread(lambda: Discovery().browse())
        return self.discovery

    async def __aexit__(self, *_):
        await asyncio.to_thread(self.discovery.close)


async def shown(daemon, ear, keys):
    """The tag under which a device is announced now."""
    return await daemon.until(lambda: next((t for t in list(ear.tags) if recognised(t, keys) and f"earshot-{t}" not in ear.gone), None))


@with_daemon
async def test_a_stranger_hears_not_one_byte(daemon):
    alice = await friend_of(daemon, "Alice", key=KEY)
    await alice.until(lambda: daemon.device in alice.keys)
    key = alice.keys[daemon.device]
    carol = await Node(identity("Carol")).start()
    await carol.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    await private(daemon)
    await carol.until(lambda: carol.codes == [frames.NOT_WANTED])
    assert alice.session(daemon.person).up
    doors = {
        "id": lambda h, m: gate(daemon.id16, h, m),
        "hyphens": lambda h, m: gate("-" * 16, h, m),
        "tag": lambda h, m: gate(tag(key, int(time.time()) // EPOCH), h, m),
        "another key": lambda h, m: key_gate(os.urandom(32), h, m),
        "no gate": lambda h, m: bytes(16),
    }
    for name, door in doors.items():
        assert await heard(daemon.port, first_flight(daemon, door)) == b"", name
    for speech in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 2000, b"EARSHOT\x01\x01\0\0\0" + bytes(1300)):
        assert await heard(daemon.port, speech) == b""
    # Who knows the key is answered; who recorded that and says it again is not.
    known = first_flight(daemon, lambda h, m: key_gate(key, h, m))
    assert len(await heard(daemon.port, known)) == MESSAGE_2 + 2
    assert await heard(daemon.port, known) == b""
    # A datagram is not answered either.
    loop = asyncio.get_running_loop()
    udp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", daemon.port))
    udp.sendto(b"\xe5\x01" + bytes(60))
    udp.close()
    assert (await daemon.rpc("status"))["findable"] == "contacts"
    assert (await daemon.rpc("id"))["findable"] == "contacts"
    checks = {check["check"]: check for check in await daemon.rpc("doctor")}
    assert checks["private mode"]["ok"] and checks["host name"]["ok"] and "1 of 1 contacts" in checks["private mode"]["detail"]
    await still_talks(daemon, alice)
    await private(daemon, False)
    await carol.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    await stop(alice, carol)


@with_daemon
async def test_a_contact_recognises_a_private_node_and_calls_it(daemon):
    alice = await friend_of(daemon, "Alice", key=KEY)
    await alice.until(lambda: daemon.device in alice.keys)
    async with Ear() as ear:
        await daemon.until(lambda: daemon.id16 in ear.found)
        await private(daemon)
        name = await shown(daemon, ear, alice.keys)
        assert recognised(name, alice.keys) == daemon.device and name != daemon.id16
        # Nothing but the tag and the port is told; the id is taken back.
        await daemon.until(lambda: f"earshot-{daemon.id16}" in ear.gone)
        before = alice.session(daemon.person)
        await alice._end(before, frames.GOING_AWAY)
        addresses, port = ear.tags[name]
        assert port == daemon.port
        with pytest.raises((Refused, OSError, EOFError)):
            await alice.dial(addresses[0], port, daemon.id16, source=near())
        await alice.dial(addresses[0], port, daemon.id16, source=near(), key=alice.keys[daemon.device])
        await alice.until(lambda: (s := alice.session(daemon.person)) and s.welcome)
        await still_talks(daemon, alice)
    await alice.stop()


class Tap:
    """Every mDNS packet on lo, from now on."""

    def __enter__(self):
        self.packets = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            self.socket.setsockopt(socket.SOL_SOCKET, option, 1)
        self.socket.bind(("", 5353))
        group = socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1")
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        self.socket.setblocking(False)
        return self

    def listen(self):
        try:
            while True:
                self.packets.append(self.socket.recv(9000))
        except BlockingIOError:
            return b"".join(self.packets)

    def __exit__(self, *_):
        self.socket.close()


@run
async def test_a_node_that_starts_private_never_shows_its_id(tmp_path):
    daemon_or_skip()
    os.environ["EARSHOT_DISCOVERY_PRIVATE"] = "on"
    try:
        with Tap() as tap:
            daemon = await Daemon(tmp_path / "bob", name="Bobby Tables").start()
            await daemon.until(lambda: b"tag=" in tap.listen())
            # Probed, announced, and asked for once more.
            async with Ear() as ear:
                await daemon.until(lambda: ear.tags)
            said = tap.listen()
            name = next(iter(ear.tags))
            assert f"earshot-{name}".encode() in said and b"id=" not in said
            for secret in (daemon.id16, "Bobby", socket.gethostname(), base32(daemon.person)[:16]):
                assert secret.encode().lower() not in said.lower(), secret
            await daemon.stop()
            assert daemon.id16.encode() not in tap.listen(), "nor when it says goodbye"
    finally:
        del os.environ["EARSHOT_DISCOVERY_PRIVATE"]


@with_daemon
async def test_a_private_peer_is_recognised_and_called(daemon):
    """Both are private: only from the tag and the key can one know where the other is."""
    alice = await friend_of(daemon, "Alice", key=KEY)
    await private(daemon)
    alice.private = True
    async with Ear() as ear:
        name = tag(KEY, int(time.time()) // EPOCH)
        await asyncio.to_thread(ear.announce, name, alice.port, private=True)
        await alice._end(alice.session(daemon.person), frames.GOING_AWAY)
        await alice.until(lambda: (s := alice.session(daemon.person)) and s.welcome and not s.link.initiator)
        await still_talks(daemon, alice)
        # The tag of the next epoch comes, the old one goes: no session ends for it.
        there = alice.session(daemon.person)
        await asyncio.to_thread(ear.take_back)
        await asyncio.to_thread(ear.announce, tag(KEY, int(time.time()) // EPOCH + 1), alice.port, private=True)
        await still_talks(daemon, alice)
        assert alice.session(daemon.person) is there
        # A stranger's tag is noise: nobody is called.
        carol = await Node(identity("Carol"), key=os.urandom(32), private=True).start()
        async with Ear() as other:
            await asyncio.to_thread(other.announce, tag(carol.key, int(time.time()) // EPOCH), carol.port, private=True)
            await daemon.until(lambda: carol.port in [port for _, port in ear.tags.values()])
            await still_talks(daemon, alice)
        assert carol.errors == [] and carol.sessions == []
        await carol.stop()
    await alice.stop()


@with_daemon
async def test_a_peer_without_the_mode_is_called_and_cannot_call(daemon):
    alice = await friend_of(daemon, "Alice")
    await private(daemon)
    async with Ear() as ear:
        await asyncio.to_thread(ear.announce, alice.me.id16, alice.port)
        await alice._end(alice.session(daemon.person), frames.GOING_AWAY)
        with pytest.raises((Refused, OSError, EOFError)):
            await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
        await alice.until(lambda: (s := alice.session(daemon.person)) and s.welcome and not s.link.initiator)
        await still_talks(daemon, alice)
        # Nobody who was not accepted is called.
        mallory = await Node(identity("Mallory")).start()
        async with Ear() as other:
            await asyncio.to_thread(other.announce, mallory.me.id16, mallory.port)
            await daemon.until(lambda: mallory.me.id16 in ear.found)
            await still_talks(daemon, alice)
        assert mallory.errors == [] and mallory.sessions == []
        await mallory.stop()
    await alice.stop()


@with_daemon
async def test_who_is_blocked_knows_nothing_any_more(daemon):
    alice = await friend_of(daemon, "Alice", key=KEY)
    carol = await friend_of(daemon, "Carol", key=os.urandom(32))
    await private(daemon)
    for node in (alice, carol):
        await node.until(lambda node=node: daemon.device in node.keys)
    old = alice.keys[daemon.device]
    assert carol.keys[daemon.device] == old
    await daemon.rpc("block", who=base32(carol.me.person))
    await carol.until(lambda: carol.session(daemon.person) is None)
    await alice.until(lambda: alice.keys[daemon.device] != old)
    with pytest.raises((Refused, OSError, EOFError)):
        await carol.dial("127.0.0.1", daemon.port, daemon.id16, source=near(), key=old)
    assert await heard(daemon.port, first_flight(daemon, lambda h, m: key_gate(old, h, m))) == b""
    async with Ear() as ear:
        name = await shown(daemon, ear, alice.keys)
        assert recognised(name, carol.keys) is None
    # The new key is on disk.
    await alice._end(alice.session(daemon.person), frames.GOING_AWAY)
    await daemon.stop()
    await daemon.start(port=daemon.port)
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near(), key=alice.keys[daemon.device])
    await alice.until(lambda: (s := alice.session(daemon.person)) and s.welcome)
    assert (await daemon.rpc("status"))["findable"] == "contacts", "the setting, too"
    await still_talks(daemon, alice)
    await stop(alice, carol)


@with_daemon
async def test_an_invitation_opens_the_gate_until_it_is_over(daemon):
    await private(daemon)
    async with Ear() as ear:
        await daemon.until(lambda: ear.tags)
        code = await daemon.rpc("invite.create")
        assert code["findable"] == "guests" and (await daemon.rpc("status"))["findable"] == "guests"
        await daemon.until(lambda: daemon.id16 in ear.found)
        carol = await Node(identity("Carol")).start()
        await carol.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
        await carol.until(lambda: daemon.person in carol.names)
        assert carol.names[daemon.person] == "", "strangers are told no name"
        await daemon.rpc("invite.cancel")
        await carol.until(lambda: carol.codes == [frames.NOT_WANTED])
        assert await heard(daemon.port, first_flight(daemon, lambda h, m: gate(daemon.id16, h, m))) == b""
        await carol.stop()


@with_daemon
async def test_keys_that_are_broken_or_too_many(daemon):
    alice = await friend_of(daemon, "Alice", key=KEY)
    for number in range(60):
        await alice.tell(daemon.person, frames.DISCOVERY_KEY, key=os.urandom(31) + bytes([number]))
    await still_talks(daemon, alice)
    mallory = await dial(identity("Mallory"), "127.0.0.1", daemon.port, daemon.id16, source=near())
    await mallory.say(frames.DISCOVERY_KEY, key=KEY)
    await mallory.send(frames.DISCOVERY_KEY, b"\x0a\x01\x00")
    assert await mallory.ends() == frames.PROTOCOL_ERROR
    await alice.stop()
