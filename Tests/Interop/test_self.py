"""The peer against itself, and against vectors of others."""

import asyncio
import json
import os

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer import protobuf as pb
from earshot_peer.crypto import Refused, encapsulate, verify, x25519
from earshot_peer.datagrams import Window
from earshot_peer.handshake import Initiator, Responder, is_downgrade
from earshot_peer.link import dial
from earshot_peer.logs import Conversation
from earshot_peer.peer import now_ms
from harness import ROOT, identity, pair, run, stop

VECTORS = ROOT / "Tests/NoiseTests/Vectors"


def foreign(name):
    path = VECTORS / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is missing")
        pytest.skip(f"FOREIGN VECTORS NOT RUN: {path} is missing")
    return json.loads(path.read_text())


# Handshake.


def test_foreign_handshakes_come_out_byte_for_byte():
    count = 0
    for v in foreign("libp2p-xxhfs-mlkem768.json")["vectors"]:
        b = {k: bytes.fromhex(x) for k, x in v.items() if isinstance(x, str) and k not in ("description",) and _is_hex(x)}
        one = Initiator(b["static_i_private"], b.get("prologue", b""), b["ephemeral_dh_i_private"], kem_seed=b["kem_seed_dz"])
        chosen = b["encap_seed_hex"]
        two = Responder(b["static_r_private"], b.get("prologue", b""), b["ephemeral_dh_r_private"], kem_chosen=chosen)
        message = one.write_1(b.get("payload_a", b""))
        assert message == b["msg_a"]
        two.read_1(message)
        message = two.write_2(b.get("payload_b", b""))
        assert message == b["msg_b"]
        assert one.read_2(message) == b.get("payload_b", b"")
        message = one.write_3(b.get("payload_c", b""))
        assert message == b["msg_c"]
        two.read_3(message)
        for side in (one.secrets(), two.secrets()):
            assert (side.h, side.k1, side.k2) == (b["handshake_hash"], b["cs1_k"], b["cs2_k"])
        count += 1
    assert count >= 2


def _is_hex(text):
    try:
        bytes.fromhex(text)
        return True
    except ValueError:
        return False


def test_chosen_encapsulation_is_what_the_fast_library_decapsulates():
    from earshot_peer.crypto import KemKey

    key = KemKey(bytes(range(64)))
    shared, ciphertext = encapsulate(key.public, b"m" * 32)
    assert key.decapsulate(ciphertext) == shared
    assert encapsulate(key.public, b"m" * 32) == (shared, ciphertext)


def test_x25519_zero_results_are_refused():
    zeros = 0
    for group in foreign("wycheproof-x25519_test.json")["testGroups"]:
        for t in group["tests"]:
            private, public = bytes.fromhex(t["private"]), bytes.fromhex(t["public"])
            if bytes.fromhex(t["shared"]) == bytes(32):
                with pytest.raises(Refused):
                    x25519(private, public)
                zeros += 1
            else:
                assert x25519(private, public).hex() == t["shared"]
    assert zeros == 31


def test_kem_keys_that_are_not_canonical_are_refused():
    refused = 0
    for group in foreign("wycheproof-mlkem_768_encaps_test.json")["testGroups"]:
        for t in group["tests"]:
            try:
                encapsulate(bytes.fromhex(t["ek"]), bytes.fromhex(t["m"]) if t.get("m") else None)
                fine = True
            except Refused:
                fine, refused = False, refused + 1
            assert fine == (t["result"] == "valid"), t
    assert refused > 0


def test_ed25519_answers_as_pinned():
    """S < L, A and R canonical and not of small order, no cofactor: what the flags of CCTV say must be refused."""
    wrong = []
    vectors = foreign("cctv-ed25519vectors.json")
    bad = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue"}
    accepted = 0
    for v in vectors:
        flags = set(v["flags"] or [])
        good = verify(bytes.fromhex(v["key"]), v["msg"].encode(), bytes.fromhex(v["sig"]))
        accepted += good
        if good != (not flags & bad):
            wrong.append((v, good))
    assert not wrong, (len(wrong), wrong[:3])
    assert 0 < accepted < len(vectors)


def test_replay_window_keeps_2048():
    w = Window()
    assert w.take(0) and not w.take(0)
    assert w.take(5000) and w.take(5000 - 2047) and not w.take(5000 - 2048)
    assert w.take(2**64 - 1) and not w.take(5000)


def test_a_flipped_bit_anywhere_ends_the_handshake():
    alice, bob = identity("Alice"), identity("Bob")
    one, two = Initiator(alice.static, b"p"), Responder(bob.static, b"p")
    two.read_1(one.write_1())
    message = bytearray(two.write_2(bytes(512)))
    message[1200] ^= 1
    with pytest.raises(Refused):
        one.read_2(bytes(message))


def test_downgrade_is_noticed_only_when_both_know_better():
    assert is_downgrade([1, 2], [1, 2]) and is_downgrade([1, 3], [1, 2])
    assert not is_downgrade([1], [1, 2]) and not is_downgrade([1, 2], [1])


@run
async def test_wrong_node_and_wrong_gate_are_refused():
    alice, bob = await pair()
    with pytest.raises((Refused, EOFError, OSError)):
        await dial(alice.me, "127.0.0.1", bob.port, "a" * 16)
    assert "gate" in bob.errors
    with pytest.raises(Refused, match="another device"):
        await dial(identity("Carol"), "127.0.0.1", bob.port, "a" * 16, gate_id=bob.me.id16)
    await stop(alice, bob)


# Frames.


def test_padme_is_within_twelve_percent_and_fits():
    for length in range(64, frames.MOST):
        assert length <= frames.padme(length) <= length * 1.12
    assert len(frames.padded(frames.ENVELOPES, bytes(frames.MOST - 3))) == frames.MOST


def test_frames_go_on_across_the_rekey():
    for aes in (False, True):
        out, into = frames.Direction(bytes(32), aes), frames.Direction(bytes(32), aes)
        keys = set()
        for n in range(2 * frames.REKEY_AFTER + 2):
            sealed = out.seal(frames.PING, b"")
            assert into.open(sealed[2:]) == (frames.PING, b"")
            keys.add(out.cipher.key)
        assert len(keys) == 3


def test_broken_frames_are_refused():
    for plain in (b"", b"\0", b"\0\0", b"\0\0\2", b"\0\2\2", b"\0\1\2\1"):
        with pytest.raises(Refused):
            frames.unpadded(plain)
    assert frames.unpadded(b"\0\1\2") == (2, b"")


# Protobuf.


@pytest.mark.parametrize(
    "hex_, why",
    [
        ("08", "varint leads outside"),
        ("0800" * 2, "nonce twice"),
        ("0000", "field number 0"),
        ("0b", "wire type 3"),
        ("0e", "wire type 6"),
        ("0900000000000000" + "00", "does not fit"),
        ("1205" + "00", "length leads outside"),
        ("08" + "ff" * 10 + "01", "longer than 10"),
        ("08" + "ff" * 9 + "02", "beyond 64"),
    ],
)
def test_bad_protobuf_is_refused(hex_, why):
    with pytest.raises(Refused, match=why):
        frames.read(frames.PING, bytes.fromhex(hex_))


def test_unknown_fields_are_skipped_and_integers_may_be_packed_or_not():
    assert frames.read(frames.PING, bytes.fromhex("1001" "0807" "1a0161" "2d00000000"))["nonce"] == 7
    schema = {4: pb.Field("v", "uint32", repeated=True)}
    assert pb.decode(schema, bytes.fromhex("2001" "2002" "220203" "04"))["v"] == [1, 2, 3, 4]


# Everything else between two nodes.


@run
async def test_both_roles_and_every_choice_of_cipher():
    for aes in ((True, True), (True, False), (False, False)):
        alice, bob = await pair(aes=aes)
        assert alice.sessions[0].link.aes == bob.sessions[0].link.aes == all(aes)
        await alice.send_text(bob.me.person, "hello")
        await bob.send_text(alice.me.person, "hello yourself")
        await alice.until(lambda: len(alice.messages(bob.me.person)) == 2 and alice.is_delivered(bob.me.person))
        await bob.until(lambda: len(bob.messages(alice.me.person)) == 2 and bob.is_delivered(alice.me.person))
        assert alice.names[bob.me.person] == "Bob"
        await bob.until(lambda: bob.me.person and alice.me.person in bob.manifests)
        await stop(alice, bob)


@run
async def test_a_stranger_gets_a_request_through_and_nothing_else():
    alice, bob = await pair(accepted=False)
    await alice.request(bob.me.person, "It is me")
    await bob.until(lambda: bob.requests.get(alice.me.person) == "It is me")
    await alice.send_text(bob.me.person, "early")
    await bob.until(lambda: bob.seen[frames.ENVELOPES])
    assert not bob.messages(alice.me.person)
    await bob.accept(alice.me.person)
    await bob.until(lambda: bob.texts(alice.me.person) == ["early"])
    await alice.until(lambda: alice.is_delivered(bob.me.person))
    await stop(alice, bob)


@run
async def test_edit_delete_react_and_long_text():
    alice, bob = await pair()
    long = "mañana 日本 🙂 " * 6000
    first = await alice.send_text(bob.me.person, "one")
    await alice.send_text(bob.me.person, long)
    gone = await alice.send_text(bob.me.person, "three")
    await alice.write(bob.me.person, ev.EDIT, target=first, text="uno")
    await alice.write(bob.me.person, ev.DELETE, target=gone)
    await bob.write(alice.me.person, ev.REACTION, target=first, emoji="👍")
    for node, other in ((alice, bob), (bob, alice)):
        await node.until(lambda: node.texts(other.me.person) == ["uno", long] and node.messages(other.me.person)[0]["reactions"])
    # A newcomer's copy is told of the dropped body by Gone, and the chain still fits.
    carol = Conversation(identity("Bob", "another machine"), alice.me.person)
    held = alice.conversation(bob.me.person)
    seen = []
    for kind, body in held.answer({"log": held.mine, "from": 1, "to": 100}):
        seen.append(kind)
        if kind == frames.GONE:
            carol.logs.setdefault(held.mine, type(held.logs[held.mine])(alice.me.device))
            carol.told_gone(frames.read(kind, body))
        else:
            for e in ev.parse_all(body):
                carol.receive(e, lambda device: alice.me.certificate.device_public, now_ms())
    assert frames.GONE in seen and carol.logs[held.mine].head == held.logs[held.mine].head
    await stop(alice, bob)


@run
async def test_two_thousand_messages_both_ways():
    alice, bob = await pair()
    for n in range(2000):
        alice.conversation(bob.me.person).write_text(f"a{n}", now_ms())
        bob.conversation(alice.me.person).write_text(f"b{n}", now_ms())
    await alice.send_text(bob.me.person, "end")
    await bob.send_text(alice.me.person, "end")
    await alice.until(lambda: alice.is_delivered(bob.me.person))
    await bob.until(lambda: bob.is_delivered(alice.me.person))
    assert alice.texts(bob.me.person, bob.me.person) == [f"b{n}" for n in range(2000)] + ["end"]
    assert bob.texts(alice.me.person) == alice.texts(bob.me.person)
    await stop(alice, bob)


@run
async def test_datagrams_carry_what_may_be_lost():
    alice, bob = await pair()
    session = alice.session(bob.me.person)
    alice.send_datagram(session, frames.PING, frames.body(frames.PING, nonce=9))
    await alice.until(lambda: 9 in alice.pongs)
    session.link.channel.renew()
    envelope = alice.conversation(bob.me.person).write_text("by datagram", now_ms())[0]
    alice.send_datagram(session, frames.ENVELOPES, envelope.bytes)
    await alice.until(lambda: alice.is_delivered(bob.me.person))
    assert bob.sessions[0].link.channel.current == 1
    await stop(alice, bob)


@run
async def test_crossed_dials_leave_one_session():
    alice, bob = await pair()
    await asyncio.gather(alice.dial("127.0.0.1", bob.port), bob.dial("127.0.0.1", alice.port))
    await alice.until(lambda: len(alice.sessions) == 1)
    await bob.until(lambda: len(bob.sessions) == 1)
    lower = min(alice.me.device, bob.me.device)
    assert alice.sessions[0].link.initiator == (alice.me.device == lower)
    await stop(alice, bob)


def test_a_fork_is_refused_and_the_first_kept():
    alice, bob = identity("Alice"), identity("Bob")
    mine, theirs = Conversation(alice, bob.person), Conversation(bob, alice.person)
    public = lambda device: alice.certificate.device_public
    one = mine.write_text("one", 1)[0]
    mine.logs[mine.mine].entries.clear()
    two = mine.write_text("two", 2)[0]
    assert theirs.receive(one, public, 1)
    with pytest.raises(Refused, match="fork"):
        theirs.receive(two, public, 1)
    assert theirs.logs[mine.mine].forked and not theirs.receive(one, public, 1)


def test_a_gap_is_parked_and_closes():
    alice, bob = identity("Alice"), identity("Bob")
    mine, theirs = Conversation(alice, bob.person), Conversation(bob, alice.person)
    public = lambda device: alice.certificate.device_public
    sent = [mine.write_text(str(n), n)[0] for n in range(400)]
    for e in [sent[0], *sent[2:]]:
        theirs.receive(e, public, 1)
    log = theirs.logs[mine.mine]
    assert log.seq == 1 and len(log.parked) == 256
    assert theirs.receive(sent[1], public, 1)
    assert log.seq == 258
