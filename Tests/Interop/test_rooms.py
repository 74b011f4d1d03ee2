"""Section 17: rooms. Python peers among themselves, and attacks of one on the others."""

import asyncio
import contextlib

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import frames, rooms
from earshot_peer.manifests import Manifest
from earshot_peer.meeting import GONE, INVITED, JOINED, TAKEN
from earshot_peer.peer import Node
from earshot_peer.rooms import Charter
from harness import identity, run

QUICK = 0.05  # instead of up to 10 s until what came is told on


@contextlib.asynccontextmanager
async def peers(*names, meet=True):
    """Nodes of these names, each connected to each."""
    nodes = [await Node(identity(f"room {name}")).start() for name in names]
    for node, name in zip(nodes, names, strict=True):
        node.me.name, node.rooms.delays, node.rooms.patience = name, ((QUICK, QUICK), (QUICK, QUICK)), 10 * QUICK
    try:
        if meet:
            for n, one in enumerate(nodes):
                for other in nodes[:n]:
                    await connect(one, other)
        yield nodes
    finally:
        for node in nodes:
            await node.stop()


async def connect(one, other):
    session = await one.dial("127.0.0.1", other.port, other.me.id16)
    await one.until(lambda: session.welcome)
    await other.until(lambda: any(s.up and s.welcome and s.link.person == one.me.person for s in other.sessions))


async def friends(*nodes):
    for one in nodes:
        one.accepted.update(other.me.person for other in nodes if other is not one)


async def bring(room, inviter, *nodes):
    """Invites and joins; waits until the inviter has seen it."""
    for node in nodes:
        await inviter.rooms.invite(room, node.me.person)
        await node.until(lambda: room.id in node.rooms.all)  # noqa: B023
        await node.rooms.join(room.id)
        await inviter.until(lambda: room.state.stay(node.me.person)[1] == rooms.HAS_JOINED)  # noqa: B023


def texts(node, the_id):
    return [m["text"] for m in node.rooms.all[the_id].messages()]


async def all_have(nodes, the_id, *wanted):
    for node in nodes:
        await node.until(lambda: the_id in node.rooms.all and sorted(texts(node, the_id)) == sorted(wanted))  # noqa: B023


async def level(nodes, the_id):
    """All hold the same operations and make the same of them."""
    states = lambda: [node.rooms.all[the_id].state for node in nodes]
    for node in nodes:
        await node.until(lambda: len({s.hash for s in states()}) == 1 and len({len(s.operations) for s in states()}) == 1)
    assert not any(node.rooms.all[the_id].diverged for node in nodes)


@run
async def test_a_room_of_three():
    async with peers("anna", "bob", "carol") as (anna, bob, carol):
        await friends(anna, bob, carol)
        room = await anna.rooms.create("ops")
        await bring(room, anna, bob, carol)
        await level([anna, bob, carol], room.id)
        assert room.state.members == sorted(n.me.person for n in (anna, bob, carol))
        for node, text in ((anna, "one"), (bob, "two"), (carol, "three")):
            await node.rooms.say(node.rooms.all[room.id], text)
        await all_have([anna, bob, carol], room.id, "one", "two", "three")
        await bob.rooms.set(bob.rooms.all[room.id], rooms.TOPIC, text="lunch")
        await carol.until(lambda: carol.rooms.all[room.id].state.topic == "lunch")


@run
async def test_who_was_away_gets_it_from_others_than_the_author():
    """Anna knows Bob and Carol; Bob and Carol have not accepted each other, and Anna leaves the network."""
    async with peers("anna", "bob", "carol", meet=False) as (anna, bob, carol):
        await connect(anna, bob)
        await connect(anna, carol)
        anna.accepted.update({bob.me.person, carol.me.person})
        bob.accepted.add(anna.me.person)
        carol.accepted.add(anna.me.person)
        room = await anna.rooms.create("ops")
        await bring(room, anna, bob, carol)
        await level([anna, bob, carol], room.id)
        await anna.rooms.say(room, "for both")
        await all_have([anna, bob, carol], room.id, "for both")
        carol_session = carol.session(anna.me.person)
        await carol._end(carol_session, frames.GOING_AWAY)
        await anna.until(lambda: anna.session(carol.me.person) is None)
        await anna.rooms.say(room, "while carol is away")
        await all_have([bob], room.id, "for both", "while carol is away")
        await anna.stop()
        await connect(carol, bob)
        await all_have([carol], room.id, "for both", "while carol is away")
        assert not bob.accepted & {carol.me.person} and not bob.texts(carol.me.person)


@run
async def test_what_came_is_told_on():
    """Bob sees Anna and Carol, who do not see each other."""
    async with peers("anna", "bob", "carol", meet=False) as (anna, bob, carol):
        await friends(anna, bob, carol)
        await connect(anna, bob)
        await connect(bob, carol)
        room = await anna.rooms.create("ops")
        await bring(room, anna, bob)
        await bob.rooms.invite(bob.rooms.all[room.id], carol.me.person)
        await carol.until(lambda: room.id in carol.rooms.all)
        await carol.rooms.join(room.id)
        await level([anna, bob, carol], room.id)
        await anna.rooms.say(room, "far away")
        await carol.rooms.say(carol.rooms.all[room.id], "here, too")
        await all_have([anna, bob, carol], room.id, "far away", "here, too")


@run
async def test_declining_and_leaving_and_coming_back():
    async with peers("anna", "bob") as (anna, bob):
        await friends(anna, bob)
        room = await anna.rooms.create("ops")
        await anna.rooms.invite(room, bob.me.person)
        await bob.until(lambda: room.id in bob.rooms.all)
        assert bob.rooms.all[room.id].standing == INVITED and not bob.rooms.all[room.id].operations.logs[bob.rooms.all[room.id].operations.mine].seq
        await bob.rooms.remove(bob.rooms.all[room.id], bob.me.person)
        for link in bob.rooms.links:
            await bob.rooms.greet_room(bob.rooms.all[room.id], link, ask=True)
        await anna.until(lambda: room.state.stay(bob.me.person) == (1, rooms.LEFT))
        await bring(room, anna, bob)
        assert room.state.stay(bob.me.person) == (2, rooms.HAS_JOINED)
        await bob.rooms.say(bob.rooms.all[room.id], "back")
        await all_have([anna, bob], room.id, "back")
        await bob.rooms.remove(bob.rooms.all[room.id], bob.me.person)
        await anna.until(lambda: not room.state.has(bob.me.person))
        assert bob.rooms.all[room.id].standing == GONE and texts(anna, room.id) == ["back"]


@run
async def test_who_is_taken_out_learns_it_and_gets_nothing_more():
    async with peers("anna", "bob", "carol") as (anna, bob, carol):
        await friends(anna, bob, carol)
        room = await anna.rooms.create("ops")
        await bring(room, anna, bob, carol)
        await level([anna, bob, carol], room.id)
        await anna.rooms.remove(room, bob.me.person)
        await bob.until(lambda: bob.rooms.all[room.id].standing == TAKEN)
        await carol.until(lambda: not carol.rooms.all[room.id].state.has(bob.me.person))
        await carol.rooms.say(carol.rooms.all[room.id], "without bob")
        await anna.rooms.set(room, rooms.TOPIC, text="not for bob")
        await all_have([anna, carol], room.id, "without bob")
        await asyncio.sleep(10 * QUICK)
        assert texts(bob, room.id) == [] and bob.rooms.all[room.id].state.topic == ""


@run
async def test_an_open_room_is_seen_and_joined():
    async with peers("anna", "bob", "carol") as (anna, bob, carol):
        room = await anna.rooms.create("canteen", open=True)
        await bob.until(lambda: anna.me.person in bob.rooms.told)
        assert bob.rooms.told[anna.me.person][0]["charter"].name == "canteen"
        await bob.rooms.join(room.id)
        await anna.until(lambda: room.state.stay(bob.me.person) == (1, rooms.HAS_JOINED))
        await carol.until(lambda: bob.me.person in carol.rooms.told)
        await carol.rooms.join(room.id)
        await level([anna, bob, carol], room.id)
        await carol.rooms.say(carol.rooms.all[room.id], "soup")
        await all_have([anna, bob, carol], room.id, "soup")


@run
async def test_in_a_room_from_join_nothing_is_given_from_before():
    async with peers("anna", "bob", "carol") as (anna, bob, carol):
        await friends(anna, bob, carol)
        room = await anna.rooms.create("ops", from_join=True)
        await bring(room, anna, bob)
        for n in range(3):
            await anna.rooms.say(room, f"before {n}")
        await all_have([anna, bob], room.id, "before 0", "before 1", "before 2")
        await bring(room, anna, carol)
        await anna.rooms.say(room, "after")
        await all_have([carol], room.id, "after")
        log = carol.rooms.all[room.id].talk.logs[room.talk.mine]
        assert (log.after, log.seq) == (3, 4)
        link = carol.session(anna.me.person).link
        await link.say(frames.WANT, conversation=room.charter.talk, log=room.talk.mine, **{"from": 1, "to": 4})
        await anna.rooms.say(room, "and again")
        await all_have([carol], room.id, "after", "and again")
        assert all(e.envelope.seq > 3 for e in log.entries)


@run
async def test_the_owner_gives_the_room_away():
    async with peers("anna", "bob", "carol") as (anna, bob, carol):
        await friends(anna, bob, carol)
        room = await anna.rooms.create("ops")
        await bring(room, anna, bob, carol)
        await anna.rooms.transfer(room, bob.me.person)
        theirs = bob.rooms.all[room.id]
        await bob.until(lambda: theirs.state.owner == bob.me.person)
        await bob.rooms.set(theirs, rooms.NAME, text="bob's")
        await bob.rooms.remove(theirs, anna.me.person)
        await anna.until(lambda: room.standing == TAKEN)
        await carol.until(lambda: carol.rooms.all[room.id].state.name == "bob's")
        await level([bob, carol], room.id)


# Attacks


class Liar:
    """Somebody who says of a room whatever they like, over the sessions of their node."""

    def __init__(self, node, room):
        self.node, self.room = node, room

    async def tell(self, conversation, kind, to, stay=1, **content):
        """An envelope in one of the room's conversations that only some are given."""
        payload = ev.payload(kind, **content)
        envelope = conversation.write(kind, payload, ev_now(), stay)
        for other in to:
            await self.node.session(other.me.person).link.send(frames.ENVELOPES, envelope.bytes)
        return envelope


def ev_now():
    from earshot_peer.meeting import now_ms

    return now_ms()


async def settled(*nodes):
    """Whatever is under way has come: a Ping each has been answered by each."""
    for node in nodes:
        for session in [s for s in node.sessions if s.up]:
            before = len(node.pongs)
            await session.link.say(frames.PING, nonce=1)
            await node.until(lambda: len(node.pongs) > before or not session.up)  # noqa: B023


@contextlib.asynccontextmanager
async def a_room(*others, **flags):
    """Anna's room with some, and Mallory, who is not in it yet but talks to all."""
    async with peers("anna", *others, "mallory") as nodes:
        await friends(*nodes)
        room = await nodes[0].rooms.create("ops", **flags)
        await bring(room, nodes[0], *nodes[1:-1])
        await level(nodes[:-1], room.id)
        yield room, *nodes


def outsider(node, room):
    """The room as somebody has it who only heard of its charter."""
    from earshot_peer.meeting import Room

    mine = node.rooms.all[room.id] = Room(node, room.charter, JOINED, 1)
    return mine


@run
async def test_nobody_adds_themselves_to_a_closed_room():
    async with a_room("bob") as (room, anna, bob, mallory):
        mine = outsider(mallory, room)
        liar = Liar(mallory, mine)
        content = {"person": mallory.me.person, "number": 1, "manifest": mallory.me.manifest.bytes}
        await liar.tell(mine.operations, rooms.ADD, [anna, bob], **content)
        await liar.tell(mine.operations, rooms.ADD, [anna, bob], **content, owner=1)
        await liar.tell(mine.operations, rooms.JOINED, [anna, bob])
        for to in (anna, bob):
            link = mallory.session(to.me.person).link
            for conversation in (mine.operations, mine.talk):
                await link.send(frames.HEADS, conversation.heads(ask=True))
                for log in (room.operations.mine, room.talk.mine):
                    await link.say(frames.WANT, conversation=conversation.id, log=log, **{"from": 1, "to": 1})
        await anna.rooms.say(room, "secret")
        await all_have([anna, bob], room.id, "secret")
        await settled(mallory, anna, bob)
        assert room.state.members == sorted([anna.me.person, bob.me.person])
        assert not any(log.seq for name, log in mine.talk.logs.items()) and mallory.session(anna.me.person)
        # Not a word of either conversation came, nor that they are known.
        assert all(log.device == mallory.me.device for log in mine.operations.logs.values())


@run
async def test_a_removed_member_writes_as_if_it_were_earlier():
    async with a_room("bob", "mallory's friend") as (room, anna, bob, friend, mallory):
        await bring(room, anna, mallory)
        await level([anna, bob, friend, mallory], room.id)
        mine = mallory.rooms.all[room.id]
        await mallory.rooms.say(mine, "in time")
        await all_have([anna, bob, friend, mallory], room.id, "in time")
        await anna.rooms.remove(room, mallory.me.person)
        await bob.until(lambda: not bob.rooms.all[room.id].state.has(mallory.me.person))
        await friend.until(lambda: not friend.rooms.all[room.id].state.has(mallory.me.person))
        liar = Liar(mallory, mine)
        mine.talk.newest = 0  # the clock set back
        said = await liar.tell(mine.talk, ev.TEXT, [anna, bob], text="too late")
        more = await liar.tell(mine.operations, rooms.SET, [anna, bob], what=rooms.TOPIC, number=1, text="too late")
        # A member who is in with them passes it on.
        theirs = friend.rooms.all[room.id]
        for conversation, envelope in ((theirs.talk, said), (theirs.operations, more)):
            for to in (anna, bob):
                await friend.session(to.me.person).link.send(frames.ENVELOPES, envelope.bytes)
                assert conversation.id == envelope.conversation
        await settled(mallory, friend, anna, bob)
        await bob.until(lambda: said.id in bob.rooms.all[room.id].talk.ids and more.id in bob.rooms.all[room.id].operations.ids)
        for node in (anna, bob):
            assert texts(node, room.id) == ["in time"] and node.rooms.all[room.id].state.topic == ""


@run
async def test_who_was_taken_out_does_not_come_back_by_a_detour():
    async with a_room("bob", open=True) as (room, anna, bob, mallory):
        await mallory.until(lambda: anna.me.person in mallory.rooms.told)
        await mallory.rooms.join(room.id)
        await bob.until(lambda: bob.rooms.all[room.id].state.has(mallory.me.person))
        await anna.rooms.remove(room, mallory.me.person)
        await bob.until(lambda: not bob.rooms.all[room.id].state.has(mallory.me.person))
        mine = mallory.rooms.all[room.id]
        mine.standing = JOINED
        liar, person = Liar(mallory, mine), mallory.me.person
        for number in (2, 3):
            await liar.tell(mine.operations, rooms.REMOVE, [anna, bob], stay=number, person=person, number=number)
            await liar.tell(mine.operations, rooms.ADD, [anna, bob], stay=number + 1, person=person, number=number + 1)
        await settled(mallory, anna, bob)
        assert not room.state.has(person) and not bob.rooms.all[room.id].state.has(person)


@run
async def test_somebody_who_says_they_are_the_owner():
    async with a_room("bob") as (room, anna, bob, mallory):
        await bring(room, anna, mallory)
        mine, person = mallory.rooms.all[room.id], mallory.me.person
        liar = Liar(mallory, mine)
        await liar.tell(mine.operations, rooms.TRANSFER, [anna, bob], person=person, owner=1)
        for owner in (1, 2, 2**32):
            await liar.tell(mine.operations, rooms.REMOVE, [anna, bob], person=bob.me.person, number=1, owner=owner)
            await liar.tell(mine.operations, rooms.SET, [anna, bob], what=rooms.NAME, number=1, text="mine", owner=owner)
        last = await liar.tell(mine.operations, rooms.SET, [anna, bob], what=rooms.TOPIC, number=2**32, text="for ever")
        await bob.until(lambda: last.id in bob.rooms.all[room.id].operations.ids)
        for node in (anna, bob):
            state = node.rooms.all[room.id].state
            assert (state.owner, state.name, state.topic, len(state.members)) == (anna.me.person, "ops", "", 3)


@run
async def test_a_fork_among_the_operations():
    """Mallory tells Bob and Anna different things under one number: each keeps what came first, and goes on."""
    async with a_room("bob") as (room, anna, bob, mallory):
        await bring(room, anna, mallory)
        await level([anna, bob, mallory], room.id)
        mine = mallory.rooms.all[room.id]
        log = mine.operations.logs[mine.operations.mine]
        for to, text in ((anna, "for anna"), (bob, "for bob")):
            await Liar(mallory, mine).tell(mine.operations, rooms.SET, [to], what=rooms.TOPIC, number=1, text=text)
            log.entries.pop()
        await anna.until(lambda: room.state.topic == "for anna")
        await bob.until(lambda: bob.rooms.all[room.id].state.topic == "for bob")
        await anna.rooms.set(room, rooms.TOPIC, text="the owner's")
        await bob.until(lambda: bob.rooms.all[room.id].state.topic == "the owner's")


@run
async def test_a_charter_is_known_by_its_hash():
    """Mallory invites Bob to a room of the same name with another owner: it is another room."""
    async with a_room("bob") as (room, anna, bob, mallory):
        forged = Charter.make("ops", owner=mallory.me.person, salt=room.charter.salt)
        await mallory.write(bob.me.person, rooms.INVITATION, charter=forged.bytes, number=1)
        await bob.until(lambda: forged.room in bob.rooms.all)
        assert forged.room != room.id and bob.rooms.all[room.id].state.owner == anna.me.person
        # One that cannot be read is no invitation, and ends nothing.
        for raw in (forged.bytes[:-1], b"", forged.bytes + b"\x0a\x01x"):
            await mallory.write(bob.me.person, rooms.INVITATION, charter=raw, number=1)
        await mallory.write(bob.me.person, rooms.INVITATION, charter=forged.bytes)
        await mallory.send_text(bob.me.person, "still here")
        await bob.until(lambda: "still here" in bob.texts(mallory.me.person))
        assert len(bob.rooms.all) == 2


@run
async def test_a_thousand_rooms():
    async with a_room("bob") as (_, anna, bob, mallory):
        link = mallory.session(bob.me.person).link
        some = [{"charter": Charter.make(f"r{n}", open=n % 2 == 0).bytes} for n in range(64)]
        await link.say(frames.ROOMS, room=some)
        await bob.until(lambda: mallory.me.person in bob.rooms.told)
        assert len(bob.rooms.told[mallory.me.person]) == 32, "closed ones do not count"
        await link.say(frames.ROOMS, room=some * 16)
        await mallory.until(lambda: mallory.session(bob.me.person) is None)
        assert mallory.codes[-1] == frames.PROTOCOL_ERROR and bob.session(anna.me.person)


@run
async def test_a_manifest_of_somebody_else():
    """It is taken of a member that was asked for, and of nobody else."""
    async with a_room("bob") as (room, anna, bob, mallory):
        await bring(room, anna, mallory)
        stranger = identity("room a stranger")
        link = mallory.session(bob.me.person).link
        await link.send(frames.MANIFEST_GIVE, stranger.manifest.bytes)
        newer = Manifest(anna.me.person, 2, anna.me.manifest.hash, 1, [anna.me.certificate.bytes], [], "x").signed(anna.me.person_seed)
        await link.send(frames.MANIFEST_GIVE, newer.bytes)
        await settled(mallory, bob)
        assert stranger.person not in bob.manifests and bob.manifests[anna.me.person].version == 1
        # Told of a newer one, Bob asks, and takes it.
        mallory.manifests[anna.me.person] = newer
        heads = {"conversation": room.id, "persons": [{"person": anna.me.person, "version": 2}, {"person": stranger.person, "version": 9}]}
        await link.say(frames.HEADS, **heads)
        await bob.until(lambda: bob.manifests[anna.me.person].version == 2)
        assert stranger.person not in bob.rooms.asked


@run
async def test_a_state_that_differs_is_noticed():
    async with a_room("bob") as (room, anna, bob, _):
        mine = bob.rooms.all[room.id]
        await bob.session(anna.me.person).link.send(frames.HEADS, mine.operations.heads(state=bytes(32)))
        await anna.until(lambda: room.diverged)


@run
async def test_nobody_fills_a_room_for_the_others(most=40):
    before, rooms.OPERATIONS_EACH = rooms.OPERATIONS_EACH, most
    try:
        async with a_room("bob") as (room, anna, bob, mallory):
            await bring(room, anna, mallory)
            mine = mallory.rooms.all[room.id]
            for n in range(2 * most):
                await Liar(mallory, mine).tell(mine.operations, rooms.SET, [bob], what=rooms.PIN, number=1, value=1, subject=n.to_bytes(32, "big"))
            theirs = bob.rooms.all[room.id]
            await bob.until(lambda: theirs.is_full_for(mallory.me.person))
            taken = len(theirs.state.settings)
            for n in range(1_000, 1_020):
                await Liar(mallory, mine).tell(mine.operations, rooms.SET, [bob], what=rooms.PIN, number=1, value=1, subject=n.to_bytes(32, "big"))
            assert not theirs.is_full_for(bob.me.person) and not theirs.is_full_for(anna.me.person)
            await anna.rooms.remove(room, mallory.me.person)
            await bob.until(lambda: not theirs.state.has(mallory.me.person))
            assert sum(log.seq for log in theirs.operations.logs.values()) < 2 * most + 20, "not all of it was taken"
            assert len([key for key in theirs.state.settings if int.from_bytes(key[1], "big") >= 1_000]) == 0 and taken
    finally:
        rooms.OPERATIONS_EACH = before


@pytest.mark.parametrize("count", [200])
@run
async def test_a_flood_of_operations(count):
    async with a_room("bob") as (room, anna, bob, mallory):
        await bring(room, anna, mallory)
        mine = mallory.rooms.all[room.id]
        for n in range(count):
            await Liar(mallory, mine).tell(mine.operations, rooms.SET, [bob], what=rooms.PIN, number=1, value=1, subject=n.to_bytes(32, "big"))
        await bob.until(lambda: len(bob.rooms.all[room.id].state.settings) == count)
        await anna.rooms.remove(room, mallory.me.person)
        await bob.until(lambda: not bob.rooms.all[room.id].state.has(mallory.me.person))
