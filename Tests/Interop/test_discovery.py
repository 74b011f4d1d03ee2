"""Adverts from anybody: forged, broken and too many (cases 1 to 4), as real mDNS packets on loopback."""

import asyncio
import socket
import time

from earshot_peer.discovery import SERVICE
from harness import attack
from zeroconf import DNSAddress, DNSOutgoing, DNSPointer, DNSService, DNSText
from zeroconf.const import _CLASS_IN, _CLASS_UNIQUE, _FLAGS_AA, _FLAGS_QR_RESPONSE, _TYPE_A, _TYPE_PTR, _TYPE_SRV, _TYPE_TXT

GROUP = ("224.0.0.251", 5353)


class Forger:
    """Says what it likes to everybody who listens on lo."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(("", 5353))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, id16, address="127.0.0.1", port=47447, ttl=120, text=None, instance=None):
        name = instance or f"earshot-{id16}.{SERVICE}"
        host = f"earshot-{id16}.local."
        if text is None:
            text = b"".join(bytes([len(t)]) + t for t in (b"txtvers=1", b"v=1", b"id=" + id16.encode()))
        out = DNSOutgoing(_FLAGS_QR_RESPONSE | _FLAGS_AA)
        unique = _CLASS_IN | _CLASS_UNIQUE
        for record in (
            DNSPointer(SERVICE, _TYPE_PTR, _CLASS_IN, ttl, name),
            DNSService(name, _TYPE_SRV, unique, ttl, 0, 0, port, host),
            DNSText(name, _TYPE_TXT, unique, ttl, text),
            DNSAddress(host, _TYPE_A, unique, ttl, socket.inet_aton(address)),
        ):
            out.add_answer_at_time(record, 0)
        for packet in out.packets():
            self.socket.sendto(packet, GROUP)


def memory(daemon):
    """Resident, in MB."""
    with open(f"/proc/{daemon.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmRSS:"))


@attack
async def test_01_a_contact_is_reached_in_spite_of_forged_addresses(daemon):
    alice = daemon.alice
    trap = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    wrong = trap.sockets[0].getsockname()[1]
    first = alice.session(daemon.person)

    async def called(before):
        await alice.until(lambda: alice.session(daemon.person) not in (None, before))
        there = alice.session(daemon.person)
        assert not there.link.initiator
        return there

    with Forger() as forger:
        # Once it called her where she really is.
        forger.say(alice.me.id16, port=alice.port)
        await asyncio.sleep(1)  # nobody tells that it heard
        first.link.close()
        session = await called(first)
        for number in range(1500):
            forger.say(alice.me.id16, f"127.9.{number // 250}.{number % 250 + 1}", wrong)
            if number % 50 == 0:
                await asyncio.sleep(0.02)  # no faster than it can listen
        assert alice.session(daemon.person) is session and session.up
        # The line breaks in the middle of it: it finds her again.
        session.link.close()
        waiting = asyncio.create_task(called(session))
        while not waiting.done():
            for number in range(10):
                forger.say(alice.me.id16, f"127.9.9.{number + 1}", wrong)
            await asyncio.wait([waiting], timeout=0.02)
        await waiting
    # `attack` looks at the first session at the end: that she closed herself.
    first.up = True
    trap.close()


@attack
async def test_02_adverts_that_say_nothing_good_are_not_followed(daemon):
    calls = asyncio.Queue()

    async def called(reader, writer):
        calls.put_nowait(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(called, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    good = "a" * 16

    def txt(*parts):
        return b"".join(bytes([len(p)]) + p for p in parts)

    with Forger() as forger:
        for text in (
            b"", b"\x00", txt(b"id"), txt(b"id="), txt(b"v=1", b"id=" + b"a" * 15), txt(b"v=1", b"id=" + b"a" * 17),
            txt(b"v=1", b"id=" + b"A" * 16), txt(b"v=1", b"id=" + b"\xff" * 16), txt(b"v=1", b"id=" + b"a" * 251),
            txt(b"v=2", b"id=" + b"b" * 16), txt(b"v=1"),
            b"\xff" + b"x" * 255, b"".join(bytes([200]) + b"k" * 200 for _ in range(6)),
        ):  # fmt: skip
            forger.say(good, port=port, text=text, instance=f"earshot-{len(text):016d}.{SERVICE}")
        for name in ("x" * 60, "earshot-", "earshot-" + "1" * 16):
            forger.say(good, port=port, text=txt(b"v=1", b"id=0123456789abcdef"), instance=f"{name}.{SERVICE}")
        for bad in (0, 22, 1023):
            forger.say("c" * 16, port=bad)
        for multicast in ("224.0.0.1", "255.255.255.255", "0.0.0.0"):
            forger.say("d" * 16, multicast, port)
        await asyncio.sleep(1.5)  # nothing happens
        assert calls.empty()
        # The same, said well, is followed: the test can fail.
        forger.say("e" * 16, port=port)
        await asyncio.wait_for(calls.get(), 5)
    server.close()


@attack
async def test_03_a_forged_goodbye_ends_nothing(daemon):
    alice = daemon.alice
    session = alice.session(daemon.person)
    with Forger() as forger:
        for _ in range(20):
            forger.say(alice.me.id16, port=alice.port)
            forger.say(alice.me.id16, port=alice.port, ttl=0)
            await asyncio.sleep(0.05)  # no faster than it can listen
        await asyncio.sleep(2)  # nothing happens
    assert alice.session(daemon.person) is session and session.up


@attack
async def test_04_twenty_thousand_ids_cost_nothing(daemon):
    before = memory(daemon)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    begin = time.monotonic()
    with Forger() as forger:
        for number in range(20_000):
            id16 = "".join(letters[number >> shift & 31] for shift in (0, 5, 10)).ljust(16, "z")
            # Nobody is there: a port that refuses.
            forger.say(id16, f"127.8.{number // 250}.{number % 250 + 1}", 1025)
            if number % 100 == 0:
                await asyncio.sleep(0.01)  # no faster than it can listen
        # It answers all the while.
        assert (await daemon.rpc("status"))["sessions"] == 1
        await asyncio.sleep(2)  # what it does with them, it does now; nothing else happens
    print(f"{20_000 / (time.monotonic() - begin):.0f} a second; {before:.0f} MB before, {memory(daemon):.0f} after")
    assert memory(daemon) - before < 40
    assert daemon.alice.session(daemon.person).up
