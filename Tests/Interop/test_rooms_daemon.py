"""Section 17: rooms of a real earshotd, whose owner types, with the peer that knows only Protocol.md; and attacks on it."""

import asyncio
import json
import os
import shlex
import subprocess

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import frames, rooms
from earshot_peer.crypto import base32, unbase32
from earshot_peer.manifests import Manifest
from earshot_peer.meeting import INVITED, JOINED, TAKEN, Room
from earshot_peer.meeting import now_ms
from earshot_peer.peer import Node
from earshot_peer.rooms import Charter
from harness import cli_or_skip, fresh_daemon, friend_of, identity, near, pytest_function


def rooms_or_skip():
    cli_or_skip()
    done = subprocess.run([*shlex.split(os.environ["EARSHOT"]), "room", "--help"], capture_output=True, text=True, timeout=30)
    if done.returncode or "EXAMPLES" not in done.stdout:
        pytest.skip("ROOMS OF earshotd WERE NOT TRIED: earshot has no command room")


def with_friends(*names):
    """Runs the coroutine with a fresh daemon and friends of these names, who know each other as well."""

    def decorate(test):
        async def body(tmp_path):
            rooms_or_skip()
            async with fresh_daemon(tmp_path) as daemon:
                nodes = [await friend_of(daemon, name) for name in names]
                for node in nodes:
                    node.accepted.update(other.me.person for other in nodes if other is not node)
                try:
                    await test(daemon, *nodes)
                finally:
                    for node in nodes:
                        await node.stop()

        return pytest_function(test, body, "tmp_path", cli=True, seconds=120)

    return decorate


# What the daemon's owner types and sees


async def created(daemon, name, *how):
    """The id of a new room."""
    return unbase32(json.loads(await daemon.typed("room", "create", name, *how, "--json"))["id"])


async def shown(daemon, name):
    return json.loads(await daemon.typed("room", "info", name, "--json"))


async def members(daemon, name):
    return {unbase32(m["person"]): m["standing"] for m in (await shown(daemon, name)).get("members", [])}


async def said(daemon, name):
    """Texts of a room, oldest first."""
    code, out, err = await daemon.cli("history", f"#{name}", "--json")
    assert code == 0, err
    return [m["text"] for m in objects(out) if m.get("text") is not None]


def objects(text):
    """The JSON objects in what was printed: one a line, or a list of them."""
    text = text.strip()
    if text.startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines() if line]


async def until_said(daemon, name, *texts):
    async def so():
        return sorted(await said(daemon, name)) == sorted(texts)

    await daemon.until(so, 40)


def texts(node, the_id):
    return [m["text"] for m in node.rooms.all[the_id].messages()]


async def until_heard(node, the_id, *wanted):
    await node.until(lambda: the_id in node.rooms.all and sorted(texts(node, the_id)) == sorted(wanted), 40)


async def invite(daemon, name, *nodes):
    """They are invited, and join; the daemon has seen it."""
    for node in nodes:
        await daemon.typed("room", "invite", name, base32(node.me.person))
        await node.until(lambda: any(r.standing == INVITED for r in node.rooms.all.values()))  # noqa: B023
        (room,) = (r for r in node.rooms.all.values() if r.standing == INVITED)
        await node.rooms.join(room.id)

        async def joined():
            return (await members(daemon, name)).get(node.me.person) == "joined"  # noqa: B023

        await daemon.until(joined)
    return room


async def level(daemon, name, *nodes, the_id):
    """The nodes hold what the daemon tells of, and found no state that differs from theirs."""
    wanted = set(await members(daemon, name))
    for node in nodes:
        await node.until(lambda: set(node.rooms.all[the_id].state.members) == wanted, 40)  # noqa: B023
        assert not node.rooms.all[the_id].diverged


# What must work


@with_friends("Alice", "Carol")
async def test_a_room_of_the_daemon(daemon, alice, carol):
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice, carol)
    await level(daemon, "ops", alice, carol, the_id=the_id)
    await daemon.typed("send", "#ops", "from the daemon")
    await alice.rooms.say(alice.rooms.all[the_id], "from alice")
    # Alice and Carol do not see each other: the daemon tells each what the other said.
    for node in (alice, carol):
        await until_heard(node, the_id, "from the daemon", "from alice")
    await until_said(daemon, "ops", "from the daemon", "from alice")
    await daemon.typed("room", "topic", "ops", "lunch")
    await carol.until(lambda: carol.rooms.all[the_id].state.topic == "lunch")
    await carol.rooms.set(carol.rooms.all[the_id], rooms.TOPIC, text="dinner")

    async def dinner():
        return (await shown(daemon, "ops")).get("topic") == "dinner"

    await daemon.until(dinner)
    await level(daemon, "ops", alice, carol, the_id=the_id)


@with_friends("Alice", "Carol")
async def test_a_room_of_a_friend(daemon, alice, carol):
    room = await alice.rooms.create("ops")
    await alice.rooms.invite(room, daemon.person)

    async def invited():
        return any(r["standing"] == "invited" for r in objects(await daemon.typed("room", "list", "--json")))

    await daemon.until(invited)
    await daemon.typed("room", "join", "ops")
    await alice.until(lambda: room.state.stay(daemon.person) == (1, rooms.HAS_JOINED))
    await alice.rooms.say(room, "one")
    await daemon.typed("send", "#ops", "two")
    await until_heard(alice, room.id, "one", "two")
    await until_said(daemon, "ops", "one", "two")
    # The daemon adds Carol, whom Alice has never met.
    await daemon.typed("room", "invite", "ops", base32(carol.me.person))
    await carol.until(lambda: room.id in carol.rooms.all)
    await carol.rooms.join(room.id)
    await until_heard(carol, room.id, "one", "two")
    await level(daemon, "ops", alice, carol, the_id=room.id)
    await daemon.typed("room", "leave", "ops")
    await alice.until(lambda: not room.state.has(daemon.person))


@with_friends("Alice")
async def test_an_open_room_of_the_daemon_is_joined_by_a_stranger(daemon, alice):
    the_id = await created(daemon, "canteen", "--open")
    stranger = await Node(identity("Sam")).start()
    try:
        await stranger.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
        await stranger.until(lambda: daemon.person in stranger.rooms.told)
        assert [t["charter"].room for t in stranger.rooms.told[daemon.person]] == [the_id]
        await stranger.rooms.join(the_id)

        async def there():
            return stranger.me.person in await members(daemon, "canteen")

        await daemon.until(there)
        await stranger.rooms.say(stranger.rooms.all[the_id], "soup?")
        await daemon.typed("send", "#canteen", "soup!")
        await until_said(daemon, "canteen", "soup?", "soup!")
        await until_heard(stranger, the_id, "soup?", "soup!")
        await alice.until(lambda: daemon.person in alice.rooms.told)
        await alice.rooms.join(the_id)
        await until_heard(alice, the_id, "soup?", "soup!")
        await level(daemon, "canteen", alice, stranger, the_id=the_id)
        assert not await daemon.texts(stranger.me.person), "nothing else goes between strangers"
    finally:
        await stranger.stop()


@with_friends("Alice")
async def test_the_daemon_joins_an_open_room(daemon, alice):
    room = await alice.rooms.create("canteen", open=True)
    await alice.rooms.say(room, "before")

    async def seen():
        return any(r["name"] == "canteen" for r in objects(await daemon.typed("room", "list", "--json")))

    await daemon.until(seen)
    await daemon.typed("room", "join", "canteen")
    await alice.until(lambda: room.state.stay(daemon.person) == (1, rooms.HAS_JOINED))
    await daemon.typed("send", "#canteen", "hello")
    await until_heard(alice, room.id, "before", "hello")
    await until_said(daemon, "canteen", "before", "hello")


@with_friends("Alice", "Carol")
async def test_from_join_gives_nothing_from_before(daemon, alice, carol):
    the_id = await created(daemon, "board", "--history", "from-join")
    await invite(daemon, "board", alice)
    await daemon.typed("send", "#board", "before")
    await until_heard(alice, the_id, "before")
    await invite(daemon, "board", carol)
    await daemon.typed("send", "#board", "after")
    await until_heard(carol, the_id, "after")
    room = carol.rooms.all[the_id]
    log = next(name for name, log in room.talk.logs.items() if log.after)
    await carol.session(daemon.person).link.say(frames.WANT, conversation=room.charter.talk, log=log, **{"from": 1, "to": 2})
    await daemon.typed("send", "#board", "last")
    await until_heard(carol, the_id, "after", "last")
    assert all(e.envelope.seq > room.talk.logs[log].after for e in room.talk.logs[log].entries)


@with_friends("Alice", "Carol")
async def test_who_is_taken_out_learns_it_and_gets_nothing_more(daemon, alice, carol):
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice, carol)
    await daemon.typed("room", "remove", "ops", base32(alice.me.person))
    await alice.until(lambda: alice.rooms.all[the_id].standing == TAKEN)
    await daemon.typed("send", "#ops", "without alice")
    await until_heard(carol, the_id, "without alice")
    link = alice.session(daemon.person).link
    room = alice.rooms.all[the_id]
    for conversation in (room.operations, room.talk):
        await link.send(frames.HEADS, conversation.heads(ask=True))
        for name in {*carol.rooms.all[the_id].operations.logs, *carol.rooms.all[the_id].talk.logs}:
            await link.say(frames.WANT, conversation=conversation.id, log=name, **{"from": 1, "to": 1})
    await answered(alice)
    assert texts(alice, the_id) == []


# Attacks


async def answered(node):
    """Whatever the daemon says to what it was sent has come."""
    for session in [s for s in node.sessions if s.up]:
        before = len(node.pongs)
        await session.link.say(frames.PING, nonce=1)
        await node.until(lambda: len(node.pongs) > before or not session.up)  # noqa: B023


async def lie(node, room, daemon, conversation, kind, stay=1, **content):
    """An envelope of a room that is given to the daemon, whether it may be or not."""
    envelope = conversation.write(kind, ev.payload(kind, **content), now_ms(), stay)
    await node.session(daemon.person).link.send(frames.ENVELOPES, envelope.bytes)
    return envelope


def outsider(node, charter):
    """A room as somebody has it who only heard of its charter."""
    room = node.rooms.all[charter.room] = Room(node, charter, JOINED, 1)
    return room


@with_friends("Alice", "Mallory")
async def test_nobody_gets_into_a_closed_room(daemon, alice, mallory):
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice)
    await daemon.typed("send", "#ops", "secret")
    await until_heard(alice, the_id, "secret")
    room = outsider(mallory, alice.rooms.all[the_id].charter)
    content = {"person": mallory.me.person, "number": 1, "manifest": mallory.me.manifest.bytes}
    await lie(mallory, room, daemon, room.operations, rooms.ADD, **content)
    await lie(mallory, room, daemon, room.operations, rooms.ADD, **content, owner=1)
    await lie(mallory, room, daemon, room.operations, rooms.TRANSFER, person=mallory.me.person, owner=1)
    await lie(mallory, room, daemon, room.talk, ev.TEXT, text="let me in")
    link, seen = mallory.session(daemon.person).link, mallory.seen[frames.HEADS]
    for conversation in (room.operations, room.talk):
        await link.send(frames.HEADS, conversation.heads(ask=True))
        for name in {*alice.rooms.all[the_id].operations.logs, *alice.rooms.all[the_id].talk.logs}:
            await link.say(frames.WANT, conversation=conversation.id, log=name, **{"from": 1, "to": 1})
    await answered(mallory)
    assert set(await members(daemon, "ops")) == {daemon.person, alice.me.person} and await said(daemon, "ops") == ["secret"]
    assert set(room.talk.logs) == {room.talk.mine} and set(room.operations.logs) == {room.operations.mine}
    assert mallory.seen[frames.HEADS] == seen, "the daemon told that it knows the room"


@with_friends("Alice", "Mallory")
async def test_a_removed_member_writes_as_if_it_were_earlier(daemon, alice, mallory):
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice, mallory)
    room = mallory.rooms.all[the_id]
    await mallory.rooms.say(room, "in time")
    await until_heard(alice, the_id, "in time")
    await daemon.typed("room", "remove", "ops", base32(mallory.me.person))
    await alice.until(lambda: not alice.rooms.all[the_id].state.has(mallory.me.person), 40)
    room.talk.newest = 0  # the clock set back
    late = [
        await lie(mallory, room, daemon, room.talk, ev.TEXT, text="too late"),
        await lie(mallory, room, daemon, room.operations, rooms.SET, what=rooms.TOPIC, number=1, text="too late"),
        await lie(mallory, room, daemon, room.operations, rooms.ADD, person=bytes([9]) * 32, number=1),
    ]
    # A member passes it on.
    for envelope in late:
        await alice.session(daemon.person).link.send(frames.ENVELOPES, envelope.bytes)
    await answered(alice)
    info = await shown(daemon, "ops")
    assert await said(daemon, "ops") == ["in time"] and not info.get("topic") and len(info["members"]) == 2


@with_friends("Alice", "Mallory")
async def test_who_was_taken_out_does_not_come_back_by_a_detour(daemon, alice, mallory):
    the_id = await created(daemon, "canteen", "--open")
    for node in (alice, mallory):
        await node.until(lambda: daemon.person in node.rooms.told)  # noqa: B023
        await node.rooms.join(the_id)

        async def there():
            return node.me.person in await members(daemon, "canteen")  # noqa: B023

        await daemon.until(there)
    await daemon.typed("room", "remove", "canteen", base32(mallory.me.person))
    room, person = mallory.rooms.all[the_id], mallory.me.person
    await mallory.until(lambda: room.standing == TAKEN)
    for number in (2, 3):
        for kind, stay in ((rooms.REMOVE, number), (rooms.ADD, number + 1)):
            envelope = await lie(mallory, room, daemon, room.operations, kind, stay=stay, person=person, number=stay)
            await alice.session(daemon.person).link.send(frames.ENVELOPES, envelope.bytes)
    await answered(mallory)
    await answered(alice)
    assert set(await members(daemon, "canteen")) == {daemon.person, alice.me.person}


@with_friends("Alice", "Mallory")
async def test_a_member_who_says_they_are_the_owner(daemon, alice, mallory):
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice, mallory)
    room = mallory.rooms.all[the_id]
    await lie(mallory, room, daemon, room.operations, rooms.TRANSFER, person=mallory.me.person, owner=1)
    for owner in (1, 2, 2**32):
        await lie(mallory, room, daemon, room.operations, rooms.REMOVE, person=alice.me.person, number=1, owner=owner)
        await lie(mallory, room, daemon, room.operations, rooms.SET, what=rooms.NAME, number=1, text="mine", owner=owner)
    await lie(mallory, room, daemon, room.operations, rooms.SET, what=rooms.TOPIC, number=2**32, text="for ever")
    await mallory.rooms.set(room, rooms.TOPIC, text="an honest topic")

    async def honest():
        return (await shown(daemon, "ops")).get("topic") == "an honest topic"

    await daemon.until(honest)
    info = await shown(daemon, "ops")
    assert info["name"] == "ops" and unbase32(info["owner"]) == daemon.person and len(info["members"]) == 3


@with_friends("Alice", "Mallory")
async def test_a_flood_and_a_fork_of_operations(daemon, alice, mallory):
    """And whoever did it can be taken out."""
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice, mallory)
    room = mallory.rooms.all[the_id]
    log = room.operations.logs[room.operations.mine]
    for n in range(500):
        await lie(mallory, room, daemon, room.operations, rooms.SET, what=rooms.PIN, number=1, value=1, subject=n.to_bytes(32, "big"))
    taken = log.entries.pop()
    await lie(mallory, room, daemon, room.operations, rooms.SET, what=rooms.TOPIC, number=1, text="a fork")
    log.entries[-1] = taken
    await answered(mallory)
    await daemon.typed("room", "remove", "ops", base32(mallory.me.person))
    await alice.until(lambda: not alice.rooms.all[the_id].state.has(mallory.me.person), 60)
    assert not (await shown(daemon, "ops")).get("topic")
    await daemon.typed("send", "#ops", "calm again")
    await until_heard(alice, the_id, "calm again")


@with_friends("Alice", "Mallory")
async def test_charters_and_rooms_that_do_not_fit(daemon, alice, mallory):
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice)
    good = alice.rooms.all[the_id].charter
    forged = Charter.make("ops", owner=mallory.me.person, salt=good.salt)
    for raw in (forged.bytes[:-1], b"", forged.bytes + b"\x0a\x01x"):
        await mallory.write(daemon.person, rooms.INVITATION, charter=raw, number=1)
    await mallory.write(daemon.person, rooms.INVITATION, charter=forged.bytes)
    await mallory.write(daemon.person, rooms.INVITATION, charter=forged.bytes, number=1)

    async def two():
        return len([r for r in objects(await daemon.typed("room", "list", "--json")) if r["name"] == "ops"]) == 2

    await daemon.until(two)
    mine = [r for r in objects(await daemon.typed("room", "list", "--json")) if unbase32(r["id"]) == the_id]
    assert mine[0]["standing"] == "joined" and unbase32(mine[0]["owner"]) == daemon.person
    # Closed rooms are not told of, nor more than fit.
    link = mallory.session(daemon.person).link
    some = [{"charter": Charter.make(f"r{n}", open=n % 2 == 0).bytes} for n in range(64)]
    await link.say(frames.ROOMS, room=some)

    async def open_ones():
        return len([r for r in objects(await daemon.typed("room", "list", "--json")) if r["standing"] == "open"]) == 32

    await daemon.until(open_ones)
    await link.say(frames.ROOMS, room=some * 16)
    await mallory.until(lambda: mallory.session(daemon.person) is None)
    assert mallory.codes[-1] == frames.PROTOCOL_ERROR and alice.session(daemon.person)


@with_friends("Alice", "Mallory")
async def test_a_manifest_of_somebody_else(daemon, alice, mallory):
    """Nobody asked for it: it ends nothing and changes nothing. Alice's own device still speaks for her."""
    the_id = await created(daemon, "ops")
    await invite(daemon, "ops", alice, mallory)
    link, me = mallory.session(daemon.person).link, alice.me
    stranger = identity("A stranger")
    forged = Manifest(me.person, 2, me.manifest.hash, 1, [], [], "x").signed(mallory.me.person_seed)
    for raw in (stranger.manifest.bytes, forged.bytes):
        if mallory.session(daemon.person):
            await link.send(frames.MANIFEST_GIVE, raw)
            await asyncio.sleep(0)
    await alice.rooms.say(alice.rooms.all[the_id], "still me")
    await until_said(daemon, "ops", "still me")
    assert alice.session(daemon.person)
