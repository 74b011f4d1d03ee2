"""Section 13, what is offered: listings, shares to be given out, and what was received of one. No socket."""

import asyncio
import bisect
import hashlib
import os
import stat
import struct
from typing import NamedTuple

from .crypto import Refused, blake2b, sign, verify
from .frames import MOST_DATA, MOST_DATA_AT
from .protobuf import varint

FILE, FOLDER, OMITTED = 0, 1, 2
GONE = 2  # a reason of what is omitted or skipped
ENTRIES, LISTING, PARTS, PATH = 1_000_000, 268_435_456, 64, 4_096
CHUNK = 262_144  # what one Proof is about
NOT_YOURS, CHANGED, UNREADABLE, DISK_FULL, NOT_WANTED, PAUSED, BUSY, UNWRITABLE = range(1, 9)


class Stopped(Exception):
    """One side said Stop, or is about to."""

    def __init__(self, reason, text=""):
        super().__init__(f"stopped with {reason} {text}".strip())
        self.reason, self.text = reason, text


def share_of(key):
    return blake2b("earshot.share.1", b"", 16, key)


def fetch_proof(key, handshake_hash, device):
    """What shows a holder that `device` has the key, on this line alone."""
    return blake2b("earshot.fetch.1", handshake_hash + device, 32, key)


def chunk_message(share, index, chunk):
    """What the author's device signs of a chunk."""
    return b"earshot/1 chunk\0" + share + struct.pack(">Q", index) + hashlib.sha256(chunk).digest()


# Listings.


class Entry(NamedTuple):
    path: str
    size: int = 0
    modified: int = 0
    kind: int = FILE


def write_entry(entry):
    """`path` may also be bytes, for those who mean to break the rules."""
    path = entry.path if isinstance(entry.path, bytes) else entry.path.encode()
    return bytes([entry.kind]) + varint(entry.size) + varint(entry.modified % 2**64) + varint(len(path)) + path


def write_listing(entries):
    return b"".join(map(write_entry, entries))


def _varint(data, at):
    """(value, where it ends). None longer than need be."""
    if at < len(data) and data[at] < 0x80:
        return data[at], at + 1
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Refused("varint leads outside")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if shift and byte == 0:
                raise Refused("varint longer than need be")
            if value >= 2**64:
                raise Refused("varint beyond 64 bits")
            return value, at
    raise Refused("varint longer than 10 bytes")


def read_listing(data):
    """Its entries, every rule of section 13 checked."""
    if len(data) > LISTING:
        raise Refused("listing too long")
    entries, kinds, inside, total, at = [], {}, set(), 0, 0
    while at < len(data):
        if len(entries) == ENTRIES:
            raise Refused("too many entries")
        kind = data[at]
        size, at = _varint(data, at + 1)
        modified, at = _varint(data, at)
        length, at = _varint(data, at)
        modified -= 2**64 * (modified >= 2**63)  # before 1970
        if kind not in (FILE, FOLDER, OMITTED):
            raise Refused("entry of an unknown kind")
        if kind == FOLDER and size:
            raise Refused("folder with a size")
        if not 1 <= length <= PATH:
            raise Refused("path of no length or too long")
        if length > len(data) - at:
            raise Refused("path leads outside")
        try:
            path = bytes(data[at : at + length]).decode()
        except UnicodeDecodeError as error:
            raise Refused("path is not UTF-8") from error
        at += length
        parts = path.split("/")
        if "\0" in path or not all(parts) or len(parts) > PARTS:
            raise Refused("path with a zero, an empty part or too many")
        if kind == OMITTED:
            entries.append(Entry(path, size, modified, kind))
            continue
        total += size
        if total >= 2**63:
            raise Refused("sizes reach 2^63")
        # A folder need not be listed; where it is, nothing of it came before, and no file is under its name.
        if path in kinds or path in inside:
            raise Refused("path listed twice, or after what is in it")
        above = path
        while "/" in above:
            above = above.rpartition("/")[0]
            if kinds.get(above) == FILE:
                raise Refused("path below a file")
            if above in inside:
                break
            inside.add(above)
        kinds[path] = kind
        entries.append(Entry(path, size, modified, kind))
    if not entries:
        raise Refused("listing without an entry")
    return entries


# Giving.


class Share:
    """A stream and what the offer says of it. Where the contents come from is up to those below."""

    open = False
    proven = False  # True when it was offered to several
    wide = 0  # over how many lines beside the first it is given,
    plain, piece = 0, MOST_DATA_AT  # after how many bytes on the first alone, and how many at most in one frame then

    def __init__(self, entries, key=None):
        self.key = key or os.urandom(32)
        self.id = share_of(self.key)
        self.entries, self.listing = entries, write_listing(entries)
        self.files, self.starts, at = [], [], 0  # of those that are not empty
        for entry in entries:
            if entry.size and entry.kind == FILE:
                self.files.append(entry)
                self.starts.append(at)
                at += entry.size
        self.size = at
        self.givings = []  # one for each line on which it is or was given
        self.looks = []  # and those on which only the listing was wanted
        self.signer, self.persons, self.proofs = None, set(), {}
        self.skips = {}  # files that are not had any more, by their number, and why
        self.chain = []  # devices that get it or have it, in the order in which they asked

    @property
    def end(self):
        """The end of the stream; None while nobody knows."""
        return len(self.listing) + self.size

    def about(self):
        """The payload of an offer."""
        tops = [e for e in self.entries if "/" not in e.path and e.kind != OMITTED]
        return {
            "key": self.key,
            "name": tops[0].path,
            "folder": tops[0].kind == FOLDER,
            "tops": len(tops) if len(tops) > 1 else 0,
            "files": sum(e.kind == FILE for e in self.entries),
            "size": self.size,
            "open": self.open,
        }

    def source(self):
        """The body of Source."""
        return {"share": self.id, "listing": len(self.listing), "size": 0 if self.open else self.size, "open": self.open,
                "proven": self.proven}  # fmt: skip

    def spans(self):
        """(number, begin, end) of each file, in the stream."""
        at = len(self.listing)
        for number, entry in enumerate(e for e in self.entries if e.kind == FILE):
            yield number, at, at + entry.size
            at += entry.size

    def skip(self, at):
        """(number, end) of the file with the byte at `at`, if that is one that is not had any more."""
        return next(((n, end) for n, begin, end in self.spans() if n in self.skips and begin <= at < end), None)

    def whole(self, index):
        """Is nothing of that chunk skipped?"""
        begin, end = index * CHUNK, (index + 1) * CHUNK
        return not any(n in self.skips and first < end and last > begin for n, first, last in self.spans())

    async def proof(self, index):
        """The signature of that chunk."""
        if index not in self.proofs:
            at, end, chunk = index * CHUNK, min((index + 1) * CHUNK, self.end), bytearray()
            while at + len(chunk) < end:
                chunk += await self.read(at + len(chunk), end)
            self.proofs[index] = sign(self.signer.device_seed, chunk_message(self.id, index, chunk))
        return self.proofs[index]

    async def read(self, begin, end):
        """Up to 262,144 bytes of the stream; none at its end. `end` None: as far as it goes."""
        head = len(self.listing)
        if begin < head:
            return self.listing[begin : min(head, begin + MOST_DATA, end or head)]
        out = bytearray()
        while (room := min(MOST_DATA, (end or self.end) - begin) - len(out)) > 0:
            at = begin + len(out) - head
            i = bisect.bisect_right(self.starts, at) - 1
            if i < 0 or at >= self.size:
                break
            file, within = self.files[i], at - self.starts[i]
            out += self.contents(file, within, min(room, file.size - within))
        return bytes(out)

    def contents(self, entry, begin, count):
        raise NotImplementedError


class InMemory(Share):
    """Files by path. Folders are listed before what is in them."""

    def __init__(self, files, key=None, modified=1_700_000_000_000):
        self.bytes, listed = files, {}
        for path, data in files.items():
            for i, c in enumerate(path):
                if c == "/":
                    listed.setdefault(path[:i], Entry(path[:i], 0, modified, FOLDER))
            listed[path] = Entry(path, len(data), modified)
        super().__init__(list(listed.values()), key)

    def contents(self, entry, begin, count):
        return self.bytes[entry.path][begin : begin + count]


class OnDisk(Share):
    """A file or a folder as it was when it was offered. Links and other things that are no files are left out."""

    def __init__(self, path, key=None):
        self.above = os.path.dirname(os.path.abspath(path))
        entries = []

        def add(full):
            found = os.lstat(full)
            name, modified = os.path.relpath(full, self.above), found.st_mtime_ns // 1_000_000
            if stat.S_ISDIR(found.st_mode):
                entries.append(Entry(name, 0, modified, FOLDER))
                for inner in sorted(os.listdir(full)):
                    add(os.path.join(full, inner))
            elif stat.S_ISREG(found.st_mode):
                entries.append(Entry(name, found.st_size, modified))

        add(os.path.abspath(path))
        super().__init__(entries, key)

    def contents(self, entry, begin, count):
        try:
            with open(os.path.join(self.above, entry.path), "rb") as file:
                self._same(file, entry)
                data = os.pread(file.fileno(), count, begin)
                self._same(file, entry)
        except OSError as error:
            raise Stopped(UNREADABLE, type(error).__name__) from error
        return data

    @staticmethod
    def _same(file, entry):
        now = os.fstat(file.fileno())
        if (now.st_size, now.st_mtime_ns // 1_000_000) != (entry.size, entry.modified):
            raise Stopped(CHANGED)


class Growing(Share):
    """An open offer: one file that goes on until `finish`."""

    open = True

    def __init__(self, name, key=None):
        super().__init__([Entry(name)], key)
        self.data, self.finished, self.more = bytearray(), False, asyncio.Event()

    @property
    def end(self):
        return len(self.listing) + len(self.data) if self.finished else None

    def feed(self, data):
        self.data += data
        self.more.set()

    def finish(self):
        self.finished = True
        self.more.set()

    async def read(self, begin, end):
        head = len(self.listing)
        if begin < head:
            return await super().read(begin, end)
        while begin - head >= len(self.data) and not self.finished:
            self.more.clear()
            await self.more.wait()
        return bytes(self.data[begin - head : min(begin + MOST_DATA, end or 2**64) - head])


# Receiving.


class Received:
    """The stream of an offer as far as it is here, and how it was asked for. Memory is its disk."""

    piece, ahead = 4 << 20, 4  # how much one Pull asks for, and how many are sent before the first is answered

    def __init__(self, offer):
        """`offer` is the payload of one."""
        self.offer, self.share = offer, share_of(offer["key"])
        self.stream, self.entries, self.listing = bytearray(), None, None
        self.open, self.end, self.complete = bool(offer["open"]), None, False
        self.pulls = []  # a list of (from, to) for each line
        self.proven, self.pending, self.proofs, self.author = False, bytearray(), {}, None  # the author's key
        self.getting, self.more = 0, asyncio.Event()
        self.skipped, self.bare = {}, 0  # files that do not come, and up to where nothing is proven for that
        self.tried = []  # devices we were referred to in vain

    def begins(self, source, by_author=True):
        """Checks a Source against what the person agreed to, and against the one before."""
        if source["proven"] and (source["open"] or not self.author) or not by_author and not source["proven"]:
            raise Refused("proven where it cannot be, or not where it must")
        if source["listing"] < 1 or source["listing"] > LISTING or self.listing not in (None, source["listing"]):
            raise Refused("a listing of this length")
        if source["open"] != self.open or source["size"] != (0 if self.open else self.offer["size"]):
            raise Refused("another size than was offered")
        self.listing = source["listing"]
        if not self.open:
            self.end = self.listing + source["size"]
        self.proven = bool(source["proven"])
        self.pending.clear()
        if self.proven:
            del self.stream[len(self.stream) // CHUNK * CHUNK :]
        self.pulls.append([])
        self.more.set()

    def next(self, asked):
        """The Pull that follows when all before `asked` is here or asked for. None: there is none, or not yet."""
        if self.proven:
            return (asked, min(self.end, asked // CHUNK * CHUNK + self.piece)) if asked < self.end else None
        if asked < self.listing:
            return asked, self.listing
        if self.entries is None or asked == self.end:
            return None
        return asked, 0 if self.open else min(self.end, asked + self.piece)

    @property
    def here(self):
        """Where the next Data belongs."""
        return len(self.stream) + len(self.pending)

    def took(self, data):
        """Of what is proven nothing counts before its Proof."""
        if not self.proven or self.here < self.bare:
            if self.proven and self.here + len(data) > self.bare:
                raise Refused("Data beyond the end of a chunk")
            return self.add(data)
        self.pending += data
        if self.here > min(self.end, len(self.stream) + CHUNK):
            raise Refused("more than a chunk without a Proof")

    def skip(self, at, file, reason, until):
        """Nothing more comes of that file: the one whose bytes are here next, or one without any. `until` is where the Pull ends."""
        if self.open or self.entries is None or at != self.here:
            raise Refused("Skip where nothing is missing")
        begin = self.listing
        for number, entry in enumerate(e for e in self.entries if e.kind == FILE):
            end = begin + entry.size
            if number == file:
                if entry.size and not begin <= at < end:
                    raise Refused("Skip of another file than the next")
                self.skipped[file] = reason
                if entry.size:
                    end = min(end, until)
                    self.add(bytes(self.pending) + bytes(end - at))
                    self.pending.clear()
                    self.bare = min(self.end, -(-end // CHUNK) * CHUNK)
                return
            begin = end
        raise Refused("Skip of no file")

    def prove(self, index, signature):
        chunk = bytes(self.pending)
        if index * CHUNK != len(self.stream) or self.here != min(self.end, len(self.stream) + CHUNK) or not chunk:
            raise Refused("a Proof of another chunk, or in the middle of one")
        if not verify(self.author, chunk_message(self.share, index, chunk), signature):
            raise Refused("a Proof that does not hold")
        self.pending.clear()
        self.proofs[index] = signature
        self.add(chunk)
        self.more.set()

    def add(self, data):
        self.stream += data
        if self.entries is None and len(self.stream) >= self.listing:
            self.entries = read_listing(self.stream[: self.listing])
            if self.open and (len(self.entries) != 1 or self.entries[0].size or self.entries[0].kind != FILE):
                raise Refused("an open offer lists a single file of size 0")
            if not self.open and sum(e.size for e in self.entries if e.kind == FILE) != self.end - self.listing:
                raise Refused("the sizes listed are not the size of the source")
        self.complete = self.entries is not None and len(self.stream) == self.end

    def answered(self, pull, at):
        """That Pull was answered up to here. Of an open offer this is how one learns where it ends."""
        if self.open and pull[1] == 0:
            self.end, self.complete = at, True

    def files(self):
        """Contents by path, of what is complete."""
        at, out = self.listing, {}
        for number, entry in enumerate(e for e in self.entries if e.kind == FILE):
            end = self.end if self.open else at + entry.size
            if number not in self.skipped:
                out[entry.path] = bytes(self.stream[at:end])
            at = end
        return out


class Passed:
    """What is here of something received, to be passed on. In the place of a Share."""

    open, proven, wide = False, True, 0

    def __init__(self, got):
        self.got, self.id, self.givings = got, got.share, []

    @property
    def end(self):
        return self.got.end

    async def _until(self, condition):
        while not condition():
            if not self.got.getting:
                raise Stopped(BUSY)
            self.got.more.clear()
            await self.got.more.wait()

    async def ready(self):
        """What is not proven cannot be passed on."""
        await self._until(lambda: self.got.listing)
        if not self.got.proven:
            raise Stopped(BUSY)

    def source(self):
        return {"share": self.id, "listing": self.got.listing, "size": self.got.end - self.got.listing, "proven": True}

    async def read(self, begin, end):
        await self._until(lambda: len(self.got.stream) > begin or begin == self.end)
        if begin // CHUNK not in self.got.proofs and begin < self.end:
            raise Stopped(BUSY)
        return bytes(self.got.stream[begin : min(begin + MOST_DATA, end or self.end)])

    async def proof(self, index):
        return self.got.proofs[index]
