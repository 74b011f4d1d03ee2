"""The vectors in the repository are what make_vectors writes, and this peer's readers agree with each of them."""

import json

import make_rooms
import make_vectors
import pytest
from earshot_peer import envelopes as ev
from earshot_peer import frames
from earshot_peer.crypto import Refused
from earshot_peer.handshake import Payload
from earshot_peer.manifests import Certificate, Manifest
from earshot_peer.rooms import Charter

BOOK = json.loads(make_vectors.text())


def test_the_files_are_up_to_date():
    assert make_vectors.OUT.read_text() == make_vectors.text(), "run make_vectors.py and look at the difference"
    assert make_rooms.OUT.read_text() == make_rooms.text(), "run make_rooms.py and look at the difference"


def test_how_many():
    assert (len(BOOK["vectors"]), len(BOOK["reads"]), len(BOOK["refuse"])) == (152, 71, 163)


def check_signature(data, known):
    for envelope in ev.parse_all(data):
        if not envelope.verify(bytes.fromhex(known["device_public"])):
            raise Refused("signature")


def check_binding(data, known):
    certificate = Certificate.read(Payload.decode(data).certificate)
    if certificate.static_public.hex() != known["remote_static"] or certificate.device.hex() == known.get("me"):
        raise Refused("binding")


def one_envelope(data, known):
    envelope, rest = ev.parse(data)
    if rest:
        raise Refused("trailing garbage")
    return envelope


READERS = {
    "certificate": lambda d, k: Certificate.read(d),
    "manifest": lambda d, k: Manifest.read(d),
    "payload": lambda d, k: Payload.decode(d),
    "binding": check_binding,
    "plaintext": lambda d, k: frames.unpadded(d),
    "ping": lambda d, k: frames.read(frames.PING, d),
    "profile": lambda d, k: frames.read(frames.PROFILE, d),
    "request": lambda d, k: frames.read(frames.REQUEST, d),
    "typing": lambda d, k: frames.read(frames.TYPING, d),
    "presence": lambda d, k: frames.read(frames.PRESENCE, d),
    "picture ask": lambda d, k: frames.read(frames.PICTURE_ASK, d),
    "picture part": lambda d, k: frames.read(frames.PICTURE_PART, d),
    "draft": lambda d, k: frames.read(frames.DRAFT, d),
    "manifest ask": lambda d, k: frames.read(frames.MANIFEST_ASK, d),
    "heads": lambda d, k: frames.read(frames.HEADS, d),
    "charter": lambda d, k: Charter.read(d),
    "rooms": lambda d, k: frames.read(frames.ROOMS, d),
    "envelope": one_envelope,
    "envelopes": lambda d, k: ev.parse_all(d),
    "signature": check_signature,
}


@pytest.mark.parametrize("case", BOOK["refuse"], ids=lambda c: f"{c['kind']}: {c['name']}")
def test_refused(case):
    with pytest.raises(Refused):
        READERS[case["kind"]](bytes.fromhex(case["bytes"]), case["with"])


@pytest.mark.parametrize("case", BOOK["reads"], ids=lambda c: f"{c['kind']}: {c['name']}")
def test_read(case):
    data, meaning = bytes.fromhex(case["bytes"]), case["meaning"]
    if case["kind"] == "content":
        assert (ev.read_payload(meaning["kind"], data) is not None) == bool(meaning["shown"])
        return
    got = READERS[case["kind"]](data, meaning)
    if case["kind"] == "envelope":
        assert got.id.hex() == meaning["id"] and got.verify(bytes.fromhex(meaning["device_public"])) and got.bytes == data
    elif case["kind"] == "charter":
        assert got.room.hex() == meaning["room"]
    elif case["kind"] == "ping":
        assert str(got["nonce"]) == meaning["nonce"]
    elif case["kind"] == "plaintext":
        assert got == (meaning["type"], bytes.fromhex(meaning["body"]))
    elif case["kind"] == "payload":
        assert make_vectors.plain(got.__dict__) == meaning


@pytest.mark.parametrize("case", [c for c in BOOK["vectors"] if c["kind"] == "envelope"], ids=lambda c: c["name"])
def test_envelopes_read_back(case):
    data = bytes.fromhex(case["expected"]["envelope"])
    envelope, rest = ev.parse(data)
    assert not rest and envelope.bytes == data and envelope.id.hex() == case["expected"]["id"] and envelope.seq == case["input"]["seq"]
