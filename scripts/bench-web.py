#!/usr/bin/env python3
"""Figures of the page, from real daemons and a real browser: memory, first paint, how soon a message is seen, files, heap.
Best in a network of its own, with a release build and nothing else at work; Tests/Web/run.sh installs what it needs.

    Tests/Web/.venv/bin/python scripts/bench-web.py .build/release/earshotd
"""

import argparse
import http.client
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "Tests" / "Web"))
PAGE = HERE / "Sources/EarshotPage/Page"

from playwright.sync_api import sync_playwright  # noqa: E402
from world import Node, until  # noqa: E402

# Says when a message with a text is on the screen, in ms since 1970: two pages on one machine have one clock.
SEEN = """text => new Promise(done => {
  const look = () => {
    const last = document.querySelector('.rows')?.lastElementChild;
    if (!last?.textContent.includes(text)) return false;
    watch.disconnect();
    requestAnimationFrame(() => done(performance.timeOrigin + performance.now()));
    return true;
  };
  const watch = new MutationObserver(look);
  if (!look()) watch.observe(document.body, { childList: true, subtree: true });
})"""


def say(what, *figures):
    print(f"{what:<52}", *figures, flush=True)


def memory(node, field="VmRSS"):
    """MB of a daemon: what it has now, or the most it had (VmHWM)."""
    for line in open(f"/proc/{node.process.pid}/status"):
        if line.startswith(field):
            return int(line.split()[1]) / 1024


def many(node, method, all_of_them):
    """Asks a lot, a hundred at a time; answers with what the last said."""
    for at in range(0, len(all_of_them), 100):
        lines = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params} for number, params in enumerate(all_of_them[at : at + 100])
        ]
        node.line.sendall(json.dumps(lines).encode() + b"\n")
        answers = json.loads(node.file.readline())
    return answers[-1]["result"]


class Pages:
    """Pages of nodes. `loaded` are the bytes of what the last of them fetched to be there."""

    def __init__(self, browser):
        self.browser, self.loaded = browser, {}

    def open(self, node, path):
        context = self.browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB", service_workers="block")
        page = context.new_page()
        page.on("response", lambda answer: self.note(answer))
        page.goto(node.link())
        page.wait_for_selector(".self")
        page.goto(node.address + path)
        page.locator("es-composer textarea").wait_for()
        return page

    def note(self, answer):
        if "/api/" not in answer.url and answer.ok:
            self.loaded[answer.url] = int(answer.headers.get("content-length", 0))


def weight(pages, anna, bob):
    files = [file for file in PAGE.rglob("*") if file.is_file() and file.suffix != ".md"]
    say("page: all that is in the program", f"{sum(file.stat().st_size for file in files) / 1000:.0f} kB in {len(files)} files")
    before = memory(anna)
    pages.loaded.clear()
    page = pages.open(anna, f"#/talk/{bob.person}")
    say("page: what a browser fetches for a conversation", f"{sum(pages.loaded.values()) / 1000:.0f} kB in {len(pages.loaded)} files")
    say("memory of a node without a page, with one open", f"{before:.1f} MB, {memory(anna):.1f} MB")
    return page


def paint(page, rounds):
    first, whole = [], []
    for _ in range(rounds):
        page.reload()
        page.locator("es-composer textarea").wait_for()
        first.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        drawn = page.evaluate("() => { performance.mark('drawn'); return performance.getEntriesByName('drawn')[0].startTime }")
        whole.append(drawn)
    say("a warm page: first paint, conversation drawn (p50)", f"{statistics.median(first):.0f} ms, {statistics.median(whole):.0f} ms")


def typing(one, other, rounds):
    times = []
    for number in range(rounds):
        text = f"as typed {number:04}"
        one.locator("es-composer textarea").fill(text)
        other.evaluate(f"() => {{ globalThis.seen = ({SEEN})({json.dumps(text)}) }}")
        pressed = one.evaluate(
            """() => { const at = performance.timeOrigin + performance.now();
            document.querySelector('es-composer textarea').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
            return at }"""
        )
        times.append(other.evaluate("seen") - pressed)
    times.sort()
    say("typed in one browser, seen in another (p50, p95)", f"{times[len(times) // 2]:.0f} ms, {times[int(len(times) * 0.95)]:.0f} ms")


def files(anna, bob, folder, size):
    key = {"Authorization": f"Bearer {(anna.state / 'web.key').read_text().strip()}"}

    def ask(method, path, body=None, **fields):
        line = http.client.HTTPConnection("127.0.0.1", anna.port, blocksize=1 << 20)
        line.request(method, path, body, {**key, **fields})
        return line.getresponse()

    file = folder / "big"
    with open(file, "wb") as out:
        for _ in range(size >> 20):
            out.write(os.urandom(1 << 20))
    before = memory(anna)
    upload = json.load(ask("POST", "/api/v1/uploads", "{}", **{"Content-Type": "application/json"}))["upload"]
    start = time.monotonic()
    with open(file, "rb") as body:
        answer = ask("PUT", f"/api/v1/uploads/{upload}/big", body, **{"Content-Type": "application/octet-stream", "Content-Length": str(size)})
        path = json.load(answer)["path"]
    up = size / (time.monotonic() - start) / 1e6
    file.unlink()
    offered = anna.rpc("offer", to=[bob.person], paths=[path])[0]["id"]
    start, got = time.monotonic(), 0
    answer = ask("GET", f"/api/v1/transfers/{offered}/files/0")
    buffer = bytearray(1 << 20)
    while count := answer.readinto(buffer):
        got += count
    assert got == size, (answer.status, got)
    down = size / (time.monotonic() - start) / 1e6
    say(f"a file of {size >> 20} MiB to the node, and from it", f"{up:.0f} MB/s, {down:.0f} MB/s")
    say("memory of the node before, at most meanwhile", f"{before:.1f} MB, {memory(anna, 'VmHWM'):.1f} MB")


def heap(page, anna, bob, count):
    line = page.context.new_cdp_session(page)

    def used():
        line.send("HeapProfiler.collectGarbage")
        return line.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    before = used()
    seen = f"of many {count - 1}"
    page.evaluate(f"() => {{ globalThis.seen = ({SEEN})({json.dumps(seen)}) }}")
    many(bob, "send", [{"to": [anna.person], "text": f"of many {number}"} for number in range(count)])
    page.set_default_timeout(300_000)
    page.evaluate("seen")
    say(f"heap of the page before and after {count} messages", f"{before:.1f} MB, {used():.1f} MB")


def scroll(pages, anna, count, seconds):
    """Upwards through a long conversation, as fast as a wheel goes; then back to the end at once."""
    room = anna.rpc("room.create", name="long")["id"]
    many(anna, "send", [{"to": ["#long"], "text": f"Number {number} of a long conversation, with a few words more"} for number in range(count)])
    page = pages.open(anna, f"#/room/{room}")
    page.locator(".row", has_text=f"Number {count - 1} ").wait_for()
    frames = page.evaluate(
        """async (seconds) => {
          const messages = document.querySelector('es-messages'), frames = [];
          let last = performance.now();
          const end = last + seconds * 1000;
          while (last < end) {
            messages.scrollTop -= 400;
            await new Promise(requestAnimationFrame);
            const now = performance.now();
            frames.push(now - last);
            last = now;
          }
          return frames;
        }""",
        seconds,
    )
    at = int(page.evaluate("/Number (\\d+)/.exec(document.querySelector('.rows').textContent)[1]"))
    frames.sort()
    over = sum(frame > 50 for frame in frames)
    say(
        f"frames while scrolling {count} messages (p50, p99)",
        f"{frames[len(frames) // 2]:.0f} ms, {frames[int(len(frames) * 0.99)]:.0f} ms; {over} of {len(frames)} over 50 ms, {count - at} messages gone by",
    )
    start = time.monotonic()
    page.get_by_role("button", name="To the newest message").click()
    page.locator(".row", has_text=f"Number {count - 1} ").wait_for()
    say("back to the newest of them", f"{(time.monotonic() - start) * 1000:.0f} ms")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("earshotd", nargs="?", default=str(HERE / ".build/release/earshotd"))
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--scrolled", type=int, default=100_000, help="messages of the conversation that is scrolled")
    options.add_argument("--size", type=int, default=1 << 30, help="bytes of the file")
    options.add_argument("--folder", help="where the nodes and the file are")
    asked = options.parse_args()
    asked.size -= asked.size % (1 << 20)
    os.environ["EARSHOTD"] = str(pathlib.Path(asked.earshotd).resolve())
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder, sync_playwright() as playwright:
        folder = pathlib.Path(folder)
        anna, bob = Node(folder, "Anna"), Node(folder, "Bob")
        try:
            for one, other in ((anna, bob), (bob, anna)):
                until(lambda one=one, other=other: one.rpc("accept", who=other.person))
            until(lambda: anna.rpc("contacts")[0]["online"])
            program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            pages = Pages(browser)
            page = weight(pages, anna, bob)
            other = pages.open(bob, f"#/talk/{anna.person}")
            typing(page, other, asked.rounds)
            paint(page, max(1, asked.rounds // 5))
            heap(page, anna, bob, asked.messages)
            say("memory of the node after that", f"{memory(anna):.1f} MB")
            scroll(pages, anna, asked.scrolled, 20)
            browser.close()
            files(anna, bob, folder, asked.size)
        finally:
            anna.stop()
            bob.stop()


main()
