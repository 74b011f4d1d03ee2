"""A daemon of the same shape as earshotd: so that what drives earshotd can be tried on this peer first."""

import argparse
import asyncio
import json
import os
import pathlib

from . import envelopes as ev
from .crypto import Refused, base32, unbase32
from .manifests import Identity
from .peer import Node


class Control:
    def __init__(self, node, name):
        self.node, self.name, self.subscribers = node, name, set()

    async def serve(self, reader, writer):
        try:
            while line := await reader.readline():
                request = {}
                try:
                    request = json.loads(line)
                    result = await self.call(request["method"], request.get("params") or {}, writer)
                    reply = {"jsonrpc": "2.0", "id": request.get("id"), "result": result}
                except Exception as error:  # noqa: BLE001 - every failure is answered, none ends the daemon
                    reply = {"jsonrpc": "2.0", "id": request.get("id"), "error": {"code": -32000, "message": repr(error)}}
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        finally:
            writer.close()

    def who(self, text):
        persons = {*self.node.accepted, *self.node.requests, *self.node.names}
        for person in persons:
            devices = [d for d, c in self.node.devices.items() if c.person == person]
            if text in (base32(person), self.node.names.get(person), *(base32(d[:10]) for d in devices)):
                return person
        return unbase32(text)

    def state(self, person, message):
        conversation = self.node.conversation(person)
        if message["from"] != self.node.me.person:
            return "received"
        seq = conversation.ids[message["id"]][1] + max(0, message.get("parts", 0) - 1)
        reached = lambda marks: max(marks.values(), default=0) >= seq
        return "read" if reached(conversation.read_by) else "delivered" if reached(conversation.delivered) else "sent"

    async def call(self, method, params, writer):
        node = self.node
        state = lambda p: "accepted" if p in node.accepted else "requested" if p in node.requests else "new"
        if method in ("status", "id"):
            return {"id": node.me.id16, "person": base32(node.me.person), "device": base32(node.me.device), "name": self.name,
                    "port": node.port, "peers": len(node.sessions)}  # fmt: skip
        if method == "peers":
            return [
                {"id": s.link.id16, "person": base32(s.link.person), "device": base32(s.link.device), "online": s.up,
                 "name": node.names.get(s.link.person, ""), "trust": state(s.link.person),
                 "request": node.requests.get(s.link.person)}
                for s in node.sessions
            ]  # fmt: skip
        if method == "contacts":
            return [
                {"person": base32(p), "name": node.names.get(p, ""), "trust": state(p), "request": node.requests.get(p)}
                for p in {*node.accepted, *node.requests}
            ]
        if method == "peer.add":
            host, port = params["address"].rsplit(":", 1)
            await node.dial(host, int(port))
            return {}
        if method == "send":
            sent = []
            for person in map(self.who, params["to"]):
                if person not in node.accepted:
                    await node.request(person, "")
                sent.append({"id": base32(await node.send_text(person, params["text"]))})
            return sent
        if method == "accept":
            await node.accept(self.who(params["who"]))
            return {}
        if method == "history":
            person = self.who(params["who"])
            return [
                {"id": base32(m["id"]), "from": base32(m["from"]), "text": m["text"], "edited": bool(m.get("edited")),
                 "mine": m["from"] == node.me.person, "state": self.state(person, m),
                 "reactions": [{"who": base32(w), "emoji": e} for w, e in m["reactions"]]}
                for m in node.messages(person)
            ]  # fmt: skip
        if method == "read":
            await node.read(self.who(params["who"]))
            return {}
        if method in ("edit", "delete", "react"):
            target = unbase32(params["id"])
            person = next(p for p, c in node.conversations.items() if target in c.ids)
            if method == "edit":
                return base32(await node.write(person, ev.EDIT, target=target, text=params["text"]))
            if method == "delete":
                return base32(await node.write(person, ev.DELETE, target=target))
            off = params.get("off", False)
            return base32(await node.write(person, ev.REACTION, target=target, emoji=params["emoji"], off=off))
        if method == "subscribe":
            self.subscribers.add(writer)
            return {}
        raise Refused(f"no method {method}")


async def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--state", required=True)
    parse.add_argument("--name", default="Python")
    parse.add_argument("--port", type=int, default=0)
    parse.add_argument("--discovery", default="embedded")
    parse.add_argument("--interface", default="lo")
    options = parse.parse_args()
    state = pathlib.Path(options.state)
    state.mkdir(parents=True, exist_ok=True)
    seed = state / "seed"
    if not seed.exists():
        seed.write_bytes(os.urandom(32))
    node = await Node(Identity(seed.read_bytes(), options.name)).start("127.0.0.1", options.port)
    control = Control(node, options.name)
    server = await asyncio.start_unix_server(control.serve, state / "earshot.sock", limit=1 << 26)
    discovery = None
    if options.discovery != "none":
        from .discovery import Discovery

        discovery = await asyncio.to_thread(Discovery)
        loop = asyncio.get_running_loop()

        async def met(the_id, addresses, port):
            known = {node.me.id16, *(s.link.id16 for s in node.sessions)}
            if the_id not in known:
                try:
                    await node.dial(addresses[0], port, the_id)
                except (Refused, OSError, EOFError, TimeoutError) as error:
                    node.errors.append(str(error))

        heard = lambda *what: asyncio.run_coroutine_threadsafe(met(*what), loop)
        await asyncio.to_thread(discovery.browse, heard)
        await asyncio.to_thread(discovery.announce, node.me.id16, node.port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
