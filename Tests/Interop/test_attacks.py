"""A real earshotd under attack. The numbers are those of the adversarial cases. Before each there is an honest session;
after each it must still work, and the daemon answer."""

import asyncio
import contextlib
import json
import os
import random
import socket
import struct
import time
import unicodedata

import make_vectors
import pytest
from attacks import (
    BROKEN,
    LOW_ORDER,
    Called,
    answer_to,
    connect,
    fate,
    first_flight,
    flipped,
    framed,
    honest_second,
    mutations,
    sealed_first,
    session,
    stranger,
    third_of,
    third_refused,
    until_message_3,
)
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer.crypto import base32
from earshot_peer.envelopes import Envelope
from earshot_peer.handshake import STRANGER, Initiator, head, prologue
from earshot_peer.link import dial, own_payload
from earshot_peer.logs import Conversation
from earshot_peer.manifests import Certificate, Identity, Manifest
from earshot_peer.peer import now_ms
from harness import ROOT, attack, friend_of, identity, items, source

BOOK = json.loads(make_vectors.OUT.read_text())


async def all_of(things, at_once=16):
    """Runs many coroutines, some at a time, and returns what they return."""
    limit = asyncio.Semaphore(at_once)

    async def one(thing):
        async with limit:
            return await thing

    return await asyncio.gather(*map(one, things))


async def friend(daemon, name="Mallory"):
    """Somebody the daemon has accepted, who is not honest. Returns the identity and the conversation."""
    node = await friend_of(daemon, name)
    conversation = node.conversation(daemon.person)
    await node.stop()
    return node.me, conversation


# Handshake.


@attack
async def test_06_flips_and_cuts_of_the_first_flight(daemon):
    _, flight = first_flight(daemon)
    chance = random.Random(6)
    bits = list(range(0, 34 * 8, 3)) + chance.sample(range(34 * 8, len(flight) * 8), 120)
    # A flipped length makes it wait for more or refuse; hang up ourselves so that nothing is waited for.
    said = await all_of(answer_to(daemon, flipped(flight, bit), eof=True) for bit in bits)
    assert [bit for bit, s in zip(bits, said) if s] == []
    cuts = list(range(0, 35)) + chance.sample(range(35, len(flight)), 60)
    assert not any(await all_of(answer_to(daemon, flight[:cut], eof=True) for cut in cuts))


@attack
async def test_06_a_cut_first_flight_is_given_up_in_time(daemon):
    _, flight = first_flight(daemon)
    begin = time.monotonic()
    assert not any(await all_of([answer_to(daemon, flight[:cut], seconds=8) for cut in (0, 1, 16, 31, 33, 600, 1249)]))
    assert 2 < time.monotonic() - begin < 7


@attack
async def test_06_flips_and_cuts_of_message_3(daemon):
    me = stranger()
    chance = random.Random(66)
    flips = chance.sample(range(578 * 8), 100) + list(range(16))
    cuts = chance.sample(range(578), 40)

    def flip(bit):
        return lambda noise: flipped(framed(noise.write_3(own_payload(me).encode())), bit)

    def cut(at):
        return lambda noise: framed(noise.write_3(own_payload(me).encode()))[:at] + b""

    assert all(await all_of([third_refused(daemon, me, flip(bit)) for bit in flips], 8))

    async def cut_off(at):
        noise, reader, writer = await until_message_3(daemon, me)
        writer.write(cut(at)(noise))
        writer.write_eof()
        async with asyncio.timeout(7):
            try:
                return await reader.read() == b""
            except OSError:
                return True
            finally:
                writer.transport.abort()

    assert all(await all_of([cut_off(at) for at in cuts], 8))
    assert not await daemon.peer(me.person)


@attack
async def test_06_flips_and_cuts_of_message_2(daemon):
    """The daemon calls; what is wrong with our answer must end it without a byte."""
    chance = random.Random(67)

    async def one(bit):
        async with Called(daemon, lambda noise, me: flipped(honest_second(noise, me), bit)) as called:
            return await asyncio.wait_for(called.heard, 15)

    heard = await all_of([one(bit) for bit in chance.sample(range(1714 * 8), 24)], 8)
    assert all(h == b"" for h in heard), heard


@attack
async def test_07_points_of_low_order(daemon):
    async def as_e(point):
        class Bad(Initiator):
            def write_1(self, payload=b""):
                return point + super().write_1()[32:]

        _, flight = first_flight(daemon, noise=Bad(stranger().static, prologue(head())))
        return await answer_to(daemon, flight, eof=False)

    assert not any(await all_of([as_e(p) for p in LOW_ORDER]))

    def as_s(point):
        def third(noise):
            s = noise.encrypt(point)
            noise.mix_key(bytes(32))
            return framed(s + noise.encrypt(own_payload(stranger()).encode()))

        return third

    assert all(await all_of([third_refused(daemon, stranger(), as_s(p)) for p in LOW_ORDER], 8))

    async def as_answer(point):
        def second(noise, me):
            noise.mix_hash(point)
            noise.mix_key(bytes(32))
            from earshot_peer.crypto import encapsulate, x25519_public

            shared, ciphertext = encapsulate(noise.kem_public)
            out = point + noise.encrypt(ciphertext)
            noise.mix_key(shared)
            out += noise.encrypt(x25519_public(noise.s))
            noise.mix_key(bytes(32))
            return framed(out + noise.encrypt(own_payload(me).encode()))

        async with Called(daemon, second) as called:
            return await asyncio.wait_for(called.heard, 15)

    assert all(h == b"" for h in await all_of([as_answer(p) for p in LOW_ORDER[:6]]))


@attack
async def test_08_bad_kem_keys(daemon):
    vectors = json.loads((ROOT / "Tests/NoiseTests/Vectors/wycheproof-mlkem_768_encaps_test.json").read_text())
    keys = [bytes.fromhex(t["ek"]) for g in vectors["testGroups"] for t in g["tests"] if t["result"] != "valid"]
    bad = [k for k in keys if len(k) == 1184]
    assert len(bad) >= 12
    chance = random.Random(8)
    bad = chance.sample(bad, min(len(bad), 60)) + [b"\xff" * 1184]
    e = Initiator(stranger().static, b"")
    e.write_1()
    from earshot_peer.crypto import x25519_public

    point = x25519_public(e.e)
    assert not any(await all_of([answer_to(daemon, sealed_first(point + k, daemon.id16)) for k in bad]))
    for length in (0, 1, 1184, 1215, 1217, 1248, 65_535):
        assert not await answer_to(daemon, sealed_first(bytes(length), daemon.id16), eof=True)


@attack
async def test_08_a_ciphertext_changed_by_the_answerer(daemon):
    """Implicit rejection: another secret comes out, and the next AEAD fails."""

    def second(noise, me):
        from earshot_peer.crypto import encapsulate, x25519, x25519_public

        e = x25519_public(noise.e)
        noise.mix_hash(e)
        noise.mix_key(x25519(noise.e, noise.re))
        shared, ciphertext = encapsulate(noise.kem_public)
        out = e + noise.encrypt(flipped(ciphertext, 77))
        noise.mix_key(shared)
        out += noise.encrypt(x25519_public(noise.s))
        noise.mix_key(x25519(noise.s, noise.re))
        return framed(out + noise.encrypt(own_payload(me).encode()))

    async with Called(daemon, second) as called:
        assert await asyncio.wait_for(called.heard, 15) == b""


def certificate_of(me, signer=None, **changes):
    c = me.certificate
    values = {f: getattr(c, f) for f in ("person", "device_public", "static_public", "version", "not_before", "not_after")}
    return Certificate(**{**values, **changes}).signed((signer or me).person_seed)


@attack
async def test_09_certificates(daemon):
    me, other = stranger(), stranger()

    def with_certificate(c):
        payload = own_payload(me)
        payload.certificate = c if isinstance(c, bytes) else c.bytes
        return third_of(payload.encode())

    flagged = certificate_of(me)
    flagged.flags = 1
    bad = {
        "signed by another": certificate_of(me, other),
        "for another static key": certificate_of(me, static_public=other.certificate.static_public),
        "of somebody else": other.certificate,
        "of the daemon's person": certificate_of(me, person=daemon.person),
        "with flags": flagged.signed(me.person_seed),
        "empty": b"",
    }
    for name, c in bad.items():
        assert await third_refused(daemon, me, with_certificate(c)), name
    for case in (c for c in BOOK["refuse"] if c["kind"] == "certificate" and len(c["bytes"]) == 372):
        assert await third_refused(daemon, me, with_certificate(bytes.fromhex(case["bytes"]))), case["name"]
    # A board whose clock starts in 1970 must get in.
    young = Identity(os.urandom(32), "Board", now=100)
    young.certificate = certificate_of(young, not_before=2**62, not_after=2**63)
    link = await session(daemon, young)
    assert await fate(link) == "lives"
    # Above the 64-bit signed range too: the numbers are nobody's to trap on.
    young.certificate = certificate_of(young, not_before=2**64 - 1, not_after=2**64 - 1)
    try:
        assert await fate(await session(daemon, young)) == "lives"
    except BROKEN:
        pass


@attack
async def test_09_payloads(daemon):
    """All payloads that must be refused, inside a good message 3."""
    me = stranger()
    good = own_payload(me).encode()
    inner = good[2 : 2 + struct.unpack(">H", good[:2])[0]]
    wrap = lambda body: (struct.pack(">H", len(body)) + body).ljust(512, b"\0")
    bad = [
        good[:511] + b"\1",
        struct.pack(">H", 511) + good[2:],
        struct.pack(">H", 65_535) + good[2:],
        bytes(512),
        wrap(inner + b"\x10\x01"),
        wrap(inner + b"\x7b\x7c"),
        wrap(inner + b"\x00\x00"),
        wrap(inner + b"\xff" * 11),
        wrap(inner + b"\x7a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        wrap(inner[: len(inner) // 2]),
    ]
    assert all(await all_of([third_refused(daemon, me, third_of(b)) for b in bad], 8))
    other = [third_of(mutated.ljust(512, b"\0")[:512]) for mutated in mutations(good[: 2 + len(inner)], 150, 9)]

    async def harmless(third):
        noise, reader, writer = await until_message_3(daemon, me)
        writer.write(third(noise))
        await asyncio.sleep(0.02)  # it is read; whatever becomes of it may be silence
        writer.transport.abort()

    await all_of([harmless(third) for third in other], 8)


@attack
async def test_09_a_revoked_device(daemon):
    """Refused at the handshake once the manifest that revokes it was given; what it said up to the cut stays."""
    old = await friend_of(daemon, "Carol")
    for n in range(3):
        await old.send_text(daemon.person, f"kept {n}")
    await old.until(lambda: old.is_delivered(daemon.person))
    log = old.conversation(daemon.person).mine
    new = identity("Carol", device="second machine")
    assert new.person == old.me.person and new.device != old.me.device
    two = Manifest(
        new.person, 2, old.me.manifest.hash, int(time.time()), [new.certificate.bytes],
        [{"device": old.me.device, "reason": 1, "cut": [{"log": log, "seq": 3}]}], "Carol",
    ).signed(new.person_seed)  # fmt: skip
    new.manifest = two
    link = await session(daemon, new)
    await link.send(frames.MANIFEST_GIVE, two.bytes)
    await link.say(frames.PING, nonce=1)
    await link.expect(frames.PONG)
    await old.until(lambda: not old.sessions, 5)
    with pytest.raises(BROKEN):
        await dial(old.me, "127.0.0.1", daemon.port, daemon.id16, source=source())
    # The new machine passes on what the old one says: the cut decides.
    conversation = old.conversation(daemon.person)
    beyond = conversation.write_text("beyond the cut", now_ms())[0]
    await link.send(frames.ENVELOPES, beyond.bytes)
    await fate(link)
    assert await daemon.texts(new.person) == ["kept 0", "kept 1", "kept 2"]
    await old.stop()


@attack
async def test_11_a_replayed_first_flight(daemon):
    _, flight = first_flight(daemon)
    one_place = source()
    begin = time.monotonic()

    async def replay(address):
        reader, writer = await connect(daemon, address)
        try:
            async with asyncio.timeout(7):
                writer.write(flight)
                try:
                    return len(await reader.read(4096))
                except OSError:
                    return 0
        finally:
            writer.transport.abort()

    said = [await replay(one_place) for _ in range(300)]
    took = time.monotonic() - begin
    assert set(said) <= {0, 1714}
    answered = sum(map(bool, said))
    assert answered <= 25 + 20 * took, f"{answered} answers in {took:.2f} s from one address"
    said = await all_of([replay(source()) for _ in range(300)])
    assert set(said) <= {0, 1714}
    assert await fate(await session(daemon)) == "lives"


@attack
async def test_12_other_versions(daemon):
    for at, value in ((7, 2), (8, 2), (9, 1), (11, 1)):
        the_head = bytearray(head())
        the_head[at] = value
        _, flight = first_flight(daemon, the_head=bytes(the_head))
        assert await answer_to(daemon, flight) == b""
    # A head changed on the way: the gate already fails; with a gate made anew, the prologue.
    link = await session(daemon, versions=(1, 2, 3))
    assert await fate(link) == "lives"


@attack
async def test_12_wrong_gates(daemon):
    for id16 in ("a" * 16, daemon.alice.me.id16, "-" * 15 + "+", daemon.id16.upper()):
        _, flight = first_flight(daemon, id16=id16)
        assert await answer_to(daemon, flight) == b""
    _, flight = first_flight(daemon, id16=STRANGER)
    reader, writer = await connect(daemon)
    writer.write(flight)
    assert len(await asyncio.wait_for(reader.readexactly(1714), 5)) == 1714
    writer.transport.abort()
    for junk in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", bytes(5000), os.urandom(5000)):
        assert await answer_to(daemon, junk) == b""


@attack
async def test_13_slow_callers(daemon):
    """65 who say a byte a second. They are cut after five seconds, and somebody real gets in."""
    _, flight = first_flight(daemon)
    everybody = asyncio.Barrier(66)

    async def slow():
        begin = time.monotonic()
        reader, writer = await connect(daemon)
        try:
            await everybody.wait()
            for byte in flight:
                writer.write(bytes([byte]))
                try:
                    async with asyncio.timeout(1):
                        assert await reader.read() == b""
                    return time.monotonic() - begin
                except TimeoutError:
                    continue
                except OSError:
                    return time.monotonic() - begin
        finally:
            writer.transport.abort()

    slow_ones = [asyncio.create_task(slow()) for _ in range(65)]
    await everybody.wait()
    begin = time.monotonic()
    while True:
        try:
            link = await dial(stranger(), "127.0.0.1", daemon.port, daemon.id16, source=source())
            break
        except BROKEN:
            assert time.monotonic() - begin < 8
            await asyncio.sleep(0.2)  # nobody tells when there is room
    assert await fate(link) == "lives"
    took = await asyncio.gather(*slow_ones)
    assert max(took) < 7.5, max(took)


@attack
async def test_15_message_3_or_ready_withheld(daemon):
    me = stranger()
    _, reader, writer = await until_message_3(daemon, me)
    await asyncio.sleep(0.1)  # nothing happens
    assert not await daemon.peer(me.person)
    writer.transport.abort()
    # Now we are called, by somebody with a message for us, and never say Ready.
    carol = await friend_of(daemon, "Carol")
    await carol.stop()
    await daemon.until(lambda: daemon.offline(carol.me.person))
    await daemon.sends(carol.me.person, "only after Ready")
    got = asyncio.get_running_loop().create_future()

    async def called(reader, writer):
        from earshot_peer.link import answer

        try:
            await answer(carol.me, reader, writer, ready=False)
            got.set_result(await asyncio.wait_for(reader.read(), 10))
        except (*BROKEN, TimeoutError) as error:
            if not got.done():
                got.set_result(error)
        writer.transport.abort()

    server = await asyncio.start_server(called, "127.0.0.1", 0)
    await daemon.rpc("peer.add", address=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert await asyncio.wait_for(got, 20) == b"", "it spoke before Ready, or waited for ever"
    states = await daemon.states(carol.me.person)
    assert states[-1] in ("queued", "waiting"), states
    server.close()


# Transport.


@attack
async def test_16_broken_frames(daemon):
    for raw in (
        b"\0\0",
        b"\0\x10" + bytes(16),
        b"\0\x11" + bytes(17),
        b"\xff\xff" + bytes(65_535),
        *(struct.pack(">H", n) + os.urandom(n) for n in range(0, 41)),
        os.urandom(3000),
    ):
        link = await session(daemon)
        try:
            await link.send_wire(raw)
            link.writer.write_eof()
        except OSError:
            pass
        assert await link.ends() in (None, frames.PROTOCOL_ERROR, frames.GOING_AWAY)
        link.abort()
    for case in (c for c in BOOK["refuse"] if c["kind"] == "plaintext"):
        link = await session(daemon)
        await link.send_plain(bytes.fromhex(case["bytes"]))
        assert await fate(link) in ("ended", frames.PROTOCOL_ERROR), case["name"]
    link = await session(daemon)
    await link.send_plain(b"\0\1\x02" + bytes(5000))
    assert await fate(link) == "lives"
    # The right frame with the wrong counter.
    link = await session(daemon)
    link.out.n += 1
    assert await fate(link) in ("ended", frames.PROTOCOL_ERROR)


KINDS = {"ping": frames.PING, "profile": frames.PROFILE, "request": frames.REQUEST, "typing": frames.TYPING,
         "presence": frames.PRESENCE, "picture ask": frames.PICTURE_ASK, "picture part": frames.PICTURE_PART, "draft": frames.DRAFT,
         "manifest ask": frames.MANIFEST_ASK, "heads": frames.HEADS, "envelopes": frames.ENVELOPES, "envelope": frames.ENVELOPES,
         "signature": frames.ENVELOPES, "manifest": frames.MANIFEST_GIVE}  # fmt: skip


@attack
async def test_16_bodies_that_must_be_refused(daemon):
    """Every `refuse` vector that fits a frame, from a stranger and from somebody accepted."""
    mallory, _ = await friend(daemon)
    cases = [c for c in BOOK["refuse"] if c["kind"] in KINDS and len(c["bytes"]) < 2 * 65_000]

    async def one(case, me):
        link = await session(daemon, me)
        if me:
            await link.expect(frames.HEADS)
        await link.send(KINDS[case["kind"]], bytes.fromhex(case["bytes"]))
        return case["kind"], case["name"], await fate(link)

    fates = await all_of([one(case, None) for case in cases], 4)
    # What a stranger may say is read, and closes when it is broken. What he may not is ignored, or closes.
    must = {"ping", "profile", "request", "manifest ask", "presence", "picture ask"}
    assert [f for f in fates if f[0] in must and f[2] == "lives"] == []
    fates = [await one(case, mallory) for case in cases]
    must |= {"heads", "typing", "envelopes", "picture part", "draft"}
    assert [f for f in fates if f[0] in must and f[2] == "lives"] == []
    assert await daemon.texts(mallory.person) == []


@attack
async def test_17_unknown_frames(daemon):
    for kind in (0x80, 0xFF):
        link = await session(daemon)
        await link.send(kind, os.urandom(100))
        assert await fate(link) == "lives"
    for kind in (0x7F, 0x04):
        link = await session(daemon)
        await link.send(kind, os.urandom(100))
        assert await fate(link) in (frames.UNSUPPORTED, "ended")
    # A second Ready, and a Close with rubbish in it.
    link = await session(daemon)
    await link.send(frames.READY)
    assert await fate(link) != "silent"
    link = await session(daemon)
    await link.send(frames.CLOSE, b"\xff\xff")
    assert await fate(link) != "lives"


@attack
async def test_18_datagrams(daemon):
    alice = daemon.alice
    mine = alice.session(daemon.person)
    channel = mine.link.channel
    ping = lambda nonce, **how: channel.seal(frames.PING, frames.body(frames.PING, nonce=nonce), **how)
    once = ping(1)
    to = ("127.0.0.1", daemon.port)
    for _ in range(50):
        alice.udp.sendto(once, to)
    alice.udp.sendto(ping(2), to)
    await alice.until(lambda: 2 in alice.pongs)
    assert alice.pongs.count(1) <= 2, "a replay was taken"

    spoof = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    spoof.bind(("127.0.0.77", 0))
    spoof.setblocking(False)
    header = lambda epoch, index, counter: struct.pack(">BBHQQ", 0xE5, 1, epoch, index, counter)
    index = channel.their_index
    forged = [b"", b"\xe5", bytes(20), bytes(1500), header(0, index, 5), header(0, index, 5) + bytes(15), header(0, index, 5) + bytes(16),
              header(0, index, 5) + bytes(64), header(0, index, 2**64 - 1) + os.urandom(80), header(0, index, 2**63) + os.urandom(80),
              header(1, index, 2**40) + os.urandom(80), header(65_535, index, 0) + os.urandom(80), header(0, 0, 0) + os.urandom(80),
              header(0, index ^ 1, 0) + os.urandom(80), once, flipped(once, 30), flipped(once, 200), once + b"\0", once[:-1],
              b"\xe4" + once[1:], b"\xe5\2" + once[2:], header(0, index, 9) + os.urandom(1180),
              header(0, index, 9) + os.urandom(1600)]  # fmt: skip

    async def answered(nonce):
        """What was sent before was read, for it did not crowd this out. Where it did, we say it again."""
        while nonce not in alice.pongs:
            alice.udp.sendto(ping(nonce), to)
            with contextlib.suppress(TimeoutError):
                await alice.until(lambda: nonce in alice.pongs, 0.5)

    for n in range(20):
        for junk in forged:
            spoof.sendto(junk, to)
        await answered(100 + n)
    # Sealed well, but in a wrong epoch, or with a broken inside. The last counter there is must not trap.
    for how in ({"epoch": 9}, {"epoch": 65_535}, {"counter": 0}):
        alice.udp.sendto(ping(90, **how), to)
    for plain in (b"", b"\0", bytes(64), b"\xff\xff\2", b"\0\1\2" + b"\1" * 61):
        alice.udp.sendto(channel.seal_plain(plain), to)
    for kind in (frames.CLOSE, frames.READY, frames.WANT, frames.REQUEST, frames.MANIFEST_GIVE, 0x7F, 0xFF):
        alice.udp.sendto(channel.seal(kind, b"\xff\xff"), to)
    for kind in (frames.PING, frames.HEADS, frames.ENVELOPES, frames.TYPING):
        for body in mutations(b"\x08\x01", 50, kind):
            alice.udp.sendto(channel.seal(kind, body), to)
        await answered(200 + kind)
    assert 90 not in alice.pongs
    with pytest.raises(BlockingIOError):
        spoof.recv(2000)
    # The edge of the window, in both directions.
    far = channel.counter + 5000
    for counter in (far, far - 2047, far - 2048, far - 2047):
        alice.udp.sendto(ping(1000 + far - counter, counter=counter), to)
    await alice.until(lambda: 1000 in alice.pongs and 3047 in alice.pongs)
    assert alice.pongs.count(3047) <= 2 and 3048 not in alice.pongs
    alice.udp.sendto(ping(5000, counter=2**64 - 1), to)
    channel.renew()
    alice.udp.sendto(ping(5001), to)
    await alice.until(lambda: 5001 in alice.pongs)
    spoof.close()


# Envelopes and sync.


async def says(daemon, me, *bodies, kind=frames.ENVELOPES):
    link = await session(daemon, me)
    # What is pushed before the daemon's opening Heads is a test of its own, in test_daemon.py.
    await link.expect(frames.HEADS)
    for body in bodies:
        try:
            await link.send(kind, body)
        except OSError:
            break
    return await fate(link)


@attack
async def test_21_signatures_and_bodies(daemon):
    me, conversation = await friend(daemon)
    other = stranger()
    good = conversation.write_text("good", now_ms())[0]
    swapped = Conversation(me, daemon.person).write_text("swapped", now_ms())[0]
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(good.signature[32:], "little")
    from earshot_peer.crypto import sign

    signatures = {
        "another device": sign(other.device_seed, ev.signed_bytes(good.id)),
        "the person key": sign(me.person_seed, ev.signed_bytes(good.id)),
        "no context": sign(me.device_seed, good.id),
        "zero": bytes(64),
        "s + L": good.signature[:32] + (s + order).to_bytes(32, "little"),
        "R of small order": LOW_ORDER[1] + bytes(32),
        "flipped": flipped(good.signature, 100),
        "of another body": swapped.signature,
    }
    for name, signature in signatures.items():
        await says(daemon, me, ev.wrap(good.body, signature))
        assert await daemon.texts(me.person) == [], name
    # A device that nobody certified, and one of another person, in this conversation.
    for liar in (other, daemon.alice.me):
        log = ev.log_id(liar.gen, conversation.id)
        alien = Envelope(conversation.id, liar.device, log, 1, payload=ev.payload(ev.TEXT, text="alien")).signed(liar.device_seed)
        await says(daemon, me, alien.bytes)
    # The daemon's own device in a log of ours, and our device in the daemon's log.
    payload = ev.payload(ev.TEXT, text="posing")
    posing = Envelope(conversation.id, daemon.device, conversation.mine, 1, payload=payload).signed(me.device_seed)
    await says(daemon, me, posing.bytes)
    assert await daemon.texts(me.person) == []
    assert await says(daemon, me, good.bytes) == "lives"
    await daemon.until_texts(me.person, "good")


@attack
async def test_22_a_fork(daemon):
    me, conversation = await friend(daemon)
    one = conversation.write_text("one", now_ms())[0]
    rival = Conversation(me, daemon.person).write_text("rival", now_ms())[0]
    two = conversation.write_text("two", now_ms())[0]
    await says(daemon, me, one.bytes)
    await says(daemon, me, rival.bytes)
    await says(daemon, me, one.bytes, two.bytes)
    await daemon.until_texts(me.person, "one", "two")


@attack
async def test_23_a_gap(daemon):
    node = await friend_of(daemon, "Mallory")
    conversation = node.conversation(daemon.person)
    sent = [conversation.write_text(f"m{n}", now_ms())[0] for n in range(1000)]
    missing = sent[1]
    entry = conversation.logs[conversation.mine].entries[1]
    real = conversation.answer
    conversation.answer = lambda want: []
    for e in [sent[0], *sent[2:]]:
        await node.session(daemon.person).link.send(frames.ENVELOPES, e.bytes)
    await node.until(lambda: node.seen[frames.WANT])
    assert await daemon.texts(node.me.person) == ["m0"]
    conversation.answer = real
    assert entry.id == missing.id
    await node.session(daemon.person).link.send(frames.ENVELOPES, missing.bytes)
    await node.session(daemon.person).link.send(frames.HEADS, conversation.heads())
    await node.until(lambda: node.is_delivered(daemon.person), 30)
    got = await daemon.history(node.me.person, limit=2000)
    assert [m["text"] for m in got] == [f"m{n}" for n in range(1000)]
    await node.stop()


@attack
async def test_25_conversations_of_others(daemon):
    me, mine = await friend(daemon)
    theirs = daemon.alice.conversation(daemon.person)
    await daemon.sends(daemon.alice.me.person, "for Alice alone")
    await daemon.alice.until(lambda: "for Alice alone" in daemon.alice.texts(daemon.person))
    logs = [*theirs.logs]
    for who in (me, stranger()):
        link = await session(daemon, who)
        for log in [*logs, os.urandom(16)]:
            for conversation in (theirs.id, ev.conversation_of_two(daemon.person, daemon.person), os.urandom(32)):
                await link.send(frames.WANT, frames.body(frames.WANT, conversation=conversation, log=log, **{"from": 1, "to": 10}))
                await link.send(frames.HEADS, frames.body(frames.HEADS, conversation=conversation, ask=True))
        heard = []
        try:
            async with asyncio.timeout(0.5):
                while True:
                    heard.append(await link.receive())
        except (*BROKEN, TimeoutError):
            pass
        assert not [1 for kind, body in heard if kind in (frames.ENVELOPES, frames.GONE)]
        assert not [1 for kind, body in heard if kind == frames.HEADS and frames.read(kind, body)["conversation"] != mine.id]
        link.abort()
    # And nobody writes into a conversation of others.
    log = ev.log_id(me.gen, theirs.id)
    forged = Envelope(theirs.id, me.device, log, 1, payload=ev.payload(ev.TEXT, text="between you")).signed(me.device_seed)
    await says(daemon, me, forged.bytes)
    assert "between you" not in await daemon.texts(daemon.alice.me.person)


@attack
async def test_26_much_wanted(daemon):
    node = await friend_of(daemon, "Mallory")
    for n in range(60):
        await daemon.sends(node.me.person, f"b{n}")
    await node.until(lambda: len(node.texts(daemon.person)) == 60)
    conversation = node.conversation(daemon.person)
    log = next(name for name in conversation.logs if name != conversation.mine)
    me = node.me
    await node.stop()
    want = lambda a, b: frames.body(frames.WANT, conversation=conversation.id, log=log, **{"from": a, "to": b})
    for a, b in ((0, 2**64 - 1), (1, 2**64 - 1), (2**64 - 1, 2**64 - 1), (2**64 - 1, 1), (0, 0), (5, 4), (1, 513), (61, 61)):
        link = await session(daemon, me)
        await link.expect(frames.HEADS)
        await link.send(frames.WANT, want(a, b))
        heard = 0
        try:
            async with asyncio.timeout(0.3):
                while True:
                    heard += (await link.receive())[0] in (frames.ENVELOPES, frames.GONE)
        except (*BROKEN, TimeoutError):
            pass
        assert heard == 0, (a, b)
        link.abort()
    # A thousand Wants, none of the answers read for a while.
    link = await session(daemon, me)
    await link.expect(frames.HEADS)
    for _ in range(1000):
        link.writer.write(link.out.seal(frames.WANT, want(1, 60)))
    await asyncio.sleep(0.5)  # slow on purpose
    await daemon.fine()
    heard = 0
    try:
        async with asyncio.timeout(5):
            while True:
                heard += (await link.receive())[0] == frames.ENVELOPES
                if heard >= 1000:
                    break
    except (*BROKEN, TimeoutError):
        pass
    assert heard <= 1000
    link.abort()
    # Heads that promise the moon: the daemon wants no more than it may.
    link = await session(daemon, me)
    await link.expect(frames.HEADS)
    marks = [{"log": os.urandom(16), "device": me.device, "seq": 2**64 - 1, "id": os.urandom(32)} for _ in range(400)]
    await link.send(frames.HEADS, frames.body(frames.HEADS, conversation=conversation.id, marks=marks))
    wants = []
    try:
        async with asyncio.timeout(1):
            while True:
                got = await link.receive()
                if got[0] == frames.WANT:
                    wants.append(frames.read(*got))
    except (*BROKEN, TimeoutError):
        pass
    assert len(wants) <= 8 and all(w["to"] - w["from"] < 512 for w in wants)
    link.abort()


@attack
async def test_27_strange_times_and_parents(daemon):
    node = await friend_of(daemon, "Mallory")
    conversation = node.conversation(daemon.person)
    log = conversation.mine

    def strange(text, **values):
        held = conversation.logs[log]
        fields = {"stamp": now_ms() << 16, "kind": ev.TEXT, "payload": ev.payload(ev.TEXT, text=text), **values}
        e = Envelope(conversation.id, node.me.device, log, held.seq + 1, held.head, **fields).signed(node.me.device_seed)
        conversation._keep(held, e)
        return e

    made = [
        strange("in 2999", stamp=32_472_144_000_000 << 16),
        strange("at the end of time", stamp=2**64 - 1),
        strange("in 1970", stamp=0),
        strange("unknown parents", parents=[os.urandom(32) for _ in range(16)]),
        strange("the same parent", parents=[bytes(32)] * 16),
        strange("padded", pad=bytes(11_000)),
        strange("of an epoch", membership=2**64 - 1),
        strange("unknown", kind=2**32 - 1, payload=os.urandom(49_152)),
        strange("kind 0", kind=0),
        strange("bad text", payload=b"\x0a\x02\xc3\x28"),
        strange("last"),
    ]
    for e in made:
        await node.session(daemon.person).link.send(frames.ENVELOPES, e.bytes)
    await node.until(lambda: node.is_delivered(daemon.person))
    texts = await daemon.texts(node.me.person)
    for text in ("in 2999", "at the end of time", "in 1970", "unknown parents", "the same parent", "padded", "of an epoch", "last"):
        assert texts.count(text) == 1, text
    # His clock does not follow.
    await daemon.sends(node.me.person, "sane")
    await node.until(lambda: "sane" in node.texts(daemon.person))
    theirs = next(l for name, l in conversation.logs.items() if name != log)
    assert abs((theirs.entries[-1].envelope.stamp >> 16) - now_ms()) < 60_000
    await node.stop()


@attack
async def test_29_acknowledgements_of_what_was_never_sent(daemon):
    me, conversation = await friend(daemon)
    await daemon.sends(me.person, "one")
    await daemon.sends(me.person, "two")

    # Take what is sent, and say nothing of it.
    link = await session(daemon, me)
    await link.send(frames.HEADS, conversation.heads(ask=True))
    mark = None
    async with asyncio.timeout(5):
        while mark is None:
            kind, body = await link.receive()
            if kind == frames.HEADS:
                mark = next((m for m in frames.read(kind, body)["marks"] if m["device"] == daemon.device and m["seq"] == 2), None)
    lies = [
        {"seq": 2, "id": os.urandom(32)},
        {"seq": 1, "id": mark["id"]},
        {"seq": 3, "id": mark["id"]},
        {"seq": 2**64 - 1, "id": mark["id"]},
        {"seq": 2, "id": os.urandom(32), "read": 2, "read_at": 1},
        {"seq": 0, "id": b"", "read": 2**64 - 1, "read_at": 2**64 - 1},
    ]
    for lie in lies:
        await link.send(
            frames.HEADS,
            frames.body(frames.HEADS, conversation=conversation.id, marks=[{"log": mark["log"], "device": daemon.device, **lie}]),
        )
        await asyncio.sleep(0.1)  # nothing happens
        assert not {"delivered", "read"} & set(await daemon.states(me.person)), lie
    # Somebody else cannot say it for us either.
    other, _ = await friend(daemon, "Eve")
    true = frames.body(frames.HEADS, conversation=conversation.id, marks=[mark])
    await says(daemon, other, true, kind=frames.HEADS)
    assert not {"delivered", "read"} & set(await daemon.states(me.person))
    link = await session(daemon, me)
    await link.expect(frames.HEADS)
    read = {**mark, "read": 2**64 - 1, "read_at": 2**64 - 1}
    await link.send(frames.HEADS, frames.body(frames.HEADS, conversation=conversation.id, marks=[read]))
    await daemon.until_states(me.person, "read", "read")
    link.abort()


@attack
async def test_32_names(daemon):
    names = ["Alice", "Аlice", "Al\u202eeci", "A\u200blice", "<script>alert(1)</script>", "\x1b[2J\x1b[31mAlice", "x" * 256,
             "a\nb\rc\0d", "ﷺ" * 80, "\u0301" * 100, "", "   ", "\U000e0041lice", "𝐀lice"]  # fmt: skip
    kept = []
    for name in names:
        me = stranger()
        link = await session(daemon, me)
        await link.say(frames.PROFILE, name=name)
        await link.say(frames.PING, nonce=1)
        await link.expect(frames.PONG)
        kept.append((name, me, link))
    raw = await daemon.rpc("peers")
    shown = {p["person"]: p for p in items(raw)}
    for name, me, link in kept:
        peer = shown[base32(me.person)]
        for key in ("name", "ownName"):
            bad = [c for c in peer.get(key) or "" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")]
            assert not bad, (key, name, peer[key], bad)
        link.abort()
    # Nobody became Alice: what is said to her name goes to her, or is refused as ambiguous.
    assert len([p for p in shown.values() if p["person"] == base32(daemon.alice.me.person)]) == 1
    assert await fate(await _with_name(daemon, b"\x0a\x90\x4e" + b"x" * 10_000)) != "lives"


async def _with_name(daemon, body):
    link = await session(daemon)
    await link.send(frames.PROFILE, body)
    return link


# Chance.


def sample_bodies(me, conversation, daemon):
    text = conversation.write_text("sample", now_ms())[0]
    return {
        frames.CLOSE: frames.body(frames.CLOSE, code=2),
        frames.READY: b"",
        frames.PING: frames.body(frames.PING, nonce=2**40),
        frames.PONG: frames.body(frames.PONG, nonce=2**40),
        frames.HEADS: conversation.heads(ask=True),
        frames.WANT: frames.body(frames.WANT, conversation=conversation.id, log=conversation.mine, **{"from": 1, "to": 2}),
        frames.ENVELOPES: text.bytes,
        frames.GONE: frames.body(frames.GONE, conversation=conversation.id, log=conversation.mine, seq=9, id=text.id),
        frames.MANIFEST_ASK: frames.body(frames.MANIFEST_ASK, person=me.person),
        frames.MANIFEST_GIVE: me.manifest.bytes,
        frames.PROFILE: frames.body(frames.PROFILE, name="Mallory"),
        frames.REQUEST: frames.body(frames.REQUEST, text="hello"),
        frames.TYPING: frames.body(frames.TYPING, conversation=conversation.id, on=True),
    }


@attack
async def test_random_bodies_of_every_type(daemon):
    """A few thousand frames, well sealed, with contents near and far from good ones. EARSHOT_FUZZ multiplies them."""
    rounds = 25 * int(os.environ.get("EARSHOT_FUZZ", "1"))
    me, conversation = await friend(daemon)
    bodies = sample_bodies(me, conversation, daemon)
    sent = 0
    for kind, good in bodies.items():
        for n in range(rounds):
            link = await session(daemon, me if n % 2 else None)
            for body in mutations(good, 10, kind * 1000 + n):
                link.writer.write(link.out.seal(kind, body))
                sent += 1
            await fate(link)
        await daemon.fine()
    assert sent >= 3000


@attack
async def test_random_bodies_inside_good_envelopes(daemon):
    """Signed and chained well: what is inside must be kept and shown as strange, or refused, and the chain go on."""
    node = await friend_of(daemon, "Mallory")
    conversation = node.conversation(daemon.person)
    target = conversation.write_text("target", now_ms())[0]
    samples = {
        ev.TEXT: ev.payload(ev.TEXT, text="hello", reply_to=target.id),
        ev.EDIT: ev.payload(ev.EDIT, target=target.id, text="edited"),
        ev.DELETE: ev.payload(ev.DELETE, target=os.urandom(32)),
        ev.REACTION: ev.payload(ev.REACTION, target=target.id, emoji="👍"),
        99: b"",
    }
    for kind, good in samples.items():
        for payload in mutations(good, 80, kind):
            conversation.write(kind, payload, now_ms())
    await node.session(daemon.person).link.send(frames.HEADS, conversation.heads())
    await node.until(lambda: node.is_delivered(daemon.person), 20)
    assert await daemon.history(node.me.person, limit=1000)
    await daemon.sends(node.me.person, "still here")
    await node.until(lambda: "still here" in node.texts(daemon.person))
    await node.stop()
