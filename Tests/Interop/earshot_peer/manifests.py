"""Section 2: keys, device ids, certificates and manifests."""

import struct
import time
from dataclasses import dataclass, field

from . import protobuf as pb
from .crypto import Refused, base32, blake2b, ed25519_public, sign, verify, x25519_public

F = pb.Field
CUT = {1: F("log", "bytes", size=16), 2: F("seq", "uint64")}
REVOKED = {1: F("device", "bytes", size=32), 2: F("reason", "uint32"), 3: F("cut", "message", repeated=True, message=CUT)}
MANIFEST = {
    1: F("person", "bytes", size=32),
    2: F("version", "uint32"),
    3: F("prev", "bytes", size=32),
    4: F("issued", "uint64"),
    5: F("active", "bytes", repeated=True, size=186, limit=16),
    6: F("revoked", "message", repeated=True, message=REVOKED, limit=64),
    7: F("name", "string", limit=256),
}
CERTIFICATE_SIZE, MANIFEST_LIMIT = 186, 32_768
LISTED, UNKNOWN, REVOKED, UNLISTED = "listed", "unknown", "revoked", "unlisted"


def device_id(device_public, static_public):
    return blake2b("earshot.device.1", device_public + static_public)


def id16(device):
    return base32(device[:10])


@dataclass
class Certificate:
    person: bytes
    device_public: bytes
    static_public: bytes
    version: int
    not_before: int
    not_after: int
    flags: int = 0
    signature: bytes = b""

    @property
    def unsigned(self):
        return (
            b"ESC1"
            + struct.pack(">H", self.flags)
            + self.person
            + self.device_public
            + self.static_public
            + struct.pack(">IQQ", self.version, self.not_before, self.not_after)
        )

    def signed(self, person_seed):
        self.signature = sign(person_seed, b"earshot/1 device-cert\0" + self.unsigned)
        return self

    @property
    def bytes(self):
        return self.unsigned + self.signature

    @property
    def device(self):
        return device_id(self.device_public, self.static_public)

    @staticmethod
    def read(data):
        if len(data) != CERTIFICATE_SIZE or data[:4] != b"ESC1":
            raise Refused("not a certificate")
        (flags,) = struct.unpack(">H", data[4:6])
        if flags:
            raise Refused("certificate flags")
        version, before, after = struct.unpack(">IQQ", data[102:122])
        it = Certificate(data[6:38], data[38:70], data[70:102], version, before, after, 0, data[122:])
        if not verify(it.person, b"earshot/1 device-cert\0" + data[:122], it.signature):
            raise Refused("certificate signature")
        return it


@dataclass
class Manifest:
    person: bytes
    version: int
    prev: bytes = b""
    issued: int = 0
    active: list = field(default_factory=list)
    revoked: list = field(default_factory=list)
    name: str = ""
    body: bytes = b""
    signature: bytes = b""
    contradicted: bool = False  # another of this version, or one that does not follow it, was given

    @property
    def hash(self):
        return blake2b("earshot.manif.1", self.body)

    @property
    def bytes(self):
        return struct.pack(">I", len(self.body)) + self.body + self.signature

    def signed(self, person_seed):
        self.body = pb.encode(MANIFEST, {f.name: getattr(self, f.name) for f in MANIFEST.values()})
        self.signature = sign(person_seed, b"earshot/1 manifest\0" + self.hash)
        return self

    @staticmethod
    def read(data):
        if len(data) > MANIFEST_LIMIT:
            raise Refused("manifest too long")
        if len(data) < 68:
            raise Refused("manifest too short")
        (length,) = struct.unpack(">I", data[:4])
        if len(data) != 4 + length + 64:
            raise Refused("manifest length")
        body = bytes(data[4 : 4 + length])
        it = Manifest(**pb.decode(MANIFEST, body), body=body, signature=bytes(data[4 + length :]))
        if not it.person or it.version == 0:
            raise Refused("manifest without person or version")
        if bool(it.prev) == (it.version == 1):
            raise Refused("manifest prev")
        if not verify(it.person, b"earshot/1 manifest\0" + it.hash, it.signature):
            raise Refused("manifest signature")
        for raw in it.active:
            if Certificate.read(raw).person != it.person:
                raise Refused("certificate of another person")
        for revoked in it.revoked:
            if not revoked["device"]:
                raise Refused("revoked device is missing")
            if any(not cut["log"] for cut in revoked["cut"]):
                raise Refused("cut log is missing")
        return it

    def standing(self, device, claimed):
        """LISTED, REVOKED, UNLISTED, or UNKNOWN: the newer manifest that the device says it has may list it."""
        if any(revoked["device"] == device for revoked in self.revoked):
            return REVOKED
        if self.device(device):
            return LISTED
        return UNKNOWN if claimed > self.version and not self.contradicted else UNLISTED

    def device(self, wanted):
        for raw in self.active:
            certificate = Certificate.read(raw)
            if certificate.device == wanted:
                return certificate
        return None

    def refused_above(self, device, log):
        """The last good seq of a log: 0 of a device that is not listed, its cut of one that is revoked, None where all are."""
        for revoked in self.revoked:
            if revoked["device"] == device:
                return next((cut["seq"] for cut in revoked["cut"] if cut["log"] == log), 0)
        return None if self.device(device) else 0


class Identity:
    """A person with one device, all from three seeds."""

    def __init__(self, seed, name="", device_seed=None, now=None):
        device_seed = device_seed or seed
        self.person_seed = blake2b("test.person", seed)
        self.device_seed = blake2b("test.device", device_seed)
        self.static = blake2b("test.static", device_seed)
        self.gen = blake2b("test.gen", device_seed)
        self.name = name
        now = int(time.time()) if now is None else now
        self.person = ed25519_public(self.person_seed)
        self.certificate = Certificate(
            self.person, ed25519_public(self.device_seed), x25519_public(self.static), 1, now, now + 400 * 86_400
        ).signed(self.person_seed)
        self.manifest = Manifest(self.person, 1, issued=now, active=[self.certificate.bytes], name=name).signed(self.person_seed)

    @property
    def device(self):
        return self.certificate.device

    @property
    def id16(self):
        return id16(self.device)
