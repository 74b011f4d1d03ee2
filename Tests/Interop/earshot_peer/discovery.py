"""Section 8: announcing oneself and finding others, on one interface."""

import ipaddress
import re
import socket
import struct
import time

from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, Zeroconf

from .crypto import base32, blake2b

SERVICE = "_earshot._tcp.local."
EPOCH = 900


def tag(key, epoch):
    """What a private advert is called in an epoch."""
    return base32(blake2b("earshot.mdns.v1", struct.pack(">I", epoch), 10, key))


def recognised(name, keys, now=None):
    """Whose advert it is, of those whose keys are known, by a clock that may be off by an epoch."""
    epoch = int(time.time() if now is None else now) // EPOCH
    return next((who for who, key in keys.items() for near in (epoch - 1, epoch, epoch + 1) if tag(key, near) == name), None)


def acceptable(properties, port, addresses, loopback=False):
    """The id, or the tag, and the addresses of an advert that may be believed; None otherwise."""
    if (b"id" in properties) == (b"tag" in properties):
        return None
    the_id = properties.get(b"id") or properties.get(b"tag") or b""
    if not re.fullmatch(rb"[a-z2-7]{16}", the_id) or port is None or port < 1024:
        return None
    good = [a for a in addresses if acceptable_address(a, port, loopback)][:8]
    return (the_id.decode(), good) if good else None


def acceptable_address(address, port, loopback=False):
    return port >= 1024 and _is_near(ipaddress.ip_address(address), loopback)


def _is_near(address, loopback):
    if address.is_loopback:
        return loopback
    if address.is_multicast or address.is_unspecified:
        return False
    return address.is_private or address.is_link_local


class Discovery:
    def __init__(self, interface="127.0.0.1"):
        self.interface = interface
        self.zeroconf = Zeroconf(interfaces=[interface], ip_version=IPVersion.V4Only)
        self.found, self.tags, self.info = {}, {}, None
        self.gone = []  # instances that were taken back

    def announce(self, id16, port, text=None, private=False):
        self.info = ServiceInfo(
            SERVICE,
            f"earshot-{id16}.{SERVICE}",
            addresses=[socket.inet_aton(self.interface)],
            port=port,
            properties={"txtvers": "1", "v": "1", "tag" if private else "id": id16} if text is None else text,
            server=f"earshot-{id16}.local.",
        )
        self.zeroconf.register_service(self.info)

    def take_back(self):
        self.zeroconf.unregister_service(self.info)

    def browse(self, on_found=lambda the_id, addresses, port: None):
        self.on_found = on_found
        self.browser = ServiceBrowser(self.zeroconf, SERVICE, self)
        return self

    def add_service(self, zeroconf, kind, name):
        info = zeroconf.get_service_info(kind, name, timeout=3000)
        if not info:
            return
        loopback = self.interface.startswith("127.")
        good = acceptable(info.properties, info.port, info.parsed_addresses(IPVersion.V4Only), loopback)
        if good and b"tag" in info.properties:
            self.tags[good[0]] = (good[1], info.port)
        elif good:
            self.found[good[0]] = (good[1], info.port)
            self.on_found(good[0], good[1], info.port)

    update_service = add_service

    def remove_service(self, zeroconf, kind, name):
        self.gone.append(name.removesuffix("." + kind))  # A goodbye only schedules a check.

    def close(self):
        self.zeroconf.close()
