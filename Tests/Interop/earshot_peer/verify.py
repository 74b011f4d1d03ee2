"""Section 17: short strings, fingerprints and codes."""

import hashlib
import hmac
import os

from . import ristretto
from .crypto import base32, blake2b

ASK, WITHDRAW, COMMIT, ANSWER, REVEAL, MATCH, NO_MATCH = range(1, 8)
WHO_INVITES, INVITES, DOES_NOT_INVITE, JOIN_SHARE, INVITE_SHARE, JOIN_TAG, INVITE_TAG, REFUSED = range(16, 24)
VALUED = {COMMIT, ANSWER, REVEAL, MATCH, JOIN_SHARE, INVITE_SHARE, JOIN_TAG, INVITE_TAG}
BARE = {ASK, WITHDRAW, NO_MATCH, WHO_INVITES, INVITES, DOES_NOT_INVITE, REFUSED}

PICTURES = """
    ⚓anchor 🍎apple 🎈balloon 🍌banana 🐝bee 🔔bell 🚲bicycle ⛵boat
    📚books 🍞bread 🦋butterfly 🌵cactus 🎂cake 🐫camel 🚗car 🥕carrot
    🐱cat 🧀cheese 🍀clover ☕coffee 🌽corn 🦀crab 👑crown 🐶dog
    🥁drum 🐘elephant 🔥fire 🐟fish 🐸frog 🎁gift 👓glasses 🍇grapes
    🎸guitar 🔨hammer 🎩hat 🚁helicopter 🐴horse 🏠house 🔑key 💡lamp
    🍋lemon ⚡lightning 🔒lock 🌙moon 🍄mushroom 🐙octopus 🦉owl 🐼panda
    🍐pear 🍕pizza 🐰rabbit 🌈rainbow 🤖robot 🚀rocket 🐌snail ⛄snowman
    ⭐star 🍓strawberry 🌻sunflower 🚂train 🌲tree 🌂umbrella ⌚watch 🐳whale
""".split()


class Ends:
    """The two ends of a session, the initiator first, and its handshake hash."""

    def __init__(self, person_a, device_a, person_b, device_b, h):
        self.person_a, self.device_a, self.person_b, self.device_b, self.h = person_a, device_a, person_b, device_b, h

    @classmethod
    def of(cls, link, me):
        mine, theirs = (me.person, me.device), (link.person, link.device)
        a, b = (mine, theirs) if link.initiator else (theirs, mine)
        return cls(*a, *b, link.secrets.h)


def commitment(reveal, h):
    return blake2b("earshot.sasc.v1", reveal + h)


def short_string(reveal, answer, ends):
    return blake2b(
        "earshot.sas.v1", reveal + answer + ends.h + ends.person_a + ends.person_b + ends.device_a + ends.device_b, out=6
    )


def numbers(string):
    bits = int.from_bytes(string, "big")
    return " ".join(str((bits >> shift & 0x1FFF) + 1000) for shift in (35, 22, 9))


def pictures(string):
    bits = int.from_bytes(string, "big")
    return [PICTURES[bits >> shift & 63] for shift in range(42, 5, -6)]


def fingerprint(person):
    hashed = blake2b("earshot.fprint.1", person)
    return " ".join(f"{int.from_bytes(hashed[at : at + 5], 'big') % 100_000:05}" for at in range(0, 30, 5))


def uri(person):
    return f"earshot:{base32(person)}"


def lv(data):
    length, out = len(data), b""
    while True:
        out += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return out + data


def generator(code, channel, sid):
    domain, secret = lv(b"CPaceRistretto255"), lv(code)
    zeros = bytes(max(0, 128 - 1 - len(domain) - len(secret)))
    return ristretto.from_hash(hashlib.sha512(domain + secret + lv(zeros) + lv(channel) + lv(sid)).digest()).encode()


def isk(sid, point, share_a, share_b, ad_a=b"", ad_b=b""):
    transcript = lv(share_a) + lv(ad_a) + lv(share_b) + lv(ad_b)
    return hashlib.sha512(lv(b"CPaceRistretto255_ISK") + lv(sid) + lv(point) + transcript).digest()


class Agreement:
    """A run of CPace with a code, from one side of a session."""

    def __init__(self, code, ends, initiator, chance=None):
        self.ends, self.initiator = ends, initiator
        self.scalar = int.from_bytes(chance or os.urandom(64), "little") % ristretto.ORDER
        base = generator(code.encode(), lv(ends.device_a) + lv(ends.device_b), ends.h)
        self.share = ristretto.multiply(self.scalar, base)
        self.secret = None

    def take(self, share):
        """Whether the other's share is one."""
        point = ristretto.multiply(self.scalar, share)
        if point is None:
            return False
        shares = (self.share, share) if self.initiator else (share, self.share)
        self.secret = isk(self.ends.h, point, *shares)
        return True

    def _tag(self, role):
        return hashlib.blake2b(role + self.ends.h, digest_size=32, key=self.secret[:32]).digest()

    @property
    def tag(self):
        return self._tag(b"\1" if self.initiator else b"\2")

    def fits(self, tag):
        return hmac.compare_digest(tag, self._tag(b"\2" if self.initiator else b"\1"))
