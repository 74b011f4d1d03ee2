"""Floods for Tests/Lan, each for so many seconds, and how a talk fares meanwhile.

flood.py half HOST PORT RATE SECONDS        connections that are opened and say nothing, RATE a second
flood.py datagrams HOST PORT COUNT SECONDS  COUNT datagrams of noise
flood.py adverts ADDRESS RATE SECONDS       RATE adverts a second, from nodes that are not there
flood.py talk FROM TO SECONDS MOST          messages between two nodes, by their sockets; fails if one in a hundred takes longer than MOST ms
flood.py peak PID…                          the most memory each had, in MB
"""

import collections
import json
import os
import random
import socket
import struct
import sys
import time

GROUP = ("224.0.0.251", 5353)


def paced(rate, seconds):
    """The time has come for the next one; what could not be done in time is left out, so that no burst follows."""
    begin = time.monotonic()
    done = 0
    while (now := time.monotonic() - begin) < seconds:
        due = int(now * rate)
        if done < due - rate // 10:
            done = due - rate // 10
        if done >= due:
            time.sleep(0.0005)
            continue
        done += 1
        yield


def half(host, port, rate, seconds):
    kept = collections.deque()
    opened = refused = 0
    for _ in paced(rate, seconds):
        one = socket.socket()
        one.setblocking(False)
        # Gone without a goodbye, so that no port of ours stays taken.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            one.connect((host, port))
        except BlockingIOError:
            opened += 1
        except OSError:
            refused += 1
        kept.append(one)
        if len(kept) > 800:
            kept.popleft().close()
    print(f"{opened} connections opened in {seconds} s, {refused} could not be")


def datagrams(host, port, count, seconds):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sent = 0
    for _ in paced(max(1, count // seconds), seconds):
        noise = os.urandom(random.choice((0, 1, 16, 32, 33, 64, 512, 1200, 1400)))
        try:
            sender.sendto(noise, (host, port))
            sent += 1
        except OSError:
            pass
    print(f"{sent} datagrams in {seconds} s")


def name(*labels):
    return b"".join(bytes([len(one)]) + one for one in labels) + b"\0"


def advert(address):
    short = bytes(random.choices(b"abcdefghijklmnopqrstuvwxyz234567", k=16))
    service = (b"_earshot", b"_tcp", b"local")
    instance, host = name(b"earshot-" + short, *service), name(b"earshot-" + short, b"local")
    target = socket.inet_aton(f"10.77.{random.randrange(256)}.{random.randrange(1, 255)}") if random.random() < 0.9 else socket.inet_aton(address)
    text = b"".join(bytes([len(one)]) + one for one in (b"txtvers=1", b"v=1", b"id=" + short))

    def record(owner, kind, data, shared=False):
        return owner + struct.pack(">HHIH", kind, 1 if shared else 0x8001, 120, len(data)) + data

    return struct.pack(">6H", 0, 0x8400, 0, 4, 0, 0) + b"".join(
        (
            record(name(*service), 12, instance, shared=True),
            record(instance, 33, struct.pack(">3H", 0, 0, 47447) + host),
            record(instance, 16, text),
            record(host, 1, target),
        )
    )


def adverts(address, rate, seconds):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    # From any other port it is a question, and no answer.
    sender.bind((address, 5353))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    sent = 0
    for _ in paced(rate, seconds):
        try:
            sender.sendto(advert(address), GROUP)
            sent += 1
        except OSError:
            pass
    print(f"{sent} adverts in {seconds} s")


class Door:
    def __init__(self, state):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(state + "/earshot.sock")
        self.lines = self.socket.makefile("rb")

    def ask(self, method, **params):
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")

    def until(self, fits):
        for line in self.lines:
            if fits(one := json.loads(line)):
                return one
        raise SystemExit("the node is gone")


def talk(sender, receiver, seconds, most):
    here, there = Door(sender), Door(receiver)
    there.ask("id")
    who = there.until(lambda one: one.get("id") == 1)["result"]["person"]
    there.ask("subscribe")
    there.until(lambda one: one.get("id") == 1)
    there.socket.settimeout(30)
    took = []
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        text = f"flood {random.getrandbits(64):x}"
        start = time.monotonic()
        here.ask("send", to=[who], text=text)
        there.until(lambda one: one.get("params", {}).get("message", {}).get("text") == text)
        took.append((time.monotonic() - start) * 1000)
        here.until(lambda one: one.get("id") == 1)
        time.sleep(max(0, 0.05 - (time.monotonic() - start)))
    took.sort()
    at = lambda share: took[min(len(took) - 1, int(len(took) * share))]
    print(f"{len(took)} messages: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, the slowest {took[-1]:.1f} ms")
    return at(0.99) <= most


def peak(*processes):
    for process in processes:
        with open(f"/proc/{process}/status") as status:
            print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))


if __name__ == "__main__":
    verb, *words = sys.argv[1:]
    verbs = {"half": half, "datagrams": datagrams, "adverts": adverts, "talk": talk, "peak": peak}
    words = [int(word) if word.isdigit() else word for word in words]
    sys.exit(verbs[verb](*words) is False)
