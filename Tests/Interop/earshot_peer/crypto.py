"""Hashes, signatures, ciphers and the two key agreements, under the names Protocol.md gives them."""

import base64
import hashlib
import hmac
import os

import nacl.exceptions
import nacl.signing
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.asymmetric import x25519 as curve
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305


class Refused(Exception):
    """Something the specification says to refuse. The text is the reason."""


def blake2b(person, data, out=32, key=b""):
    return hashlib.blake2b(data, digest_size=out, key=key, person=person.encode()).digest()


def base32(data):
    return base64.b32encode(data).decode().lower().rstrip("=")


def unbase32(text):
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


# Ed25519: section 11. The bundled libsodium refuses S >= L, non-canonical and small-order A and R.


def ed25519_public(seed):
    return bytes(nacl.signing.SigningKey(seed).verify_key)


def sign(seed, message):
    return nacl.signing.SigningKey(seed).sign(message).signature


def verify(public, message, signature):
    try:
        nacl.signing.VerifyKey(public).verify(message, signature)
        return True
    except (nacl.exceptions.BadSignatureError, nacl.exceptions.CryptoError, ValueError):
        return False


# X25519. `exchange` raises ValueError itself on an all-zero result; we say it in our own words.


def x25519_public(private):
    return curve.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def x25519(private, public):
    try:
        return curve.X25519PrivateKey.from_private_bytes(private).exchange(curve.X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise Refused("X25519 result is zero") from error


# ML-KEM-768, FIPS 203.

Q = 3329


def kem_public_is_canonical(public):
    """Every 12-bit coefficient of the first 1,152 bytes is below q (FIPS 203, 7.2)."""
    if len(public) != 1184:
        return False
    for i in range(0, 1152, 3):
        a, b, c = public[i : i + 3]
        if a | (b & 15) << 8 >= Q or b >> 4 | c << 4 >= Q:
            return False
    return True


class KemKey:
    def __init__(self, seed=None):
        """`seed` is d ‖ z, 64 bytes."""
        self._key = mlkem.MLKEM768PrivateKey.from_seed_bytes(seed or os.urandom(64))
        self.public = self._key.public_key().public_bytes_raw()

    def decapsulate(self, ciphertext):
        return self._key.decapsulate(ciphertext)


def encapsulate(public, chosen=None):
    """Returns (shared secret, ciphertext). With `chosen` (32 bytes) the result is the same each time."""
    if not kem_public_is_canonical(public):
        raise Refused("ML-KEM public key is not canonical")
    if chosen is not None:
        from kyber_py.ml_kem import ML_KEM_768

        return ML_KEM_768._encaps_internal(public, chosen)
    return mlkem.MLKEM768PublicKey.from_public_bytes(public).encapsulate()


# AEADs with the nonce 0 0 0 0 ‖ LE64(n).


def nonce(n):
    return b"\0\0\0\0" + n.to_bytes(8, "little")


class Cipher:
    """ChaCha20-Poly1305, or AES-256-GCM where both ends have it in hardware."""

    def __init__(self, key, aes=False):
        self.key, self.aes = key, aes
        self._aead = (AESGCM if aes else ChaCha20Poly1305)(key)

    def seal(self, n, plaintext, ad=b""):
        return self._aead.encrypt(nonce(n), plaintext, ad)

    def open(self, n, ciphertext, ad=b""):
        try:
            return self._aead.decrypt(nonce(n), ciphertext, ad)
        except (InvalidTag, ValueError) as error:
            raise Refused("bad tag") from error

    def rekeyed(self):
        return Cipher(self.seal(2**64 - 1, bytes(32))[:32], self.aes)


def hmac_sha256(key, data):
    return hmac.new(key, data, "sha256").digest()


def hkdf(ck, material, outputs):
    """Noise's HKDF with two or three outputs."""
    temp = hmac_sha256(ck, material)
    result, last = [], b""
    for i in range(1, outputs + 1):
        last = hmac_sha256(temp, last + bytes([i]))
        result.append(last)
    return result


def hkdf_expand(key, info, length):
    """RFC 5869, step 2."""
    result, block, i = b"", b"", 1
    while len(result) < length:
        block = hmac_sha256(key, block + info + bytes([i]))
        result, i = result + block, i + 1
    return result[:length]


def export(k3, h, label, length):
    """Exp(label, n) of section 3."""
    return hkdf_expand(k3, b"earshot/1 " + label + h, length)
