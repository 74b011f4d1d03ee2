#!/usr/bin/env python3
"""Rolls dice for whoever writes `!roll 2d6`. A client of the door: one line of JSON-RPC after the other.

    examples/dice.py [STATE FOLDER]
"""

import json
import os
import pathlib
import random
import re
import socket
import sys

usual = pathlib.Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "earshot"
state = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EARSHOT_STATE") or usual)
door = socket.socket(socket.AF_UNIX)
door.connect(str(state / "earshot.sock"))


def ask(method, **params):
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    door.sendall(line.encode() + b"\n")


def roll(text):
    """What is answered to a text; None to most."""
    asked = re.fullmatch(r"!roll (\d{1,2})d(\d{1,3})", text.strip())
    if not asked or not int(asked[1]) or not int(asked[2]):
        return None
    dice = [random.randint(1, int(asked[2])) for _ in range(int(asked[1]))]
    return f"{' + '.join(map(str, dice))} = {sum(dice)}"


lines = door.makefile()
ask("subscribe")
next(lines)
print("ready", flush=True)
for line in lines:
    told = json.loads(line)
    if "error" in told:
        print(told["error"]["message"], file=sys.stderr)
    event = told.get("params", {})
    message = event.get("message", {})
    # Never what we say ourselves: whoever answers that answers themselves for ever.
    if event.get("event") != "message" or message["mine"]:
        continue
    if answer := roll(message["text"]):
        place = f"room:{message['room']}" if "room" in message else message["from"]
        ask("send", to=place, text=answer, replyTo=message["id"])
