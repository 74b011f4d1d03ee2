"""What the tests share: running coroutines, a pair of peers, a TCP proxy that cuts, an earshotd in a directory."""

import asyncio
import functools
import json
import os
import pathlib
import shlex
import subprocess
import time

import pytest
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
    await bob.until(lambda: bob.session(alice.me.person) and alice.session(bob.me.person))
    return alice, bob


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
                await asyncio.sleep(0.05)
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

    async def history(self, person):
        result = await self.rpc("history", who=base32(person))
        return items(result)

    async def texts(self, person, mine=None):
        """What is shown and not deleted, oldest first."""
        return [m.get("text") for m in await self.history(person) if mine in (None, m["mine"]) and not m.get("deleted")]

    async def peer(self, person):
        return next((p for p in items(await self.rpc("peers")) if p["person"] == base32(person)), {})

    async def trust(self, person):
        return (await self.peer(person)).get("trust")

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

    async def asked(self, person):
        return await self.trust(person) == "requested"

    async def until(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while True:
            value = await condition()
            if value:
                return value
            assert time.monotonic() < end, f"still not so after {seconds} s: {self.tail()}"
            await asyncio.sleep(0.05)

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


def daemon_or_skip():
    """EARSHOTD must name a daemon. Where it does not, that is said; under CI it is a failure."""
    if os.environ.get("EARSHOTD"):
        return
    if os.environ.get("CI"):
        pytest.fail("EARSHOTD is not set")
    pytest.skip("NO REAL DAEMON TESTED: set EARSHOTD to an earshotd (run.sh finds ../../.build/debug/earshotd)")


def cli_or_skip():
    """As daemon_or_skip, for the command line."""
    if os.environ.get("EARSHOT"):
        return
    if os.environ.get("CI"):
        pytest.fail("EARSHOT is not set")
    pytest.skip("THE COMMAND LINE WAS NOT TRIED: set EARSHOT to an earshot")


def with_daemon(test):
    """Runs the coroutine with a fresh daemon called Bob, and sees that it is still fine afterwards."""

    @functools.wraps(test)
    async def body(tmp_path):
        daemon = await Daemon(tmp_path / "bob").start()
        try:
            await test(daemon)
            await daemon.fine()
        finally:
            await daemon.stop()

    def wrapper(tmp_path):
        daemon_or_skip()
        asyncio.run(asyncio.wait_for(body(tmp_path), 90))

    wrapper.__name__, wrapper.__doc__ = test.__name__, test.__doc__
    return wrapper


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
