"""The page on this machine, asked by raw requests as other programs, other users' pages and other names would."""

import asyncio
import contextlib
import json
import os
import stat

import pytest
from harness import Daemon, cli_or_skip, run

JSON = "application/json"
BYTES = "application/octet-stream"
MARK = b"of nobody else"


class Page:
    """A daemon and its page; every request is a connection of its own."""

    def __init__(self, path):
        self.daemon = Daemon(path / "state", name="Anna")

    async def start(self):
        await self.daemon.start(discovery="none")
        if "web.link" not in {method["name"] for method in (await self.daemon.rpc("rpc.discover"))["methods"]}:
            await self.stop()
            pytest.skip("this node serves no page")
        self.link = (await self.daemon.rpc("web.link"))["link"]
        self.port = int(self.link.split(":")[2].split("/")[0])
        self.token = self.link.split("#")[1]
        self.host = f"127.0.0.1:{self.port}"
        return self

    async def stop(self):
        await self.daemon.stop()

    async def raw(self, data, seconds=10):
        """What is answered to some bytes, until the other end closes or says nothing more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = b""
        with contextlib.suppress(ConnectionError):
            writer.write(data)
            await writer.drain()
            async with asyncio.timeout(seconds):
                with contextlib.suppress(TimeoutError):
                    answer = await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            async with asyncio.timeout(seconds):
                head = answer.decode("latin-1").lower()
                if "content-length:" in head:
                    answer += await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
                elif "chunked" in head:
                    answer += await reader.readuntil(b"0\r\n\r\n")
        writer.close()
        return answer

    async def ask(self, method, path, *, host=None, headers=(), body=b"", cookie=True):
        """(status, headers, body). As the page itself asks, unless headers say otherwise; `None` leaves one out."""
        fields = {"Host": host or self.host, "Connection": "close"}
        if method != "GET":
            fields |= {"Origin": f"http://{self.host}", "Content-Type": JSON, "Content-Length": str(len(body))}
        if cookie and getattr(self, "cookie", None):
            fields["Cookie"] = self.cookie
            fields["X-Earshot-Key"] = self.key
        fields |= dict(headers)
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
        answer = await self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        if not answer:
            return 0, {}, b""
        head, _, rest = answer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        named = dict((line.split(":", 1)[0].lower(), line.split(":", 1)[1].strip()) for line in lines[1:])
        return int(lines[0].split()[1]), named, rest

    async def enter(self):
        status, headers, body = await self.ask("POST", "/api/v1/enter", body=json.dumps({"token": self.token}).encode())
        assert status == 200, status
        self.key = json.loads(body)["key"]
        self.set_cookie = headers["set-cookie"]
        self.cookie = self.set_cookie.split(";")[0]
        return self

    async def rpc(self, method, **how):
        return await self.ask("POST", "/api/v1/rpc", body=json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode(), **how)

    async def upload(self):
        status, _, body = await self.ask("POST", "/api/v1/uploads", body=b"{}")
        assert status == 200, body
        return json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])["upload"]

    async def put(self, upload, path, body=MARK, **headers):
        return await self.ask("PUT", f"/api/v1/uploads/{upload}/{path}", body=body, headers={"Content-Type": BYTES, **headers})


@contextlib.asynccontextmanager
async def page(path):
    cli_or_skip()
    if "earshot_peer" in os.environ["EARSHOTD"]:
        pytest.skip("the peer has no page")
    one = await Page(path).start()
    try:
        yield one
        await one.daemon.fine()
    finally:
        await one.stop()


@run
async def test_a_link_opens_once_and_its_cookie_lasts(tmp_path):
    async with page(tmp_path) as one:
        assert (await one.rpc("status", cookie=False))[0] == 401
        await one.enter()
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            assert word in one.set_cookie, one.set_cookie
        assert (await one.rpc("status"))[0] == 200
        for key in (None, "", "a" * 52):
            status, _, body = await one.rpc("status", headers={"X-Earshot-Key": key})
            assert status == 403 and b"wrongKey" in body, "a cookie alone is what servers of others are sent, too"
        status, _, body = await one.ask("POST", "/api/v1/enter", body=json.dumps({"token": one.token}).encode(), cookie=False)
        assert status == 403 and b"expiredLink" in body
        for wrong in ("", "x", one.token[:-1], one.token + "A", "A" * 43, 7, None, [one.token]):
            status, _, _ = await one.ask("POST", "/api/v1/enter", body=json.dumps({"token": wrong}).encode(), cookie=False)
            assert status in (400, 403), (wrong, status)
        # Whoever reads the files of the state does not get in by them.
        for file in one.daemon.state.iterdir():
            if file.is_file() and one.cookie.split("=")[1].encode() in file.read_bytes():
                raise AssertionError(f"{file.name} holds the cookie as it is")
            if file.name.startswith("web."):
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
        port = one.port
        await one.daemon.stop()
        await one.start()
        assert one.port == port and (await one.rpc("status"))[0] == 200, "a page survives a restart of the node"


@run
async def test_no_other_name_leads_here(tmp_path):
    async with page(tmp_path) as one:
        await one.enter()
        for host in (
            "evil.example", f"evil.example:{one.port}", "127.0.0.1", f"127.0.0.1:{one.port + 1}", f"127.0.0.1.evil.example:{one.port}",
            f"127.0.0.1:{one.port}@evil.example", f"0.0.0.0:{one.port}", f"127.1:{one.port}", f"[::ffff:127.0.0.1]:{one.port}", "",
        ):  # fmt: skip
            for path in ("/", "/api/v1/check"):
                status, _, body = await one.ask("GET", path, host=host or " ")
                assert status in (400, 403, 421), (host, path, status)
            status, _, body = await one.rpc("status", host=host or " ")
            assert status in (400, 403, 421) and b"person" not in body, (host, status)
        for host in (f"localhost:{one.port}", f"[::1]:{one.port}"):
            assert (await one.ask("GET", "/api/v1/check", host=host))[0] == 200
        # Two of them, none of them, and a target that names another.
        head = f"GET /api/v1/check HTTP/1.1\r\nHost: {one.host}\r\nHost: evil.example\r\n\r\n"
        assert (await one.raw(head.encode()))[9:10] == b"4"
        assert (await one.raw(b"GET /api/v1/check HTTP/1.1\r\n\r\n"))[9:10] in (b"4", b"")
        for target in ("http://evil.example/api/v1/check", "evil.example/", "*", "//evil.example/api/v1/check"):
            status, headers, _ = await one.ask("GET", target)
            assert status in (0, 400, 403, 404, 421) and "location" not in headers, (target, status)


@run
async def test_no_other_page_asks_for_us(tmp_path):
    async with page(tmp_path) as one:
        await one.enter()
        for origin in ("http://evil.example", "null", "", f"https://{one.host}", f"http://127.0.0.1:{one.port + 1}", f"http://{one.host}/",
                       f"http://localhost:{one.port}", f"http://{one.host}.evil.example", None):  # fmt: skip
            status, headers, body = await one.rpc("status", headers={"Origin": origin})
            assert status == 403 and b"person" not in body, (origin, status)
            assert not any(name.startswith("access-control") for name in headers), headers
        status, _, _ = await one.ask("GET", "/api/v1/events", headers={"Origin": "http://evil.example"})
        assert status == 403
        for site in ("cross-site", "same-site"):
            assert (await one.ask("GET", "/api/v1/events", headers={"Sec-Fetch-Site": site}))[0] == 403
        # A form can send these, with the cookie where a browser is old.
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", None):
            assert (await one.rpc("stop", headers={"Content-Type": kind}))[0] in (400, 403, 415), kind
        # What asks for leave first is given none.
        for path in ("/api/v1/rpc", "/api/v1/uploads"):
            asks = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST", "Content-Type": None}
            status, headers, _ = await one.ask("OPTIONS", path, headers=asks)
            assert status >= 400 and not any(name.startswith("access-control") for name in headers)
        # An upgrade to another protocol is not to be had.
        wants = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
        assert (await one.ask("GET", "/api/v1/events", headers={**wants, "Origin": "http://evil.example"}))[0] == 403


@run
async def test_every_answer_says_how_it_may_be_used(tmp_path):
    async with page(tmp_path) as one:
        await one.enter()
        for path in ("/", "/nothing<script>", "/api/v1/check", "/api/v1/nothing", "/api/v1/transfers/aaaa/files/0", "/api/v1/rpc"):
            _, headers, body = await one.ask("GET", path)
            assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer", path
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert "unsafe" not in headers["content-security-policy"] and b"<script>" not in body.replace(b'<script type="module"', b""), path
            assert "server" not in headers
        _, _, body = await one.ask("GET", "/api/v1/check", cookie=False)
        assert set(json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])) == {"ok", "version"}


@run
async def test_no_path_leads_out_of_the_page_or_an_upload(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    async with page(tmp_path) as one:
        await one.enter()
        for path in ("/../secret", "/%2e%2e/secret", "/..%2fsecret", "/%2e%2e%2fsecret", "//secret", "/./secret", "/.%00./secret",
                     "/index.html%00.js", "/\\..\\secret", f"/{tmp_path}/secret", "/page.c", "/../../../../etc/passwd"):  # fmt: skip
            status, _, body = await one.ask("GET", path)
            assert status in (0, 400, 404) and b"secret" not in body.replace(b"secrets", b"") and b"root:" not in body, (path, status)
        upload = await one.upload()
        before = everything(tmp_path)
        for path in ("..", "../x", "%2e%2e/x", "..%2fx", "%2e%2e%2fx", "a/../../x", "a/%2e%2e/%2e%2e/x", "/etc/x", "%2fetc%2fx", "a//b",
                     ".", "a/.", "a%00b", "%00", "a%0ab", "%c0%ae%c0%ae/x", "%ff", "%", "%2", "%zz", "", "a/" * 100 + "b", "a" * 300):  # fmt: skip
            status, _, body = await one.put(upload, path)
            assert status in (0, 400, 404, 414), (path, status, body)
        for wrong in ("..", "nothing", "%2e%2e", upload.upper(), upload + "x", "a" * 500):
            assert (await one.put(wrong, "x"))[0] in (0, 400, 404), wrong
        assert not [name for name in everything(tmp_path) - before if MARK in name.read_bytes()], "nothing was written anywhere"
        # A link in the way, which only we ourselves can put there, is not followed.
        status, _, body = await one.put(upload, "dir/one.txt")
        assert status == 200, body
        folder = next(name.parent for name in everything(tmp_path) if name.name == "one.txt")
        (folder / "link").symlink_to(tmp_path)
        (folder / "file").symlink_to(tmp_path / "secret")
        for path in ("dir/link/new", "dir/file"):
            assert (await one.put(upload, path))[0] >= 400, path
        assert not (tmp_path / "new").exists() and (tmp_path / "secret").read_bytes() == b"secret"
        assert (await one.put(upload, "dir/one.txt", b"other"))[0] >= 400, "what is there is not written over"


def everything(place):
    return {name for name in place.rglob("*") if name.is_file() and not name.is_symlink()}


@run
async def test_what_is_too_much_is_refused_before_it_comes(tmp_path):
    async with page(tmp_path) as one:
        await one.enter()
        upload = await one.upload()
        for length, wanted in (("9223372036854775807", (413, 507)), ("99999999999999999999999", (400, 413)), ("-1", (400,)), ("1e3", (400,)),
                               ("+5", (400,)), (None, (400, 411))):  # fmt: skip
            status, _, body = await one.ask(
                "PUT", f"/api/v1/uploads/{upload}/big", headers={"Content-Type": BYTES, "Content-Length": length}
            )
            assert status in wanted or status == 0 and 507 not in wanted, (length, status, body)
        assert not [name for name in everything(tmp_path) if name.name == "big" and name.stat().st_size]
        # Two lengths, or a length and chunks: nobody is to read two requests where we read one.
        hidden = f"GET /api/v1/check HTTP/1.1\r\nHost: {one.host}\r\n\r\n"
        for fields in (f"Content-Length: 3\r\nContent-Length: {len(hidden)}\r\n", f"Content-Length: {len(hidden)}\r\nTransfer-Encoding: chunked\r\n",
                       "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n"):  # fmt: skip
            head = f"POST /api/v1/enter HTTP/1.1\r\nHost: {one.host}\r\nOrigin: http://{one.host}\r\nContent-Type: {JSON}\r\n{fields}\r\n"
            answer = await one.raw((head + "0\r\n\r\n" + hidden).encode())
            assert b'"ok":true' not in answer, fields
        # A head without end.
        answer = await one.raw(b"GET / HTTP/1.1\r\n" + b"".join(b"A%d: %s\r\n" % (n, b"x" * 1000) for n in range(1000)))
        assert answer[9:10] in (b"4", b""), answer[:60]


@run
async def test_ranges_of_a_file_are_what_they_are(tmp_path):
    async with page(tmp_path) as one, anyone(tmp_path) as bob:
        await one.enter()
        file = tmp_path / "picture.png"
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
        size = file.stat().st_size
        await one.daemon.rpc("peer.add", address=f"127.0.0.1:{bob.port}")

        async def is_named():
            row = await one.daemon.peer(bob.person)
            return row and row["name"] == "Bob"

        await one.daemon.until(is_named)
        await one.daemon.rpc("accept", who="bob")
        offered = await one.daemon.rpc("offer", to=["bob"], paths=[str(file)])
        path = f"/api/v1/transfers/{offered[0]['id']}/files/0"
        status, headers, body = await one.ask("GET", path)
        assert status == 200 and body == file.read_bytes() and headers["content-disposition"].startswith("attachment"), (status, headers)
        for asked, first, end in (("bytes=0-0", 0, 1), ("bytes=1-3", 1, 4), ("bytes=-5", size - 5, size), ("bytes=5-", 5, size),
                                  ("bytes=0-99999999999999999999", 0, size), (f"bytes=-{size * 9}", 0, size)):  # fmt: skip
            status, headers, body = await one.ask("GET", path, headers={"Range": asked})
            assert status == 206 and body == file.read_bytes()[first:end], (asked, status, len(body))
            assert headers["content-range"] == f"bytes {first}-{end - 1}/{size}", asked
        for asked in (f"bytes={size}-", "bytes=99999999999999999999-", "bytes=-0"):
            status, _, body = await one.ask("GET", path, headers={"Range": asked})
            assert status == 416 and MARK not in body, (asked, status)
        # What means nothing, or many at once, costs no more than the whole.
        for asked in ("bytes=5-1", "bytes=", "bytes=a-b", "bytes=--1", "lines=1-2", "bytes=" + ",".join(["0-"] * 1_000), "bytes=0-,0-,0-"):
            status, _, body = await one.ask("GET", path, headers={"Range": asked})
            assert status in (200, 400, 416) and len(body) <= size + 200, (asked, status, len(body))
        for wrong in ("1", "-1", "99999999999999999999", "x", "0/..", "%30", ""):
            assert (await one.ask("GET", path.removesuffix("0") + wrong))[0] in (0, 400, 404), wrong
        # Only what its first bytes say is shown, and a link that took its place is nothing of ours.
        assert (await one.ask("GET", path + "?inline=1"))[1]["content-disposition"].startswith("inline")
        (tmp_path / "other").write_bytes(b"secret")
        file.unlink()
        file.symlink_to(tmp_path / "other")
        status, _, body = await one.ask("GET", path)
        assert status >= 400 and b"secret" not in body
        file.unlink()
        file.write_bytes(b"<svg onload=alert(1)>")
        status, headers, _ = await one.ask("GET", path + "?inline=1")
        assert status >= 400 or headers["content-disposition"].startswith("attachment")


@contextlib.asynccontextmanager
async def anyone(path):
    bob = await Daemon(path / "bob", name="Bob").start(discovery="none")
    try:
        yield bob
    finally:
        await bob.stop()
