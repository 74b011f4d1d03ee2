"""A backup, read from docs/Backup.md alone by other libraries: argon2id by OpenSSL, the stream by PyNaCl."""

import io
import json
import sqlite3
import struct

import nacl.bindings as sodium
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from harness import Daemon, run

PASSPHRASE = "ein langes Passwort"


def opened(data, passphrase):
    """What is in a backup, by name."""
    magic, version, passes, memory = struct.unpack(">4sBII", data[:13])
    assert (magic, version) == (b"ESBK", 1)
    assert 2 <= passes <= 16 and 65_536 <= memory <= 1_048_576
    salt, header, rest = data[13:29], data[29:53], data[53:]
    key = Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=memory).derive(passphrase.encode())
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    plain, is_last = io.BytesIO(), False
    for start in range(0, len(rest), 65_553):
        assert not is_last
        piece, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, rest[start : start + 65_553], data[:53])
        plain.write(piece)
        is_last = tag == sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
    assert is_last
    plain.seek(0)
    files = {}
    while length := struct.unpack(">H", plain.read(2))[0]:
        name = plain.read(length).decode()
        files[name] = plain.read(struct.unpack(">Q", plain.read(8))[0])
    assert plain.read() == b""
    return files


@run
async def test_a_backup_can_be_read_without_us(tmp_path):
    daemon = Daemon(tmp_path / "state", name="Anna")
    await daemon.start(discovery="none")
    try:
        view = await daemon.rpc("backup", path=str(tmp_path / "b"), passphrase=PASSPHRASE)
        person = (await daemon.rpc("id"))["person"]
    finally:
        await daemon.stop()
    data = (tmp_path / "b").read_bytes()
    assert view["bytes"] == len(data)
    files = opened(data, PASSPHRASE)
    about = json.loads(files["about.json"])
    assert about["name"] == "Anna" and about["person"] == person
    assert list(files)[0] == "about.json"
    assert files["identity.key"] == (tmp_path / "state" / "identity.key").read_bytes()
    (tmp_path / "db").write_bytes(files["earshot.db"])
    with sqlite3.connect(tmp_path / "db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM meta").fetchone()[0] > 0
