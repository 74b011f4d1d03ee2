"""Section 13, from one to many. First the peer against itself, then a real earshotd as author, as receiver and as holder."""

import asyncio
import functools
import hashlib
import os
import time

import pytest
from attacks import BROKEN
from earshot_peer import files, frames
from earshot_peer.bulk import Closed, Giving, call, packed, unpacked
from earshot_peer.crypto import ed25519_public, sign, verify
from earshot_peer.files import CHUNK, InMemory, Received, Stopped, chunk_message, fetch_proof, share_of
from earshot_peer.link import dial
from earshot_peer.peer import Node
from files_harness import (
    MB,
    Held,
    agreed,
    answer,
    asked,
    downloads,
    hung_up,
    line_from,
    much,
    offered,
    script,
    sent,
    sent_to,
    transfers,
    until_complete,
    until_transfer,
)
from harness import friend_of, identity, met, near, pair, run, stop


def proven(author, named, key=None):
    """As if it were offered to somebody else too."""
    share = InMemory(named, key)
    share.proven, share.signer = True, author.me
    return share


def chunks(share):
    return -(-share.end // CHUNK)


async def has(node, share, count=None, getting=False):
    """Makes the node one that has got that share, or is getting it and has that many chunks."""
    got = Received(share.about())
    got.author = ed25519_public(share.signer.device_seed)
    got.begins(share.source())
    for i in range(chunks(share) if count is None else count):
        await more(got, share, i)
    got.getting = int(getting)
    return node.files.hold(got)


async def more(got, share, i):
    while got.here < min(share.end, (i + 1) * CHUNK):
        got.took(await share.read(got.here, min(share.end, (i + 1) * CHUNK)))
    got.prove(i, await share.proof(i))


async def asks(node, host, port, device16, share, key=None, device=None, other_line=False, **fetch):
    """A line of our own on which somebody is asked to pass a share on; of the proof anything may be wrong."""
    line = await call(node.me, host, port, device16, source=near())
    if key:
        h = os.urandom(32) if other_line else line.link.secrets.h
        fetch["proof"] = fetch_proof(key, h, device or node.me.device)
    await line.say(frames.FETCH, share=share, **fetch)
    return line


async def pull(line, begin, end, seconds=20):
    """(the bytes, the Proofs by index) of one Pull. A Proof must come right where its chunk ends."""
    await line.say(frames.PULL, **{"from": begin, "to": end})
    data, proofs = bytearray(), {}
    async with asyncio.timeout(seconds):
        while True:
            kind, value = await line.next(frames.DATA, frames.PROOF, frames.END)
            at = begin + len(data)
            if kind == frames.DATA:
                assert at % CHUNK == 0 or at // CHUNK == (at + len(value) - 1) // CHUNK, "Data across the end of a chunk"
                assert at == begin or at % CHUNK or at // CHUNK - 1 in proofs, "a chunk without its Proof"
                data += value
            elif kind == frames.PROOF:
                assert at % CHUNK == 0 or at == end, "a Proof in the middle of a chunk"
                assert value["index"] == (at - 1) // CHUNK and value["index"] not in proofs
                proofs[value["index"]] = value["signature"]
            else:
                assert value["at"] == at == end
                return bytes(data), proofs


def hold_all(public, share, data, begin, proofs):
    """Is there a Proof of every chunk of these bytes, and does each hold?"""
    chunks = {(begin + i) // CHUNK: data[i : i + CHUNK] for i in range(0, len(data), CHUNK)}
    return chunks.keys() == proofs.keys() and all(
        verify(public, chunk_message(share, index, chunk), proofs[index]) for index, chunk in chunks.items()
    )


# The peer against itself. Alice is the author, Bob and Carol do not know each other.


async def three(caller):
    """Alice, Bob and Carol; Alice is who called, or who was called."""
    alice, bob, carol = [await Node(identity(name)).start() for name in ("Alice", "Bob", "Carol")]
    for node in (bob, carol):
        alice.accepted.add(node.me.person), node.accepted.add(alice.me.person)
        a, b = (alice, node) if caller else (node, alice)
        await a.dial("127.0.0.1", b.port, b.me.id16)
        await alice.until(lambda: alice.session(node.me.person) and node.session(alice.me.person))
        alice.files.addresses[node.me.device] = [("127.0.0.1", node.port)]
    alice.files.large = 0
    return alice, bob, carol


def test_what_is_signed_and_what_is_shown():
    """Both put together by hand from the text."""
    seed, key, h, device = bytes(range(32)), b"k" * 32, b"h" * 32, b"d" * 32
    signed = sign(seed, b"earshot/1 chunk\0" + share_of(key) + (7).to_bytes(8, "big") + hashlib.sha256(b"chunk").digest())
    assert verify(ed25519_public(seed), chunk_message(share_of(key), 7, b"chunk"), signed)
    shown = hashlib.blake2b(h + device, digest_size=32, key=key, person=b"earshot.fetch.1").digest()
    assert fetch_proof(key, h, device) == shown
    assert unpacked(packed("127.0.0.1", 47447)) == ("127.0.0.1", 47447) and len(packed("::1", 1)) == 18


@run
async def test_it_is_passed_on_while_it_comes():
    for caller in (True, False):
        alice, bob, carol = await three(caller)
        share = Held({"a/x": much(3 * MB), "a/y": much(2 * MB + 77, 2)}, 3 * MB)
        gots = [Received(await offered(alice, node, share)) for node in (bob, carol)]
        first = asyncio.create_task(bob.files.fetch(alice.me.person, gots[0]))
        await alice.until(lambda: share.givings and share.givings[0].sent >= MB)
        second = asyncio.create_task(carol.files.fetch(alice.me.person, gots[1]))
        # Carol has what Bob has, while both wait for Alice.
        await bob.until(lambda: (g := bob.files.held[share.id].givings) and g[0].sent == 3 * MB)
        share.go.set()
        await asyncio.gather(first, second)
        assert gots[0].files() == gots[1].files() == share.bytes
        assert len(share.givings) == 1 and share.proven and len(gots[1].proofs) == chunks(share)
        assert [device for device, _ in bob.files.asked] == [carol.me.device] and not gots[1].tried
        await stop(alice, bob, carol)


def badly(how):
    """A Giving that does one thing wrong at the second chunk: `how(line, share)`, after its Data and in place of its Proof."""

    class Bad(Giving):
        async def _answer(self):
            while not self.waiting:
                self.news.clear()
                await self.news.wait()
            at, _ = self.waiting[0]
            while at < 2 * CHUNK:
                data = await self.share.read(at, (at // CHUNK + 1) * CHUNK)
                at += len(data)
                if at == 2 * CHUNK:
                    await how(self.line, self.share, data)
                    # Whatever it was, the other end leaves; not we.
                    return await asyncio.Event().wait()
                await self.line.send(frames.DATA, data)
                if at % CHUNK == 0:
                    await self.line.say(frames.PROOF, index=0, signature=await self.share.proof(0))

    return Bad


async def poisons(line, share, data):
    await line.send(frames.DATA, data[:-1] + bytes([data[-1] ^ 1]))
    await line.say(frames.PROOF, index=1, signature=await share.proof(1))


async def ends_without_proof(line, share, data):
    await line.send(frames.DATA, data)
    await line.say(frames.END, at=2 * CHUNK)


async def goes_on_without_proof(line, share, data):
    await line.send(frames.DATA, data)
    await line.send(frames.DATA, await share.read(2 * CHUNK, 3 * CHUNK))


async def proves_another_index(line, share, data):
    await line.send(frames.DATA, data)
    await line.say(frames.PROOF, index=2, signature=await share.proof(2))


async def proves_by_another_signature(line, share, data):
    await line.send(frames.DATA, data)
    await line.say(frames.PROOF, index=1, signature=await share.proof(2))


async def proves_too_early(line, share, data):
    await line.send(frames.DATA, data[:-1])
    await line.say(frames.PROOF, index=1, signature=await share.proof(1))


async def proves_with_nothing(line, share, data):
    await line.send(frames.DATA, data)
    await line.send(frames.PROOF, b"\x08\1")


async def refers_on(line, share, data=None):
    await line.say(frames.REFER, share=share.id, device=os.urandom(32), addresses=[packed("127.0.0.1", 2000)])


async def closes(line, share, data):
    line.close()


async def says_stop(line, share, data=None):
    await line.say(frames.STOP, reason=files.BUSY)


async def is_silent(line, share, data=None):
    pass


BAD = [
    poisons, ends_without_proof, goes_on_without_proof, proves_another_index, proves_by_another_signature, proves_too_early,
    proves_with_nothing, refers_on, closes, says_stop, is_silent,
]  # fmt: skip


@run
async def test_a_bad_holder_is_noticed_and_the_author_gives():
    for n, how in enumerate(BAD):
        alice, bob, carol = await three(n % 2 == 0)
        share = proven(alice, {"x": much(4 * MB)})
        got = Received(await offered(alice, carol, share))
        await has(bob, share)
        share.chain.append(bob.me.device)
        bob.files.giving, carol.files.silence = badly(how), 0.5
        await carol.files.fetch(alice.me.person, got)
        assert got.files() == share.bytes and got.tried == [bob.me.device], how
        assert [values["avoid"] for _, values in alice.files.asked] == [[], [bob.me.device]], how
        # One chunk was right. Of the second nothing counts.
        assert len(share.givings) == 1 and share.givings[0].pulls[0][0] == CHUNK, how
        await stop(alice, bob, carol)


@run
async def test_it_is_passed_on_to_whoever_has_the_key():
    alice, bob = await pair()
    mallory = await Node(identity("Mallory")).start()
    share = proven(alice, {"x": much(2 * MB)})
    await has(bob, share)
    ask = functools.partial(asks, mallory, "127.0.0.1", bob.port, bob.me.id16, share.id)
    for wrong in ({}, {"key": os.urandom(32)}, {"key": share.key, "device": alice.me.device}, {"key": share.key, "other_line": True}):
        with pytest.raises(Stopped) as stopped:
            await answer(await ask(**wrong), frames.SOURCE)
        assert stopped.value.reason == files.NOT_YOURS
    line = await ask(key=share.key)
    _, source = await answer(line, frames.SOURCE)
    assert source == {**share.source(), "proven": 1, "open": 0}
    data, proofs = await pull(line, 0, share.end)
    assert data == share.listing + share.bytes["x"] and hold_all(alice.me.certificate.device_public, share.id, data, 0, proofs)
    await stop(alice, bob, mallory)


@run
async def test_who_gets_no_more_says_so():
    alice, bob = await pair()
    share = proven(alice, {"x": much(3 * MB)})
    passed = await has(bob, share, 2, getting=True)
    line = await asks(alice, "127.0.0.1", bob.port, bob.me.id16, share.id, key=share.key)
    await answer(line, frames.SOURCE)
    await line.say(frames.PULL)
    await bob.until(lambda: passed.givings[0].sent == 2 * CHUNK)
    passed.got.getting = 0
    passed.got.more.set()
    with pytest.raises(Stopped) as stopped:
        while True:
            await answer(line, frames.DATA, frames.PROOF)
    assert stopped.value.reason == files.BUSY
    await stop(alice, bob)


@run
async def test_nobody_is_referred_in_a_ring_and_no_bad_address_is_called():
    alice, bob, carol = await three(True)
    share = proven(alice, {"x": much(2 * MB)})
    for node in (bob, carol):
        await offered(alice, node, share)
    refer = lambda node, *avoid: alice.files._refer(share, node.me.device, [n.me.device for n in avoid])
    assert refer(bob) is None and refer(carol)["device"] == bob.me.device
    assert refer(bob) is None and refer(carol, bob) is None
    alice.files.addresses[bob.me.device] = [("8.8.8.8", 2000), ("127.0.0.1", 80), ("::", 2000), ("0.0.0.0", bob.port)]
    got = Received(share.about())
    await carol.files.fetch(alice.me.person, got)
    assert got.files() == share.bytes and got.tried == [bob.me.device] and bob.files.asked == []
    await stop(alice, bob, carol)


@run
async def test_a_refer_nobody_asked_for():
    """Ignored on the ordinary session; a line on which it comes after Source ends."""
    alice, bob, carol = await three(True)
    share = proven(alice, {"x": much(MB)})
    await offered(alice, bob, share)
    link = alice.session(bob.me.person).link
    body = frames.body(frames.REFER, share=share.id, device=carol.me.device, addresses=[packed("127.0.0.1", carol.port)])
    await link.send(frames.REFER_THERE, body)
    await alice.send_text(bob.me.person, "after")
    await alice.until(lambda: alice.is_delivered(bob.me.person))
    await bob.until(lambda: bob.seen[frames.REFER_THERE] == 1)
    assert not carol.files.asked and bob.session(alice.me.person)
    await stop(alice, bob, carol)


# A real earshotd.


async def arrives(daemon, the_id, share, seconds=40):
    """It is there as it was given."""
    await until_complete(daemon, the_id, seconds)
    for path, data in share.bytes.items():
        assert (downloads(daemon) / path).read_bytes() == data, path


async def comes(daemon, alice, share):
    """Offered, agreed to, and there as it was given."""
    _, the_id = await agreed(daemon, alice, share)
    await arrives(daemon, the_id, share)


# It is the author.


async def sent_to_two(daemon, alice, carol, count=20 * MB + 77):
    """Returns (its content, the share, the payload of the offer)."""
    path = daemon.state.parent / "big.bin"
    path.write_bytes(much(count))
    (_, content), (_, hers) = await sent_to(daemon, (alice, carol), path)
    assert content["key"] == hers["key"]
    return path.read_bytes(), share_of(content["key"]), content


async def leaves(daemon, line):
    """We hang up, and it has noticed: it gives to nobody."""
    line.abort()

    async def idle():
        return not await transfers(daemon, direction="out", state="active")

    await daemon.until(idle)


@met("it_called")
async def test_it_gives_to_one_and_refers_the_next(daemon, alice):
    """It called Alice, so it knows where she listens. Carol and Dave ask on either kind of session."""
    for caller, name in (("we_called", "Carol"), ("it_called", "Dave")):
        carol = await friend_of(daemon, name, caller)
        data, share, _ = await sent_to_two(daemon, alice, carol)
        public = alice.session(daemon.person).link.certificate.device_public
        line, source = await asked(daemon, alice, share)
        assert source["proven"] and source["size"] == len(data) and line
        end = source["listing"] + source["size"]
        came, proofs = await pull(line, 0, 2 * CHUNK)
        assert came[source["listing"] :] == data[: 2 * CHUNK - source["listing"]] and hold_all(public, share, came, 0, proofs)
        await line.say(frames.HAVE, at=2 * CHUNK)
        nobody, refer = await asked(daemon, carol, share)
        assert nobody is None and (refer["share"], refer["device"]) == (share, alice.me.device)
        assert ("127.0.0.1", alice.port) in [unpacked(a) for a in refer["addresses"]]
        # Whom he has tried he is not referred to; there is nobody else.
        other, source = await asked(daemon, carol, share, avoid=[alice.me.device])
        assert other and source["proven"]
        begin = end // CHUNK * CHUNK
        came, proofs = await pull(other, begin, end)
        assert 0 < len(came) < CHUNK and came == data[begin - source["listing"] :] and hold_all(public, share, came, begin, proofs)
        # Alice's line is as it was.
        came, proofs = await pull(line, 2 * CHUNK, 3 * CHUNK)
        assert hold_all(public, share, came, 2 * CHUNK, proofs)
        line.abort(), other.abort()
        await carol.stop()


@met("it_called")
async def test_what_it_gives_once_is_passed_on(daemon, alice):
    """Three at once; each gets it whole, and from the daemon's cable it comes once."""
    others = [await friend_of(daemon, name, "it_called") for name in ("Carol", "Dave")]
    path = daemon.state.parent / "big.bin"
    path.write_bytes(much(20 * MB + 77))
    nodes = [alice, *others]
    gots = [Received(content) for _, content in await sent_to(daemon, nodes, path)]
    await asyncio.gather(*[node.files.fetch(daemon.person, got) for node, got in zip(nodes, gots)])
    for got in gots:
        assert got.files() == {"big.bin": path.read_bytes()} and len(got.proofs) == -(-got.end // CHUNK) and got.tried == []
    given = [giving for node in nodes for giving in node.files.held[gots[0].share].givings]
    assert len(given) == 2
    await stop(*others)


@met("it_called")
async def test_it_does_not_refer_in_a_ring_nor_to_oneself(daemon, alice):
    """Alice, to whom Carol was referred, comes again, as does one who is the only one: each is given Source."""
    carol = await friend_of(daemon, "Carol", "it_called")
    _, share, _ = await sent_to_two(daemon, alice, carol)
    for _ in range(2):
        line, _ = await asked(daemon, alice, share)
        assert line, "referred to himself"
        await leaves(daemon, line)
    line, _ = await asked(daemon, alice, share)
    nobody, refer = await asked(daemon, carol, share)
    assert nobody is None and refer["device"] == alice.me.device
    await leaves(daemon, line)
    line, refer = await asked(daemon, alice, share)
    assert line, "Alice was referred to Carol, who waits for Alice"
    line.abort()
    await carol.stop()


@met("we_called")
async def test_what_is_small_or_for_one_is_not_referred(daemon, alice):
    carol = await friend_of(daemon, "Carol", "it_called")
    data, share, _ = await sent_to_two(daemon, alice, carol, 3 * MB)
    lines = []
    for node in (carol, alice):
        line, source = await asked(daemon, node, share)
        assert line and source["proven"]
        lines.append(line)
    path = daemon.state.parent / "one.bin"
    path.write_bytes(data)
    _, content, _ = await sent(daemon, alice, path)
    share = share_of(content["key"])
    line, source = await asked(daemon, alice, share)
    assert line and not source["proven"]
    await line.say(frames.PULL, **{"from": 0, "to": CHUNK + 1})
    kinds = set()
    while frames.END not in kinds:
        kinds.add((await answer(line, frames.DATA, frames.END))[0])
    for line in (*lines, line):
        line.abort()
    await carol.stop()


# It is referred.


@met()
async def test_it_fetches_from_whom_it_is_referred_to(daemon, alice):
    """From Carol, whom it does not know, while she herself is still getting it."""
    carol = await Node(identity("Carol")).start()
    share = proven(alice, {"x/1": much(3 * MB), "x/2": much(3 * MB + 5, 2), "x/3": b""})
    passed = await has(carol, share, 2, getting=True)
    alice.files.large, alice.files.addresses = 0, {carol.me.device: [("127.0.0.1", carol.port)]}
    share.chain.append(carol.me.device)
    _, the_id = await agreed(daemon, alice, share)
    await carol.until(lambda: passed.givings and passed.givings[0].sent == 2 * CHUNK)
    for i in range(2, chunks(share)):
        await more(passed.got, share, i)
    await arrives(daemon, the_id, share)
    # It was given something, so its proof was right.
    assert [device for device, _ in carol.files.asked] == [daemon.device]
    assert [v["avoid"] for _, v in alice.files.asked] == [[]] and not share.givings
    assert not alice.files.asked[0][1]["proof"] and all(p[0] % CHUNK == 0 for p in passed.givings[0].pulls)
    await carol.stop()


async def not_proven(line, share):
    await line.say(frames.SOURCE, **{**share.source(), "proven": False})


async def another_size(line, share):
    await line.say(frames.SOURCE, **{**share.source(), "size": share.source()["size"] + 1})


def at_once(act):
    return script(act, 30)  # who says nothing is waited for


@met("we_called", "it_called", seconds=90)
async def test_it_comes_back_from_bad_holders(daemon, alice):
    """All at once, each with a holder of its own; two with two of them."""
    alice.files.large = 0
    cases, holders = [], []

    async def holder(share, giving, bad=True):
        node = await Node(identity(f"holder {len(holders)}")).start()
        holders.append(node)
        node.files.giving = giving
        alice.files.addresses[node.me.device] = [("127.0.0.1", node.port)]
        share.chain.append(node.me.device)
        return node, await has(node, share)

    makes = [(how.__name__, [badly(how)]) for how in BAD]
    makes += [(f"{how.__name__} at once", [at_once(how)]) for how in (not_proven, says_stop, another_size, refers_on, is_silent)]
    makes += [("two bad", [badly(closes), badly(poisons)]), ("a bad one and a good one", [Giving, badly(poisons)])]
    if not alice.session(daemon.person).link.initiator:
        makes = [(name, givings) for name, givings in makes if "silent" not in name]  # they take 15 s: once is enough
    for n, (name, givings) in enumerate(makes):
        share = proven(alice, {f"{name}.bin": much(3 * MB + n, n)})
        nodes = [(await holder(share, giving))[0] for giving in givings]
        _, the_id = await agreed(daemon, alice, share)
        cases.append((name, share, nodes, the_id))
    wrong = []
    for name, share, nodes, the_id in cases:
        try:
            await arrives(daemon, the_id, share, 50)
        except AssertionError as error:
            wrong.append((name, str(error)[:300]))
            continue
        order = [node.me.device for node in reversed(nodes)]
        avoids = [set(v["avoid"]) for _, v in alice.files.asked if v["share"] == share.id]
        expected = [set(order[:n]) for n in range(len(order) + 1)]
        good = name == "a bad one and a good one"
        if avoids != (expected[:-1] if good else expected):
            wrong.append((name, "avoided", [[h.hex()[:4] for h in a] for a in avoids]))
        if good != (not share.givings) or not good and share.givings[0].pulls[0][0] not in (0, CHUNK):
            wrong.append((name, "pulled from the author", [g.pulls for g in share.givings]))
        for node in nodes:
            haves = [giving.have for giving in node.files.held[share.id].givings]
            if node.files.giving is not Giving and any(have > CHUNK for have in haves):
                wrong.append((name, "Have of what was not proven", haves))
    assert wrong == []
    await stop(*holders)


@met("we_called")
async def test_of_several_addresses_it_takes_one_that_will_do(daemon, alice):
    carol = await Node(identity("Carol")).start()
    share = proven(alice, {"x": much(MB)})
    await has(carol, share)
    alice.files.large = 0
    alice.files.addresses[carol.me.device] = [("8.8.8.8", carol.port), ("127.0.0.1", 1025), ("::1", 1026), ("127.0.0.1", carol.port)]
    share.chain.append(carol.me.device)
    await comes(daemon, alice, share)
    assert len(carol.files.asked) == 1 and not share.givings
    await carol.stop()


async def referred_on(daemon, alice, device, seconds):
    """An author who, whatever is avoided, refers to this. How often it asked (and was calm about it), and what it avoided."""
    listening, calls = await asyncio.start_server(lambda r, w: calls.append(w.close()), "127.0.0.1", 0), []
    port, gives = listening.sockets[0].getsockname()[1], False
    refer = lambda share, _, avoid: None if gives else {"share": share.id, "device": device(), "addresses": [packed("127.0.0.1", port)]}
    alice.files._refer = refer
    share = proven(alice, {"x": much(MB)})
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: alice.files.asked)
    await asyncio.sleep(seconds)  # how often it asks in that time is what is tried
    gives, asked, called = True, len(alice.files.asked), len(calls)
    listening.close()
    await arrives(daemon, the_id, share)
    assert max(len(v["avoid"]) for _, v in alice.files.asked) <= 16
    assert all(len(set(v["avoid"])) == len(v["avoid"]) for _, v in alice.files.asked)
    return asked, called


@met("we_called")
async def test_an_author_who_refers_on_and_on(daemon, alice):
    asked, called = await referred_on(daemon, alice, lambda: os.urandom(32), 3)
    assert asked < 40 and called < 40, (asked, called)


@pytest.mark.parametrize("whom", ("whom it avoids", "itself", "the author"))
@met("we_called")
async def test_an_author_who_refers_to_whom_he_must_not(daemon, alice, whom):
    device = {"whom it avoids": b"x" * 32, "itself": daemon.device, "the author": alice.me.device}[whom]
    asked, called = await referred_on(daemon, alice, lambda: device, 1)
    assert asked < 20 and called < 3, (asked, called)


def calls_to(*addresses):
    """Are there connections, or attempts, to one of these IPv4 addresses and ports?"""
    wanted = set()
    for host, port in addresses:
        if ":" not in host:
            wanted.add(bytes(map(int, host.split(".")))[::-1].hex().upper() + f":{port:04X}")
    with open("/proc/net/tcp") as table:
        return [line for line in table if line.split()[2] in wanted]


@met()
async def test_it_does_not_call_what_it_should_not(daemon, alice):
    """Public addresses, low ports, nobody's; or another device answers. Each time it comes back and names whom it avoids."""
    carol = await Node(identity("Carol")).start()
    try:
        low = await asyncio.start_server(lambda r, w: low_calls.append(w.close()), "127.0.0.1", 1023)
    except OSError:
        low = None
    low_calls = []
    public = [("8.8.8.8", 47447), ("11.0.0.1", carol.port), ("172.32.0.1", 47447), ("2606:4700::1111", 47447), ("::ffff:8.8.8.8", 47447)]
    tries = {
        "public": public,
        "low ports": [("127.0.0.1", 1023), ("127.0.0.1", 0), ("127.0.0.1", 80), ("::1", 1023), ("10.0.0.1", 22)],
        "nobody's": [("0.0.0.0", carol.port), ("224.0.0.1", carol.port), ("255.255.255.255", carol.port), ("::", carol.port)],
        "nobody there": [("127.0.0.1", 1024)],
        "another device": [("127.0.0.1", carol.port)],
    }
    wrong, seen = [], []

    async def watch():
        while True:
            seen.extend(calls_to(*tries["public"], *tries["low ports"], *tries["nobody's"]))
            await asyncio.sleep(0.005)  # the table of connections cannot be awaited

    watching = asyncio.create_task(watch())
    for n, (what, addresses) in enumerate(tries.items()):
        share = proven(alice, {f"{what}.bin": much(MB + n)})
        passed = await has(carol, share)
        device = carol.me.device if what in ("public", "low ports", "nobody's") else os.urandom(32)
        alice.files.large, alice.files.addresses = 0, {device: addresses}
        share.chain.append(device)
        begin = time.monotonic()
        await comes(daemon, alice, share)
        avoids = [v["avoid"] for _, v in alice.files.asked if v["share"] == share.id]
        if avoids != [[], [device]] or passed.givings:
            wrong.append((what, avoids, len(passed.givings), time.monotonic() - begin))
    watching.cancel()
    assert not carol.files.asked and not seen and not low_calls, (seen, low_calls)
    assert wrong == []
    if low:
        low.close()
    await carol.stop()


@met("we_called", "it_called")
async def test_a_refer_it_did_not_ask_for(daemon, alice):
    """Ignored on the ordinary session, however often; on a line it ends the line. Nobody is called."""
    carol = await Node(identity("Carol")).start()
    called = alice.session(daemon.person).link.initiator
    to = {"device": carol.me.device, "addresses": [packed("127.0.0.1", carol.port)]}
    waiting, mine = proven(alice, {"waits": much(MB)}), proven(alice, {"x": much(3 * MB)})
    await has(carol, waiting), await has(carol, mine)
    await alice.files.offer(daemon.person, waiting)
    await until_transfer(daemon, direction="in", state="offered")
    link = alice.session(daemon.person).link
    for _ in range(50):
        for share in (os.urandom(16), waiting.id):
            await link.send(frames.REFER_THERE, frames.body(frames.REFER, share=share, **to))
    await alice.send_text(daemon.person, "still there")
    await alice.until(lambda: alice.is_delivered(daemon.person))
    assert alice.session(daemon.person).link is link and not carol.files.asked
    if called:
        # As the first on a line, after a Source, and to another share than was fetched.
        line = await line_from(alice, daemon)
        await line.say(frames.REFER, share=waiting.id, **to)
        assert await hung_up(line)

    class Refers(Giving):
        async def run(self):
            alice.files.giving = Giving
            if called:
                await self.line.say(frames.SOURCE, **self.share.source())
            await self.line.say(frames.REFER, share=self.share.id if called else waiting.id, **to)
            self.over = await hung_up(self.line)

    alice.files.giving = Refers
    _, the_id = await agreed(daemon, alice, mine)
    # An author who breaks the rules may be given up.
    await until_transfer(daemon, id=the_id, state=("complete", "failed"))
    assert mine.givings[0].over and not carol.files.asked
    await carol.stop()


@met("we_called")
async def test_refers_that_are_none(daemon, alice):
    """A body that does not fit is a protocol error, asked for or not."""
    good = {"share": os.urandom(16), "device": os.urandom(32), "addresses": [packed("127.0.0.1", 2000)]}
    bodies = {
        "empty": {}, "no share": {**good, "share": b""}, "no device": {**good, "device": b""}, "no address": {**good, "addresses": []},
        "nine": {**good, "addresses": good["addresses"] * 9}, "five bytes": {**good, "addresses": [bytes(5)]},
        "nineteen": {**good, "addresses": [bytes(19)]}, "share of 15": {**good, "share": bytes(15)},
    }  # fmt: skip
    wrong = []
    for what, values in bodies.items():
        link = await dial(alice.me, "127.0.0.1", daemon.port, daemon.id16, source=near())
        await link.send(frames.REFER_THERE, frames.body(frames.REFER, **values))
        code = await link.ends()
        if code != frames.PROTOCOL_ERROR:
            wrong.append((what, code))
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    assert wrong == []


# It is a holder.


@met("we_called", "it_called")
async def test_it_passes_on_what_it_has_to_whoever_has_the_key(daemon, alice):
    mallory = await Node(identity("Mallory")).start()
    share = proven(alice, {"x/1": much(2 * MB), "x/2": much(MB + 5, 2)})
    await comes(daemon, alice, share)
    ask = functools.partial(asks, mallory, "127.0.0.1", daemon.port, daemon.id16)
    wrong = ({}, {"proof": bytes(32)}, {"key": os.urandom(32)}, {"key": share.key, "device": alice.me.device},
             {"key": share.key, "device": daemon.device}, {"key": share.key, "other_line": True})  # fmt: skip
    for how in wrong:
        with pytest.raises(Stopped) as stopped:
            await answer(await ask(share.id, **how), frames.SOURCE)
        assert stopped.value.reason == files.NOT_YOURS, how
    with pytest.raises(Stopped) as stopped:
        await answer(await ask(os.urandom(16), key=share.key), frames.SOURCE)
    assert stopped.value.reason == files.NOT_YOURS
    line = await ask(share.id, key=share.key)
    _, source = await answer(line, frames.SOURCE)
    assert (source["share"], source["size"], source["proven"], source["listing"]) == (share.id, share.size, 1, len(share.listing))
    public, stream = alice.me.certificate.device_public, share.listing + share.bytes["x/1"] + share.bytes["x/2"]
    for begin, end in ((0, share.end), (CHUNK, 2 * CHUNK), (3 * CHUNK, share.end)):
        data, proofs = await pull(line, begin, end)
        assert data == stream[begin:end] and hold_all(public, share.id, data, begin, proofs)
    line.abort()
    # A friend with the proof is given it too; without it, or when it was no share of several, nobody is.
    line = await asks(alice, "127.0.0.1", daemon.port, daemon.id16, share.id, key=share.key)
    await answer(line, frames.SOURCE)
    line.abort()
    single = InMemory({"single": much(MB)})
    await comes(daemon, alice, single)
    with pytest.raises(Stopped):
        await answer(await ask(single.id, key=single.key), frames.SOURCE)
    await mallory.stop()


@met("we_called")
async def test_it_passes_on_what_it_is_still_getting(daemon, alice):
    """The stranger waits for what the daemon waits for; when its owner pauses, the stranger is told."""
    mallory = await Node(identity("Mallory")).start()
    share = Held({"x": much(2 * MB)}, 2 * CHUNK)
    share.proven = True
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].sent >= 2 * CHUNK)
    line = await asks(mallory, "127.0.0.1", daemon.port, daemon.id16, share.id, key=share.key)
    await answer(line, frames.SOURCE)
    public = alice.me.certificate.device_public
    data, proofs = await pull(line, 0, 2 * CHUNK)
    assert hold_all(public, share.id, data, 0, proofs)
    third = asyncio.create_task(pull(line, 2 * CHUNK, 3 * CHUNK))
    came, _ = await asyncio.wait([third], timeout=0.5)
    assert not came
    share.hold = 4 * CHUNK
    share.go.set()
    share.go = asyncio.Event()
    data, proofs = await third
    assert hold_all(public, share.id, data, 2 * CHUNK, proofs)
    await line.say(frames.PULL, **{"from": 4 * CHUNK, "to": 5 * CHUNK})
    await alice.until(lambda: share.givings[0].sent >= 4 * CHUNK)
    await daemon.typed("transfers", "pause", the_id)
    with pytest.raises(Stopped) as stopped:
        await answer(line, frames.DATA, seconds=20)
    assert stopped.value.reason == files.BUSY
    share.go.set()
    await daemon.typed("transfers", "resume", the_id)
    await arrives(daemon, the_id, share)
    await mallory.stop()


@met("we_called")
async def test_frames_of_passing_that_nobody_asked_for(daemon, alice):
    """Proofs and Refers from who receives, a Proof before any Pull from who gives, Fetch of a bad form."""
    mallory = await Node(identity("Mallory")).start()
    share = proven(alice, {"x": much(MB)})
    await comes(daemon, alice, share)
    wrong = []
    proof = {"index": 0, "signature": await share.proof(0)}
    refer = {"share": share.id, "device": alice.me.device, "addresses": [packed("127.0.0.1", alice.port)]}
    for kind, values in ((frames.PROOF, proof), (frames.REFER, refer), (frames.FETCH, {"share": share.id}), (frames.PULL, {"to": 2**40})):
        line = await asks(mallory, "127.0.0.1", daemon.port, daemon.id16, share.id, key=share.key)
        await answer(line, frames.SOURCE)
        await line.say(kind, **values)
        if not await hung_up(line):
            wrong.append(kind)
    for fetch in (b"\x12\x1f" + bytes(31), b"\x1a\x1f" + bytes(31), (b"\x1a\x20" + bytes(32)) * 17):
        line = await line_from(mallory, daemon)
        await line.send(frames.FETCH, frames.body(frames.FETCH, share=share.id) + fetch)
        if not await hung_up(line):
            wrong.append(fetch[:3])
    # A stranger's line that begins with anything else, or says nothing.
    for kind, values in ((frames.SOURCE, share.source()), (frames.PROOF, proof), (frames.REFER, refer), (frames.PULL, {})):
        line = await line_from(mallory, daemon)
        await line.say(kind, **values)
        if not await hung_up(line):
            wrong.append(("first", kind))

    async def proof_before_pull(self):
        self.share.givings[:] = [self]
        alice.files.giving = Giving
        await self.line.say(frames.SOURCE, **self.share.source())
        await self.line.say(frames.PROOF, index=0, signature=await self.share.proof(0))
        if not await hung_up(self.line):
            wrong.append("Proof before any Data")

    alice.files.giving = type("Bad", (Giving,), {"run": proof_before_pull})
    share = proven(alice, {"y": much(MB)})
    _, the_id = await agreed(daemon, alice, share)
    await until_transfer(daemon, id=the_id, state=("complete", "failed"))
    assert wrong == [] and share.givings
    await mallory.stop()


@met("we_called")
async def test_what_the_author_proves_wrongly(daemon, alice):
    """The author's own Proof does not hold: whatever becomes of the file, nobody is given that Proof as if it did."""
    mallory = await Node(identity("Mallory")).start()
    share = proven(alice, {"x": much(2 * MB)})
    share.proofs[1] = os.urandom(64)
    _, the_id = await agreed(daemon, alice, share)
    await alice.until(lambda: share.givings and share.givings[0].over)
    try:
        line = await asks(mallory, "127.0.0.1", daemon.port, daemon.id16, share.id, key=share.key)
        await answer(line, frames.SOURCE)
        data, proofs = await pull(line, 0, CHUNK, 5)
        assert hold_all(alice.me.certificate.device_public, share.id, data, 0, proofs)
        with pytest.raises((Stopped, Closed, TimeoutError, *BROKEN)):
            await pull(line, CHUNK, 2 * CHUNK, 2)
    except (Stopped, Closed, *BROKEN):
        pass
    share.proofs.clear()
    await daemon.cli("transfers", "cancel", the_id)
    await mallory.stop()
