"""Section 16: the table of limits, the sections it names, and this peer's own numbers agree."""

import re

from earshot_peer import bulk, datagrams, envelopes, files, frames, link, logs, manifests, peer, protobuf
from harness import ROOT

TEXT = (ROOT / "Protocol.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| `(\w+)` \| ([\d,]+) \| (.*) \|$", TEXT, re.M)
LIMITS = {name: int(value.replace(",", "")) for _, name, value, _ in ROWS}


def section(number):
    """The text of a section; 0 is what stands before section 1."""
    begin = TEXT.index(f"\n## {number} ") if number else 0
    return TEXT[begin : TEXT.index("\n## ", begin + 1)]


def spellings(value):
    """The ways in which the text writes a number of bytes, ms or s."""
    yield f"{value:,}"
    yield str(value)
    for unit, size in (("s", 1000), ("minutes", 60_000), ("hour", 3_600_000), ("days", 86_400), ("days", 86_400_000), ("KiB", 1 << 10), ("MiB", 1 << 20), ("TiB", 1 << 40)):
        if value % size == 0:
            yield f"{value // size} {unit}"
    if value == 600_000:
        yield "ten minutes"
    if value & (value - 1) == 0:
        yield f"2^{value.bit_length() - 1}"


def test_there_is_a_table():
    assert len(ROWS) > 80 and len(LIMITS) == len(ROWS)


def test_every_limit_stands_in_its_section_too():
    missing = []
    for number, name, _, _ in ROWS:
        text = section(int(number))
        if not any(re.search(rf"(?<![\d,.]){re.escape(s)}(?![\d]|,\d)", text) for s in spellings(LIMITS[name])):
            missing.append(f"section {number} does not say {LIMITS[name]} ({name})")
    assert missing == []


def test_this_peer_keeps_them():
    """Where the peer has a number of its own, it is that of the table."""
    mine = {
        "manifestBytes": manifests.MANIFEST_LIMIT,
        "activeDevices": manifests.MANIFEST[5].limit,
        "revokedDevices": manifests.MANIFEST[6].limit,
        "nameBytes": manifests.MANIFEST[7].limit,
        "handshakeTime": link.HANDSHAKE_SECONDS * 1000,
        "rekeyFrames": frames.REKEY_AFTER,
        "framePlaintext": frames.MOST,
        "datagramBytes": datagrams.MOST,
        "datagramWindow": datagrams.WINDOW,
        "protobufBytes": protobuf.MAX_BODY,
        "protobufDepth": protobuf.MAX_DEPTH,
        "protobufRepeated": protobuf.MAX_REPEATED,
        "envelopeBody": envelopes.MAX_BODY,
        "envelopePayload": envelopes.MAX_PAYLOAD,
        "parents": envelopes.MAX_PARENTS,
        "textPart": envelopes.PART_ABOVE,
        "listedEntries": files.ENTRIES,
        "listingBytes": files.LISTING,
        "listedDepth": files.PARTS,
        "listedPath": files.PATH,
        "pushed": peer.PUSHED_UNASKED,
        "wantSpan": logs.PER_WANT,
        "openWants": logs.WANTS_OPEN,
        "parkedEnvelopes": logs.PARKED,
        "bulkLinesPerDevice": bulk.LINES,
        "linesBeside": bulk.BESIDE,
        "waitingPulls": bulk.PULLS,
        "firstFrameTime": bulk.FIRST_SECONDS * 1000,
        "avoidedHolders": bulk.TRIED,
        "holderSilence": bulk.SILENCE * 1000,
        "chunkBytes": files.CHUNK,
        "bulkBody": frames.MOST_DATA,
    }
    assert {name: LIMITS[name] for name in mine} == mine
