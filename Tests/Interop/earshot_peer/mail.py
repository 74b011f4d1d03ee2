"""Section 19: mail for those who are not here. X-Wing and HPKE (base mode), blobs, prekeys, and what a depositor, a keeper and a
recipient say to each other."""

import hashlib
import os
import struct
import time

from . import envelopes as ev
from . import frames
from . import protobuf as pb
from .crypto import KemKey, Refused, blake2b, encapsulate, hkdf_expand, hmac_sha256, sign, verify, x25519, x25519_public
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

DAY, LIFE = 86_400_000, 30 * 86_400_000
MOST_PLAINTEXT, LEAST_PLAINTEXT, MOST_BLOB = 57_344, 1_024, 58_500
KEPT, FULL, REFUSED, DONE, LATER, WITHDRAWN = range(1, 7)
SUITE = b"HPKE" + bytes.fromhex("647a00010003")
LABEL = b"\\.//^\\"

F = pb.Field
RECORD = {
    1: F("device", "bytes", size=32),
    2: F("issued", "uint64"),
    3: F("until", "uint64"),
    4: F("key", "bytes", size=1216),
    5: F("mailbox", "bytes", size=32),
    6: F("keepers", "bytes", repeated=True, size=32, limit=8),
}


# X-Wing (draft-connolly-cfrg-xwing-kem).


class XWing:
    """A key pair from its seed of 32 bytes."""

    def __init__(self, seed):
        expanded = hashlib.shake_256(seed).digest(96)
        self.kem, self.private = KemKey(expanded[:64]), expanded[64:]
        self.public = self.kem.public + x25519_public(self.private)

    def decapsulate(self, ciphertext):
        theirs = ciphertext[1088:]
        return _combine(self.kem.decapsulate(ciphertext[:1088]), x25519(self.private, theirs), theirs, self.public[1184:])


def _combine(kem, shared, ciphertext, public):
    return hashlib.sha3_256(kem + shared + ciphertext + public + LABEL).digest()


def xwing_encapsulate(public, chosen=None):
    """Returns (shared secret, ciphertext of 1,120 bytes). With `chosen` (64 bytes) the result is the same each time."""
    secret, ciphertext = encapsulate(public[:1184], chosen and chosen[:32])
    private = chosen[32:] if chosen else os.urandom(32)
    theirs = x25519_public(private)
    return _combine(secret, x25519(private, public[1184:]), theirs, public[1184:]), ciphertext + theirs


# HPKE (RFC 9180), base mode: X-Wing, HKDF-SHA256, ChaCha20-Poly1305.


def _extract(salt, label, material):
    return hmac_sha256(salt, b"HPKE-v1" + SUITE + label + material)


def _context(secret, info):
    """Key and nonce of the first message."""
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    root = _extract(secret, b"secret", b"")
    expand = lambda label, n: hkdf_expand(root, struct.pack(">H", n) + b"HPKE-v1" + SUITE + label + context, n)
    return expand(b"key", 32), expand(b"base_nonce", 12)


def hpke_seal(plaintext, public, info, ad, chosen=None):
    """The encapsulated key and the ciphertext."""
    secret, encapsulated = xwing_encapsulate(public, chosen)
    key, nonce = _context(secret, info)
    return encapsulated, ChaCha20Poly1305(key).encrypt(nonce, plaintext, ad)


def hpke_open(ciphertext, encapsulated, pair, info, ad, number=0):
    key, nonce = _context(pair.decapsulate(encapsulated), info)
    nonce = bytes(a ^ b for a, b in zip(nonce, number.to_bytes(12, "big")))
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, ad)
    except InvalidTag as error:
        raise Refused("bad tag") from error


# Tags, prekeys and blobs.


def tag(mailbox, device, day):
    return blake2b("earshot.mbox.v1", device + struct.pack(">I", day), out=16, key=mailbox)


def blob_id(blob):
    return blake2b("earshot.blobid1", blob)


class Prekey:
    """The signed record of a device; ours has the pair."""

    def __init__(self, values, wire, pair=None):
        self.values, self.wire, self.pair = values, wire, pair
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def make(cls, me, issued=None, keepers=(), seed=None, mailbox=None, until=None):
        issued = issued or int(time.time() * 1000)
        pair = XWing(seed or os.urandom(32))
        values = {
            "device": me.device,
            "issued": issued,
            "until": until or issued + LIFE,
            "key": pair.public,
            "mailbox": mailbox or os.urandom(32),
            "keepers": list(keepers),
        }
        record = pb.encode(RECORD, values)
        return cls(values, sign(me.device_seed, b"earshot/1 prekey\0" + record) + record, pair)

    @classmethod
    def read(cls, wire, device_public=None):
        values = pb.decode(RECORD, wire[64:])
        if not values["device"] or not values["mailbox"] or not values["key"] or not values["issued"]:
            raise Refused("a prekey without its parts")
        if values["until"] > values["issued"] + LIFE:
            raise Refused("a prekey that lives too long")
        if device_public and not verify(device_public, b"earshot/1 prekey\0" + wire[64:], wire[:64]):
            raise Refused("a prekey that its device did not sign")
        return cls(values, wire)


def padded(items):
    inner = struct.pack(">I", len(items)) + items
    size = max(LEAST_PLAINTEXT, len(inner))
    exponent = size.bit_length() - 1
    step = 1 << max(exponent - exponent.bit_length(), 0)
    return inner.ljust(min(-(-size // step) * step, MOST_PLAINTEXT), b"\0")


def seal(items, prekey, day=None, chosen=None):
    """A blob of envelopes (and stubs), one after another, in bytes."""
    day = int(time.time()) // 86_400 if day is None else day
    header = b"ESB1" + tag(prekey.mailbox, prekey.device, day)
    encapsulated, ciphertext = hpke_seal(padded(items), prekey.key, b"earshot/1 sealed\0" + prekey.device, header, chosen)
    return header + encapsulated + ciphertext


def open_blob(blob, prekey):
    """The bytes of the items in a blob that is for us."""
    if blob[:4] != b"ESB1" or len(blob) > MOST_BLOB:
        raise Refused("no blob")
    plaintext = hpke_open(blob[1140:], blob[20:1140], prekey.pair, b"earshot/1 sealed\0" + prekey.device, blob[:20])
    length = int.from_bytes(plaintext[:4], "big")
    if 4 + length > len(plaintext) or any(plaintext[4 + length :]):
        raise Refused("a broken list, or padding that is not zeros")
    return plaintext[4 : 4 + length]


class Mail:
    """What a peer remembers of it: its own prekey, those of others, and what it was given and told."""

    def __init__(self, node):
        self.node, self.own, self.prekeys = node, None, {}
        self.offers, self.given, self.answers = {}, [], []
        self.put_here = []  # blobs that somebody left with us, in order

    async def handle(self, session, kind, body):
        node, link = self.node, session.link
        values = frames.read(kind, body) if kind not in (frames.SEALED_PUT, frames.SEALED_GIVE, frames.PREKEY) else None
        # These two are kept while the session lasts: they count once their person is accepted.
        if kind not in (frames.PREKEY, frames.SEALED_OFFER) and not node.talks(link):
            return
        if kind == frames.PREKEY:
            prekey = Prekey.read(body, link.certificate.device_public)
            known = self.prekeys.get(link.device)
            if prekey.device == link.device and (known is None or known.issued < prekey.issued):
                self.prekeys[link.device] = prekey
        elif kind == frames.SEALED_OFFER:
            self.offers[link.person] = values["takes"]
        elif kind == frames.SEALED_PUT:
            self.put_here.append(body)
        elif kind == frames.SEALED_GIVE:
            self.given.append(body)
        elif kind == frames.SEALED_ANSWER:
            self.answers.append((values["blob"], values["word"]))

    async def tell(self, person):
        """How to leave mail for us."""
        self.own = self.own or Prekey.make(self.node.me)
        await self.node.session(person).link.send(frames.PREKEY, self.own.wire)

    async def put(self, keeper, blob):
        """Leaves a blob; what the keeper says of it."""
        before = len(self.answers)
        await self.node.session(keeper).link.send(frames.SEALED_PUT, blob)
        await self.node.until(lambda: any(b == blob_id(blob) for b, _ in self.answers[before:]))
        return next(word for b, word in self.answers[before:] if b == blob_id(blob))

    async def take(self, keeper, *keys):
        await self.node.tell(keeper, frames.SEALED_TAKE, mailbox=list(keys))

    async def say(self, keeper, blob, word):
        await self.node.tell(keeper, frames.SEALED_ANSWER, blob=blob, word=word)

    def envelopes(self, blob):
        """Envelopes that were sealed to us."""
        return ev.parse_all(open_blob(blob, self.own))
