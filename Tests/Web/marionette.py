"""Firefox, steered by what it brings itself: JSON on a socket, each message with its length before it."""

import json
import os
import shutil
import socket
import subprocess

from world import free_port, until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"

PREFERENCES = """
user_pref("marionette.port", %d);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("intl.accept_languages", "en-GB");
"""


def program():
    """Where Firefox is; FIREFOX names another place."""
    named = os.environ.get("FIREFOX", "firefox-esr")
    return shutil.which(named) or shutil.which("firefox")


class Firefox:
    """One window. Whatever is looked for is waited for."""

    def __init__(self, folder):
        port = free_port()
        profile = folder / "firefox"
        profile.mkdir()
        (profile / "user.js").write_text(PREFERENCES % port)
        self.log = open(folder / "firefox.log", "wb")
        self.process = subprocess.Popen(
            [program(), "--headless", "--marionette", "--no-remote", "--profile", profile],
            env={**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)  # fmt: skip
        self.line = until(lambda: self.connect(port), 60)
        self.line.settimeout(60)
        self.count = 0
        self.read()
        self.ask("NewSession")
        self.ask("SetTimeouts", implicit=20_000)

    def connect(self, port):
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            assert self.process.poll() is None, "Firefox ended"
            return None

    def read(self):
        length = b""
        while not length.endswith(b":"):
            length += self.take(1)
        return json.loads(self.take(int(length[:-1])))

    def take(self, count):
        got = b""
        while len(got) < count:
            part = self.line.recv(count - len(got))
            assert part, "Firefox is gone"
            got += part
        return got

    def ask(self, command, **what):
        self.count += 1
        text = json.dumps([0, self.count, f"WebDriver:{command}", what]).encode()
        self.line.sendall(b"%d:%s" % (len(text), text))
        _, _, error, answer = self.read()
        assert not error, (command, what, error["message"])
        return answer

    def go(self, address):
        self.ask("Navigate", url=address)

    @property
    def address(self):
        return self.ask("GetCurrentURL")["value"]

    def find(self, selector):
        """What a CSS selector means, or an XPath, which begins with a slash."""
        how = "xpath" if selector.startswith("/") else "css selector"
        return self.ask("FindElement", using=how, value=selector)["value"][ELEMENT]

    def click(self, selector):
        self.ask("ElementClick", id=self.find(selector))

    def type(self, selector, text):
        self.ask("ElementSendKeys", id=self.find(selector), text=text)

    def stop(self):
        self.line.close()
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
