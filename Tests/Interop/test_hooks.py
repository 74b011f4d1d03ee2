"""Hooks, ways in for programs, announcements and numbers: real daemons, as docs/Hooks.md says. And the examples."""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import queue
import re
import shlex
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from harness import cli_or_skip

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "0123456789abcdef-of-the-test"


class Person:
    """A daemon with a file of settings of its own, and the commands asked of it."""

    def __init__(self, path, name, config=""):
        self.state = path / name / "state"
        self.folder = path / name
        (path / name / "xdg" / "earshot").mkdir(parents=True)
        self.config = path / name / "xdg" / "earshot" / "config.toml"
        self.config.write_text(f'[contacts]\naccept = "lan"\n{config}')
        self.config.chmod(0o600)
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(path / name / "xdg"), "EARSHOT_STATE": str(self.state)}
        self.environment.pop("EARSHOT_NAME", None)
        self.log = open(path / name / "log", "w+")
        command = [*shlex.split(os.environ["EARSHOTD"]), "--name", name, "--port", "0", "--discovery", "embedded", "--interface", "lo"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        assert self.process.stdout.readline().startswith("earshotd ready")

    def earshot(self, *words, code=0):
        done = subprocess.run([*shlex.split(os.environ["EARSHOT"]), *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        assert code is None or done.returncode == code, done.stderr.decode()
        return done.stdout.decode()

    def start(self, *words):
        return subprocess.Popen(words, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def watch(self):
        return Watch(self)

    def said(self):
        self.log.flush()
        return (self.folder / "log").read_text()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(15) == 0, self.said()


class Watch:
    """Everything as it happens to somebody, from now on."""

    def __init__(self, person):
        command = [*shlex.split(os.environ["EARSHOT"]), "watch", "--json"]
        since = json.loads(person.earshot("status", "--json"))["cursor"]
        self.process = person.start(*command, "--since", str(since))
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        """Several lines may come at once: what was read of them already no poll would tell of."""
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def until(self, wanted, seconds=40):
        """The first message with such a text."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            event = json.loads(line)
            message = event.get("message", {})
            if event["event"] == "message" and re.fullmatch(wanted, message["text"], re.DOTALL):
                return message
        raise AssertionError(f"nobody said {wanted}")

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def people(tmp_path):
    """Makes people who know each other; the first has the hooks."""
    cli_or_skip()
    if "earshot_peer" in os.environ["EARSHOTD"]:
        pytest.skip("the peer has no hooks")
    made = []

    def make(config=""):
        anna, bob = Person(tmp_path, "Anna", config), Person(tmp_path, "Bob")
        made.extend([anna, bob])
        bob.earshot("send", "anna", "hello", "--wait", "delivered")
        return anna, bob

    yield make
    for person in made:
        person.process.kill()
        person.process.wait()


def hook(anna, name):
    return next(json.loads(line) for line in anna.earshot("hooks", "--json").splitlines() if json.loads(line)["name"] == name)


def test_a_hook_answers_in_the_conversation_and_in_the_room(people, tmp_path):
    bot = tmp_path / "bot.sh"
    bot.write_text('#!/bin/sh\necho "from $EARSHOT_FROM_NAME"\necho "reply: you said $EARSHOT_TEXT"\n')
    bot.chmod(0o700)
    anna, bob = people(f'[[hook]]\nname = "echo"\non = "message"\nprefix = "!"\nexec = "{bot}"\n')
    watch = bob.watch()
    bob.earshot("send", "anna", "!ping")
    assert watch.until("you said !ping")["fromName"] == "Anna"
    anna.earshot("send", "bob", "!mine")
    bob.earshot("send", "anna", "not meant")
    anna.earshot("room", "create", "ops", "--open")
    watch.stop()
    view = hook(anna, "echo")
    assert (view["runs"], view["failures"], view["replies"], view["last"]) == (1, 0, 1, "done"), view
    assert "hook echo: from Bob" in anna.said()


def test_what_goes_wrong_is_said_once_and_the_node_lives_on(people):
    anna, bob = people('[[hook]]\nname = "gone"\non = "message"\nexec = "/nowhere/bot"\n')
    watch = anna.watch()
    for number in range(3):
        bob.earshot("send", "anna", f"try {number}")
        watch.until(f"try {number}")
    watch.stop()
    assert hook(anna, "gone")["failing"] >= 1
    assert anna.said().count("cannot be started") == 1
    assert "hook gone" in anna.earshot("doctor", code=1)
    anna.config.write_text('[contacts]\naccept = "lan"\n')
    anna.earshot("config", "reload")
    assert anna.earshot("hooks", "--json") == ""
    anna.stop()


def test_two_that_answer_each_other_fall_silent(people):
    config = '[[hook]]\non = "message"\nexec = ["echo", "reply: and you?"]\n'
    anna, bob = people(config)
    bob.config.write_text(f'[contacts]\naccept = "lan"\n{config}')
    bob.earshot("config", "reload")
    watch = anna.watch()
    bob.earshot("send", "anna", "begin")
    watch.until("begin")
    deadline = time.monotonic() + 40
    while not hook(anna, "hook1")["unsaid"] + hook(bob, "hook1")["unsaid"] and time.monotonic() < deadline:
        watch.until("and you\\?")
    watch.stop()
    assert hook(anna, "hook1")["unsaid"] + hook(bob, "hook1")["unsaid"] > 0


def test_a_node_that_ends_ends_what_its_hooks_run(people, tmp_path):
    mark = tmp_path / "pid"
    anna, bob = people(f"[[hook]]\non = \"message\"\nword = \"hang\"\nshell = true\nexec = 'trap \"\" TERM; echo $$ > {mark}.new; mv {mark}.new {mark}; sleep 1000'\ntimeout = \"60m\"\n")
    bob.earshot("send", "anna", "hang")
    deadline = time.monotonic() + 30
    while not mark.exists() and time.monotonic() < deadline:
        anna.earshot("status")
    process = int(mark.read_text())
    anna.stop()
    assert not pathlib.Path(f"/proc/{process}").exists()


def test_on_runs_a_program_in_the_foreground(people):
    anna, bob = people()
    on = anna.start(*shlex.split(os.environ["EARSHOT"]), "on", "message", "--from", "bob", "--word", "go", "--once", "--", "sh", "-c", 'read -r l; echo "$l"; echo "reply: gone"; exit 4')
    assert "waiting" in on.stderr.readline()
    watch = bob.watch()
    bob.earshot("send", "anna", "stay")
    bob.earshot("send", "anna", "go!")
    watch.until("gone")
    watch.stop()
    out, _ = on.communicate(timeout=30)
    assert on.returncode == 4 and json.loads(out)["message"]["text"] == "go!"


def test_a_post_of_an_event_is_signed(people):
    got = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put((self.path, dict(self.headers), body))
            self.send_response(500 if b"fail" in body else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    anna, bob = people(f'[[hook]]\nname = "out"\non = "message"\nword = "post"\nurl = "http://127.0.0.1:{server.server_port}/in?x=1"\nsecret = "{SECRET}"\n')
    bob.earshot("send", "anna", "post this")
    path, headers, body = got.get(timeout=30)
    wanted = hmac.new(SECRET.encode(), headers["X-Earshot-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert path == "/in?x=1" and headers["X-Earshot-Signature"] == f"sha256={wanted}"
    assert json.loads(body)["message"]["text"] == "post this" and headers["Content-Type"] == "application/json"
    bob.earshot("send", "anna", "post fail")
    got.get(timeout=30)
    server.shutdown()
    deadline = time.monotonic() + 20
    while hook(anna, "out")["failures"] == 0 and time.monotonic() < deadline:
        pass
    assert hook(anna, "out")["last"] == "answered with 500"


def page(anna):
    return json.loads(anna.earshot("status", "--json"))["page"]["address"].rstrip("/")


def fetch(url, data=None, headers=()):
    request = urllib.request.Request(url, data, dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_what_a_program_posts_is_said_once(people):
    anna, bob = people(f'[[webhook]]\nname = "ci"\nto = "bob"\nsecret = "{SECRET}"\n')
    url = f"{page(anna)}/hook/ci"
    body = json.dumps({"text": "build 7 is green"}).encode()

    def signed(body, at=None, secret=SECRET):
        at = str(int(time.time() if at is None else at))
        code = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Earshot-Timestamp": at, "X-Earshot-Signature": f"sha256={code}"}

    watch = bob.watch()
    good = signed(body)
    assert fetch(url, body, good) == (200, '{"sent":1}')
    assert watch.until("build 7 is green")["fromName"] == "Anna"
    watch.stop()
    assert fetch(url, body, good)[0] == 403, "a second time"
    for headers in (signed(body, secret="another secret of sixteen"), signed(body, time.time() - 400), signed(body, time.time() + 400), {"Content-Type": "application/json"}):
        assert fetch(url, body, headers)[0] == 403
    assert fetch(f"{page(anna)}/hook/nobody", body, signed(body))[0] == 403
    assert fetch(url, b"[]", signed(b"[]"))[0] == 400
    assert fetch(url, b"x" * 70_000, signed(b"x" * 70_000))[0] == 413
    assert fetch(url)[0] == 405
    assert anna.said().count("a post was refused") == 1
    view = hook(anna, "ci")
    assert view["runs"] > 5 and view["failing"] == 0 and SECRET not in json.dumps(view)


def test_the_snippet_of_the_document_posts(people):
    """docs/Hooks.md, as a person would copy it: with their secret, and the port of their page."""
    anna, bob = people(f'[[webhook]]\nname = "ci"\nto = "bob"\nsecret = "{SECRET}"\n')
    [snippet] = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/Hooks.md").read_text(), re.DOTALL)
    if shutil.which("openssl") is None or shutil.which("curl") is None:
        pytest.skip("the snippet needs openssl and curl")
    port = page(anna).rsplit(":", 1)[1]
    watch = bob.watch()
    script = snippet.replace(":47448", f":{port}")
    done = subprocess.run(["/bin/sh", "-ec", script], env={**os.environ, "secret": SECRET}, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, '{"sent":1}'), done.stderr
    watch.until("build 7 is green")
    watch.stop()


def test_the_answers_of_the_document_are_said(people, tmp_path):
    """What docs/Hooks.md says that a hook may write."""
    text = (ROOT / "docs/Hooks.md").read_text()
    answers = [a for a in re.findall(r"`(\{.*?\})`", text) if "reply" in a]
    assert answers == ['{"reply": "two\\nlines", "cite": true}']
    bot = tmp_path / "bot.sh"
    bot.write_text(f"#!/bin/sh\ncat >/dev/null\nprintf '%s\\n' '{answers[0]}'\n")
    bot.chmod(0o755)
    # Two without a name: each is told apart.
    anna, bob = people(f'[[hook]]\non = "message"\nexec = "{bot}"\n[[hook]]\non = "message"\nexec = "false"\n')
    watch = bob.watch()
    bob.earshot("send", "anna", "hello")
    assert watch.until("two\nlines")["replyTo"]
    watch.stop()
    assert hook(anna, "hook1")["failing"] == 0
    deadline = time.monotonic() + 20
    while not (failing := hook(anna, "hook2")["failing"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert failing and "hook hook2" in anna.said() and "hook hook1" not in anna.said()
    assert "hook hook2" in anna.earshot("doctor", code=None)


def test_numbers_name_nobody(people):
    anna, bob = people("[metrics]\nenabled = true\n")
    assert fetch(f"{page(anna)}/healthz") == (200, "ok\n")
    assert fetch(f"{page(bob)}/metrics")[0] == 404
    status, text = fetch(f"{page(anna)}/metrics")
    assert status == 200 and "Anna" not in text and "Bob" not in text
    lines = text.splitlines()
    assert len(lines) % 3 == 0
    for help, kind, value in zip(lines[::3], lines[1::3], lines[2::3]):
        name, number = value.split(" ")
        assert help.startswith(f"# HELP {name} ") and re.fullmatch(f"# TYPE {name} (counter|gauge)", kind) and int(number) >= 0
        assert name.endswith("_total") == ("counter" in kind)
    values = dict(line.split(" ") for line in lines[2::3])
    assert values["earshot_contacts"] == "1" and values["earshot_disk_ok"] == "1" and int(values["earshot_entries_received_total"]) >= 1
    assert set(values) == {line.split(" ")[0] for line in anna.earshot("metrics").splitlines() if not line.startswith("#")}


def test_an_announcement_is_said_at_its_time(people):
    at = time.localtime(time.time() + 61)
    anna, bob = people(f'[[announce]]\nname = "tea"\nat = "{at.tm_hour:02}:{at.tm_min:02}"\nto = "bob"\ntext = "tea time"\n')
    view = hook(anna, "tea")
    assert view["next"] and view["runs"] == 0
    watch = bob.watch()
    watch.until("tea time", 130)
    watch.stop()
    assert (anna.state / "announced").read_text().startswith("tea@")
    assert hook(anna, "tea")["runs"] == 1


# The examples.


def test_the_shell_bot(people):
    anna, bob = people(f"[[hook]]\non = \"message\"\nprefix = \"!echo \"\nexec = \"{ROOT / 'examples/echo.sh'}\"\n")
    watch = bob.watch()
    bob.earshot("send", "anna", "!echo $(id) `id` ; \"x\"")
    watch.until(re.escape('$(id) `id` ; "x"'))
    watch.stop()


def test_the_python_bot(people):
    anna, bob = people()
    bot = anna.start(str(ROOT / "examples/dice.py"), str(anna.state))
    assert bot.stdout.readline() == "ready\n"
    watch = bob.watch()
    bob.earshot("send", "anna", "!roll 3d1")
    assert watch.until(r"1 \+ 1 \+ 1 = 3")["replyTo"]
    watch.stop()
    bot.kill()
    bot.wait()


def test_the_swift_bot(people, tmp_path):
    if not shutil.which("swiftc"):
        pytest.skip("no swiftc")
    subprocess.run(["swiftc", str(ROOT / "examples/Karma.swift"), "-o", str(tmp_path / "karma")], check=True, timeout=300)
    anna, bob = people(f"[[hook]]\non = \"message\"\nexec = [\"{tmp_path / 'karma'}\", \"{tmp_path / 'karma.txt'}\"]\n")
    watch = bob.watch()
    bob.earshot("send", "anna", "coffee++ and again coffee++")
    watch.until("coffee has 1 now.")
    bob.earshot("send", "anna", "tea++")
    watch.until("tea has 1 now.")
    bob.earshot("send", "anna", "!karma")
    watch.until("coffee: 1\ntea: 1")
    watch.stop()


def test_the_examples_are_short():
    for path in (ROOT / "examples").iterdir():
        assert len(path.read_text().splitlines()) <= 60, path
