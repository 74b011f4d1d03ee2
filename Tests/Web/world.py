"""Anna, Bob and Carla: three daemons in directories of their own, who know each other."""

import itertools
import json
import os
import pathlib
import shlex
import socket
import subprocess
import time


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Refused(Exception):
    pass


class Node:
    def __init__(self, folder, name):
        self.state, self.name, self.count = folder / name.lower(), name, itertools.count(1)
        self.state.mkdir(mode=0o700)
        self.server, self.port = None, free_port()
        self.start()

    def start(self):
        with open(f"{self.state}.log", "ab") as log:
            self.process = subprocess.Popen(
                [*shlex.split(os.environ["EARSHOTD"]), "--state", str(self.state), "--discovery", "embedded", "--interface", "lo",
                 "--name", self.name, "--port", "0"],
                env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # fmt: skip
        self.line = until(self.connect)
        self.file = self.line.makefile("rb")
        self.person = self.rpc("id")["person"]

    def environment(self):
        """Nothing of who runs the tests: neither their configuration nor their downloads."""
        files, config = (self.state.with_name(f"{self.state.name}-{what}") for what in ("files", "config"))
        (config / "earshot").mkdir(parents=True, exist_ok=True)
        files.mkdir(exist_ok=True)
        (config / "earshot" / "config.toml").write_text(f'[files]\nfolder = "{files}"\n')
        return {**os.environ, "EARSHOT_WEB_PORT": str(self.port), "XDG_CONFIG_HOME": str(config)}

    def connect(self):
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(self.state / "earshot.sock"))
            return line
        except OSError:
            line.close()
            return None

    def rpc(self, method, **params):
        number = next(self.count)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.line.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(self.file.readline())
        if "error" in answer:
            raise Refused(answer["error"]["message"])
        return answer["result"]

    def link(self):
        """A link that lets a browser in, once. EARSHOT_PAGE_SERVER names a program that serves the page instead of the node."""
        if program := os.environ.get("EARSHOT_PAGE_SERVER"):
            if not self.server:
                self.server = subprocess.Popen([*shlex.split(program), str(self.state), str(self.port)])
                self.address = f"http://127.0.0.1:{self.port}/"
                until(lambda: not socket.socket().connect_ex(("127.0.0.1", self.port)))
            return self.address
        link = self.rpc("web.link")["link"]
        self.address = link.split("#")[0]
        return link

    def send(self, who, text, **more):
        """Says something; the answer comes when they have it."""
        return self.rpc("send", to=[who], text=text, wait="delivered", **more)[0]["id"]

    def stop(self):
        for process in filter(None, (self.server, self.process)):
            process.terminate()
            process.wait(20)
        self.line.close()


class World:
    def __init__(self, folder):
        self.folder = folder
        self.nodes = [Node(folder, name) for name in ("Anna", "Bob", "Carla")]
        self.anna, self.bob, self.carla = self.nodes
        for one in self.nodes:
            for other in self.nodes:
                if one is not other:
                    until(lambda one=one, other=other: one.rpc("accept", who=other.person))
        for one in self.nodes:
            until(lambda one=one: sum(person["online"] for person in one.rpc("contacts")) == 2)

    def room(self, name):
        """A room of Anna's in which all three are."""
        room = self.anna.rpc("room.create", name=name)["id"]
        self.anna.rpc("room.invite", room=room, who=[self.bob.person, self.carla.person])
        for one in (self.bob, self.carla):
            until(lambda one=one: one.rpc("room.join", room=room))
        for one in self.nodes:
            until(lambda one=one: one.rpc("room.info", room=room)["joinedCount"] == 3)
        return room

    def stop(self):
        for node in self.nodes:
            node.stop()


def until(look, seconds=20):
    """Looks again until there is something: what the other node does is told to nobody here."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except Refused:
            pass
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
