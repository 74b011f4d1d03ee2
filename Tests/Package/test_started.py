"""`earshotd` as a service manager starts it: with its socket, its ears, and hardly anything else."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest
from conftest import PROGRAMS

PATIENCE = 30


@pytest.fixture
def place(tmp_path):
    """A state folder that exists, as a manager makes it, and an environment without anything of ours."""
    (tmp_path / "state").mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    return tmp_path / "state", environment


class Ears:
    """The socket to which a service tells how it is."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self.socket.settimeout(PATIENCE)
        self.heard = []

    def until(self, word):
        """What was said up to a datagram that has this word."""
        while not self.heard or word not in self.heard[-1]:
            self.heard.append(self.socket.recv(4_096).decode())
        return self.heard[-1]


@contextlib.contextmanager
def started(state, environment, *words, door=None, **more):
    """The daemon with `door` as descriptor 3, if there is one; killed at the end if it still runs."""
    # The variables name the process that takes the place of the shell.
    script = 'exec 3<&$DOOR; export LISTEN_PID=$$; exec "$@"' if door else 'exec "$@"'
    command = ["bash", "-c", script, "bash", str(PROGRAMS / "earshotd"), "--state", str(state), "--discovery", "none", "--port", "0", *words]
    environment = {**environment, **more}
    if door:
        environment |= {"DOOR": str(door.fileno()), "LISTEN_FDS": environment.get("LISTEN_FDS", "1")}
    process = subprocess.Popen(
        command, env=environment, pass_fds=[door.fileno()] if door else [], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def listening(path, kind=socket.SOCK_STREAM):
    door = socket.socket(socket.AF_UNIX, kind)
    door.bind(str(path))
    if kind == socket.SOCK_STREAM:
        door.listen()
    return door


def ask(client, method):
    client.settimeout(PATIENCE)
    client.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode() + b"\n")
    return json.loads(client.makefile().readline())


def test_it_tells_that_it_is_ready_that_it_lives_and_that_it_stops(place):
    state, environment = place
    for ears in (Ears(str(state / "ears")), Ears(f"@earshot-test-{os.getpid()}")):
        with started(state, environment, "--name", "An\nna", NOTIFY_SOCKET=ears.path, WATCHDOG_USEC="200000") as process:
            ready = ears.until("READY=1").splitlines()
            assert ready[0] == "READY=1" and ready[1].startswith("STATUS=An") and len(ready) == 2
            assert "earshotd ready:" in process.stdout.readline()
            for _ in range(3):
                ears.heard.clear()
                assert ears.until("WATCHDOG=1") == "WATCHDOG=1"
            process.send_signal(signal.SIGTERM)
            ears.until("STOPPING=1")
            assert process.wait(PATIENCE) == 0


def test_nobody_asks_for_signs_of_life_and_none_come(place):
    state, environment = place
    ears = Ears(str(state / "ears"))
    with started(state, environment, NOTIFY_SOCKET=ears.path, WATCHDOG_USEC="1000", WATCHDOG_PID="1") as process:
        ears.until("READY=1")
        process.send_signal(signal.SIGTERM)
        ears.until("STOPPING=1")
        assert not any("WATCHDOG" in word for word in ears.heard)


def test_whoever_knocks_first_waits_and_is_answered(place):
    state, environment = place
    path = state / "earshot.sock"
    door = listening(path)
    with socket.socket(socket.AF_UNIX) as early:
        early.settimeout(PATIENCE)
        early.connect(str(path))
        early.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status"}\n')
        with started(state, environment, door=door) as process:
            assert json.loads(early.makefile().readline())["result"]["state"] == str(state)
            # What it starts itself knows nothing of the socket.
            variables = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
            assert b"LISTEN_FDS=1" in variables
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
    # The door is its owner's: it is there for the next one.
    assert path.is_socket()
    with socket.socket(socket.AF_UNIX) as next_one:
        next_one.connect(str(path))
        with started(state, environment, door=door):
            assert "result" in ask(next_one, "status")


def test_a_socket_that_is_not_the_door_is_refused(place, tmp_path):
    state, environment = place
    cases = [
        (listening(tmp_path / "other.sock"), {}, "another than whoever started earshotd believes"),
        (listening(tmp_path / "datagrams", socket.SOCK_DGRAM), {}, "no local stream socket"),
        (socket.socket(socket.AF_INET), {}, "no local stream socket"),
        (open(os.devnull), {}, "no local stream socket"),
        (listening(tmp_path / "two.sock"), {"LISTEN_FDS": "2"}, "listens on one"),
        (listening(tmp_path / "odd.sock"), {"LISTEN_FDS": "one"}, "are numbers"),
    ]
    for door, variables, words in cases:
        with started(state, environment | variables, door=door) as process:
            out, err = process.communicate(timeout=PATIENCE)
            assert process.returncode != 0 and not out and words in err, (words, err)


def test_what_was_meant_for_another_process_is_left_alone(place):
    state, environment = place
    with started(state, environment, LISTEN_PID="1", LISTEN_FDS="3") as process:
        assert "earshotd ready:" in process.stdout.readline()


def test_a_log_for_each_reader(place, tmp_path):
    state, environment = place
    (tmp_path / ".config/earshot").mkdir(parents=True)
    settings = tmp_path / ".config/earshot/config.toml"
    for form in ("text", "json", "journal"):
        settings.write_text("files.rate = 1\n")
        with started(state, environment, "--log-format", form) as process:
            ready = process.stdout.readline()
            settings.write_text("files.rate = 1\nfiles.rat = 2\n")
            settings.chmod(0o600)
            process.send_signal(signal.SIGHUP)
            lines = [process.stderr.readline() for _ in range(2)]
        if form == "json":
            assert json.loads(ready)["fields"]["state"] == str(state)
            told = [json.loads(line) for line in lines]
            assert told[0]["level"] == "error" and "files.rat" in told[0]["message"] and told[1]["v"] == 1
        elif form == "journal":
            assert ready.startswith("<5>earshotd ready:") and all(line.startswith("<3>") for line in lines)
            assert lines[1] == "<3>the settings stay as they were\n"
        else:
            assert ready.startswith("earshotd ready:") and "error" in lines[0]


def test_why_it_did_not_start_is_told_in_the_same_form(place):
    state, environment = place
    for form, begin in (("journal", "<3>--port is a number"), ("json", "{"), ("text", "earshotd: --port")):
        with started(state, environment, "--log-format", form, "--port", "x") as process:
            assert process.communicate(timeout=PATIENCE)[1].startswith(begin) and process.returncode == 2
    (state / "earshot.db").mkdir()
    with started(state, environment, "--log-format", "json") as process:
        _, err = process.communicate(timeout=PATIENCE)
    if process.returncode:
        assert json.loads(err.splitlines()[-1])["level"] == "error"


# A clock that nobody has set: it begins where the kernel does.
CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock == CLOCK_REALTIME ? CLOCK_BOOTTIME : clock, at);
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""

# Everything is read-only but one folder; nothing is in /run; the user is nobody, without rights.
BARE = """
set -e
mount --make-rprivate /
mkdir "$WORK/root"
mount --rbind / "$WORK/root"
mount -t tmpfs -o ro none "$WORK/root/run"
mount --bind "$STATE" "$WORK/root$STATE"
awk -v root="$WORK/root" '$5 ~ "^" root {print $5}' /proc/self/mountinfo | while read -r at; do
    [ "$at" = "$WORK/root$STATE" ] || mount -o remount,bind,ro "$at" 2>/dev/null || true
done
exec chroot "$WORK/root" setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all \
    env -i PATH=/usr/bin:/bin HOME="$STATE" NOTIFY_SOCKET="$NOTIFY_SOCKET" $CLOCK \
    "$EARSHOTD" --state "$STATE" --log-format journal
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can arrange this")
def test_it_starts_where_there_is_nothing(place, tmp_path):
    """A read-only system with one folder to write to, 1970, no D-Bus, no network but loopback, a user without rights."""
    state, environment = place
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    os.chown(state, 65534, 65534)
    clock = ""
    if shutil.which("gcc"):
        (tmp_path / "clock.c").write_text(CLOCK)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", tmp_path / "clock.so", tmp_path / "clock.c", "-ldl"], check=True)
        clock = f"LD_PRELOAD={tmp_path / 'clock.so'}"
    # Where it was built others may not look.
    earshotd = shutil.copy(PROGRAMS / "earshotd", tmp_path / "earshotd")
    ears = Ears(str(state / "ears"))
    os.chmod(ears.path, 0o777)
    variables = {"WORK": str(tmp_path), "STATE": str(state), "CLOCK": clock, "EARSHOTD": str(earshotd), "NOTIFY_SOCKET": ears.path}
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", BARE], env={**environment, **variables}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )
    try:
        ready = process.stdout.readline()
        assert ready.startswith("<5>earshotd ready:"), process.stderr.read()
        ears.until("READY=1")
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        assert "Uid:\t65534\t65534" in status and "CapBnd:\t0000000000000000" in status
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(state / "earshot.sock"))
            assert "result" in ask(client, "status")
        written = {one.stat().st_uid for one in state.iterdir()} - {0}
        assert written == {65534} and not (pathlib.Path("/run") / "earshot").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not [line for line in process.stderr.read().splitlines() if line.startswith(("<2>", "<3>"))]
    finally:
        process.kill()
        process.communicate()
    # And on a machine whose clock is right, with what was made then.
    if clock:
        for one in (state, *state.rglob("*")):
            os.chown(one, 0, 0, follow_symlinks=False)
        with started(state, environment) as process:
            assert "earshotd ready:" in process.stdout.readline()
