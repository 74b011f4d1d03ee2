"""Real daemons and their pages in a browser. EARSHOTD is the daemon; CHROMIUM the browser (/usr/bin/chromium unless
said)."""

import pytest
from playwright.sync_api import sync_playwright
from world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    found = World(tmp_path_factory.mktemp("world"))
    yield found
    found.stop()


@pytest.fixture(scope="session")
def browser():
    import os

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        one = playwright.chromium.launch(executable_path=program, args=arguments)
        yield one
        one.close()


class Opener:
    """Opens pages of nodes, and keeps what must not happen: complaints of the browser, and calls to elsewhere."""

    def __init__(self, browser):
        self.browser, self.contexts, self.complaints, self.away = browser, [], [], False

    def __call__(self, node, path="", **options):
        options.setdefault("viewport", {"width": 1200, "height": 800})
        options.setdefault("locale", "en-GB")
        context = self.browser.new_context(permissions=["clipboard-read", "clipboard-write", "microphone"], **options)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complain(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.complain(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.look(request.url, node))
        page.goto(node.link())
        page.wait_for_selector(".self")
        if path:
            page.goto(node.address + path)
        return page

    def hear(self, said):
        if said.type not in ("error", "warning"):
            return
        # A file that somebody has removed since is not there to be shown, and the browser says so by itself.
        if "404" in said.text and "/api/v1/transfers/" in said.location.get("url", ""):
            return
        self.complain(f"console: {said.text} {said.location}")

    def complain(self, text):
        if self.away and "Failed to load resource" in text:
            return  # What a browser says of a node that is not there.
        self.complaints.append(text)

    def look(self, url, node):
        if not url.startswith((node.address, "data:", "blob:")):
            self.complain(f"request to {url}")


@pytest.fixture
def open_page(browser):
    opener = Opener(browser)
    yield opener
    for context in opener.contexts:
        context.close()
    assert not opener.complaints
