"""What the tests share: running coroutines, a pair of peers, a TCP proxy that cuts, an earshotd in a directory."""

import asyncio
import contextlib
import functools
import inspect
import json
import os
import pathlib
import shlex
import subprocess
import time

import pytest
from earshot_peer import frames
from earshot_peer.crypto import base32, unbase32
from earshot_peer.manifests import Identity, id16
from earshot_peer.peer import Node

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
_source = iter(range(2, 10**9))


def run(test):
    """Makes a coroutine a pytest function, with a limit of a minute."""

    @functools.wraps(test)
    def wrapper(*arguments, **named):
        asyncio.run(asyncio.wait_for(test(*arguments, **named), 60))

    return wrapper


def source():
    """A loopback address nobody called from yet: limits per address are about somebody else."""
    n = next(_source)
    return f"127.{n // 64_000 % 250}.{n // 250 % 250}.{n % 250 + 2}"


def near():
    """As `source`, but of the /24 that our datagrams come from: from elsewhere their address is not believed."""
    return f"127.0.0.{next(_source) % 250 + 2}"


def identity(name, device=None):
    return Identity(name.encode().ljust(32, b"."), name, device and device.encode().ljust(32, b"."))


async def pair(*, accepted=True, aes=(True, True), **options):
    """Two nodes; Alice has called Bob."""
    alice = await Node(identity("Alice"), aes=aes[0], **options).start()
    bob = await Node(identity("Bob"), aes=aes[1], **options).start()
    if accepted:
        alice.accepted.add(bob.me.person)
        bob.accepted.add(alice.me.person)
    await alice.dial("127.0.0.1", bob.port, bob.me.id16)
    for node, other in ((alice, bob), (bob, alice)):
        await node.until(lambda: (s := node.session(other.me.person)) and s.welcome)
    return alice, bob


async def stop(*nodes):
    for node in nodes:
        await node.stop()


class Proxy:
    """Passes TCP on and, for each connection, cuts it after so many bytes in each direction. None: never."""

    def __init__(self, port, cuts=()):
        self.target, self.cuts, self.count, self.writers = port, list(cuts), 0, []

    async def start(self, host="127.0.0.1"):
        self.server = await asyncio.start_server(self._pass, host, 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def _pass(self, reader, writer):
        cut = self.cuts[self.count] if self.count < len(self.cuts) else None
        self.count += 1
        left = [cut]
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target, local_addr=(source(), 0))
        self.writers += [writer, far_writer]

        async def one_way(a, b):
            try:
                while data := await a.read(65536):
                    if left[0] is not None:
                        data, left[0] = data[: left[0]], left[0] - min(len(data), left[0])
                    b.write(data)
                    await b.drain()
                    if left[0] == 0:
                        break
            except OSError:
                pass
            for w in (writer, far_writer):
                w.close()

        await asyncio.gather(one_way(reader, far_writer), one_way(far_reader, writer))

    def stop(self):
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()


class RPCError(Exception):
    pass


class Daemon:
    """A real earshotd (or the peer's own daemon) in a directory of its own, spoken to over its control socket."""

    def __init__(self, state, name="Bob", extra=()):
        self.state, self.name, self.extra, self.process, self.port, self._id = pathlib.Path(state), name, extra, None, None, 0

    def command(self):
        return shlex.split(os.environ["EARSHOTD"])

    async def start(self, discovery="embedded", port=0):
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.log = open(self.state.parent / (self.state.name + ".log"), "ab")
        arguments = [*self.command(), "--state", str(self.state), "--discovery", discovery, "--interface", "lo", "--name", self.name,
                     "--port", str(port), *self.extra]  # fmt: skip
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=HERE)
        end = time.monotonic() + 15
        while True:
            try:
                self.reader, self.writer = await asyncio.open_unix_connection(str(self.state / "earshot.sock"), limit=1 << 26)
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"the daemon did not start: {self.tail()}") from None
                await asyncio.sleep(0.05)  # nobody tells when the socket is there
        self._one_at_a_time = asyncio.Lock()
        me = await self.rpc("status")
        self.about = me
        self.port = find(me, "port")
        self.person, self.device = unbase32(find(me, "person")), unbase32(find(me, "device"))
        self.id16 = id16(self.device)
        return self

    def tail(self):
        return (self.state.parent / (self.state.name + ".log")).read_text(errors="replace")[-3000:]

    async def rpc(self, method, **params):
        async with self._one_at_a_time:
            return await self._rpc(method, params)

    async def _rpc(self, method, params):
        self._id += 1
        self.writer.write(json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}).encode() + b"\n")
        async with asyncio.timeout(15):
            while True:
                line = await self.reader.readline()
                if not line:
                    raise AssertionError(f"the daemon hung up: {self.tail()}")
                reply = json.loads(line)
                if reply.get("id") == self._id:
                    break
        if "error" in reply:
            raise RPCError(f"{method} {params}: {reply['error']}")
        return reply.get("result")

    @property
    def alive(self):
        return self.process.poll() is None

    async def fine(self):
        """Still there, and still answering."""
        assert self.alive, self.tail()
        await self.rpc("status")

    async def cli(self, *arguments, stdin=b"", seconds=20):
        """What the owner types: (exit code, what is printed, what is complained about). `stdin` is bytes, or where they come from."""
        command = [*shlex.split(os.environ["EARSHOT"]), *map(str, arguments)]
        environment = {**os.environ, "EARSHOT_STATE": str(self.state)}
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=subprocess.PIPE if isinstance(stdin, bytes) else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(stdin if isinstance(stdin, bytes) else None), seconds)
        except TimeoutError:
            process.kill()
            raise
        return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")

    async def typed(self, *arguments, **how):
        """As `cli`, for what must succeed: what is printed."""
        code, out, err = await self.cli(*arguments, **how)
        assert code == 0, f"earshot {' '.join(map(str, arguments))}: {code} {out} {err}"
        return out

    async def history(self, person, **how):
        return items(await self.rpc("history", who=base32(person), **how))

    async def states(self, person):
        """How far what was written here has come."""
        return [m["state"] for m in await self.history(person) if m["mine"]]

    async def texts(self, person, mine=None):
        """What is shown and not deleted, oldest first."""
        return [m.get("text") for m in await self.history(person) if mine in (None, m["mine"]) and not m.get("deleted")]

    async def peer(self, person):
        return next((p for p in items(await self.rpc("peers")) if p["person"] == base32(person)), {})

    async def trust(self, person):
        return (await self.peer(person)).get("trust")

    async def asked(self, person):
        return await self.trust(person) == "requested"

    async def offline(self, person):
        return not (await self.peer(person)).get("online")

    async def sends(self, person, text):
        """Returns the id of the message."""
        return unbase32(find(await self.rpc("send", to=[base32(person)], text=text), "id"))

    async def befriend(self, node, **how):
        """A node of ours calls, asks, is accepted, and accepts."""
        session = await node.dial("127.0.0.1", self.port, self.id16, source=near(), **how)
        await node.request(self.person, "It is me")
        await self.until(lambda: self.asked(node.me.person))
        await self.rpc("accept", who=base32(node.me.person))
        await node.accept(self.person)
        return session

    async def calls(self, node):
        """It is told where the node listens, and there is a session."""
        await self.rpc("peer.add", address=f"127.0.0.1:{node.port}")
        await node.until(lambda: node.session(self.person))

    async def until(self, condition, seconds=20):
        """Waits until `condition()`, which may be a coroutine, holds, and returns its value."""
        end = time.monotonic() + seconds
        while True:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value
            assert time.monotonic() < end, f"still not so after {seconds} s: {self.tail()}"
            await asyncio.sleep(0.05)  # not of everything a daemon tells; it is asked again

    async def until_texts(self, person, *texts):
        async def so():
            return await self.texts(person) == list(texts)

        await self.until(so)

    async def until_states(self, person, *states):
        async def so():
            return await self.states(person) == list(states)

        await self.until(so)

    def kill(self):
        self.process.kill()
        self.process.wait()

    async def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                await asyncio.to_thread(self.process.wait, 5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process:
            self.log.close()


def needs(variable, what):
    """The variable must name what is tried. Where it does not, that is said; under CI it is a failure."""
    if os.environ.get(variable):
        return
    if os.environ.get("CI"):
        pytest.fail(f"{variable} is not set")
    pytest.skip(f"{what}: set {variable} (run.sh finds what is in ../../.build/debug)")


def daemon_or_skip():
    needs("EARSHOTD", "NO REAL DAEMON TESTED")


def cli_or_skip():
    needs("EARSHOT", "THE COMMAND LINE WAS NOT TRIED")


# Ways to make a coroutine a test against a real daemon.


@contextlib.asynccontextmanager
async def fresh_daemon(tmp_path):
    """A daemon called Bob, which must still be fine afterwards."""
    daemon = await Daemon(tmp_path / "bob").start()
    try:
        yield daemon
        await daemon.fine()
    finally:
        await daemon.stop()


def pytest_function(test, body, *fixtures, cli=False, seconds=90):
    """What pytest calls for `test`: runs `body` with these fixtures, within a limit."""

    @functools.wraps(test)
    def wrapper(**values):
        daemon_or_skip()
        if cli:
            cli_or_skip()
        asyncio.run(asyncio.wait_for(body(**values), seconds))

    # What pytest is to give it.
    wrapper.__signature__ = inspect.Signature([inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in fixtures])
    return wrapper


def with_daemon(test):
    """Runs the coroutine with a fresh daemon."""

    async def body(tmp_path):
        async with fresh_daemon(tmp_path) as daemon:
            await test(daemon)

    return pytest_function(test, body, "tmp_path")


def attack(test):
    """As `with_daemon`, but it has an honest friend, `daemon.alice`, whose session must outlive the attack."""

    async def body(tmp_path):
        async with fresh_daemon(tmp_path) as daemon:
            alice = daemon.alice = await friend_of(daemon, "Alice")
            honest = alice.session(daemon.person)
            await alice.send_text(daemon.person, "before")
            await alice.until(lambda: alice.is_delivered(daemon.person))
            await test(daemon)
            await daemon.fine()
            assert honest.up, "the honest session was closed"
            await still_talks(daemon, alice)
            assert (await daemon.texts(alice.me.person))[-1] == "after"
            await alice.stop()

    return pytest_function(test, body, "tmp_path")


def met(*callers, seconds=90):
    """Runs the coroutine with a fresh daemon and Alice, who are friends, once for each way of calling; then both still talk. What its
    owner does goes by the command line. What else the test takes is up to `pytest.mark.parametrize`."""

    def decorate(test):
        async def body(tmp_path, caller, **case):
            async with fresh_daemon(tmp_path) as daemon:
                alice = await friend_of(daemon, "Alice", caller)
                try:
                    await test(daemon, alice, **case)
                    await still_talks(daemon, alice)
                finally:
                    await alice.stop()

        cases = list(inspect.signature(test).parameters)[2:]
        wrapper = pytest_function(test, body, "tmp_path", "caller", *cases, cli=True, seconds=seconds)
        return pytest.mark.parametrize("caller", callers or ("we_called", "it_called"))(wrapper)

    return decorate


async def friend_of(daemon, name, caller="we_called", **options):
    """A node that the daemon's owner accepted and that accepted him. Its logs are level with the daemon's."""
    node = await Node(identity(name), **options).start()
    if caller == "we_called":
        await daemon.befriend(node)
    else:
        await daemon.calls(node)
        await node.request(daemon.person, "It is me")
        await daemon.until(lambda: daemon.asked(node.me.person))
        await daemon.rpc("accept", who=base32(node.me.person))
        await node.accept(daemon.person)
    assert node.session(daemon.person).link.initiator == (caller == "we_called")
    await node.until(lambda: node.seen[frames.HEADS])
    return node


async def still_talks(daemon, node):
    await node.send_text(daemon.person, "after")
    await node.until(lambda: node.is_delivered(daemon.person))


def items(value):
    """The list in an answer that is a list, or an object around one."""
    if isinstance(value, list):
        return value
    return next((v for v in value.values() if isinstance(v, list)), [])


def find(value, *names):
    """The first of these keys anywhere in an answer."""
    if isinstance(value, dict):
        for name in names:
            if name in value and not isinstance(value[name], (dict, list)):
                return value[name]
        value = value.values()
    elif not isinstance(value, list):
        return None
    for inner in value:
        got = find(inner, *names)
        if got is not None:
            return got
    return None
