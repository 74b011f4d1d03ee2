"""Presence, profiles and text that is shown while it is typed, between this peer and a real daemon: used, and attacked."""

import asyncio
import base64
import time

from earshot_peer import frames
from earshot_peer.crypto import base32
from earshot_peer.peer import Node
from harness import friend_of, identity, still_talks, with_daemon

PNG = b"\x89PNG\r\n\x1a\n"


async def seen(daemon, node):
    """What the daemon shows of a peer's person."""
    return await daemon.peer(node.me.person)


@with_daemon
async def test_how_present_one_is_goes_both_ways(daemon):
    alice = await friend_of(daemon, "Alice")
    device = alice.session(daemon.person).link.device
    assert device not in alice.presences, "who is online says nothing"
    await daemon.rpc("presence", presence="busy", text="until\x1b[31m noon")
    await alice.until(lambda: alice.presences.get(device, {}).get("state") == frames.BUSY)
    assert alice.presences[device]["text"] == "until[31m noon" and not alice.presences[device]["unnoted"]
    await daemon.rpc("settings.set", key="presence.last-seen", value="nobody")
    await alice.until(lambda: alice.presences[device]["unnoted"])
    await daemon.rpc("presence", presence="invisible")
    await alice.until(lambda: alice.presences[device]["state"] == frames.ABSENT)
    assert alice.presences[device]["text"] == ""

    async def is_shown(**values):
        view = await seen(daemon, alice)
        return all(view.get(key) == value for key, value in values.items())

    await alice.tell(daemon.person, frames.PRESENCE, state=frames.AWAY, text="lunch\u202e", idle=90)
    await daemon.until(lambda: is_shown(presence="away", status="lunch", online=True))
    assert (await seen(daemon, alice))["idleSince"]
    await alice.tell(daemon.person, frames.PRESENCE, state=frames.ABSENT)
    await daemon.until(lambda: is_shown(presence="offline", online=False, status=None))
    assert (await seen(daemon, alice))["lastSeen"]
    await alice.tell(daemon.person, frames.PRESENCE, state=99, unnoted=True)
    await daemon.until(lambda: is_shown(presence="online", online=True, lastSeen=None))
    await still_talks(daemon, alice)
    await alice.stop()
    await daemon.until(lambda: is_shown(online=False))
    assert "lastSeen" not in await seen(daemon, alice)


@with_daemon
async def test_strangers_are_told_a_name_and_no_more(daemon):
    await daemon.rpc("presence", presence="busy", text="secret")
    picture = PNG + b"for everyone"
    await daemon.rpc(
        "profile.set", fullName="Bob Berg", role="carpenter", picture=base64.b64encode(picture).decode(),
        see={"role": "everyone", "picture": "everyone"},
    )
    mallory = await Node(identity("Mallory")).start()
    heard = []
    handle = mallory._handle

    async def listening(session, kind, body, **how):
        heard.append((kind, body))
        await handle(session, kind, body, **how)

    mallory._handle = listening
    await mallory.dial("127.0.0.1", daemon.port)
    await mallory.until(lambda: mallory.seen[frames.MANIFEST_GIVE] and mallory.seen[frames.PROFILE])
    told = frames.read(frames.PROFILE, next(body for kind, body in heard if kind == frames.PROFILE))
    assert told["full_name"] == "" and told["role"] == "carpenter" and told["picture"] == frames.picture_id(picture)
    assert not mallory.seen[frames.PRESENCE]
    # What everyone may see anybody may ask for; nothing else.
    await mallory.tell(daemon.person, frames.PICTURE_ASK, picture=frames.picture_id(b"another"))
    await mallory.tell(daemon.person, frames.PICTURE_ASK, picture=frames.picture_id(picture))
    await mallory.until(lambda: mallory.seen[frames.PICTURE_PART])
    parts = [frames.read(kind, body) for kind, body in heard if kind == frames.PICTURE_PART]
    assert b"".join(part["data"] for part in parts) == picture
    # What a stranger tells is shown while they are here, and only their name once they have gone.
    await mallory.tell(daemon.person, frames.PRESENCE, state=frames.AWAY, text="look at me")
    await mallory.tell(daemon.person, frames.PROFILE, name="Mallory", role="thief")

    async def shown():
        return (await seen(daemon, mallory)).get("profile", {}).get("role") == "thief"

    await daemon.until(shown)
    view = await seen(daemon, mallory)
    assert view["presence"] == "online" and "status" not in view
    await mallory.stop()


@with_daemon
async def test_a_profile_and_its_picture_go_both_ways(daemon):
    alice = await friend_of(daemon, "Alice")
    picture = PNG + bytes(range(256)) * 200
    await daemon.rpc("profile.set", fullName="Bob Berg", phone="1", picture=base64.b64encode(picture).decode(), see={"phone": "nobody"})
    await alice.until(lambda: alice.pictures.get(frames.picture_id(picture)) == picture)
    own = await daemon.rpc("profile.picture", who=base32(daemon.person))
    assert base64.b64decode(own["data"]) == picture
    assert alice.profiles[daemon.person]["full_name"] == "Bob Berg" and alice.profiles[daemon.person]["phone"] == ""
    # The largest there may be.
    alice.picture = PNG + bytes(frames.MOST_PICTURE - len(PNG))
    name = frames.picture_id(alice.picture)
    await alice.tell(
        daemon.person, frames.PROFILE, name="Alice", full_name="Alice Ålund\x1b[2J", desk="2.14", picture=name,
        picture_size=len(alice.picture),
    )

    async def is_here():
        return (await seen(daemon, alice)).get("profile", {}).get("pictureHere")

    await daemon.until(is_here)
    profile = await daemon.rpc("profile", who=base32(alice.me.person))
    assert profile["fullName"] == "Alice Ålund[2J" and profile["desk"] == "2.14" and profile["picture"] == base32(name)
    got = await daemon.rpc("profile.picture", who=base32(alice.me.person))
    assert base64.b64decode(got["data"]) == alice.picture and got["type"] == "image/png" and got["size"] == frames.MOST_PICTURE
    await alice.stop()


@with_daemon
async def test_a_picture_that_does_not_fit_is_dropped(daemon):
    alice = await friend_of(daemon, "Alice")
    good = PNG + b"a picture"
    name = frames.picture_id(good)
    script = b"#!/bin/sh\n"
    part = lambda data, at=0, named=name: {"picture": named, "at": at, "data": data}
    for parts, named, size in (
        ([part(PNG + b"a pictUre")], name, len(good)),  # a hash that does not fit
        ([part(good + b"!")], name, len(good)),  # more than was said
        ([part(good, 1)], name, len(good)),  # not from its beginning
        ([part(good[:4]), part(good[4:], 5)], name, len(good)),  # with a gap
        ([part(good, 0, frames.picture_id(b"x"))], name, len(good)),  # not what was asked for
        ([part(script, 0, frames.picture_id(script))], frames.picture_id(script), len(script)),  # no picture at all
        ([part(good)], name, len(good) - 1),  # another size
    ):
        await alice.tell(daemon.person, frames.PROFILE, name="Alice")
        await alice.tell(daemon.person, frames.PROFILE, name="Alice", picture=named, picture_size=size)
        for values in parts:
            await alice.tell(daemon.person, frames.PICTURE_PART, **values)
        await still_talks(daemon, alice)
        assert not (await seen(daemon, alice))["profile"]["pictureHere"], parts
        await asyncio.sleep(0.5)  # of Profile only so many a second count
    # Unasked, and without end.
    for _ in range(200):
        await alice.tell(daemon.person, frames.PICTURE_PART, picture=frames.picture_id(b"y"), at=0, data=bytes(frames.MOST_PART))
    await still_talks(daemon, alice)
    await alice.stop()


@with_daemon
async def test_floods_cost_nothing(daemon):
    alice = await friend_of(daemon, "Alice")
    before = (await daemon.rpc("status"))["cursor"]
    link = alice.session(daemon.person).link
    conversation = alice.conversation(daemon.person).id
    for n in range(2_000):
        await link.say(frames.PRESENCE, state=1 + n % 4, text=f"{n}")
        await link.say(frames.PROFILE, name=f"Alice {n}", role="x" * 256)
        await link.say(frames.DRAFT, conversation=conversation, on=n % 2 == 0, text="x" * 4_000)
        await link.say(frames.PICTURE_ASK, picture=bytes(32))
    start = time.monotonic()
    await link.say(frames.PROFILE, name="Alice")
    await still_talks(daemon, alice)
    assert time.monotonic() - start < 20
    after = (await daemon.rpc("status"))["cursor"]
    # 16 at once and 4 a second, each one commit or two.
    assert after - before < 400
    await alice.stop()


@with_daemon
async def test_text_is_shown_while_it_is_typed(daemon):
    alice = await friend_of(daemon, "Alice")
    who = base32(alice.me.person)
    await alice.draft(daemon.person, "before anybody agreed")
    await daemon.rpc("draft", who=who, text="not on")
    assert await daemon.rpc("live", who=who) == {"on": False, "theirs": True}
    await daemon.rpc("live", who=who, on=True)
    await alice.until(lambda: (daemon.person, True, "") in alice.drafts)
    await daemon.rpc("live", who=who, on=False)
    await alice.until(lambda: alice.drafts[-1] == (daemon.person, False, ""))
    # By a connection that goes again: it ends with that.
    reader, writer = await asyncio.open_unix_connection(str(daemon.state / "earshot.sock"))
    for request in (
        b'{"jsonrpc":"2.0","id":1,"method":"subscribe"}\n',
        b'{"jsonrpc":"2.0","id":2,"method":"live","params":{"who":"%s","on":true}}\n' % who.encode(),
        b'{"jsonrpc":"2.0","id":3,"method":"draft","params":{"who":"%s","text":"lun"}}\n' % who.encode(),
    ):
        writer.write(request)
    await alice.until(lambda: alice.drafts[-1] == (daemon.person, True, "lun"))
    await alice.draft(daemon.person, "dinn\u202eer?\x07")
    async with asyncio.timeout(20):
        while b'"text":"dinner?"' not in (line := await reader.readline()):
            pass
    assert b'"event":"live"' in line and b'"on":true' in line
    writer.close()
    await alice.until(lambda: alice.drafts[-1] == (daemon.person, False, ""))
    assert await daemon.texts(alice.me.person) == [], "nothing of it is kept"
    await alice.stop()
