"""Section 5: one frame in one UDP datagram."""

import struct
import time

from .crypto import Cipher, Refused
from .frames import padded, unpadded

WINDOW, MOST, HEADER, TAG = 2_048, 1_200, 20, 16


class Window:
    """Which counters were taken already. Nothing older than 2,047 below the newest."""

    def __init__(self, size=WINDOW):
        self.size, self.newest, self.seen = size, -1, 0

    def take(self, counter):
        if counter > self.newest:
            shift = counter - self.newest
            self.seen = 1 if shift >= self.size else (self.seen << shift | 1) & ((1 << self.size) - 1)
            self.newest = counter
            return True
        age = self.newest - counter
        if age >= self.size or self.seen >> age & 1:
            return False
        self.seen |= 1 << age
        return True


class Channel:
    """Both directions of the datagrams beside one session."""

    def __init__(self, secrets, initiator, my_index, their_index, aes):
        self.secrets, self.aes = secrets, aes
        self.my_index, self.their_index = my_index, their_index
        self.outgoing, self.incoming = (b"udp i2r", b"udp r2i") if initiator else (b"udp r2i", b"udp i2r")
        self.epoch, self.counter = 0, 0
        self.current, self.current_since, self.windows = 0, time.monotonic(), {}

    def _cipher(self, label, epoch):
        return Cipher(self.secrets.export(label + struct.pack(">H", epoch), 32), self.aes)

    def seal_plain(self, plain, epoch=None, counter=None, index=None):
        epoch = self.epoch if epoch is None else epoch
        if counter is None:
            counter, self.counter = self.counter, self.counter + 1
        header = struct.pack(">BBHQQ", 0xE5, 1, epoch, self.their_index if index is None else index, counter)
        return header + self._cipher(self.outgoing, epoch).seal(counter, plain, header)

    def seal(self, kind, body=b"", **how):
        return self.seal_plain(padded(kind, body, MOST - HEADER - TAG), **how)

    def renew(self):
        self.epoch, self.counter = self.epoch + 1, 0

    def open(self, datagram):
        """(type, body), or None for everything that is to be met with silence."""
        if not HEADER + TAG < len(datagram) <= MOST:
            return None
        magic, version, epoch, index, counter = struct.unpack(">BBHQQ", datagram[:HEADER])
        if magic != 0xE5 or version != 1 or index != self.my_index:
            return None
        late = epoch == self.current - 1 and time.monotonic() - self.current_since < 30
        if not self.current <= epoch <= self.current + 4 and not late:
            return None
        try:
            plain = self._cipher(self.incoming, epoch).open(counter, datagram[HEADER:], datagram[:HEADER])
        except Refused:
            return None
        if not self.windows.setdefault(epoch, Window()).take(counter):
            return None
        if epoch > self.current:
            self.current, self.current_since = epoch, time.monotonic()
        try:
            return unpadded(plain)
        except Refused:
            return None
