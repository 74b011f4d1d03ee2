"""A real earshotd against the peer that knows only Protocol.md."""

import asyncio
import json
import os
import random

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer.crypto import Refused, base32
from earshot_peer.link import dial, own_payload
from earshot_peer.peer import Node, now_ms
from harness import Proxy, cli_or_skip, friend_of, identity, source, with_daemon


# Meeting.


@with_daemon
async def test_found_by_mdns_and_called_by_its_id(daemon):
    from earshot_peer.discovery import Discovery

    discovery = await asyncio.to_thread(Discovery)
    await asyncio.to_thread(discovery.browse)
    try:
        await daemon.until(lambda: daemon.id16 in discovery.found, 10)
    finally:
        await asyncio.to_thread(discovery.close)
    addresses, port = discovery.found[daemon.id16]
    assert port == daemon.port
    link = await dial(identity("Alice"), addresses[0], port, daemon.id16, source=source())
    assert (link.person, link.device) == (daemon.person, daemon.device)
    link.close()


@with_daemon
async def test_it_finds_us_by_mdns_and_calls(daemon):
    from earshot_peer.discovery import Discovery

    alice = await Node(identity("Alice")).start()
    discovery = await asyncio.to_thread(Discovery)
    await asyncio.to_thread(discovery.announce, alice.me.id16, alice.port)
    try:
        await alice.until(lambda: alice.session(daemon.person), 10)
        assert not alice.session(daemon.person).link.initiator
    finally:
        await asyncio.to_thread(discovery.close)
    await alice.stop()


@with_daemon
async def test_handshake_as_initiator_with_id_and_with_hyphens(daemon):
    for wanted in (daemon.id16, None):
        link = await dial(identity("Alice"), "127.0.0.1", daemon.port, wanted, source=source())
        assert link.id16 == daemon.id16
        assert frames.read(frames.PROFILE, await link.expect(frames.PROFILE))["name"] == "Bob"
        await link.say(frames.CLOSE, code=0)
        link.close()


@with_daemon
async def test_handshake_as_responder(daemon):
    alice = await Node(identity("Alice")).start()
    await daemon.calls(alice)
    assert not alice.session(daemon.person).link.initiator
    await alice.until(lambda: alice.names.get(daemon.person) == "Bob" and daemon.person in alice.manifests)
    assert alice.manifests[daemon.person].device(daemon.device)
    await alice.stop()


@with_daemon
async def test_both_ciphers(daemon):
    for aes in (True, False):
        alice = await friend_of(daemon, f"Alice {aes}", aes=aes)
        assert alice.session(daemon.person).link.aes <= aes
        await alice.send_text(daemon.person, f"aes {aes}")
        await alice.until(lambda: alice.is_delivered(daemon.person))
        assert await daemon.texts(alice.me.person) == [f"aes {aes}"]
        await alice.stop()


@with_daemon
async def test_request_then_accept_then_talk_both_ways(daemon):
    alice = await Node(identity("Alice")).start()
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=source())
    await alice.request(daemon.person, "It is me from the third floor")
    await daemon.until(lambda: daemon.asked(alice.me.person))
    assert "third floor" in json.dumps(await daemon.rpc("peers"))
    await alice.accept(daemon.person)
    await alice.send_text(daemon.person, "before you said yes")
    await asyncio.sleep(0.2)  # nothing happens
    assert alice.conversation(daemon.person).delivered == {}
    await daemon.rpc("accept", who=base32(alice.me.person))
    await alice.until(lambda: alice.is_delivered(daemon.person))
    await daemon.sends(alice.me.person, "after")
    await alice.until(lambda: alice.texts(daemon.person) == ["before you said yes", "after"])
    await alice.stop()


@with_daemon
async def test_it_writes_first_and_a_request_reaches_us(daemon):
    alice = await Node(identity("Alice")).start()
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=source())
    await daemon.until(lambda: daemon.trust(alice.me.person))
    await daemon.sends(alice.me.person, "hello stranger")
    await alice.until(lambda: daemon.person in alice.requests)
    assert not alice.messages(daemon.person)
    await alice.accept(daemon.person)
    await alice.until(lambda: alice.texts(daemon.person) == ["hello stranger"])
    await alice.stop()


# Talking.


@with_daemon
async def test_delivered_and_read_are_told(daemon):
    alice = await friend_of(daemon, "Alice")
    await daemon.sends(alice.me.person, "one")
    await alice.until(lambda: alice.texts(daemon.person) == ["one"])
    await daemon.until_states(alice.me.person, "delivered")
    await alice.read(daemon.person)
    await daemon.until_states(alice.me.person, "read")
    await alice.send_text(daemon.person, "two")
    await alice.until(lambda: alice.is_delivered(daemon.person))
    assert not any(alice.conversation(daemon.person).read_by.values())
    await daemon.rpc("read", who=base32(alice.me.person))
    await alice.until(lambda: any(alice.conversation(daemon.person).read_by.values()))
    await alice.stop()


@with_daemon
async def test_edits_deletions_and_reactions_both_ways(daemon):
    alice = await friend_of(daemon, "Alice")
    person, bob = alice.me.person, daemon.person
    first = await alice.send_text(bob, "teh")
    second = await alice.send_text(bob, "to be deleted")
    await alice.write(bob, ev.EDIT, target=first, text="the")
    await alice.write(bob, ev.DELETE, target=second)
    await alice.write(bob, ev.REACTION, target=first, emoji="🎉")
    await daemon.until_texts(person, "the")
    await daemon.until(lambda: _mentions(daemon, person, "🎉"))
    await alice.write(bob, ev.REACTION, target=first, emoji="🎉", off=True)
    await daemon.until(lambda: _does_not_mention(daemon, person, "🎉"))
    mine = await daemon.sends(person, "helo")
    other = await daemon.sends(person, "gone soon")
    await daemon.rpc("edit", id=base32(mine), text="hello")
    await daemon.rpc("delete", id=base32(other))
    await daemon.rpc("react", id=base32(first), emoji="👍")
    await alice.until(lambda: alice.texts(bob) == ["the", "hello"] and alice.messages(bob)[0]["reactions"] == [(bob, "👍")])
    await alice.stop()


async def _mentions(daemon, person, what):
    return what in json.dumps(await daemon.history(person), ensure_ascii=False)


async def _does_not_mention(daemon, person, what):
    return not await _mentions(daemon, person, what)


@with_daemon
async def test_only_the_writer_edits_and_deletes(daemon):
    alice = await friend_of(daemon, "Alice")
    await daemon.sends(alice.me.person, "mine")
    await alice.until(lambda: alice.messages(daemon.person))
    target = alice.messages(daemon.person)[0]["id"]
    await alice.write(daemon.person, ev.EDIT, target=target, text="yours")
    await alice.write(daemon.person, ev.DELETE, target=target)
    await alice.until(lambda: alice.is_delivered(daemon.person))
    assert await daemon.texts(alice.me.person) == ["mine"]
    await alice.stop()


@with_daemon
async def test_a_dropped_body_is_told_as_gone(daemon):
    """What was deleted before we came is Gone, and what follows it fits."""
    alice = await friend_of(daemon, "Alice")
    await alice.stop()
    for n in range(3):
        await daemon.sends(alice.me.person, f"keep {n}")
        await daemon.rpc("delete", id=base32(await daemon.sends(alice.me.person, f"drop {n}")))
    again = await Node(alice.me).start()
    again.accepted.add(daemon.person)
    await again.dial("127.0.0.1", daemon.port, daemon.id16, source=source())
    await again.until(lambda: again.texts(daemon.person) == ["keep 0", "keep 1", "keep 2"])
    await again.until(lambda: again.seen[frames.GONE] == 3)
    await again.stop()


@with_daemon
async def test_it_takes_our_gone(daemon):
    alice = await friend_of(daemon, "Alice")
    person, conversation = daemon.person, alice.conversation(daemon.person)
    session = alice.session(person)
    await alice._end(session, 0)
    await alice.until(lambda: not alice.sessions)
    for n in range(3):
        keep = conversation.write_text(f"keep {n}", now_ms())[0]
        drop = conversation.write_text(f"drop {n}", now_ms())[0]
        conversation.write(ev.DELETE, ev.payload(ev.DELETE, target=drop.id), now_ms())
        assert keep.content
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=source())
    await alice.until(lambda: alice.is_delivered(person))
    assert await daemon.texts(alice.me.person) == ["keep 0", "keep 1", "keep 2"]
    await alice.stop()


@with_daemon
async def test_long_text_travels_in_parts(daemon):
    alice = await friend_of(daemon, "Alice")
    long = "Füße, 日本語, 🙂🏽‍🚀. " * 4000
    assert len(long.encode()) > 120_000
    await alice.send_text(daemon.person, long)
    await daemon.until_texts(alice.me.person, long)
    await daemon.sends(alice.me.person, long[::-1])
    await alice.until(lambda: alice.texts(daemon.person, daemon.person) == [long[::-1]])
    await alice.stop()


@with_daemon
async def test_two_thousand_messages_each_way(daemon):
    alice = await friend_of(daemon, "Alice")
    conversation = alice.conversation(daemon.person)
    for n in range(1999):
        conversation.write_text(f"a{n}", now_ms())
    await alice.send_text(daemon.person, "a1999")
    # As many lines on the control socket at once, and only then their answers.
    requests = [
        {"jsonrpc": "2.0", "id": 10_000 + n, "method": "send", "params": {"to": [base32(alice.me.person)], "text": f"b{n}"}}
        for n in range(2000)
    ]
    async def ask():
        for begin in range(0, 2000, 200):
            daemon.writer.write(b"".join(json.dumps(r).encode() + b"\n" for r in requests[begin : begin + 200]))
            for _ in range(200):
                reply = json.loads(await daemon.reader.readline())
                assert "result" in reply, reply

    await ask()
    await alice.until(lambda: alice.is_delivered(daemon.person) and len(alice.texts(daemon.person, daemon.person)) == 2000, 40)
    assert alice.texts(daemon.person, daemon.person) == [f"b{n}" for n in range(2000)]
    got = await daemon.history(alice.me.person, limit=4000)
    assert [m["text"] for m in got if not m["mine"]] == [f"a{n}" for n in range(2000)]
    await alice.stop()


# Lines that break.


@with_daemon
async def test_cut_at_many_places_and_nothing_is_lost_or_doubled(daemon):
    """Case 19. A hundred messages each way through a proxy that cuts every connection, ever later."""
    chance = random.Random(19)
    alice = await friend_of(daemon, "Alice")
    await alice._end(alice.session(daemon.person), 0)
    # From inside Hello to well into the messages, then without an end.
    cuts = [1, 31, 33, 600, 1249, 1251, 2900, 3540, 3541, 3610, 3700] + [3600 + chance.randrange(4_000) for _ in range(40)] + [None]
    proxy = await Proxy(daemon.port, cuts).start()
    person, sent, cut = alice.me.person, 0, 0
    try:
        while True:
            if sent < 100:
                for _ in range(3):
                    if sent < 100:
                        sent += 1
                        await alice.send_text(daemon.person, f"a{sent}")
                        await daemon.sends(person, f"b{sent}")
            try:
                session = await alice.dial("127.0.0.1", proxy.port, daemon.id16)
            except (OSError, EOFError, Refused):
                cut += 1
                continue
            if proxy.count >= len(cuts) and sent == 100:
                break
            try:
                await alice.until(lambda: not session.up, 0.3)
                cut += 1
            except TimeoutError:
                # The cut lies further than the talk: one more word, then cut by hand.
                session.link.abort()
                await alice.until(lambda: not session.up)
        await alice.until(lambda: alice.is_delivered(daemon.person) and len(alice.texts(daemon.person, daemon.person)) == 100)
        assert alice.texts(daemon.person, daemon.person) == [f"b{n + 1}" for n in range(100)]
        shown = [m["text"] for m in await daemon.history(person, limit=1000) if not m["mine"]]
        assert shown == [f"a{n + 1}" for n in range(100)]
        assert cut >= 20
    finally:
        proxy.stop()
    await alice.stop()


@with_daemon
async def test_it_survives_a_kill_and_what_was_acknowledged_is_there(daemon):
    if "earshot_peer" in os.environ["EARSHOTD"]:
        pytest.skip("the peer's own daemon keeps nothing on disk")
    alice = await friend_of(daemon, "Alice")
    for n in range(50):
        await alice.send_text(daemon.person, f"a{n}")
    await alice.until(lambda: alice.is_delivered(daemon.person))
    daemon.kill()
    await alice.until(lambda: not alice.sessions)
    await daemon.start()
    assert await daemon.texts(alice.me.person) == [f"a{n}" for n in range(50)]
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=source())
    await daemon.sends(alice.me.person, "back")
    await alice.until(lambda: alice.texts(daemon.person, daemon.person) == ["back"])
    await alice.stop()


@with_daemon
async def test_what_is_pushed_right_after_ready_is_stored(daemon):
    alice = await friend_of(daemon, "Alice")
    await alice.stop()
    conversation = alice.conversation(daemon.person)
    for n in range(1, 13):
        envelope = conversation.write_text(f"a{n}", now_ms())[0]
        link = await dial(alice.me, "127.0.0.1", daemon.port, daemon.id16, source=source())
        await link.send(frames.ENVELOPES, envelope.bytes)
        held = 0
        while held < n:
            heads = frames.read(frames.HEADS, await link.expect(frames.HEADS, 2))
            held = max([held] + [m["seq"] for m in heads["marks"] if m["log"] == conversation.mine])
        await link.say(frames.CLOSE, code=0)
        link.close()


@with_daemon
async def test_renewal_moves_to_the_newer_session(daemon):
    """Make before break: we opened both, so we close the older one."""
    alice = await friend_of(daemon, "Alice")
    old = alice.session(daemon.person)
    await alice.send_text(daemon.person, "old line")
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=source())
    await alice.until(lambda: not old.up and len(alice.sessions) == 1)
    await alice.send_text(daemon.person, "new line")
    await daemon.sends(alice.me.person, "answer")
    await alice.until(lambda: alice.is_delivered(daemon.person) and "answer" in alice.texts(daemon.person))
    await alice.stop()


@with_daemon
async def test_crossed_dials_leave_one_session(daemon):
    """Case 14, in small: both call at once, whatever comes first."""
    alice = await friend_of(daemon, "Alice")
    for n in range(8):
        await asyncio.gather(
            alice.dial("127.0.0.1", daemon.port, daemon.id16, source=source()),
            daemon.rpc("peer.add", address=f"127.0.0.1:{alice.port}"),
            return_exceptions=True,
        )
        await alice.send_text(daemon.person, f"a{n}")
        await daemon.sends(alice.me.person, f"b{n}")
    await alice.until(lambda: len(alice.sessions) == 1)
    await alice.until(lambda: alice.is_delivered(daemon.person) and len(alice.texts(daemon.person)) == 16)
    assert len(await daemon.texts(alice.me.person)) == 16
    await alice.stop()


# Frames and datagrams.


@with_daemon
async def test_ping_is_answered_and_rekey_is_kept(daemon):
    """More than 16,384 frames in both directions (case 20)."""
    for aes in (True, False):
        me = identity(f"Alice {aes}")
        link = await dial(me, "127.0.0.1", daemon.port, daemon.id16, source=source(), payload=own_payload(me, aes=aes))
        count = frames.REKEY_AFTER + 50
        ping = link.out

        async def ask():
            for n in range(1, count + 1):
                link.writer.write(ping.seal(frames.PING, frames.body(frames.PING, nonce=n)))
                if n % 500 == 0:
                    await link.writer.drain()

        async def hear():
            missing = set(range(1, count + 1))
            while missing:
                missing.discard(frames.read(frames.PONG, await link.expect(frames.PONG))["nonce"])

        await asyncio.gather(ask(), hear())
        assert link.into.n > frames.REKEY_AFTER
        link.close()


@with_daemon
async def test_a_ping_is_answered_once(daemon):
    link = await dial(identity("Alice"), "127.0.0.1", daemon.port, daemon.id16, source=source())
    for n in range(1, 20):
        await link.say(frames.PING, nonce=n)
    heard = []
    while 19 not in heard[:-1]:
        try:
            heard.append(frames.read(frames.PONG, await link.expect(frames.PONG, 0.5))["nonce"])
        except TimeoutError:
            break
    assert heard == list(range(1, 20))
    link.close()


@with_daemon
async def test_unknown_frames(daemon):
    """Case 17."""
    me = identity("Alice")
    link = await dial(me, "127.0.0.1", daemon.port, daemon.id16, source=source())
    for kind in (0x80, 0xC3, 0xFF):
        await link.send(kind, b"whatever")
    await link.say(frames.PING, nonce=5)
    assert frames.read(frames.PONG, await link.expect(frames.PONG))["nonce"] == 5
    for kind in (0x7F, 0x04, 0x22, 0x26, 0x41, 0x51, 0x5F, 0x64):
        link = await dial(me, "127.0.0.1", daemon.port, daemon.id16, source=source())
        await link.send(kind)
        assert await link.ends() == frames.UNSUPPORTED, hex(kind)


@with_daemon
async def test_datagrams_are_answered_and_carry_envelopes(daemon):
    alice = await friend_of(daemon, "Alice")
    session = alice.session(daemon.person)
    alice.send_datagram(session, frames.PING, frames.body(frames.PING, nonce=77))
    await alice.until(lambda: 77 in alice.pongs)
    envelope = alice.conversation(daemon.person).write_text("by datagram", now_ms())[0]
    alice.send_datagram(session, frames.ENVELOPES, envelope.bytes)
    await alice.until(lambda: alice.is_delivered(daemon.person))
    session.link.channel.renew()
    alice.send_datagram(session, frames.PING, frames.body(frames.PING, nonce=78))
    await alice.until(lambda: 78 in alice.pongs)
    assert await daemon.texts(alice.me.person) == ["by datagram"]
    await alice.stop()


@with_daemon
async def test_everything_works_without_datagrams(daemon):
    alice = await friend_of(daemon, "Alice", datagrams=False)
    alice.udp.close()
    await daemon.sends(alice.me.person, "tcp")
    await alice.send_text(daemon.person, "tcp too")
    await alice.until(lambda: alice.is_delivered(daemon.person) and len(alice.texts(daemon.person)) == 2)
    await alice.stop()


@with_daemon
async def test_lists_of_versions(daemon):
    """A higher number on our list alone is fine: the daemon knows only 1."""
    link = await dial(identity("Alice"), "127.0.0.1", daemon.port, daemon.id16, source=source(), versions=(1, 2))
    assert link.theirs.versions == [1] and link.theirs.suites == [1]
    link.close()
    me = identity("Alice")
    payload = own_payload(me)
    payload.versions = [2]
    with pytest.raises((Refused, EOFError, OSError, TimeoutError)):
        await dial(me, "127.0.0.1", daemon.port, daemon.id16, source=source(), payload=payload)


@with_daemon
async def test_the_command_line_agrees(daemon):
    cli_or_skip()
    alice = await friend_of(daemon, "Alice")
    await alice.send_text(daemon.person, "seen by the command line")
    await alice.until(lambda: alice.is_delivered(daemon.person))
    assert "seen by the command line" in await daemon.typed("history", "Alice")
    await daemon.typed("send", "Alice", "typed")
    await alice.until(lambda: "typed" in alice.texts(daemon.person), 5)
    await alice.stop()
