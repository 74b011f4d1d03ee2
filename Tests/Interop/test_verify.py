"""Section 17 against a real earshotd: short strings and codes, in both roles, and whoever does not keep to the rules."""

import asyncio
import os

import pytest
from attacks import outcome, session
from earshot_peer import frames, ristretto
from earshot_peer import verify as v
from earshot_peer.crypto import base32
from earshot_peer.peer import Node
from harness import RPCError, attack, cli_or_skip, identity, items, met, near, with_daemon


async def say(node, daemon, step, value=b""):
    await node.session(daemon.person).link.say(frames.VERIFY, step=step, value=value)


async def heard(node, step):
    """The value of the next such step; others before it must not come."""
    await node.until(lambda: node.verifies)
    got, value = node.verifies.pop(0)
    assert got == step, f"{got} instead of {step}"
    return value


async def state(daemon):
    """How far comparing with the only one it compares with is; None where there is nobody."""
    return next(iter(items(await daemon.rpc("verify.list"))), {})


async def is_in(daemon, wanted):
    async def so():
        return (await state(daemon)).get("state") == wanted

    await daemon.until(so)


def ends(node, daemon):
    return v.Ends.of(node.session(daemon.person).link, node.me)


async def to_comparing(daemon, alice, we_first=True):
    """Both have asked, and both have the string. Returns ours."""
    starts = lambda: daemon.rpc("verify.start", who=base32(alice.me.person))
    if we_first:
        await say(alice, daemon, v.ASK)
        await is_in(daemon, "asked")
    await starts()
    await heard(alice, v.ASK)
    if not we_first:
        assert (await state(daemon))["state"] == "waiting"
        await say(alice, daemon, v.ASK)
    both, mine = ends(alice, daemon), os.urandom(32)
    if alice.session(daemon.person).link.initiator:
        await say(alice, daemon, v.COMMIT, v.commitment(mine, both.h))
        answer = await heard(alice, v.ANSWER)
        await say(alice, daemon, v.REVEAL, mine)
        string = v.short_string(mine, answer, both)
    else:
        promised = await heard(alice, v.COMMIT)
        await say(alice, daemon, v.ANSWER, mine)
        reveal = await heard(alice, v.REVEAL)
        assert v.commitment(reveal, both.h) == promised
        string = v.short_string(reveal, mine, both)
    await is_in(daemon, "comparing")
    return string


async def answers(daemon, alice, same):
    return await daemon.rpc("verify.answer", who=base32(alice.me.person), same=same)


# The short string.


@pytest.mark.parametrize("we_first", [True, False])
@met()
async def test_both_see_the_same_and_both_say_so(daemon, alice, we_first):
    string = await to_comparing(daemon, alice, we_first)
    shown = await state(daemon)
    assert shown["numbers"] == v.numbers(string)
    assert [e + n for e, n in zip(shown["emoji"], shown["names"])] == v.pictures(string)
    await say(alice, daemon, v.MATCH, daemon.person)
    await asyncio.sleep(0)
    assert await daemon.trust(alice.me.person) == "accepted"
    await answers(daemon, alice, True)
    assert await heard(alice, v.MATCH) == alice.me.person
    await daemon.until(lambda: is_verified(daemon, alice))
    assert not await state(daemon)


async def is_verified(daemon, node):
    return await daemon.trust(node.me.person) == "verified"


@met()
async def test_a_no_of_either_ends_it(daemon, alice):
    await to_comparing(daemon, alice)
    await say(alice, daemon, v.MATCH, daemon.person)
    assert (await answers(daemon, alice, False))["state"] == "noMatch"
    await heard(alice, v.NO_MATCH)
    await to_comparing(daemon, alice, we_first=False)
    await answers(daemon, alice, True)
    await heard(alice, v.MATCH)
    await say(alice, daemon, v.NO_MATCH)
    await daemon.until(lambda: nothing(daemon))
    assert await daemon.trust(alice.me.person) == "accepted"


async def nothing(daemon):
    return not await state(daemon)


@met()
async def test_a_match_that_names_somebody_else_is_none(daemon, alice):
    await to_comparing(daemon, alice)
    await say(alice, daemon, v.MATCH, alice.me.person)
    await heard(alice, v.NO_MATCH)
    assert await nothing(daemon) and await daemon.trust(alice.me.person) == "accepted"


@met("we_called")
async def test_three_reveals_that_do_not_fit_and_it_pauses(daemon, alice):
    for _ in range(3):
        await say(alice, daemon, v.ASK)
        await is_in(daemon, "asked")
        await daemon.rpc("verify.start", who=base32(alice.me.person))
        await heard(alice, v.ASK)
        await say(alice, daemon, v.COMMIT, os.urandom(32))
        await heard(alice, v.ANSWER)
        await say(alice, daemon, v.REVEAL, os.urandom(32))
        await heard(alice, v.NO_MATCH)
    await say(alice, daemon, v.ASK)
    await heard(alice, v.WITHDRAW)
    with pytest.raises(RPCError, match="failed three times"):
        await daemon.rpc("verify.start", who=base32(alice.me.person))
    assert await daemon.trust(alice.me.person) == "accepted"


@pytest.mark.parametrize("step", [v.COMMIT, v.ANSWER, v.REVEAL, v.MATCH])
@met()
async def test_what_comes_out_of_turn(daemon, alice, step):
    """Outside of an exchange it is ignored; within one it ends it, unless it is its turn."""
    value = daemon.person if step == v.MATCH else os.urandom(32)
    await say(alice, daemon, step, value)
    await daemon.rpc("verify.start", who=base32(alice.me.person))
    await heard(alice, v.ASK)
    await say(alice, daemon, step, value)
    await is_in(daemon, "waiting")
    calls = alice.session(daemon.person).link.initiator
    await say(alice, daemon, v.ASK)
    if not calls:
        await heard(alice, v.COMMIT)
    await is_in(daemon, "exchanging")
    await say(alice, daemon, step, value)
    if step == (v.COMMIT if calls else v.ANSWER):
        await heard(alice, v.ANSWER if calls else v.REVEAL)
        await say(alice, daemon, step, value)
    await heard(alice, v.NO_MATCH)
    assert await nothing(daemon) and await daemon.trust(alice.me.person) == "accepted"


@met()
async def test_either_may_withdraw(daemon, alice):
    await to_comparing(daemon, alice)
    await say(alice, daemon, v.WITHDRAW)
    await daemon.until(lambda: nothing(daemon))
    await to_comparing(daemon, alice)
    await daemon.rpc("verify.stop", who=base32(alice.me.person))
    await heard(alice, v.WITHDRAW)
    assert await nothing(daemon) and await daemon.trust(alice.me.person) == "accepted"


# A stranger, and a code.


async def stranger_of(daemon, caller, name="Carol"):
    node = await Node(identity(name)).start()
    if caller == "we_called":
        await node.dial("127.0.0.1", daemon.port, daemon.id16, source=near())
    else:
        await daemon.calls(node)
    await node.until(lambda: (s := node.session(daemon.person)) and s.welcome)

    # The daemon must know our manifest, too: until then nothing of this counts.
    async def invites_or_not():
        node.verifies.clear()
        await say(node, daemon, v.WHO_INVITES)
        await node.until(lambda: node.verifies, 2)
        return True

    for _ in range(20):
        try:
            await invites_or_not()
            break
        except TimeoutError:
            continue
    node.verifies.clear()
    return node


both_ways = pytest.mark.parametrize("caller", ["we_called", "it_called"])


async def join(node, daemon, code):
    """A run as whoever joins; whether it came to an end that verifies."""
    run = v.Agreement(code.replace(" ", ""), ends(node, daemon), node.session(daemon.person).link.initiator)
    await say(node, daemon, v.JOIN_SHARE, run.share)
    assert run.take(await heard(node, v.INVITE_SHARE))
    await say(node, daemon, v.JOIN_TAG, run.tag)
    await node.until(lambda: node.verifies)
    step, value = node.verifies.pop(0)
    assert step == v.REFUSED or step == v.INVITE_TAG and run.fits(value)
    return step == v.INVITE_TAG


@both_ways
def test_we_join(caller, tmp_path):
    @with_daemon
    async def body(daemon):
        carol = await stranger_of(daemon, caller)
        await say(carol, daemon, v.WHO_INVITES)
        await heard(carol, v.DOES_NOT_INVITE)
        code = (await daemon.rpc("invite.create"))["code"]
        await say(carol, daemon, v.WHO_INVITES)
        await heard(carol, v.INVITES)
        assert await join(carol, daemon, code)
        assert await is_verified(daemon, carol)
        # It was good once.
        await say(carol, daemon, v.WHO_INVITES)
        await heard(carol, v.DOES_NOT_INVITE)
        await say(carol, daemon, v.JOIN_SHARE, os.urandom(32))
        await heard(carol, v.REFUSED)
        await carol.stop()

    body(tmp_path=tmp_path)


@both_ways
def test_they_join_us(caller, tmp_path):
    cli_or_skip()

    @with_daemon
    async def body(daemon):
        carol = await stranger_of(daemon, caller)
        for code, typed, right in (("482019337", "482-019-338", False), ("482019337", "482 019 337", True)):
            carol.invites = True
            command = asyncio.create_task(daemon.cli("join", "-", stdin=typed.encode()))
            await heard(carol, v.WHO_INVITES)
            run = v.Agreement(code, ends(carol, daemon), carol.session(daemon.person).link.initiator)
            assert run.take(await heard(carol, v.JOIN_SHARE))
            await say(carol, daemon, v.INVITE_SHARE, run.share)
            tag = await heard(carol, v.JOIN_TAG)
            assert run.fits(tag) == right
            await say(carol, daemon, v.INVITE_TAG, run.tag)
            status, out, err = await command
            assert (status, "Carol" in out + err) == (0 if right else 7, True), (out, err)
            assert await is_verified(daemon, carol) == right
        await carol.stop()

    body(tmp_path=tmp_path)


@attack
async def test_33_wrong_codes_and_the_right_one_is_good_no_more(daemon):
    carol = await stranger_of(daemon, "we_called")
    code = (await daemon.rpc("invite.create"))["code"]
    for left in (2, 1, 0):
        assert not await join(carol, daemon, f"{(int(code.replace(' ', '')) + 1 + left) % 10**9:09}")
        assert [one["triesLeft"] for one in items(await daemon.rpc("invite.list"))] == ([left] if left else [])
    await say(carol, daemon, v.JOIN_SHARE, os.urandom(32))
    await heard(carol, v.REFUSED)
    assert await daemon.trust(carol.me.person) == "new"
    await carol.stop()


NO_POINTS = {
    "the neutral one": bytes(32),
    "above the prime": b"\xff" * 32,
    "not canonical": ristretto.P.to_bytes(32, "little"),
    "negative": (1).to_bytes(32, "little"),
    "no square": bytes.fromhex("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"),
}


@attack
async def test_33_shares_that_are_no_points(daemon):
    assert all(ristretto.decode(point) is None for name, point in NO_POINTS.items() if name != "the neutral one")
    carol = await stranger_of(daemon, "we_called")
    for point in NO_POINTS.values():
        await daemon.rpc("invite.create")
        await say(carol, daemon, v.JOIN_SHARE, point)
        await heard(carol, v.REFUSED)
        assert items(await daemon.rpc("invite.list"))[0]["triesLeft"] == 2
    await carol.stop()


@attack
async def test_33_a_code_that_has_expired(daemon):
    carol = await stranger_of(daemon, "we_called")
    code = (await daemon.rpc("invite.create", lifetime=1_000))["code"]
    run = v.Agreement(code.replace(" ", ""), ends(carol, daemon), True)
    await say(carol, daemon, v.JOIN_SHARE, run.share)
    assert run.take(await heard(carol, v.INVITE_SHARE))

    async def closed():
        return not items(await daemon.rpc("invite.list"))

    await daemon.until(closed)
    await say(carol, daemon, v.JOIN_TAG, run.tag)
    await heard(carol, v.REFUSED)
    assert await daemon.trust(carol.me.person) == "new"
    await carol.stop()


@attack
async def test_a_strangers_ask_is_not_told_and_begins_nothing(daemon):
    carol = await stranger_of(daemon, "we_called")
    await say(carol, daemon, v.ASK)
    await say(carol, daemon, v.COMMIT, os.urandom(32))
    await say(carol, daemon, v.MATCH, daemon.person)
    await say(carol, daemon, v.WHO_INVITES)
    await heard(carol, v.DOES_NOT_INVITE)
    assert await nothing(daemon) and await daemon.trust(carol.me.person) == "new"
    await carol.stop()


@attack
async def test_a_verify_that_is_broken_closes_and_an_unknown_step_does_not(daemon):
    value = b"\x12\x20" + bytes(32)
    for body, end in (
        (b"", frames.PROTOCOL_ERROR),
        (b"\x08\x00", frames.PROTOCOL_ERROR),
        (b"\x08\x03", frames.PROTOCOL_ERROR),
        (b"\x08\x01" + value, frames.PROTOCOL_ERROR),
        (b"\x08\x03\x12\x02ab", frames.PROTOCOL_ERROR),
        (b"\x08\x01\x08\x01", frames.PROTOCOL_ERROR),
        (b"\x08\x63", "lives"),
        (b"\x08\x63" + value, "lives"),
    ):
        link = await session(daemon)
        await link.send(frames.VERIFY, body)
        assert await outcome(link, daemon) == end, body
        link.abort()
