"""`earshot verify`, `invite`, `join`, `trust` and `unverify` as people and scripts meet them: two real daemons, and what stands
behind a name."""

import asyncio
import contextlib
import json
import os
import shlex
import subprocess

from earshot_peer.crypto import base32
from harness import Daemon, pytest_function
from test_cli import on_terminal

VERIFIED, UNVERIFIED = "◆", "◇"


def coworkers(test):
    """Runs the coroutine with two daemons, Anna's and Bob's, who see each other."""

    async def body(tmp_path):
        async with contextlib.AsyncExitStack() as stack:
            os.environ["LC_ALL"] = "C.UTF-8"
            anna, bob = Daemon(tmp_path / "anna", "Anna"), Daemon(tmp_path / "bob", "Bob")
            for daemon in (anna, bob):
                await daemon.start(discovery="none")
                stack.push_async_callback(daemon.stop)
            await anna.rpc("peer.add", address=f"127.0.0.1:{bob.port}")
            await sees(anna, bob)
            await sees(bob, anna)
            await test(anna, bob)
            await anna.fine()
            await bob.fine()

    return pytest_function(test, body, "tmp_path", cli=True)


async def sees(daemon, other):
    async def so():
        return (await daemon.peer(other.person)).get("ownName") == other.name

    await daemon.until(so)


class Verifying:
    """`earshot verify WHO --json`, which is still running."""

    def __init__(self, daemon, who, *more):
        self.daemon, self.words = daemon, ["verify", who, "--json", *more]

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *shlex.split(os.environ["EARSHOT"]), *self.words, env={**os.environ, "EARSHOT_STATE": str(self.daemon.state)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def line(self):
        try:
            async with asyncio.timeout(20):
                return json.loads(await self.process.stdout.readline())
        except TimeoutError:
            raise AssertionError(f"nothing came: {await self.daemon.rpc('verify.list')}") from None

    def type(self, text):
        self.process.stdin.write(text.encode())

    async def end(self):
        """(exit code, what is complained about)."""
        self.process.stdin.close()
        complaint = await self.process.stderr.read()
        return await self.process.wait(), complaint.decode()


async def waits(daemon, state):
    async def so():
        return state in [one["state"] for one in await daemon.rpc("verify.list")]

    await daemon.until(so)


@coworkers
async def test_whoever_begins_both_see_the_same(anna, bob):
    for first, second in ((anna, bob), (bob, anna), (anna, None)):
        async with Verifying(first or anna, "bob" if first is anna else "anna") as one:
            if second:
                await waits(first, "waiting")
            other_of = bob if first is anna else anna
            async with Verifying(other_of, "anna" if other_of is bob else "bob") as other:
                shown, there = await one.line(), await other.line()
                assert shown["state"] == "comparing" and len(shown["numbers"]) == 14
                assert [shown[key] for key in ("numbers", "emoji", "names")] == [there[key] for key in ("numbers", "emoji", "names")]
                assert shown["person"] == base32(other_of.person)
                one.type("yes\n")
                other.type(" YES \n")
                assert (await one.line())["state"] == (await other.line())["state"] == "verified"
                assert (await one.end())[0] == (await other.end())[0] == 0
        for daemon, them in ((anna, bob), (bob, anna)):
            assert await daemon.trust(them.person) == "verified"
            assert "still a contact" in await daemon.typed("unverify", base32(them.person))
            assert await daemon.trust(them.person) == "accepted"


@coworkers
async def test_what_is_not_a_yes_of_both_changes_nothing(anna, bob):
    for typed, code, there, state in (("no\n", 7, 7, "noMatch"), ("what?\n", 2, 6, "withdrawn"), ("", 1, 6, "withdrawn")):
        async with Verifying(anna, "bob") as one, Verifying(bob, "anna") as other:
            await one.line()
            await other.line()
            other.type("yes\n")
            one.type(typed)
            got, complaint = await one.end()
            assert got == code and complaint, (typed, complaint)
            line = await other.line()
            while line["state"] == "comparing":
                line = await other.line()
            assert line["state"] == state
            assert (await other.end())[0] == there
        assert [await anna.trust(bob.person), await bob.trust(anna.person)] == ["accepted"] * 2
    async with Verifying(anna, "bob") as one:
        await waits(bob, "asked")
    await asyncio.wait_for(gone(bob), 10)


async def gone(daemon):
    async def so():
        return not await daemon.rpc("verify.list")

    await daemon.until(so)


@coworkers
async def test_slips_of_verify_are_explained_and_never_block(anna, bob):
    card = json.loads(await bob.typed("id", "--json"))
    mine = json.loads(await anna.typed("id", "--json"))
    wrong = " ".join(card["fingerprint"].split()[::-1])
    for words, code, hint in (
        (["bob"], 2, "terminal"),
        (["nobody"], 2, "terminal"),
        (["nobody", "--json"], 3, "nobody"),
        ([base32(anna.person), "--json"], 2, "yourself"),
        (["bob", "--json", "--timeout", "1s"], 10, "in time"),
        (["bob", "--fingerprint", "12345"], 2, "thirty digits"),
        (["bob", "--fingerprint", card["fingerprint"] + " x"], 2, "thirty digits"),
        (["bob", "--fingerprint", wrong], 7, "NOT"),
        (["bob", "--qr", "hello"], 2, "earshot:"),
        (["bob", "--qr", mine["uri"]], 7, "NOT"),
        (["bob", "--qr", card["uri"], "--fingerprint", wrong], 2, "not both"),
        ([base32(anna.person), "--fingerprint", mine["fingerprint"]], 2, "yourself"),
    ):
        got, out, err = await anna.cli("verify", *words)
        assert got == code and hint in err and not out, (words, got, out, err)
    assert await anna.trust(bob.person) == "accepted", "verify accepts, as writing does, and more only what fits"
    for words in (["--fingerprint", card["fingerprint"].replace(" ", "-")], ["--qr", card["uri"]]):
        assert f"Bob {VERIFIED} is verified" in await anna.typed("verify", "bob", *words)
        await anna.typed("unverify", "bob")
    assert (await anna.cli("unverify", "bob"))[0] == 6
    assert (await anna.cli("trust", "bob", "--yes"))[0] == 6
    shown = json.loads(await anna.typed("id", "bob", "--json"))
    assert shown["fingerprint"] == card["fingerprint"] and card["fingerprint"] in await anna.typed("id", "bob")


@coworkers
async def test_on_a_terminal_it_asks_until_it_is_answered(anna, bob):
    await anna.rpc("accept", who="bob")
    async with Verifying(bob, "anna") as other:
        await waits(anna, "asked")
        typing = asyncio.create_task(on_terminal(anna, "verify", "bob", answer=b"perhaps\n\nyes\n"))
        numbers = (await other.line())["numbers"]
        other.type("yes\n")
        code, seen = await typing
        assert code == 0 and numbers in seen and "That is neither" in seen and "is verified" in seen, seen


# A code.


@coworkers
async def test_a_code_makes_strangers_verified_contacts(anna, bob):
    invitation = json.loads(await anna.typed("invite", "--json"))
    assert set(invitation) >= {"code", "expires"}
    watching = asyncio.create_task(anna.cli("invite", "--json", "--wait", "--lifetime", "1m"))

    async def renewed():
        return [one["code"] for one in await anna.rpc("invite.list")] != [invitation["code"]]

    await anna.until(renewed)
    (second,) = await anna.rpc("invite.list")
    for words, typed, code, hint in (
        ([], b"", 2, "nine digits"),
        (["12345678"], b"", 2, "nine digits"),
        (["-"], b"48 20 19 33 7 1", 2, "nine digits"),
        (["--from", "nobody", "482019337"], b"", 3, "nobody"),
        ([invitation["code"]], b"", 7, "Anna"),
    ):
        got, out, err = await bob.cli("join", *words, stdin=typed)
        assert got == code and hint in err and not out, (words, got, err)
        assert await bob.trust(anna.person) == "new"
    out = await bob.typed("join", *second["code"].split())
    assert f"Anna {VERIFIED}" in out
    code, out, err = await watching
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [line.get("invitation") for line in lines] == [None, "failed", "joined"], out
    assert lines[1]["triesLeft"] == 2 and lines[2]["peer"]["name"] == "Bob"
    assert await anna.trust(bob.person) == await bob.trust(anna.person) == "verified"
    assert (await bob.cli("join", second["code"]))[0] == 4, "used"
    for words, code in ((["--cancel"], 6), (["--lifetime", "2h"], 2), (["--lifetime", "soon"], 2), (["--cancel", "--wait"], 2)):
        assert (await anna.cli("invite", *words))[0] == code, words


@coworkers
async def test_a_code_that_was_cancelled_or_used_up(anna, bob):
    code = (await anna.typed("invite", "-q")).strip()
    await anna.typed("invite", "--cancel")
    assert (await bob.cli("join", code))[0] == 4
    waiting = asyncio.create_task(anna.cli("invite", "--wait"))

    async def is_open():
        return await anna.rpc("invite.list")

    (one,) = await anna.until(is_open)
    for n in range(3):
        assert (await bob.cli("join", f"{(int(one['code'].replace(' ', '')) + 1 + n) % 10**9:09}"))[0] == 7
    status, out, _ = await waiting
    assert status == 7 and "good no more" in out.splitlines()[-1], out
    assert (await bob.cli("join", one["code"]))[0] == 4
    assert [await anna.trust(bob.person), await bob.trust(anna.person)] == ["new", "new"]


# What stands behind a name.


@coworkers
async def test_names_carry_what_is_known_of_them(anna, bob):
    async def everywhere(mark, word):
        for words in (["peers"], ["contacts"]):
            line = next(line for line in (await anna.typed(*words)).splitlines() if "Bob" in line)
            assert f"{mark} {word}" in line, line
        assert f"to Bob {mark}" in await anna.typed("send", "bob", "hello")
        assert f"Anna {mark}" in (await bob.typed("history", "anna")).splitlines()[-1]
        assert f"from Bob {mark}" in (await anna.typed("rules")).splitlines()[0]
        (sent,) = [json.loads(line) for line in (await anna.typed("send", "bob", "again", "--json")).splitlines()]
        assert sent["trust"] == word
        last = json.loads((await bob.typed("history", "anna", "--json")).splitlines()[-1])
        assert last["trust"] == word

    await anna.rpc("accept", who="bob")
    await bob.rpc("accept", who="anna")
    await anna.typed("rules", "add", "--from", "bob", "--most", "1")
    await everywhere(UNVERIFIED, "accepted")
    for daemon, other in ((anna, bob), (bob, anna)):
        await daemon.typed("verify", other.name, "--qr", json.loads(await other.typed("id", "--json"))["uri"])
    await everywhere(VERIFIED, "verified")
    # Whoever calls themselves so is not believed.
    await bob.typed("unverify", "anna")
    await anna.typed("name", f"Ann {VERIFIED}")

    async def so():
        return (await bob.peer(anna.person)).get("ownName") == "Ann"

    await bob.until(so)
    assert VERIFIED not in await bob.typed("peers")
    # A block ends it, in words.
    await anna.typed("block", "bob")
    assert "neither a contact nor verified" in await anna.typed("unblock", "bob")
    assert await anna.trust(bob.person) in (None, "new")


@coworkers
async def test_a_rule_for_the_verified_takes_their_files_alone(anna, bob):
    await anna.rpc("accept", who="bob")
    await bob.rpc("accept", who="anna")
    folder = anna.state.parent / "in"
    folder.mkdir()
    await anna.typed("rules", "add", "--verified", "--to", folder)
    for name, uri in (("first", None), ("second", base32(bob.person))):
        (bob.state.parent / name).write_bytes(b"x" * 1000)
        if uri:
            await anna.typed("verify", "bob", "--qr", f"earshot:{uri}")
        await bob.typed("send", "anna", "-f", bob.state.parent / name, "--wait", "queued")

        async def so(name=name):
            states = {one["name"]: one["state"] for one in await anna.rpc("transfers")}
            return states.get(name) == ("complete" if name == "second" else "offered")

        await anna.until(so)
    assert [path.name for path in folder.iterdir()] == ["second"]


@coworkers
async def test_whoever_takes_anothers_name_is_sent_nothing_until_it_is_decided(anna, bob):
    carol = await Daemon(anna.state.parent / "carol", "Carol").start(discovery="none")
    try:
        await anna.rpc("peer.add", address=f"127.0.0.1:{carol.port}")
        await sees(anna, carol)
        for who in ("bob", "carol"):
            await anna.rpc("accept", who=who)
        await carol.rpc("accept", who="anna")
        who = base32(carol.person)[:8]
        await anna.typed("send", who, "hello, Carol")
        mine = json.loads((await anna.typed("history", who, "--json")).splitlines()[-1])["id"]
        await carol.typed("name", "B0b")

        async def so():
            return await anna.trust(carol.person) == "conflict"

        await anna.until(so)
        path = anna.state.parent / "secret.txt"
        path.write_text("secret")
        for words in (["send", who, "a secret"], ["send", who, "-f", path], ["send", "bob", who, "a secret"],
                      ["edit", mine, "a secret"], ["react", mine, "👍"]):  # fmt: skip
            code, out, err = await anna.cli(*words)
            assert code == 7 and "reads like" in err and f"earshot trust {who}" in err and not out, (words, code, err)
        code, out, err = await anna.cli("chat", who, stdin=b"a secret\n")
        assert code != 0 and "Nothing is sent" in out + err and "secret" not in str(await carol.texts(anna.person)), (code, out, err)
        await carol.typed("send", "anna", "I am Bob now")
        assert "I am Bob now" in await anna.typed("history", who)
        for words, code in ((["doctor"], 1), (["peers"], 0), (["contacts"], 0)):
            got, out, _ = await anna.cli(*words)
            assert got == code and "reads like" in out, words
        code, _, err = await anna.cli("trust", who)
        assert code == 2 and "--yes" in err
        code, seen = await on_terminal(anna, "trust", who, answer=b"n\n")
        assert code == 6 and "reads like" in seen and await anna.trust(carol.person) == "conflict"
        await anna.typed("trust", who, "--yes")
        assert await anna.trust(carol.person) == "accepted"
        await anna.typed("send", who, "I know")
    finally:
        await carol.stop()
