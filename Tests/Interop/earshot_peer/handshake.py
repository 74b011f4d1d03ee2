"""Section 3: Hello, the gate, and Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256."""

import os
import struct
import time
from dataclasses import dataclass, field

from . import protobuf as pb
from .crypto import Cipher, KemKey, Refused, blake2b, encapsulate, export, hkdf, x25519, x25519_public
from hashlib import sha256

NAME = b"Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256"
STRANGER = "-" * 16
MESSAGE_1, MESSAGE_2, MESSAGE_3, PAYLOAD = 1216, 1712, 576, 512


def head(epoch=None):
    return b"EARSHOT\x01" + b"\x01\0\0\0" + struct.pack(">I", int(time.time()) // 900 if epoch is None else epoch)


def gate(id16, the_head, message_1):
    """`id16` is the called node's, or sixteen hyphens for whoever only knows an address."""
    key = blake2b("earshot.gopen.1", id16.encode())
    return blake2b("earshot.gate.v1", the_head + message_1, 16, key)


def key_gate(key, the_head, message_1):
    """For whom the called node has told its discovery key."""
    return blake2b("earshot.gate.v1", the_head + message_1, 16, key)


def prologue(the_head):
    return b"earshot/1\0" + the_head


@dataclass
class Secrets:
    """What a finished handshake leaves: Split's two keys, the third for exporting, and the hash."""

    k1: bytes
    k2: bytes
    k3: bytes
    h: bytes
    remote_static: bytes

    def export(self, label, length=32):
        return export(self.k3, self.h, label, length)


class Noise:
    """One side of the handshake. Every secret may be given, to repeat a known one."""

    def __init__(self, static, the_prologue, ephemeral=None, kem_seed=None, kem_chosen=None):
        self.s, self.e = static, ephemeral or os.urandom(32)
        self.kem_seed, self.kem_chosen = kem_seed, kem_chosen
        self.h = self.ck = NAME if len(NAME) == 32 else sha256(NAME).digest()
        self.k, self.n = None, 0
        self.re = self.rs = None
        self.mix_hash(the_prologue)

    # The symmetric state.
    def mix_hash(self, data):
        self.h = sha256(self.h + data).digest()

    def mix_key(self, material):
        self.ck, self.k = hkdf(self.ck, material, 2)
        self.n = 0

    def encrypt(self, plaintext):
        if self.k is not None:
            plaintext = Cipher(self.k).seal(self.n, plaintext, self.h)
            self.n += 1
        self.mix_hash(plaintext)
        return plaintext

    def decrypt(self, ciphertext):
        plaintext = ciphertext
        if self.k is not None:
            plaintext = Cipher(self.k).open(self.n, ciphertext, self.h)
            self.n += 1
        self.mix_hash(ciphertext)
        return plaintext

    def secrets(self):
        return Secrets(*hkdf(self.ck, b"", 3), self.h, self.rs)


class Initiator(Noise):
    def write_1(self, payload=b""):
        self.kem = KemKey(self.kem_seed)
        e = x25519_public(self.e)
        self.mix_hash(e)
        return e + self.encrypt(self.kem.public) + self.encrypt(payload)

    def read_2(self, message):
        self.re = message[:32]
        self.mix_hash(self.re)
        self.mix_key(x25519(self.e, self.re))
        ciphertext = self.decrypt(message[32:1136])
        self.mix_key(self.kem.decapsulate(ciphertext))
        self.rs = self.decrypt(message[1136:1184])
        self.mix_key(x25519(self.e, self.rs))
        return self.decrypt(message[1184:])

    def write_3(self, payload):
        s = self.encrypt(x25519_public(self.s))
        self.mix_key(x25519(self.s, self.re))
        return s + self.encrypt(payload)


class Responder(Noise):
    def read_1(self, message):
        self.re = message[:32]
        self.mix_hash(self.re)
        self.kem_public = self.decrypt(message[32:1216])
        return self.decrypt(message[1216:])

    def write_2(self, payload):
        e = x25519_public(self.e)
        self.mix_hash(e)
        self.mix_key(x25519(self.e, self.re))
        shared, ciphertext = encapsulate(self.kem_public, self.kem_chosen)
        out = e + self.encrypt(ciphertext)
        self.mix_key(shared)
        out += self.encrypt(x25519_public(self.s))
        self.mix_key(x25519(self.s, self.re))
        return out + self.encrypt(payload)

    def read_3(self, message):
        self.rs = self.decrypt(message[:48])
        self.mix_key(x25519(self.e, self.rs))
        return self.decrypt(message[48:])


PAYLOAD_SCHEMA = {
    1: pb.Field("certificate", "bytes", size=186),
    2: pb.Field("manifest_version", "uint32"),
    3: pb.Field("manifest_hash", "bytes", size=32),
    4: pb.Field("versions", "uint32", repeated=True),
    5: pb.Field("suites", "uint32", repeated=True),
    6: pb.Field("index", "fixed64"),
    7: pb.Field("features", "uint64"),
}


@dataclass
class Payload:
    certificate: bytes
    manifest_version: int = 0
    manifest_hash: bytes = b""
    versions: list = field(default_factory=lambda: [1])
    suites: list = field(default_factory=lambda: [1])
    index: int = field(default_factory=lambda: int.from_bytes(os.urandom(8), "big") | 1)
    features: int = 1

    def encode(self):
        body = pb.encode(PAYLOAD_SCHEMA, self.__dict__)
        return (struct.pack(">H", len(body)) + body).ljust(PAYLOAD, b"\0")

    @staticmethod
    def decode(data):
        if len(data) != PAYLOAD:
            raise Refused("payload is not 512 bytes")
        (length,) = struct.unpack(">H", data[:2])
        if length > PAYLOAD - 2:
            raise Refused("payload length leads outside")
        if any(data[2 + length :]):
            raise Refused("payload is not padded with zeros")
        values = pb.decode(PAYLOAD_SCHEMA, data[2 : 2 + length])
        if values["index"] == 0:
            raise Refused("datagram index is 0")
        if 1 not in values["versions"] or 1 not in values["suites"]:
            raise Refused("version or suite in use is not listed")
        return Payload(**values)


def is_downgrade(mine, theirs, used=1):
    """Both lists hold a number above the one in use."""
    return max(mine) > used and max(theirs) > used
