"""Section 2: which devices speak for a person. The peer against itself, then a real earshotd."""

import os

import pytest
from attacks import BROKEN, answered, fate, outcome, session
from earshot_peer.bulk import call
from earshot_peer.files import NOT_YOURS, Stopped, share_of
from files_harness import MB, answer, asked, much, sent
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer.crypto import Refused
from earshot_peer.link import dial, own_payload
from earshot_peer.manifests import Identity, Manifest
from earshot_peer.peer import Node, now_ms
from harness import attack, friend_of, identity, met, near, pair, run, source, stop


class Household:
    """One person with several devices, and the lists of them that a test wants."""

    def __init__(self, name="Carol", devices=3):
        self.devices = [identity(name, device=f"machine {n}") for n in range(devices)]
        self.person, self.seed, self.name = self.devices[0].person, self.devices[0].person_seed, name

    def manifest(self, version, active, after=None, revoked=(), name=None):
        listed = [self.devices[n].certificate.bytes for n in active]
        return Manifest(
            self.person, version, after.hash if after else b"", 1, listed, list(revoked), name or self.name
        ).signed(self.seed)

    def revoke(self, n, **cuts):
        return {"device": self.devices[n].device, "reason": 1, "cut": [{"log": log, "seq": seq} for log, seq in cuts.get("cut", {}).items()]}

    def having(self, n, manifest):
        """A device that says this is the newest manifest it has."""
        self.devices[n].manifest = manifest
        return self.devices[n]


async def told(daemon, link, body):
    """Gives a manifest; then what becomes of the session."""
    await link.send(frames.MANIFEST_GIVE, body)
    return await outcome(link, daemon)


async def talkative(daemon, me, *, hears=True):
    """A session, and one text of this device's log with the daemon. Where `hears`, the daemon's Heads was waited for."""
    link = await session(daemon, me)
    if hears:
        await link.expect(frames.HEADS)
    conversation = ev.conversation_of_two(me.person, daemon.person)
    log = ev.log_id(me.gen, conversation)
    text = ev.Envelope(conversation, me.device, log, 1, b"", [], now_ms() << 16, 0, ev.TEXT, ev.payload(ev.TEXT, text="words")).signed(me.device_seed)
    return link, text


def test_what_a_list_says():
    carol = Household()
    two = carol.manifest(2, [0, 2], carol.manifest(1, [0]), [carol.revoke(1), carol.revoke(2)])
    standing = lambda n, claimed: two.standing(carol.devices[n].device, claimed)
    assert [standing(n, 9) for n in range(3)] == ["listed", "revoked", "revoked"]
    assert two.standing(bytes(32), 2) == "unlisted" and two.standing(bytes(32), 3) == "unknown"
    two.contradicted = True
    assert two.standing(bytes(32), 3) == "unlisted"


@run
async def test_the_peer_refuses_whom_a_list_does_not_have():
    alice, bob = await pair()
    phone = identity("Alice", device="phone")
    with pytest.raises(BROKEN):
        await dial(phone, "127.0.0.1", bob.port, bob.me.id16, source=source())
    await bob.until(lambda: "unlisted" in bob.errors)
    two = Manifest(phone.person, 2, alice.me.manifest.hash, 1, [phone.certificate.bytes], [], "Alice").signed(phone.person_seed)
    phone.manifest = two
    link = await dial(phone, "127.0.0.1", bob.port, bob.me.id16, source=source())
    assert await link.expect(frames.MANIFEST_ASK)
    await link.send(frames.MANIFEST_GIVE, two.bytes)
    # The list lost the first machine: its session ends, and its next call is refused.
    await alice.until(lambda: frames.NOT_WANTED in alice.codes)
    with pytest.raises(BROKEN):
        await dial(alice.me, "127.0.0.1", bob.port, bob.me.id16, source=source())
    assert await fate(link) == "lives"
    await stop(alice, bob)


@attack
async def test_a_device_its_own_manifest_does_not_list(daemon):
    """Neither a stranger nor a friend gets in, and nothing they say is stored."""
    carol, eve = Household(), Household("Eve")
    without = eve.manifest(1, [1])
    link, text = await talkative(daemon, eve.having(0, without), hears=False)
    await link.say(frames.REQUEST, text="let me in")
    assert await link.expect(frames.MANIFEST_ASK)
    assert await told(daemon, link, without.bytes) == frames.NOT_WANTED
    assert not await daemon.asked(eve.person), "and nobody is asked anything in her name"
    friend = await friend_of(daemon, "Carol")
    two = carol.manifest(2, [1], friend.me.manifest)
    for claims in (friend.me.manifest, two):
        me = carol.having(0, claims)
        try:
            link, text = await talkative(daemon, me, hears=False)
        except BROKEN:
            assert claims is friend.me.manifest, "a newer list may have it: that is found out after Ready"
            continue
        assert claims is two
        await link.send(frames.ENVELOPES, text.bytes)
        assert await told(daemon, link, two.bytes) == frames.NOT_WANTED
    assert await daemon.texts(carol.person) == []
    await friend.stop()


@attack
async def test_a_list_that_never_comes(daemon):
    """A device that says it has a newer list and does not give it: it is let in, and heard as a stranger is."""
    friend = await friend_of(daemon, "Carol")
    carol = Household()
    me = carol.having(0, carol.manifest(9, [0], friend.me.manifest))
    link, text = await talkative(daemon, me, hears=False)
    mine = ev.log_id(me.gen, text.conversation)
    mark = {"log": mine, "device": me.device, "seq": 1, "id": text.id}
    for kind, body in (
        (frames.PROFILE, frames.body(frames.PROFILE, name="Not Carol")),
        (frames.REQUEST, frames.body(frames.REQUEST, text="let me in")),
        (frames.HEADS, frames.body(frames.HEADS, conversation=text.conversation, marks=[mark], ask=True)),
        (frames.TYPING, frames.body(frames.TYPING, conversation=text.conversation, on=True)),
        (frames.ENVELOPES, text.bytes),
        # Passed over unread, however broken.
        (frames.ENVELOPES, b"\1\2\3"),
    ):
        await link.send(kind, body)
    heard = [kind for kind, _ in await answered(link, daemon)]
    assert frames.MANIFEST_ASK in heard and heard[-1] == frames.MANIFEST_GIVE
    assert not {frames.HEADS, frames.WANT, frames.ENVELOPES, frames.REQUEST} & set(heard)
    assert await daemon.texts(carol.person) == []
    assert (await daemon.peer(carol.person))["ownName"] == "Carol"
    # Then it comes: what was said before counts from now on, and the log is fetched.
    await link.send(frames.MANIFEST_GIVE, me.manifest.bytes)
    await link.expect(frames.HEADS)
    await link.send(frames.HEADS, frames.body(frames.HEADS, conversation=text.conversation, marks=[mark]))
    want = frames.read(frames.WANT, await link.expect(frames.WANT))
    assert (want["from"], want["to"]) == (1, 1)
    await link.send(frames.ENVELOPES, text.bytes)
    await daemon.until_texts(carol.person, "words")
    assert (await daemon.peer(carol.person))["ownName"] == "Not Carol"
    link.abort()
    await friend.stop()


@attack
async def test_a_newer_list_ends_what_it_does_not_have(daemon):
    """Absent or revoked: Close 4 at once, refused without a byte afterwards, and nothing more of its log from anybody."""
    for how in ("absent", "revoked"):
        name = f"Carol {how}"
        carol = Household(name)
        old = await friend_of(daemon, name)
        await old.send_text(daemon.person, "kept")
        await old.until(lambda: old.is_delivered(daemon.person))
        mine = old.conversation(daemon.person)
        more = mine.write_text("not kept", now_ms())[0]
        gone = [{"device": old.me.device, "reason": 1, "cut": [{"log": mine.mine, "seq": 1}]}]
        two = carol.manifest(2, [1], old.me.manifest, gone if how == "revoked" else ())
        link = await session(daemon, carol.having(1, two))
        await link.expect(frames.MANIFEST_ASK)
        await link.send(frames.MANIFEST_GIVE, two.bytes)
        await old.until(lambda: frames.NOT_WANTED in old.codes)
        with pytest.raises((EOFError, OSError)):
            await dial(old.me, "127.0.0.1", daemon.port, daemon.id16, source=source())
        # Also one who says that it has the list which does not have it.
        old.me.manifest = two
        with pytest.raises((EOFError, OSError)):
            await dial(old.me, "127.0.0.1", daemon.port, daemon.id16, source=source())
        marks = [{"log": mine.mine, "device": old.me.device, "seq": 2, "id": more.id}]
        await link.send(frames.HEADS, frames.body(frames.HEADS, conversation=mine.id, marks=marks))
        await link.send(frames.ENVELOPES, more.bytes)
        assert await outcome(link, daemon) == "lives"
        assert await daemon.texts(carol.person) == ["kept"], how
        await old.stop()


@met("we_called")
async def test_files_are_given_to_listed_devices_alone(daemon, alice):
    """Whoever is unknown yet is a stranger to files too; and who is dropped from the list is given no more."""
    path = daemon.state.parent / "x"
    path.write_bytes(much(30 * MB))
    _, content, _ = await sent(daemon, alice, path)
    share = share_of(content["key"])
    claimed = Manifest(alice.me.person, 2, alice.me.manifest.hash, 1, [], [], "Alice").signed(alice.me.person_seed)
    phone = identity("Alice", device="phone")
    phone.manifest = claimed
    line = await call(phone, "127.0.0.1", daemon.port, daemon.id16, near())
    await line.say(frames.FETCH, share=share)
    with pytest.raises(Stopped) as stopped:
        await answer(line, frames.SOURCE)
    assert stopped.value.reason == NOT_YOURS
    # She fetches, and another device of hers brings a list without the first.
    line, source = await asked(daemon, alice, share)
    await line.say(frames.PULL)
    await answer(line, frames.DATA)
    two = Manifest(alice.me.person, 2, alice.me.manifest.hash, 1, [phone.certificate.bytes], [], "Alice").signed(alice.me.person_seed)
    phone.manifest = two
    link = await session(daemon, phone)
    await link.send(frames.MANIFEST_GIVE, two.bytes)
    with pytest.raises(Stopped) as stopped:
        while True:
            await answer(line, frames.DATA, frames.END)
    assert stopped.value.reason == NOT_YOURS
    await alice.until(lambda: frames.NOT_WANTED in alice.codes)
    # The first one again, by a third list.
    three = Manifest(alice.me.person, 3, two.hash, 1, [alice.me.certificate.bytes], [], "Alice").signed(alice.me.person_seed)
    alice.me.manifest = three
    await alice.dial("127.0.0.1", daemon.port, daemon.id16, source=near())


@attack
async def test_what_is_broken_about_a_manifest(daemon):
    """Wrong, cut, flipped, given twice, out of order, of somebody else: nobody gets in by it."""
    carol, dave = Household(), Household("Dave")
    one = carol.manifest(1, [0, 1])
    two, three = carol.manifest(2, [0], one), None
    three = carol.manifest(3, [0, 1], two)
    closes = {
        "cut": one.bytes[:-1],
        "empty": b"",
        "longer": one.bytes + b"\0",
        "another length": (len(one.body) + 1).to_bytes(4, "big") + one.bytes[4:],
        "flipped in the body": one.bytes[:20] + bytes([one.bytes[20] ^ 1]) + one.bytes[21:],
        "flipped in the signature": one.bytes[:-1] + bytes([one.bytes[-1] ^ 1]),
        "signed by a device": Manifest(carol.person, 1, b"", 1, [carol.devices[0].certificate.bytes], [], "C").signed(carol.devices[0].device_seed).bytes,
        "version 0": carol.manifest(0, [0]).bytes,
        "prev in version 1": carol.manifest(1, [0], two).bytes,
        "no prev later": carol.manifest(2, [0]).bytes,
        "a certificate of another": Manifest(carol.person, 1, b"", 1, [dave.devices[0].certificate.bytes], [], "C").signed(carol.seed).bytes,
    }
    for what, body in closes.items():
        link = await session(daemon, carol.having(0, one))
        assert await told(daemon, link, body) == frames.PROTOCOL_ERROR, what
    # Of somebody else: passed over, and nobody is listed by it.
    link, text = await talkative(daemon, carol.having(0, one), hears=False)
    assert await told(daemon, link, dave.manifest(1, [0]).bytes) == "lives"
    # Twice, and an old one after a newer one: the newest counts.
    link = await session(daemon, carol.having(0, three))
    for body in (three.bytes, three.bytes, two.bytes, one.bytes):
        await link.send(frames.MANIFEST_GIVE, body)
    assert (await answered(link, daemon))[-1][0] == frames.MANIFEST_GIVE
    other = await session(daemon, carol.having(1, one))
    assert await outcome(other, daemon) == "lives", "version 2 does not list it, but 3 is known"
    assert await outcome(link, daemon) == "lives"


@attack
async def test_two_lists_of_one_version(daemon):
    """The first stays, for ever: no device that it does not have gets in by a later one."""
    friend = await friend_of(daemon, "Carol")
    carol = Household()
    rival = carol.manifest(1, [0, 1], name="another")
    link = friend.session(daemon.person).link
    await link.send(frames.MANIFEST_GIVE, rival.bytes)
    await daemon.until(lambda: _trust(daemon, carol.person, "conflict"))
    for claims in (rival, carol.manifest(2, [0, 1], rival), carol.manifest(9, [0, 1], rival)):
        with pytest.raises((EOFError, OSError)):
            await dial(carol.having(0, claims), "127.0.0.1", daemon.port, daemon.id16, source=source())
    assert friend.session(daemon.person), "whom the first list has may stay"
    await friend.stop()


async def _trust(daemon, person, what):
    return await daemon.trust(person) == what


@attack
async def test_nobody_lists_the_device_of_another(daemon):
    """Mallory's manifest names Alice's keys, as active and as revoked: nothing changes for Alice."""
    alice, mallory = daemon.alice.me, Identity(os.urandom(32), "Mallory")
    stolen = type(alice.certificate)(
        mallory.person, alice.certificate.device_public, alice.certificate.static_public, 1, 0, 2**40
    ).signed(mallory.person_seed)
    for revoked in ([], [{"device": alice.device, "reason": 1, "cut": []}]):
        claim = Manifest(mallory.person, 1, b"", 1, [mallory.certificate.bytes, stolen.bytes], revoked, "M").signed(mallory.person_seed)
        mallory.manifest = claim
        link = await session(daemon, mallory)
        assert await told(daemon, link, claim.bytes) == "lives"
    # With that certificate she cannot call: it is not for her static key... but Alice's keys could, as Mallory's.
    payload = own_payload(mallory)
    payload.certificate = stolen.bytes
    with pytest.raises((*BROKEN, Refused)):
        await dial(mallory, "127.0.0.1", daemon.port, daemon.id16, source=source(), payload=payload)
