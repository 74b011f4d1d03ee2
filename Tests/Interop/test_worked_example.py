"""Appendix A of Protocol.md: its bytes are what worked_example makes, and this peer reads each of them back."""

import pytest
import worked_example
from earshot_peer import envelopes as ev
from earshot_peer import files, frames, rooms
from earshot_peer import verify as v18
from earshot_peer.crypto import KemKey, verify
from earshot_peer.datagrams import Channel
from earshot_peer.handshake import Initiator, Payload, gate, prologue
from earshot_peer.manifests import Certificate, Manifest, id16
from worked_example import INPUTS, NAMES

TEXT = worked_example.DOCUMENT.read_text()
SHOWN = worked_example.read(TEXT)
EXAMPLE = worked_example.Example()


def test_every_example_is_shown_once():
    assert len(SHOWN) == 72 and set(SHOWN) == set(EXAMPLE.blocks)


@pytest.mark.parametrize("name", SHOWN)
def test_the_bytes_are_those_that_are_made(name):
    assert SHOWN[name] == b"".join(data for data, _ in EXAMPLE.blocks[name])


def test_the_words_beside_them_are_up_to_date():
    assert worked_example.renewed(TEXT) == TEXT, "run worked_example.py and look at the difference"


def test_one_byte_that_differs_is_seen():
    wrong = TEXT.replace(SHOWN["share"].hex(), "00" + SHOWN["share"].hex()[2:])
    assert worked_example.renewed(wrong) != wrong and worked_example.read(wrong) != SHOWN


@pytest.mark.parametrize("who", NAMES)
def test_certificates_and_manifests_hold(who):
    certificate, manifest = Certificate.read(SHOWN[f"certificate of {who}"]), Manifest.read(SHOWN[f"manifest of {who}"])
    assert SHOWN[f"keys of {who}"][96:128] == certificate.device and SHOWN[f"keys of {who}"][128:] == id16(certificate.device).encode()
    assert manifest.name == NAMES[who] and manifest.device(certificate.device) and manifest.hash == SHOWN[f"manifest hash of {who}"]
    payload = Payload.decode(SHOWN[f"payload of {who}"])
    assert payload.certificate == certificate.bytes and payload.manifest_hash == manifest.hash
    assert payload.index == int.from_bytes(INPUTS[f"{who}.index"], "big")


def test_alice_takes_message_2_and_answers_with_message_3():
    """From the bytes in the document alone: who cannot choose m has this."""
    hello, one = SHOWN["hello"], SHOWN["message 1"][2:]
    assert hello[16:] == gate(SHOWN["keys of bob"][128:].decode(), hello[:16], one) and SHOWN["prologue"] == prologue(hello[:16])
    alice = Initiator(INPUTS["alice.static"], SHOWN["prologue"], INPUTS["alice.ephemeral"], kem_seed=INPUTS["alice.kem.seed"])
    assert alice.write_1() == one
    assert alice.read_2(SHOWN["message 2"][2:]) == SHOWN["payload of bob"]
    assert alice.write_3(SHOWN["payload of alice"]) == SHOWN["message 3"][2:]
    secrets = alice.secrets()
    assert secrets.h + secrets.k1 + secrets.k2 + secrets.k3 == SHOWN["keys"]
    assert KemKey(INPUTS["alice.kem.seed"]).decapsulate(SHOWN["kem ciphertext"]) == SHOWN["kem secret"]


def test_frames_open():
    keys = SHOWN["keys"]
    alice, bob = frames.Direction(keys[32:64]), frames.Direction(keys[64:96])
    for direction, name, kind in (
        (bob, "ready", frames.READY),
        (alice, "profile of alice", frames.PROFILE),
        (bob, "profile of bob", frames.PROFILE),
        (alice, "envelopes", frames.ENVELOPES),
        (bob, "heads", frames.HEADS),
    ):
        frame = SHOWN[f"{name}, frame"]
        assert int.from_bytes(frame[:2], "big") == len(frame) - 2
        opened = direction.open(frame[2:])
        assert opened == frames.unpadded(SHOWN[f"{name}, plaintext"]) and opened[0] == kind
    (envelope,) = ev.parse_all(SHOWN["envelope"])
    assert envelope.content["text"] == worked_example.TEXT and envelope.id == SHOWN["envelope id"]
    assert envelope.verify(SHOWN["keys of alice"][32:64]) and verify(SHOWN["keys of alice"][32:64], ev.signed_bytes(envelope.id), envelope.signature)
    heads = frames.read(frames.HEADS, SHOWN["heads, body"])
    assert [(m["seq"], m["id"]) for m in heads["marks"]] == [(1, envelope.id)] and heads["conversation"] == envelope.conversation


def test_the_datagram_opens():
    bob = Channel(EXAMPLE.secrets, False, int.from_bytes(INPUTS["bob.index"], "big"), int.from_bytes(INPUTS["alice.index"], "big"), False)
    kind, body = bob.open(SHOWN["datagram"])
    assert kind == frames.PING and frames.read(kind, body) == {"nonce": 7}


def test_long_frames_open():
    keys = SHOWN["bulk keys"]
    alice, bob = frames.Direction(keys[32:64]), frames.Direction(keys[64:96])
    assert bob.open(SHOWN["bulk ready, frame"][2:]) == (frames.READY, b"")
    for direction, name, kind in ((alice, "fetch", frames.FETCH), (bob, "source", frames.SOURCE)):
        wire = SHOWN[f"{name}, long frame"]
        assert int.from_bytes(wire[:4], "big") == len(wire) - 4
        got, body = direction.open_long(wire[4:])
        assert got == kind and bytes([got]) + body == SHOWN[f"{name}, plaintext"]
    proof = frames.read(frames.FETCH, SHOWN["fetch, plaintext"][1:])["proof"]
    assert proof == files.fetch_proof(INPUTS["offer.key"], keys[:32], SHOWN["keys of alice"][96:128])


def test_the_room_comes_of_its_operations():
    charter = rooms.Charter.read(SHOWN["charter"])
    assert charter.room + charter.talk == SHOWN["room and talk"][:64] and charter.owner == SHOWN["keys of alice"][:32]
    operations = []
    for name in ("add", "set"):
        (e,) = ev.parse_all(SHOWN[f"{name}, envelope"])
        assert e.id == SHOWN[f"{name}, id"] and e.payload == SHOWN[f"{name}, payload"] and e.verify(SHOWN["keys of alice"][32:64])
        assert e.conversation == charter.room and e.log == SHOWN["room and talk"][64:]
        operations.append(rooms.Operation(e.id, charter.owner, e.log, e.seq, e.membership, e.kind, e.content))
    state = rooms.State(charter, operations)
    assert state.plain == SHOWN["room state"] and state.hash == SHOWN["room state hash"]
    assert state.stay(SHOWN["keys of bob"][:32]) == (1, rooms.INVITED)
    invitation = ev.read_payload(rooms.INVITATION, SHOWN["invitation, payload"])
    assert invitation == {"charter": charter.bytes, "number": 1}


def test_the_pictures_beside_the_short_string():
    words = TEXT[TEXT.index("In pictures: ") :].split(".")[0].removeprefix("In pictures: ")
    assert [picture.replace(" ", "") for picture in " ".join(words.split()).split(", ")] == v18.pictures(SHOWN["short string"])
