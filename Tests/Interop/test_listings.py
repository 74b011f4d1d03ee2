"""Section 13: listings and what an offer says, as bytes."""

import pytest
from earshot_peer import envelopes as ev
from earshot_peer import files
from earshot_peer.crypto import Refused
from earshot_peer.files import Entry, InMemory, read_listing, share_of, write_listing
from files_harness import good


def test_listings_come_out_as_they_went_in():
    entries = [Entry("a", 0, 0, files.FOLDER), Entry("a/b", 2**40, 1_700_000_000_123), Entry("../x", 1)]
    entries += [Entry("c" * 4096), Entry("d/" * 63 + "d"), Entry("a/secret", 1, 0, files.OMITTED), Entry("old", 3, -1), Entry("older", 3, -(2**63))]
    assert read_listing(write_listing(entries)) == entries


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "without an entry"),
        (b"\3\0\0\1a", "unknown kind"),
        (good(Entry("a", 1, 0, files.FOLDER)), "folder with a size"),
        (b"\0\x80\0\0\1a", "longer than need be"),
        (b"\0\0\x80\0\1a", "longer than need be"),
        (b"\0\0\0\x81\0a", "longer than need be"),
        (b"\0" + b"\xff" * 9 + b"\2\0\1a", "beyond 64"),
        (b"\0" + b"\xff" * 10 + b"\0\1a", "longer than 10"),
        (b"\0\0\0\2a", "leads outside"),
        (b"\0\0", "leads outside"),
        (b"\0\0\0\0", "no length"),
        (good(Entry("x" * 4097)), "too long"),
        (good(Entry(b"\xff")), "UTF-8"),
        (good(Entry(b"\xed\xa0\x80")), "UTF-8"),
        (good(Entry("a\0b")), "zero"),
        (good(Entry("/a")), "empty part"),
        (good(Entry("a//b")), "empty part"),
        (good(Entry("a/")), "empty part"),
        (good(Entry("a/" * 64 + "a")), "too many"),
        (good(Entry("a", 2**63)), "2\\^63"),
        (good(Entry("a", 2**63 - 1), Entry("b", 1)), "2\\^63"),
        (good(Entry("a"), Entry("a")), "twice"),
        (good(Entry("a"), Entry("a", 0, 0, files.FOLDER)), "twice"),
        (good(Entry("a"), Entry("a/b")), "below a file"),
        (good(Entry("a/b/c"), Entry("a")), "after what is in it"),
        (good(Entry("a/b/c"), Entry("a/b", 0, 0, files.FOLDER)), "after what is in it"),
    ],
)
def test_bad_listings_are_refused(data, why):
    with pytest.raises(Refused, match=why):
        read_listing(data)


def test_a_million_entries_and_no_more(monkeypatch):
    assert files.ENTRIES == 1_000_000
    monkeypatch.setattr(files, "ENTRIES", 1_000)
    data = good(*[Entry(f"{n}") for n in range(1_000)])
    assert len(read_listing(data)) == 1_000
    with pytest.raises(Refused, match="too many"):
        read_listing(data + good(Entry("a")))


def test_offers_and_answers_that_do_not_fit():
    share = InMemory({"a": b"1", "b": b""}, key=bytes(range(32)))
    content = ev.read_payload(ev.FILE, ev.payload(ev.FILE, **share.about()))
    assert (content["tops"], content["files"], content["size"], content["name"], content["folder"]) == (2, 2, 1, "a", 0)
    assert share_of(content["key"]) == share.id and len(share.id) == 16
    assert ev.read_payload(ev.FILE, ev.payload(ev.FILE, name="x")) is None
    for bad in ({"name": "n" * 256}, {"type": "t" * 101}, {"picture": bytes(16_385)}):
        assert ev.read_payload(ev.FILE, ev.payload(ev.FILE, key=bytes(32), **bad)) is None
    assert ev.read_payload(ev.ANSWER, ev.payload(ev.ANSWER, target=bytes(32), word=2))
    for bad in ({"word": 1}, {"target": bytes(32)}, {"target": bytes(32), "word": 3}):
        assert ev.read_payload(ev.ANSWER, ev.payload(ev.ANSWER, **bad)) is None
