"""Section 14: what the other end sees when something is wrong, row by row; and what else the text says of who goes first, when
something is late, and where a Pull may begin. A real earshotd, by the document alone."""

import asyncio
import os
import struct
import time

import pytest
from attacks import BROKEN, answer_to, answered, fate, first_flight, flipped, outcome, session, stranger
from earshot_peer import envelopes as ev
from earshot_peer import files, frames
from earshot_peer.crypto import base32
from earshot_peer.bulk import Giving
from earshot_peer.envelopes import Envelope
from earshot_peer.files import CHUNK, InMemory, Received, fetch_proof, share_of, write_listing
from earshot_peer.handshake import gate
from earshot_peer.link import answer as answer_call
from earshot_peer.peer import Node, now_ms
from files_harness import MB, agreed, asked, complete, line_from, much, sent, sent_to, script, transfers, until_transfer
from harness import attack, cli_or_skip, friend_of, identity, met, near, with_daemon

# Before Ready: nothing.


@attack
async def test_the_gate_is_of_message_1_without_its_length(daemon):
    noise, flight = first_flight(daemon)
    message = flight[34:]
    for data in (flight[32:], message + b"\0", message[:-1], b""):
        wrong = flight[:16] + gate(daemon.id16, flight[:16], data) + flight[32:]
        assert await answer_to(daemon, wrong) == b""
    right = flight[:16] + gate(daemon.id16, flight[:16], message) + flight[32:]
    assert right == flight and len(await answer_to(daemon, right, eof=True)) in (0, 1714)


@attack
async def test_an_initiator_that_reads_something_else_than_ready(daemon):
    """We are called, and say a frame that is not Ready first: the daemon leaves without a byte."""
    for first in ([frames.PING], [0x80], [frames.CLOSE], [frames.READY, b"\x08\x01"]):
        me, got = stranger(), asyncio.get_running_loop().create_future()

        async def called(reader, writer, me=me, got=got, first=first):
            try:
                link = await answer_call(me, reader, writer, ready=False)
                await link.send(*first)
                got.set_result(await asyncio.wait_for(reader.read(), 10))
            except (*BROKEN, TimeoutError) as error:
                if not got.done():
                    got.set_result(b"" if isinstance(error, (OSError, EOFError)) else error)
            writer.transport.abort()

        server = await asyncio.start_server(called, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await daemon.rpc("peer.add", address=address)
        assert await asyncio.wait_for(got, 20) == b"", first
        await daemon.rpc("peer.remove", address=address)
        server.close()


@attack
async def test_dates_and_the_version_of_a_certificate_decide_nothing(daemon):
    for before, after, version in ((0, 0, 0), (2**63, 1, 7), (int(time.time()) - 10, int(time.time()) - 5, 2**32 - 1)):
        me = stranger()
        c = me.certificate
        c.not_before, c.not_after, c.version = before, after, version
        c.signed(me.person_seed)
        me.manifest.active = [c.bytes]
        me.manifest.signed(me.person_seed)
        link = await session(daemon, me)
        await link.expect(frames.MANIFEST_ASK)
        await link.send(frames.MANIFEST_GIVE, me.manifest.bytes)
        assert await outcome(link, daemon) == "lives"
        link.abort()


# On an ordinary session.


@attack
async def test_what_is_broken_on_a_session_is_close_2(daemon):
    async def wire(link, raw):
        link.writer.write(raw)

    good = lambda link, kind, body: link.out.seal(kind, body)
    tampered = lambda data: data[:-1] + bytes([data[-1] ^ 1])
    cases = {
        "length 0": lambda link: b"\0\0",
        "length 16": lambda link: b"\0\x10" + bytes(16),
        "bad tag": lambda link: tampered(good(link, frames.PING, b"\x08\1")),
        "sent twice": lambda link: (frame := good(link, frames.PING, b"\x08\1")) + frame,
        "a frame left out": lambda link: good(link, frames.PING, b"") and good(link, frames.PING, b""),
        "inner 0": lambda link: link.out.seal_plain(bytes(64)),
        "inner beyond": lambda link: link.out.seal_plain(b"\0\x40\2" + bytes(61)),
        "padding": lambda link: link.out.seal_plain(b"\0\1\2" + bytes(60) + b"\1"),
        "no inner": lambda link: link.out.seal_plain(b"\0"),
        "nothing inside": lambda link: link.out.seal_plain(b""),
        "Ready again": lambda link: good(link, frames.READY, b""),
        "Ready with a body": lambda link: good(link, frames.READY, b"\x08\1"),
        "a broken Ping": lambda link: good(link, frames.PING, b"\x08"),
        "Ping twice in one": lambda link: good(link, frames.PING, b"\x08\1\x08\2"),
        "a name too long": lambda link: good(link, frames.PROFILE, frames.body(frames.PROFILE, name="x" * 257)),
        "a request too long": lambda link: good(link, frames.REQUEST, frames.body(frames.REQUEST, text="x" * 1025)),
        "a broken Close": lambda link: good(link, frames.CLOSE, b"\xff\xff"),
        "ManifestAsk of nobody": lambda link: good(link, frames.MANIFEST_ASK, b""),
    }
    for what, raw in cases.items():
        link = await session(daemon)
        link.writer.write(raw(link))
        assert await link.ends() == frames.PROTOCOL_ERROR, what
        link.abort()
    # 0x21 is Refer here and Source on a bulk line, where Refer is 0x28.
    source_body = frames.body(frames.SOURCE, share=bytes(16), listing=1)
    for kind, body, code in ((0x04, b"", 1), (0x7F, b"", 1), (frames.PULL, b"", 1), (frames.REFER, b"", 1), (frames.REFER_THERE, source_body, 2)):
        link = await session(daemon)
        await link.send(kind, body)
        assert await link.ends() == code, hex(kind)
    for kind in (0x80, 0xFF):
        link = await session(daemon)
        await link.send(kind, os.urandom(40))
        assert await fate(link) == "lives"


@attack
async def test_wants_that_may_not_be(daemon):
    node = await friend_of(daemon, "Mallory")
    await daemon.sends(node.me.person, "one")
    await node.until(lambda: node.texts(daemon.person))
    conversation, me = node.conversation(daemon.person), node.me
    log = next(name for name in conversation.logs if name != conversation.mine)
    await node.stop()
    for first, last in ((0, 1), (2, 1), (1, 513), (1, 2**64 - 1), (0, 0)):
        link = await session(daemon, me)
        await link.send(frames.WANT, frames.body(frames.WANT, conversation=conversation.id, log=log, **{"from": first, "to": last}))
        assert await link.ends() == frames.PROTOCOL_ERROR, (first, last)
    # Beyond what is held, of another log, in another conversation: passed over as a whole.
    link = await session(daemon, me)
    for the_conversation, the_log, first, last in (
        (conversation.id, log, 1, 2), (conversation.id, os.urandom(16), 1, 1), (os.urandom(32), log, 1, 1), (conversation.id, log, 2, 2),
    ):  # fmt: skip
        await link.send(frames.WANT, frames.body(frames.WANT, conversation=the_conversation, log=the_log, **{"from": first, "to": last}))
    heard = [kind for kind, _ in await answered(link, daemon)]
    assert not {frames.ENVELOPES, frames.GONE, frames.CLOSE} & set(heard)
    # One that is held is answered; a thousand that are not read end it.
    await link.send(frames.WANT, frames.body(frames.WANT, conversation=conversation.id, log=log, **{"from": 1, "to": 1}))
    assert await link.expect(frames.ENVELOPES)
    link.abort()


@attack
async def test_what_becomes_of_an_envelope_that_fails_a_check(daemon):
    """Section 6, its table. `silence` is: not stored, not acknowledged, the session goes on."""
    node = await friend_of(daemon, "Mallory")
    me, conversation = node.me, node.conversation(daemon.person)
    await node.stop()
    log, other = conversation.mine, stranger()
    good = conversation.write_text("good", now_ms())[0]
    second = conversation.write_text("second", now_ms())[0]

    def made(signer=me, **changes):
        fields = {"conversation": conversation.id, "device": me.device, "log": log, "seq": 1, "kind": ev.TEXT,
                  "payload": ev.payload(ev.TEXT, text="bad"), "stamp": now_ms() << 16, **changes}  # fmt: skip
        return Envelope(**fields).signed(signer.device_seed).bytes

    closes = {
        "nothing at all": b"",
        "version 2": b"\2" + good.bytes[1:],
        "cut": good.bytes[:-1],
        "and one byte more": good.bytes + b"\0",
        "and half of another": good.bytes + second.bytes[:40],
        "longer than it is": good.bytes[:1] + struct.pack(">I", len(good.body) + 1) + good.bytes[5:],
        "longer than may be": b"\1" + struct.pack(">I", 61_441) + bytes(61_441 + 64),
        "seq 0": made(seq=0),
        "seq 2^63": made(seq=2**63, prev=good.id),
        "prev with seq 1": made(prev=good.id),
        "no prev with seq 2": made(seq=2),
        "seventeen parents": made(parents=[os.urandom(32) for _ in range(17)]),
        "a payload too long": made(payload=bytes(49_153)),
        "a flipped signature": flipped(good.bytes, len(good.bytes) * 8 - 1),
        "a flipped body": ev.wrap(good.body[:-1] + bytes([good.body[-1] ^ 1]), good.signature),
        "signed by another": made(signer=other),
    }
    silent = {
        "another conversation": made(conversation=os.urandom(32)),
        "of somebody else": made(signer=other, device=other.device),
        "the daemon's device, signed by us": made(device=daemon.device),
    }
    for what, body in closes.items():
        link = await session(daemon, me)
        await link.expect(frames.HEADS)
        await link.send(frames.ENVELOPES, body)
        assert await link.ends() == frames.PROTOCOL_ERROR, what
    for what, body in silent.items():
        link = await session(daemon, me)
        await link.expect(frames.HEADS)
        await link.send(frames.ENVELOPES, body)
        heard = [kind for kind, _ in await answered(link, daemon)]
        assert what.startswith("the daemon") or not {frames.HEADS, frames.CLOSE} & set(heard), (what, heard)
        link.abort()
    # A stranger's are not even looked at.
    for body in closes.values():
        link = await session(daemon)
        await link.send(frames.ENVELOPES, body)
        assert await outcome(link, daemon) == "lives"
        link.abort()
    assert await daemon.texts(me.person) == []
    # Parked, wanted, taken when what is missing comes; known again is acknowledged again; a fork is not.
    link = await session(daemon, me)
    await link.expect(frames.HEADS)
    await link.send(frames.ENVELOPES, second.bytes)
    want = frames.read(frames.WANT, await link.expect(frames.WANT))
    assert (want["log"], want["from"], want["to"]) == (log, 1, 1)
    await link.send(frames.ENVELOPES, good.bytes)
    for again in (None, good, second):
        if again:
            await link.send(frames.ENVELOPES, again.bytes)
        async with asyncio.timeout(5):
            while True:
                marks = frames.read(frames.HEADS, await link.expect(frames.HEADS))["marks"]
                if any(m["log"] == log and m["seq"] == 2 and m["id"] == second.id for m in marks):
                    break
    rival = Envelope(conversation.id, me.device, log, 2, good.id, [], 1, 0, ev.TEXT, ev.payload(ev.TEXT, text="rival")).signed(me.device_seed)
    third = Envelope(conversation.id, me.device, log, 3, rival.id, [], 1, 0, ev.TEXT, ev.payload(ev.TEXT, text="on the rival")).signed(me.device_seed)
    for fork in (rival, third):
        await link.send(frames.ENVELOPES, fork.bytes)
        heard = [kind for kind, _ in await answered(link, daemon)]
        assert not {frames.HEADS, frames.CLOSE} & set(heard), heard
    link.abort()
    await daemon.until_texts(me.person, "good", "second")


@attack
async def test_places_far_ahead_and_logs_without_end(daemon):
    node = await friend_of(daemon, "Mallory")
    me, conversation = node.me, node.conversation(daemon.person)
    await node.stop()
    payload = ev.payload(ev.TEXT, text="early")
    at = lambda seq, log=conversation.mine: Envelope(
        conversation.id, me.device, log, seq, b"" if seq == 1 else os.urandom(32), [], 1, 0, ev.TEXT, payload
    ).signed(me.device_seed)
    link = await session(daemon, me)
    await link.expect(frames.HEADS)
    for seq in (2_049, 2_050, 2**62, 2**63 - 1):
        await link.send(frames.ENVELOPES, at(seq).bytes)
    heard = [kind for kind, _ in await answered(link, daemon)]
    assert frames.WANT not in heard, "so far ahead nothing is parked"
    await link.send(frames.ENVELOPES, at(2_048).bytes)
    want = frames.read(frames.WANT, await link.expect(frames.WANT))
    assert (want["from"], want["to"]) == (1, 512)
    link.abort()
    # Sixty-four logs of a device are followed, one was begun above; of the rest nothing is taken.
    link = await session(daemon, me)
    await link.expect(frames.HEADS)
    logs = [os.urandom(16) for _ in range(70)]
    for log in logs:
        await link.send(frames.ENVELOPES, at(1, log).bytes)
    heads = [frames.read(*got) for got in await answered(link, daemon) if got[0] == frames.HEADS]
    assert {m["log"] for h in heads for m in h["marks"] if m["seq"] == 1} == set(logs[:63])
    link.abort()


@with_daemon
async def test_the_first_message_is_the_text_of_the_request(daemon):
    """As many whole characters as fit 1,024 bytes; of files their name; and Heads without marks says yes."""
    for n, (text, shown) in enumerate({"hello": "hello", "é" * 800: "é" * 512, "👩‍👩‍👧" * 70: "👩‍👩‍👧" * 56}.items()):
        node = await Node(identity(f"Alice {n}")).start()
        await node.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
        await daemon.until(lambda: daemon.peer(node.me.person))
        await daemon.sends(node.me.person, text)
        await node.until(lambda: daemon.person in node.requests)
        assert node.requests[daemon.person] == shown and len(shown.encode()) <= 1024
        assert node.seen[frames.HEADS] and not node.seen[frames.ENVELOPES], "Heads came, and nothing is pushed before ours"
        # We hold nothing: Heads without marks, and what was written comes.
        await node.session(daemon.person).link.send(frames.HEADS, frames.body(frames.HEADS, conversation=node.conversation(daemon.person).id))
        await node.until(lambda: node.seen[frames.ENVELOPES])
        await node.stop()


@with_daemon
async def test_after_ready_a_close_goes_before_the_end(daemon):
    friend = await friend_of(daemon, "Alice")
    await daemon.rpc("block", who=base32(friend.me.person))
    await friend.until(lambda: friend.codes)
    assert friend.codes == [frames.NOT_WANTED]
    with pytest.raises((EOFError, OSError)):
        await friend.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    other = await friend_of(daemon, "Carol")
    await daemon.stop()
    await other.until(lambda: other.codes)
    assert other.codes == [frames.GOING_AWAY]
    await friend.stop(), await other.stop()
    await daemon.start()


@attack
async def test_requests_and_manifests_that_nobody_wants(daemon):
    """Of a session two Requests count, and a third does not. A manifest is given of the answerer's person and the asker's, and of nobody else."""
    me = stranger()
    link = await session(daemon, me)
    await link.expect(frames.MANIFEST_ASK)
    await link.say(frames.REQUEST, text="first")
    await answered(link, daemon)
    assert not await daemon.asked(me.person), "before a manifest has come"
    await link.send(frames.MANIFEST_GIVE, me.manifest.bytes)
    for text in ("second", ""):
        await link.say(frames.REQUEST, text=text)
    for person in (me.person, daemon.alice.me.person, bytes(32), b"\xff" * 32):
        await link.say(frames.MANIFEST_ASK, person=person)
    given = [body for kind, body in await answered(link, daemon) if kind == frames.MANIFEST_GIVE]
    assert given[0] == me.manifest.bytes and len(given) == 2, "mine once, then what `answered` asks for"
    assert (await daemon.peer(me.person))["request"] == "second"
    link.abort()


# Datagrams.


@with_daemon
async def test_the_initiator_sends_the_first_datagram(daemon):
    """Called, it sends none before a good one has come; calling, it sends a Ping at once."""
    alice = await Node(identity("Alice")).start()
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    await alice.until(lambda: alice.seen[frames.PROFILE])
    link = alice.session(daemon.person).link
    await link.say(frames.PING, nonce=1)
    await alice.until(lambda: 1 in alice.pongs)
    assert alice.datagrams_in == 0, "it cannot know where we listen"
    alice.send_datagram(alice.session(daemon.person), frames.PING, frames.body(frames.PING, nonce=2))
    await alice.until(lambda: 2 in alice.pongs and alice.datagrams_in == 1)
    await alice.stop()
    bob, kinds = await Node(identity("Bob, called")).start(), []
    real = bob._handle

    async def noted(session, kind, body, by_datagram=False):
        kinds.extend([kind] * by_datagram)
        await real(session, kind, body, by_datagram)

    bob._handle = noted
    await daemon.calls(bob)
    await bob.until(lambda: bob.datagrams_in)
    assert kinds == [frames.PING], "the first datagram"
    await bob.stop()


@with_daemon
async def test_what_is_late_comes_once_more(daemon):
    """What was pushed and is not acknowledged comes once more, in a datagram; not when it is large."""
    node = await Node(identity("Alice")).start()
    await daemon.befriend(node)
    await node.until(lambda: node.seen[frames.HEADS])
    session = node.session(daemon.person)
    node.send_datagram(session, frames.PING, frames.body(frames.PING, nonce=1))
    await node.until(lambda: 1 in node.pongs)
    times, real = [], node._handle

    async def deaf(session, kind, body, by_datagram=False):
        """Takes no envelope, so that nothing is acknowledged."""
        if kind == frames.ENVELOPES:
            times.append(by_datagram)
            return None
        return await real(session, kind, body, by_datagram)

    node._handle = deaf
    await daemon.sends(node.me.person, "small")
    await node.until(lambda: len(times) == 2)
    assert times == [False, True]
    await daemon.sends(node.me.person, "x" * 1_000)
    await node.until(lambda: len(times) == 3)
    await daemon.sends(node.me.person, "small again")
    await node.until(lambda: len(times) == 5)
    assert times == [False, True, False, False, True], "once, and only what is small"
    await node.stop()


# The smallest peer (section 15).


@with_daemon
async def test_the_smallest_peer(daemon):
    """No datagrams, no AES, nothing pushed, no Profile, no Have, one line: texts and files come and go all the same."""
    cli_or_skip()
    for caller in ("we_called", "it_called"):
        node = Node(identity(f"Small, {caller}"), aes=False, datagrams=False)
        node.me.name = ""

        async def only_heads(person, envelopes, node=node):
            conversation, link = node.conversation(person), node.session(person).link
            if node.talks(link):
                await link.send(frames.HEADS, conversation.heads(only={conversation.mine}))

        node._push = only_heads
        await node.start()
        if caller == "we_called":
            await daemon.befriend(node)
        else:
            await daemon.calls(node)
            await node.request(daemon.person, "It is me")
            await daemon.until(lambda: daemon.asked(node.me.person))
            await daemon.rpc("accept", who=base32(node.me.person))
            await node.accept(daemon.person)
        await node.until(lambda: node.seen[frames.HEADS])
        await node.send_text(daemon.person, "x" * 100_000)
        await node.until(lambda: node.is_delivered(daemon.person))
        await daemon.sends(node.me.person, "from Bob")
        await node.until(lambda: "from Bob" in node.texts(daemon.person))
        await complete(daemon, node, InMemory({"in.txt": b"to Bob"}))
        path = daemon.state.parent / f"{caller}.txt"
        path.write_bytes(b"from Bob")
        _, content, _ = await sent(daemon, node, path)
        got = Received(content)
        await node.files.fetch(daemon.person, got)
        assert got.files() == {path.name: b"from Bob"}
        assert not node.session(daemon.person).link.aes and node.seen[frames.ENVELOPES]
        await node.stop()


# On a bulk line.


async def said(line, seconds=15):
    """How a line ends: ("stop", reason), ("close", code), or "nothing". What comes before is passed over."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                kind, body = await line.receive()
                if kind == frames.CLOSE:
                    return "close", frames.read(kind, body)["code"]
                if kind == frames.STOP:
                    return "stop", frames.read(kind, body)["reason"]
    except BROKEN:
        return "nothing"
    finally:
        line.abort()


@met("we_called", seconds=120)
async def test_how_a_line_that_begins_wrongly_ends(daemon, alice):
    path = daemon.state.parent / "x"
    path.write_bytes(much(MB))
    _, content, the_id = await sent(daemon, alice, path)
    share, mine = share_of(content["key"]), InMemory({"z": b"1"})
    body = frames.body

    async def begun(kind, data, who=alice):
        line = await line_from(who, daemon)
        await line.send(kind, data)
        return await said(line)

    async def proof(who, **wrong):
        line = await line_from(who, daemon)
        key, h, device = (wrong.get(name, right) for name, right in (("key", content["key"]), ("h", line.link.secrets.h), ("device", who.me.device)))
        given = wrong.get("proof", fetch_proof(key, h, device))
        await line.say(frames.FETCH, share=share, proof=given)
        return await said(line)

    mallory = Node(identity("Mallory"))
    for what, end in {
        "what nobody offered": await begun(frames.FETCH, body(frames.FETCH, share=os.urandom(16))),
        "without a proof, by a stranger": await begun(frames.FETCH, body(frames.FETCH, share=share), mallory),
        "with a wrong proof": await proof(mallory, key=bytes(32)),
        "with the proof of another line": await proof(mallory, h=os.urandom(32)),
        "with the proof of another device": await proof(mallory, device=alice.me.device),
        "with a right proof, where nothing is given on": await proof(mallory),
        "Pull": await begun(frames.PULL, b""),
        "Have": await begun(frames.HAVE, b""),
    }.items():
        assert end == ("stop", files.NOT_YOURS), (what, end)
    assert await begun(frames.SOURCE, body(frames.SOURCE, **mine.source())) == ("stop", files.NOT_WANTED)
    await daemon.typed("transfers", "pause", the_id)
    assert await begun(frames.FETCH, body(frames.FETCH, share=share)) == ("stop", files.PAUSED)
    for kind, data in ((0x7F, b""), (0x80, b""), (frames.FETCH, b""), (frames.JOIN, body(frames.JOIN, line=bytes(32))), (frames.JOIN, b"")):
        assert await begun(kind, data) == "nothing", hex(kind)
    line = await line_from(alice, daemon)
    await line.link.send_wire(struct.pack(">I", 16) + bytes(16))
    assert await said(line) == "nothing"


@met(seconds=120)
async def test_where_a_pull_may_begin_and_end(daemon, alice):
    """A share of which each chunk is proven, and one that is not."""
    path = daemon.state.parent / "x"
    path.write_bytes(much(3 * CHUNK + 77))
    carol = await friend_of(daemon, "Carol")
    ((_, proven), _) = await sent_to(daemon, [alice, carol], path)
    single = daemon.state.parent / "y"
    single.write_bytes(much(3 * CHUNK + 77))
    _, plain, _ = await sent(daemon, alice, single)

    async def begun(content):
        line, source = await asked(daemon, alice, share_of(content["key"]))
        return line, source["listing"] + source["size"], source["proven"]

    async def pulled(line, begin, end):
        """Kinds and lengths of what comes, until End."""
        await line.say(frames.PULL, **{"from": begin, "to": end})
        data, proofs = 0, []
        async with asyncio.timeout(15):
            while True:
                kind, value = await line.next(frames.DATA, frames.PROOF, frames.END)
                if kind == frames.END:
                    return data, proofs, value["at"]
                if kind == frames.PROOF:
                    proofs.append(value["index"])
                else:
                    data += len(value)

    line, end, is_proven = await begun(proven)
    assert is_proven
    last = end // CHUNK * CHUNK
    assert await pulled(line, CHUNK, 2 * CHUNK) == (CHUNK, [1], 2 * CHUNK)
    assert await pulled(line, 0, CHUNK + 5) == (CHUNK + 5, [0], CHUNK + 5), "of the chunk that is cut there is no Proof"
    assert await pulled(line, CHUNK, 0) == (end - CHUNK, list(range(1, -(-end // CHUNK))), end)
    assert await pulled(line, last, end) == (end - last, [last // CHUNK], end)
    assert await pulled(line, end, 0) == (0, [], end), "at the end there is End at once"
    line.abort()
    for begin, until in ((1, 0), (5, CHUNK), (CHUNK - 1, CHUNK), (CHUNK + 1, 0), (last + 1, end), (end - 1, end), (end + 1, 0), (0, end + 1)):
        line, _, _ = await begun(proven)
        await line.say(frames.PULL, **{"from": begin, "to": until})
        assert await said(line) == ("close", frames.PROTOCOL_ERROR), (begin, until)
    # A good one before and behind it changes nothing.
    line, _, _ = await begun(proven)
    for begin, until in ((0, CHUNK), (7, 0), (0, 0)):
        await line.say(frames.PULL, **{"from": begin, "to": until})
    assert await said(line) == ("close", frames.PROTOCOL_ERROR)
    # Where nothing is proven a Pull begins anywhere.
    line, end, is_proven = await begun(plain)
    assert not is_proven
    for begin, until in ((1, 0), (5, 9), (end - 1, end), (end, 0)):
        assert await pulled(line, begin, until) == ((until or end) - begin, [], until or end)
    line.abort()
    await carol.stop()


@met("we_called", seconds=120)
async def test_a_refused_listing_is_close_2(daemon, alice):
    """Broken, or something else than the offer said. Folders do not count as files."""
    entry = lambda path, size=0: files.Entry(path, size, 1)
    two = InMemory({"a/x": b"12", "a/y": b"3"})

    class Lying(InMemory):
        """Gives this listing, whatever it offered."""

        def __init__(self, listing, stream=b"123", **source):
            super().__init__({"a/x": b"12", "a/y": b"3"})
            self.lies, self.stream = source, stream
            self.listing = listing

        def source(self):
            return {**super().source(), **self.lies, "listing": self.lies.get("listing", len(self.listing))}

    listings = {
        "one file fewer": write_listing([entry("a/x", 3)]),
        "one file more": write_listing([entry("a/x", 2), entry("a/y", 1), entry("a/z")]),
        "other sizes": write_listing([entry("a/x", 2), entry("a/y", 2)]),
        "a path twice": write_listing([entry("a/x", 2), entry("a/x", 1)]),
        "cut": two.listing[:-1],
        "rubbish": b"\xff" * len(two.listing),
        "kind 9": b"\x09" + two.listing[1:],
    }
    for what, listing in listings.items():
        share = Lying(listing)
        ends = []

        async def gives(line, share, ends=ends):
            await line.say(frames.SOURCE, **share.source())
            await line.next(frames.PULL)
            await line.send(frames.DATA, share.listing)
            await line.say(frames.END, at=len(share.listing))
            ends.append(await said(line))

        # The listing of a folder is looked at before anybody is asked.
        alice.files.giving = script(gives)
        offer = await alice.files.offer(daemon.person, share)
        await alice.until(lambda: share.looks and share.looks[0].over, 20)
        assert ends == [("close", frames.PROTOCOL_ERROR)], (what, ends)
        assert (await until_transfer(daemon, direction="in"))["state"] == "failed"
        await alice.write(daemon.person, ev.DELETE, target=offer)
    for what, lies in {"another size": {"size": 4}, "no size": {"size": 0}, "open": {"open": True, "size": 0}, "another share": {"share": os.urandom(16)}}.items():
        share, ends = Lying(two.listing, **lies), []

        async def claims(line, share, ends=ends):
            await line.say(frames.SOURCE, **share.source())
            ends.append(await said(line))

        alice.files.giving = script(claims)
        offer = await alice.files.offer(daemon.person, share)
        await alice.until(lambda: share.looks and share.looks[0].over, 20)
        expected = ("stop", files.NOT_WANTED) if what == "another share" and alice.session(daemon.person).link.initiator else ("close", frames.PROTOCOL_ERROR)
        assert ends == [expected], (what, ends)
        await alice.write(daemon.person, ev.DELETE, target=offer)
    alice.files.giving = Giving
    # `files` counts files alone: with folders listed beside them it is the same number.
    with_folders = InMemory({"a/x": b"12", "a/y": b"3"})
    assert with_folders.about()["files"] == 2
    await complete(daemon, alice, with_folders)


@met("we_called", seconds=120)
async def test_a_wrong_proof_is_close_2(daemon, alice):
    """Also from the author: wrong, of another chunk, too early, twice, or left out."""

    def gives(*said):
        """Source, and after the Pull these: bytes are Data up to that offset, (index, of) is the Proof of a chunk under an index."""

        async def act(line, share):
            await line.say(frames.SOURCE, **share.source())
            await line.next(frames.PULL)
            at = 0
            for word in said:
                if word == "end":
                    await line.say(frames.END, at=at)
                elif isinstance(word, int):
                    while at < word:
                        data = await share.read(at, word)
                        await line.send(frames.DATA, data)
                        at += len(data)
                else:
                    index, of = word
                    signature = await share.proof(of) if of is not None else os.urandom(64)
                    await line.say(frames.PROOF, index=index, signature=signature)
            ends.append(await said_last(line))

        return script(act)

    said_last = said
    for words in (
        (CHUNK, (0, None)),
        (CHUNK, (0, 1)),
        (CHUNK, (1, 1)),
        (CHUNK - 1, (0, 0)),
        ((0, 0),),
        (CHUNK, CHUNK + 1),
        (CHUNK, "end"),
        (CHUNK, (0, 0), (0, 0)),
        (CHUNK, (0, 0), CHUNK + 9, "end"),
    ):
        share, ends = InMemory({"x": much(2 * CHUNK)}), []
        share.proven = True
        alice.files.giving = gives(*words)
        offer, the_id = await agreed(daemon, alice, share)
        await alice.until(lambda: share.givings and share.givings[0].over, 20)
        assert ends == [("close", frames.PROTOCOL_ERROR)], (words, ends)
        assert not await transfers(daemon, id=the_id, state="complete")
        await alice.write(daemon.person, ev.DELETE, target=offer)
    alice.files.giving = Giving
