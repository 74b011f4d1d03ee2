#!/usr/bin/env python3
"""What clients that do not read cost a node: resident memory (kB) before and after. Starts two nodes of its own on loopback.

Usage: slow-clients.py BIN-DIRECTORY. BIN-DIRECTORY holds earshotd, as .build/debug does.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time


class Client:
    def __init__(self, state):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(state + "/earshot.sock")
        self.buffer, self.next = b"", 1

    def post(self, method, **params):
        self.next += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}) + "\n"
        self.socket.sendall(line.encode())
        return self.next

    def line(self):
        while b"\n" not in self.buffer:
            data = self.socket.recv(1 << 20)
            if not data:
                raise EOFError
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, method, **params):
        number = self.post(method, **params)
        while True:
            answer = self.line()
            if answer.get("id") == number:
                return answer.get("result", answer.get("error"))


class Node:
    def __init__(self, programs, name, state=None):
        self.state = state or tempfile.mkdtemp(prefix="slow-")
        options = ["--port", "0", "--discovery", "none", "--interface", "lo"]
        self.process = subprocess.Popen(
            [programs + "/earshotd", "--state", self.state, "--name", name] + options, stdout=subprocess.PIPE, text=True)
        print(self.process.stdout.readline().strip())

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.05)
    raise TimeoutError


def main():
    programs = sys.argv[1]
    anna, bob = Node(programs, "Anna"), Node(programs, "Bob")
    try:
        a, b = Client(anna.state), Client(bob.state)
        a.ask("peer.add", address=f"127.0.0.1:{b.ask('status')['port']}")
        until(lambda: any(peer["name"] == "Bob" for peer in a.ask("peers")))
        a.ask("accept", who="bob")
        until(lambda: any(peer["name"] == "Anna" for peer in b.ask("peers")))
        b.ask("accept", who="anna")

        def show(what):
            print(f"{what:58} Anna {anna.resident():8} kB   Bob {bob.resident():8} kB", flush=True)

        show("before")
        bob.process.terminate()
        bob.process.wait()
        for start in range(0, 3_000, 500):
            last = [a.post("send", to=["bob"], text=f"message {start + number} " + "x" * 2_000) for number in range(500)][-1]
            while a.line().get("id") != last:
                pass
        bob = Node(programs, "Bob", bob.state)
        slow = [Client(bob.state) for _ in range(20)]
        for client in slow:
            client.ask("subscribe")
        b = Client(bob.state)
        b.ask("peer.add", address=f"127.0.0.1:{a.ask('status')['port']}")
        until(lambda: a.ask("status")["queued"] == 0)
        show("20 clients that do not read, 3,000 messages fetched")
        counts = set()
        for client in slow:
            seen, end = set(), time.monotonic() + 60
            while len(seen) < 3_000 and time.monotonic() < end:
                event = client.line().get("params", {})
                if "message" in event:
                    seen.add(event["message"]["text"])
            counts.add(len(seen))
        print("   each of them was told of", counts, "messages once it read")
        show("they have read")
        for client in slow:
            client.socket.close()
        for _ in range(500):
            client = Client(anna.state)
            client.post("subscribe", since=0)
            client.line()
            client.socket.close()
        show("500 that subscribed from 0 and left")
        greedy = [Client(anna.state) for _ in range(int(os.environ.get("GREEDY", "5")))]
        for client in greedy:
            client.socket.setblocking(False)
            try:
                for _ in range(512):
                    client.post("history", who="bob", limit=5_000)
            except BlockingIOError:
                pass
        time.sleep(3)
        show("5 that asked 512 times for 3,000 messages and do not read")
        for client in greedy:
            client.socket.close()
        longs = [Client(anna.state) for _ in range(50)]
        for client in longs:
            client.socket.setblocking(False)
        block = b"x" * (1 << 20)
        for _ in range(16):
            for client in longs:
                try:
                    client.socket.send(block)
                except BlockingIOError:
                    pass
            time.sleep(0.05)
        time.sleep(1)
        show("50 that send 16 MiB without an end")
        for client in longs:
            client.socket.close()
        many = []
        for _ in range(1_000):
            try:
                many.append(Client(anna.state))
            except OSError:
                break
        time.sleep(1)
        show(f"{len(many)} connections")
        for client in many:
            client.socket.close()
        time.sleep(2)
        print("   still answers:", Client(anna.state).ask("status")["name"])
        show("all have gone")
    finally:
        for node in (anna, bob):
            node.process.terminate()
            node.process.wait()


if __name__ == "__main__":
    main()
