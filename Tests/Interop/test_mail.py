"""Section 19: mail for those who are not here. The independent peer leaves, takes and attacks; a real daemon keeps."""

import json
import os
import time
from pathlib import Path

import pytest
from earshot_peer import frames, mail
from earshot_peer.crypto import Refused
from harness import friend_of, identity, run, stop, with_daemon

VECTORS = Path(__file__).parent.parent / "NoiseTests/Vectors"


def load(name):
    vectors = json.loads((VECTORS / name).read_text())
    return [{k: bytes.fromhex(v) if isinstance(v, str) else v for k, v in vector.items()} for vector in vectors]


def test_xwing_as_its_draft_has_it():
    ran = 0
    for vector in load("draft-xwing-test-vectors.json"):
        pair = mail.XWing(vector["seed"])
        assert pair.public == vector["pk"] and pair.decapsulate(vector["ct"]) == vector["ss"]
        assert mail.xwing_encapsulate(vector["pk"], vector["eseed"]) == (vector["ss"], vector["ct"])
        ran += 1
    assert ran == 3


def test_hpke_as_its_draft_has_it():
    ran = 0
    for vector in load("hpke-pq-xwing.json"):
        pair = mail.XWing(vector["skRm"])
        assert pair.public == vector["pkRm"]
        for number, one in enumerate(vector["encryptions"]):
            one = {k: bytes.fromhex(v) for k, v in one.items()}
            assert mail.hpke_open(one["ct"], vector["enc"], pair, vector["info"], one["aad"], number) == one["pt"]
            ran += 1
        first = {k: bytes.fromhex(v) for k, v in vector["encryptions"][0].items()}
        sealed = mail.hpke_seal(first["pt"], vector["pkRm"], vector["info"], first["aad"], vector["ikmE"])
        assert sealed == (vector["enc"], first["ct"])
    assert ran == 10


def test_a_blob_opens_for_its_device_alone():
    alice, bob = identity("Alice"), identity("Bob")
    prekey = mail.Prekey.make(bob)
    blob = mail.seal(b"words", prekey)
    assert mail.open_blob(blob, prekey) == b"words" and len(blob) == 20 + 1_120 + 1_024 + 16
    assert mail.Prekey.read(prekey.wire, bob.certificate.device_public).values == prekey.values
    for refuse in (
        lambda: mail.open_blob(blob[:-1] + bytes([blob[-1] ^ 1]), prekey),
        lambda: mail.open_blob(blob, mail.Prekey.make(alice)),
        lambda: mail.Prekey.read(prekey.wire, alice.certificate.device_public),
        lambda: mail.Prekey.read(mail.Prekey.make(bob, issued=1, until=mail.LIFE + 2).wire),
    ):
        with pytest.raises(Refused):
            refuse()


# A real daemon that keeps.


async def holds(daemon, count):
    return (await daemon.rpc("keeper"))["blobs"] == count


async def make_keeper(daemon, **settings):
    for key, value in {"keeper.enabled": "true", **settings}.items():
        await daemon.rpc("settings.set", key=key, value=value)


def items_of(author, reader, *texts):
    """Envelopes that somebody wrote to somebody, as bytes."""
    conversation = author.conversation(reader)
    written = [one for text in texts for one in conversation.write_text(text, int(time.time() * 1000))]
    return b"".join(one.bytes for one in written)


@with_daemon
async def test_a_daemon_keeps_and_gives(daemon):
    await make_keeper(daemon)
    alice, bob = await friend_of(daemon, "Alice"), await friend_of(daemon, "Bob")
    await alice.until(lambda: alice.mail.offers.get(daemon.person))
    await bob.mail.tell(daemon.person)
    alice.accepted.add(bob.me.person)
    blob = mail.seal(items_of(alice, bob.me.person, "one", "two"), bob.mail.own)
    assert await alice.mail.put(daemon.person, blob) == mail.KEPT
    assert await alice.mail.put(daemon.person, blob) == mail.KEPT, "its answer may have been lost"
    view = await daemon.rpc("keeper")
    assert (view["blobs"], view["mailboxes"], [d["blobs"] for d in view["depositors"]]) == (1, 1, [1])
    # Its author goes, and its reader asks.
    await stop(alice)
    await bob.mail.take(daemon.person, bob.mail.own.mailbox)
    await bob.until(lambda: bob.mail.given == [blob])
    assert len(bob.mail.envelopes(bob.mail.given[0])) == 2
    await bob.mail.say(daemon.person, mail.blob_id(blob), mail.DONE)
    await daemon.until(lambda: holds(daemon, 0))
    await stop(bob)


@with_daemon
async def test_nobody_takes_or_erases_what_is_anothers(daemon):
    await make_keeper(daemon)
    alice, bob, mallory = [await friend_of(daemon, name) for name in ("Alice", "Bob", "Mallory")]
    await bob.mail.tell(daemon.person)
    blob = mail.seal(b"", bob.mail.own)
    assert await alice.mail.put(daemon.person, blob) == mail.KEPT
    # Mallory is a contact of Bob's too, and so knows the key of their mailbox.
    await mallory.mail.take(daemon.person, bob.mail.own.mailbox)
    for word in (mail.DONE, mail.WITHDRAWN, mail.LATER, 77):
        await mallory.mail.say(daemon.person, mail.blob_id(blob), word)
    await bob.mail.say(daemon.person, mail.blob_id(blob), mail.DONE)  # nothing was given to them yet
    await bob.mail.take(daemon.person, os.urandom(32), bob.mail.own.mailbox)
    await bob.until(lambda: bob.mail.given == [blob])
    assert mallory.mail.given == []
    await alice.mail.say(daemon.person, mail.blob_id(blob), mail.WITHDRAWN)
    await daemon.until(lambda: holds(daemon, 0))
    await stop(alice, bob, mallory)


@with_daemon
async def test_over_quota_the_newcomer_is_refused(daemon):
    await make_keeper(daemon)
    alice, carol = await friend_of(daemon, "Alice"), await friend_of(daemon, "Carol")
    bob = mail.Prekey.make(identity("Bob"))
    words = []
    for _ in range(203):
        words.append(await alice.mail.put(daemon.person, mail.seal(b"", bob)))
    assert words == [mail.KEPT] * 200 + [mail.FULL] * 3
    assert await carol.mail.put(daemon.person, mail.seal(b"", bob)) == mail.KEPT
    assert (await daemon.rpc("keeper"))["blobs"] == 201
    await stop(alice, carol)


@with_daemon
async def test_who_is_not_kept_for_is_refused(daemon):
    await make_keeper(daemon, **{"keeper.for": "verified"})
    alice = await friend_of(daemon, "Alice")
    await alice.until(lambda: alice.mail.offers == {daemon.person: False})
    assert await alice.mail.put(daemon.person, mail.seal(b"", mail.Prekey.make(identity("Bob")))) == mail.REFUSED
    await make_keeper(daemon, **{"keeper.enabled": "false"})
    assert (await daemon.rpc("keeper"))["blobs"] == 0
    await stop(alice)


@with_daemon
async def test_a_prekey_that_was_forged_ends_the_session(daemon):
    alice = await friend_of(daemon, "Alice")
    session = alice.session(daemon.person)
    forged = mail.Prekey.make(alice.me)
    wire = forged.wire[:63] + bytes([forged.wire[63] ^ 1]) + forged.wire[64:]
    await session.link.send(frames.PREKEY, wire)
    await alice.until(lambda: alice.codes == [frames.PROTOCOL_ERROR])
    await stop(alice)


# A real daemon that reads, and one that leaves.


@with_daemon
async def test_what_a_keeper_gives_a_daemon_is_read(daemon):
    """This peer is the keeper; what it gives was written by somebody who is gone."""
    keeper, author = await friend_of(daemon, "Keeper"), await friend_of(daemon, "Author")
    await author.until(lambda: daemon.device in author.mail.prekeys)
    prekey = author.mail.prekeys[daemon.device]
    items = items_of(author, daemon.person, "while you were away")
    blob = mail.seal(items, prekey)
    await stop(author)
    link = keeper.session(daemon.person).link
    await link.say(frames.SEALED_OFFER, takes=False)
    await keeper.until(lambda: keeper.seen[frames.SEALED_TAKE] == 1)
    # What is not for it, what is touched, what is nobody's, and then what it is.
    for bad in (mail.seal(items, mail.Prekey.make(identity("Dave"))), blob[:-1] + bytes([blob[-1] ^ 1])):
        await link.send(frames.SEALED_GIVE, bad)
    for _ in range(3):
        await link.send(frames.SEALED_GIVE, blob)
    await keeper.until(lambda: keeper.mail.answers.count((mail.blob_id(blob), mail.DONE)) == 3)
    history = await daemon.rpc("history", who="Author")
    assert [m["text"] for m in history] == ["while you were away"]
    assert (await daemon.rpc("keeper"))["unreadable"] == 1
    await stop(keeper)


@with_daemon
async def test_an_envelope_with_a_gap_is_not_taken_for_had(daemon):
    keeper, author = await friend_of(daemon, "Keeper"), await friend_of(daemon, "Author")
    await author.until(lambda: daemon.device in author.mail.prekeys)
    prekey = author.mail.prekeys[daemon.device]
    first, second = items_of(author, daemon.person, "one"), items_of(author, daemon.person, "two")
    await stop(author)
    link = keeper.session(daemon.person).link
    await link.say(frames.SEALED_OFFER, takes=False)
    await keeper.until(lambda: keeper.seen[frames.SEALED_TAKE] == 1)
    late, early = mail.seal(second, prekey), mail.seal(first, prekey)
    await link.send(frames.SEALED_GIVE, late)
    await keeper.until(lambda: (mail.blob_id(late), mail.LATER) in keeper.mail.answers)
    await link.send(frames.SEALED_GIVE, early)
    await keeper.until(lambda: (mail.blob_id(early), mail.DONE) in keeper.mail.answers)
    assert [m["text"] for m in await daemon.rpc("history", who="Author")] == ["one", "two"]
    await stop(keeper)


@with_daemon
async def test_what_is_deleted_is_taken_back_from_the_keeper(daemon):
    """A daemon leaves its words with this peer, deletes one, and leaves the others anew. A reader counts as away after
    a minute, which this waits for."""
    bob, keeper = await friend_of(daemon, "Bob"), await friend_of(daemon, "Keeper")
    await bob.mail.tell(daemon.person)
    prekey = bob.mail.own
    await daemon.rpc("send", to=["Bob"], text="stays")
    await daemon.rpc("send", to=["Bob"], text="and this")
    await bob.until(lambda: len(bob.texts(daemon.person)) == 2)
    await stop(bob)
    said = [(await daemon.rpc("send", to=["Bob"], text=text))[0] for text in ("first", "second", "third")]
    link = keeper.session(daemon.person).link
    await link.say(frames.SEALED_OFFER, takes=True)
    await keeper.until(lambda: keeper.mail.put_here, 100)
    first = keeper.mail.put_here[-1]
    assert b"second" in mail.open_blob(first, prekey)
    await keeper.mail.say(daemon.person, mail.blob_id(first), mail.KEPT)
    await daemon.until(lambda: leaves(daemon, 1))
    await daemon.rpc("delete", id=said[1]["id"])
    await keeper.until(lambda: (mail.blob_id(first), mail.WITHDRAWN) in keeper.mail.answers)
    await keeper.until(lambda: keeper.mail.put_here[-1] != first)
    anew = mail.open_blob(keeper.mail.put_here[-1], prekey)
    assert b"second" not in anew and b"first" in anew and b"third" in anew
    # No answer to it: the daemon does not know whether it is kept, and takes it back when the keeper is here again.
    unanswered = mail.blob_id(keeper.mail.put_here[-1])
    link.close()
    await keeper.until(lambda: not keeper.session(daemon.person))
    again = await keeper.dial("127.0.0.1", daemon.port, daemon.id16)
    await again.link.say(frames.SEALED_OFFER, takes=True)
    await keeper.until(lambda: (unanswered, mail.WITHDRAWN) in keeper.mail.answers)
    await stop(keeper)


async def leaves(daemon, count):
    return len((await daemon.rpc("keeper"))["left"]) == count
