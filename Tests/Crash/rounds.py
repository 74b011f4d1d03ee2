#!/usr/bin/env python3
"""A node is killed while it takes what a rule of its says yes to, again and again: each thing must come once.

    Tests/Crash/rounds.py [--rounds 150] [--bin .build/debug] [--folder] [--seed N]

Anna offers; Bob, whose rule accepts, is ended with SIGKILL at a moment of chance between the answer to her offer and a
little after it, and started again. Then the offer must be complete, and there once. Both run on the loopback interface,
best in a network namespace of their own. Everything is waited for by events, but for the moment of the kill.
"""
import argparse, json, os, random, shutil, signal, socket, subprocess, sys, tempfile, time


class Node:
    def __init__(self, program, state, name):
        self.program, self.state, self.name = program, state, name
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "--state", self.state, "--name", self.name, "--port", "0", "--discovery", "embedded", "--interface", "lo"],
            stdout=subprocess.PIPE, stderr=open(self.state + ".log", "a"), text=True)
        line = self.process.stdout.readline()
        if "ready" not in line:
            sys.exit(f"{self.name} did not start: {line}")
        self.door = Door(self.state + "/earshot.sock")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Door:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("r", encoding="utf-8")
        self.number, self.events = 0, []

    def post(self, method, **params):
        self.number += 1
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}).encode() + b"\n")
        return self.number

    def line(self, timeout):
        self.socket.settimeout(timeout)
        line = self.file.readline()
        if not line:
            raise ConnectionError("the node has gone")
        return json.loads(line)

    def ask(self, method, **params):
        number = self.post(method, **params)
        while True:
            line = self.line(30)
            if line.get("method") == "event":
                self.events.append(line["params"])
            elif line.get("id") == number:
                if "error" in line:
                    sys.exit(f"{method}: {line['error']['message']}")
                return line["result"]

    def until(self, wanted, timeout=60):
        end = time.monotonic() + timeout
        while True:
            while self.events:
                event = self.events.pop(0)
                if wanted(event):
                    return event
            self.events.append(self.line(max(0.01, end - time.monotonic()))["params"])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=150)
    options.add_argument("--bin", default=".build/debug")
    options.add_argument("--folder", action="store_true", help="offer folders, whose listing is looked at first")
    options.add_argument("--most", type=float, default=12, help="ms between the answer to an offer and the kill, at most")
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = options.parse_args()
    chance = random.Random(options.seed)
    work = tempfile.mkdtemp(prefix="earshot-crash.")
    print(f"seed {options.seed}, in {work}")
    anna = bob = None
    try:
        anna = Node(options.bin + "/earshotd", work + "/anna", "Anna")
        bob = Node(options.bin + "/earshotd", work + "/bob", "Bob")
        inbox = work + "/inbox"
        os.mkdir(inbox)
        anna.door.ask("subscribe")
        bob.door.ask("subscribe")
        ids = {node.name: node.door.ask("id")["person"] for node in (anna, bob)}
        for one, other in ((anna, "Bob"), (bob, "Anna")):
            one.door.until(lambda event: event.get("peer", {}).get("person") == ids[other])
            one.door.ask("accept", who=ids[other])
        bob.door.ask("rules.add", **{"from": ids["Anna"], "folder": inbox})
        counts = {"in its place before the kill": 0, "after it": 0}
        bad = []
        for number in range(options.rounds):
            name = f"n{number}"
            path = f"{work}/{name}"
            if options.folder:
                os.mkdir(path)
                for index in range(3):
                    with open(f"{path}/{index}.txt", "w") as file:
                        file.write(name)
            else:
                path += ".txt"
                with open(path, "w") as file:
                    file.write(name)
            anna.door.events.clear()
            offer = anna.door.ask("offer", to=[ids["Bob"]], paths=[path])[0]["id"]
            time.sleep(chance.uniform(0, options.most / 1000))  # the moment of the kill is the chance that is wanted
            bob.kill()
            done = lambda event: event.get("transfer", {}).get("id") == offer and event["transfer"]["state"] in ("complete", "failed", "declined", "cancelled")
            before = os.path.exists(f"{inbox}/{os.path.basename(path)}")
            bob.start()
            bob.door.ask("subscribe")
            try:
                end = next(filter(done, anna.door.events), None) or anna.door.until(done)
            except (TimeoutError, socket.timeout):
                state = [t for t in bob.door.ask("transfers", limit=5) if t["id"] == offer]
                bad.append(f"{name}: never; Bob says {state[0]['state'] if state else 'nothing'}")
                continue
            counts["in its place before the kill" if before else "after it"] += 1
            if end["transfer"]["state"] != "complete":
                bad.append(f"{name}: {end['transfer']['state']}: {end['transfer'].get('reason')}")
            there = sorted(other for other in os.listdir(inbox) if other.split(".")[0].split(" ")[0] == name)
            wanted = [name] if options.folder else [name + ".txt"]
            if there != wanted:
                bad.append(f"{name}: {there}")
            # Bob is here again before the next one.
            for event in list(bob.door.events):
                if event.get("event") == "presence" and event.get("online"):
                    break
            else:
                peers = bob.door.ask("peers")
                if not any(peer["person"] == ids["Anna"] and peer["online"] for peer in peers):
                    bob.door.until(lambda event: event.get("event") == "presence" and event.get("online"))
        left = [name for name in os.listdir(inbox) if name.startswith(".")]
        print(f"{options.rounds} rounds: {counts}; left over: {left}")
        for line in bad:
            print("BAD  " + line)
        return 1 if bad else 0
    finally:
        for node in (anna, bob):
            if node and node.process.poll() is None:
                node.stop()
        shutil.rmtree(work, ignore_errors=True)


sys.exit(main())
