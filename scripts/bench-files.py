#!/usr/bin/env python3
"""File transfer, side by side with what one would take instead: a JSON line for each figure, then tables. `scripts/bench-peers.sh` installs the others.

    scripts/bench-files.py                          everything; root, for the network namespaces
    ONLY="one small" SIZE=64M RUNS=1 scripts/bench-files.py

Parts (ONLY): one    one file over loopback, from memory to memory
              small  many small files, the same way
              lan    one file over emulated cables: 1 Gbit/s 1 ms, and 100 Mbit/s 5 ms with 1 % loss
              refused  the lossy cable again, where the kernel refuses BBR
              many   one file to 1, 4 and 8 receivers over emulated cables of 1 Gbit/s
Sizes:        SIZE=1G (one)  COUNT=10000 of EACH=4K (small)  LAN_SIZE=256M LOSSY_SIZE=32M (lan, refused twice that)  MANY_SIZE=256M (many)
Others:       RUNS=3           the median counts; the programs take turns, so that noise hits all alike
              PROGRAMS="a b"   only those whose names have one of these words in them
              BIN=.build/release  FILES=/dev/shm  STATES=FILES (where Earshot's nodes keep their state)  TIMEOUT=600
              HUGE=0           `one` also in tmpfs of small pages: on a virtual machine these cost more than the transfer
              SOCAT_BUFFER=65536  UFTP_RATE=900000 (kbit/s)  MESSAGE_GAP=5 (ms)

Time is from the start of the command until everything is complete at the receiver and the file system it is on is synced. CPU is user and system time of all processes of
a side, memory the sum of what each of them had resident at most. To several receivers, rate,
CPU and memory are of all of them together. iperf3 tells its own time. MB are 10^6 bytes. "Others' cores" is what the
rest of the machine was busy with meanwhile: its kernel, the emulated cables, other people. Everything happens in network namespaces of our own; without root, on this machine's
loopback, and without those that look for each other by multicast."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import ctypes
from statistics import median

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GIB = 1 << 30
ROOT = os.geteuid() == 0
TICKS = os.sysconf("SC_CLK_TCK")
libc = ctypes.CDLL(None, use_errno=True)


def setting(name, default):
    return os.environ.get(name) or default


def size(text):
    factor = {"K": 1 << 10, "M": 1 << 20, "G": GIB}.get(text[-1].upper())
    return int(float(text[:-1]) * factor) if factor else int(text)


RUNS = int(setting("RUNS", "3"))
TIMEOUT = float(setting("TIMEOUT", "600"))
BIN = os.path.abspath(setting("BIN", HERE + "/.build/release"))
FILES = setting("FILES", "/dev/shm")
PEERS = HERE + "/.build-bench-peers/bin/"
LAN_SH = HERE + "/lan/lan.sh"
os.environ["LAN"] = f"eb{os.getpid()}"
os.environ["LAN_STATE"] = f"/var/tmp/lan-eb{os.getpid()}"
os.environ["LC_ALL"] = "C"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Failure(Exception):
    pass


# --- Processes ---

children = []   # everything that we started and that may still run


class Child:
    """A process of ours, and what it used when it has ended."""

    def __init__(self, words, work, stdin=subprocess.DEVNULL, env=None, stdout=None):
        self.words = words
        self.log = tempfile.NamedTemporaryFile(dir=work + "/log", prefix=os.path.basename(words[0]) + ".", delete=False)
        self.started = time.monotonic()
        self.process = subprocess.Popen(words, stdin=stdin, stdout=stdout or self.log, stderr=self.log, start_new_session=True, env={**os.environ, **(env or {})})
        self.pid = self.process.pid
        self.ended = threading.Event()
        children.append(self)
        threading.Thread(target=self.reap, daemon=True).start()

    def reap(self):
        _, status, usage = os.wait4(self.pid, 0)
        self.at = time.monotonic()
        self.status = os.waitstatus_to_exitcode(status)
        self.process.returncode = self.status
        self.cpu = usage.ru_utime + usage.ru_stime
        self.faults = usage.ru_minflt + usage.ru_majflt
        self.ended.set()

    def end(self):
        for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            if self.ended.is_set():
                break
            try:
                os.killpg(self.pid, sign)
            except OSError:
                pass
            self.ended.wait(patience)
        if self in children:
            children.remove(self)
        self.log.close()

    def said(self):
        with open(self.log.name, errors="replace") as file:
            return file.read()

    def explain(self):
        return f"{' '.join(self.words)[:300]}: exit {getattr(self, 'status', 'none')}\n" + "\n".join("    " + line for line in self.said().strip().split("\n")[-8:])

    def listens(self, port):
        wanted = f":{port:04X}"
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{self.pid}/net/{table}") as file:
                for line in file:
                    fields = line.split()
                    if fields[1].endswith(wanted) and fields[3] == "0A":
                        return True
        return False


def until(seconds, what, test, step=0.02):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(step)


def offspring(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            own = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return own + [other for child in own for other in offspring(child)]


def cpu(pid):
    """What a process used so far, with those of its children that it saw ending."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def faults(pid):
    """Page faults so far, counted likewise: what a program pays for memory that it asks for and gives back."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[7:11])


def resident(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            found = re.search(r"VmHWM:\s+(\d+)", file.read())
        return int(found[1]) * 1024 if found else None
    except OSError:
        return None


def machine():
    """Seconds that the cores were busy, or taken away by the host of this machine."""
    with open("/proc/stat") as file:
        fields = [int(field) / TICKS for field in file.readline().split()[1:]]
    return sum(fields[0:3]) + sum(fields[5:8])


class Peaks(threading.Thread):
    """What the processes of both sides, and the children that they get, have resident at most."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sides = {}    # pid: side
        self.last = {}     # pid: (side, bytes); the last one read is the highest, and a program that replaced another counts alone
        self.over = threading.Event()

    def look(self):
        for root, side in list(self.sides.items()):
            for pid in [root] + offspring(root):
                if (high := resident(pid)) is not None:
                    self.last[pid] = (side, high)

    def run(self):
        while not self.over.wait(0.03):
            self.look()

    def stop(self):
        self.over.set()
        self.join()
        return {side: sum(high for s, high in self.last.values() if s == side) for side in (0, 1)}


def sync(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(descriptor)


class Result:
    def __init__(self, amount, seconds, cpu, faults, memory, peaks, others):
        self.amount, self.seconds, self.cpu, self.faults, self.memory, self.peaks, self.others = amount, seconds, cpu, faults, memory, peaks, others

    @property
    def rate(self):
        return self.amount / self.seconds / 1e6


def timed(amount, send, receive=(), daemons=((), ()), folders=()):
    """Runs the commands of the sender. `receive` are processes that already listen and end with the transfer; `daemons` stay, (sender's, receivers')."""
    peaks = Peaks()
    used, faulted = [0.0, 0.0], [0, 0]
    for side in (0, 1):
        for daemon in daemons[side]:
            with open(f"/proc/{daemon.pid}/clear_refs", "w") as file:
                file.write("5")
            used[side] -= cpu(daemon.pid)
            faulted[side] -= faults(daemon.pid)
            peaks.sides[daemon.pid] = side
    for child in receive:
        peaks.sides[child.pid] = 1
    peaks.start()
    senders = []
    start, busy = time.monotonic(), machine()
    try:
        for begin in send:
            senders.append(begin())
            peaks.sides[senders[-1].pid] = 0
        limit = start + TIMEOUT
        grace = None
        for child in list(receive) or senders:
            while not child.ended.wait(0.2):
                now = time.monotonic()
                if any(s.ended.is_set() and s.status != 0 for s in senders):
                    grace = grace or now + 3
                if now > limit or grace and now > grace:
                    raise Failure("; ".join(c.explain() for c in senders + list(receive)))
        for folder in folders:
            sync(folder)
        seconds = max(max(c.at for c in list(receive) or senders), time.monotonic() if folders else 0) - start
        busy = machine() - busy
        for child in senders:
            if not child.ended.wait(10):
                raise Failure("does not end: " + child.explain())
        for child in senders + list(receive):
            if child.status != 0:
                raise Failure(child.explain())
        for side in (0, 1):
            for daemon in daemons[side]:
                until(5, "end of the server's children", lambda d=daemon: d.ended.is_set() or not offspring(d.pid), 0.005)
                if daemon.ended.is_set():
                    raise Failure(daemon.explain())
                used[side] += cpu(daemon.pid)
                faulted[side] += faults(daemon.pid)
        for side, started in ((0, senders), (1, receive)):
            used[side] += sum(c.cpu for c in started)
            faulted[side] += sum(c.faults for c in started)
        peaks.look()
    finally:
        memory = peaks.stop()
        for child in senders + list(receive):
            child.end()
    return Result(amount, seconds, used, faulted, memory, peaks.last, max(0, busy - sum(used)) / seconds)


# --- Where ---

class Place:
    """A network of our own: loopback (of one host), or a sender, host 1, and receivers, hosts 2 and up."""

    def __init__(self, work, hosts=1, shape=()):
        self.work = work
        self.loopback = hosts == 1
        self.interface = "lo" if self.loopback else "eth0"
        if ROOT:
            subprocess.run([LAN_SH, "up", "-n", str(hosts), *shape], check=True, stdout=subprocess.DEVNULL)
        elif not self.loopback:
            raise Failure("needs root, for network namespaces")

    def address(self, n):
        return "127.0.0.1" if self.loopback else f"10.77.0.{n}"

    def host(self, n):
        return 1 if self.loopback else n

    def on(self, n, *words):
        """A command on host n, quickly: only the network is another."""
        return ["nsenter", f"--net=/run/netns/{os.environ['LAN']}-h{self.host(n)}", "--", *words] if ROOT else list(words)

    def start(self, n, *words, **options):
        return Child(self.on(n, *words), self.work, **options)

    def daemon(self, n, *words, port=None, **options):
        """The same with a /run of its own, which the command may fill."""
        child = Child([LAN_SH, "exec", str(self.host(n)), *words] if ROOT else list(words), self.work, **options)
        if port:
            self.listening(child, port)
        return child

    def listening(self, child, port):
        try:
            until(20, "listening", lambda: child.ended.is_set() or child.listens(port), 0.005)
        except (Failure, OSError) as error:
            raise Failure(f"{error}: {child.explain()}")
        if child.ended.is_set():
            raise Failure(child.explain())

    def folder(self, program, n):
        path = f"{self.work}/in/{program.short}-{n}"
        os.makedirs(path, exist_ok=True)
        return path

    def close(self):
        for child in reversed(list(children)):
            child.end()
        if ROOT:
            subprocess.run([LAN_SH, "down"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tool(name):
    for path in (shutil.which(name), PEERS + name, "/usr/sbin/" + name):
        if path and os.access(path, os.X_OK):
            return path
    raise Failure(f"{name} is not installed")


def weight(source):
    if os.path.isfile(source):
        return os.path.getsize(source)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(source) for name in names)


# --- What is compared. Each has start(place, receivers) and transfer(place, source, receivers). ---

class Program:
    encrypted = True
    carries = True    # files, not only bytes

    @property
    def short(self):
        return re.sub(r"[^A-Za-z0-9]+", "-", self.name)

    def start(self, place, receivers):
        pass


class Earshot(Program):
    names = [name if ROOT else f"{name}-{os.getpid()}" for name in ("", "Anna", "Bob", "Cleo", "Dora", "Emil", "Fred", "Gina", "Hugo", "Ida")]   # not alone on this machine's loopback

    def __init__(self, name="Earshot", *options, under=()):
        self.name, self.daemon_options, self.under = name, options, under
        if options:   # others by the same name may be at work beside it
            self.names = [name and f"{name}2" for name in self.names]

    @staticmethod
    def options(command):
        return subprocess.run([BIN + "/earshot", command, "--help"], capture_output=True, text=True).stdout

    def start(self, place, receivers):
        missing = None
        if not os.access(BIN + "/earshot", os.X_OK) or not os.access(BIN + "/earshotd", os.X_OK):
            missing = f"there is no earshot and earshotd in {BIN}"
        elif not re.search(r"(^|\s)-f\b", self.options("send")):
            missing = f"{BIN}/earshot has no `send -f`"
        if missing:
            raise Failure(f"EARSHOT IS NOT MEASURED: {missing}")
        # A path of a unix socket must be short.
        self.states = tempfile.mkdtemp(prefix="eb.", dir=setting("STATES", place.work))
        folders.append(self.states)
        self.daemons, self.clients = {}, {}
        for n in [1, *receivers]:
            child = place.daemon(n, *self.under, BIN + "/earshotd", "--state", self.state(n), "--name", self.names[n], "--discovery", "embedded", "--interface", place.interface, "--port", "0", *self.daemon_options)
            self.daemons[n] = child
        for n, child in self.daemons.items():
            until(20, f"start of {self.names[n]}: {child.words}", lambda c=child: c.ended.is_set() or os.path.getsize(c.log.name))
            if child.ended.is_set():
                raise Failure(child.explain())
        # All know each other, so that receivers may help one another.
        for a in self.daemons:
            for b in self.daemons:
                if a != b:
                    until(30, f"{self.names[a]} sees {self.names[b]}", lambda: self.sees(a, b), 0.1)
        for a in self.daemons:
            for b in self.daemons:
                if a != b:
                    self.ask(a, "accept", self.names[b])
        for n in receivers:
            self.ask(1, "send", self.names[n], "hello", "--wait", "delivered", "--timeout", "20s")
            self.clients[n] = place.start(n, BIN + "/earshot", "recv", "--from", self.names[1], "-o", place.folder(self, n), "--yes", *self.own("recv", n))
        time.sleep(1)   # nothing tells when they wait
        for client in self.clients.values():
            if client.ended.is_set():
                raise Failure(client.explain())

    def state(self, n):
        return f"{self.states}/{n}"

    def own(self, command, n):
        return ["--state", self.state(n)] + (["--no-start"] if "--no-start" in self.options(command) else [])

    def ask(self, n, command, *words):
        answer = subprocess.run([BIN + "/earshot", command, *words, "--state", self.state(n), "--no-start"], capture_output=True, text=True, timeout=60)
        if answer.returncode != 0:
            raise Failure(f"earshot {command} {' '.join(words)}: {answer.stderr.strip() or answer.stdout.strip()}")
        return answer.stdout

    def sees(self, a, b):
        lines = [json.loads(line) for line in self.ask(a, "peers", "--json").splitlines() if line.strip()]
        return any(p.get("name") == self.names[b] and p.get("online") for p in sum(([x] if isinstance(x, dict) else x for x in lines), []))

    def transfer(self, place, source, receivers):
        who = [self.names[n] for n in receivers]
        words = [BIN + "/earshot", "send", *who, "-f", source, "--wait", "delivered", "--timeout", f"{TIMEOUT:.0f}s", *self.own("send", 1)]
        # It syncs by itself before it says delivered.
        result = timed(weight(source) * len(receivers), [lambda: place.start(1, *words)],
                       daemons=([self.daemons[1]], [d[n] for n in receivers for d in (self.daemons, self.clients)]))
        result.daemons = [max(result.peaks[self.daemons[n].pid][1] for n in group) for group in ([1], receivers)]
        return result


class Socat(Program):
    def __init__(self, name, suite=None):
        self.name, self.suite, self.encrypted = name, suite, suite is not None

    def start(self, place, receivers):
        self.socat, self.env, self.checked = tool("socat"), None, False
        if not self.suite:
            return
        base = f"{place.work}/{self.short}"
        # socat 1.7 cannot choose among the suites of TLS 1.3, OpenSSL's configuration can.
        with open(base + ".cnf", "w") as file:
            file.write(f"openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1.3\nCiphersuites = {self.suite}\n[req]\ndistinguished_name = d\n[d]\n")
        self.env = {"OPENSSL_CONF": base + ".cnf"}
        self.key = base + ".key"
        self.cert = base + ".crt"
        made = subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.key, "-out", self.cert, "-days", "2", "-subj", "/CN=bench"],
                              capture_output=True, text=True, env={**os.environ, **self.env})
        if made.returncode != 0:
            raise Failure(made.stderr)

    def ends(self, place, n):
        port = free_port()
        if self.suite:
            return port, f"OPENSSL:{place.address(n)}:{port},cafile={self.cert},commonname=bench", f"OPENSSL-LISTEN:{port},bind={place.address(n)},reuseaddr,cert={self.cert},key={self.key},verify=0"
        return port, f"TCP:{place.address(n)}:{port}", f"TCP-LISTEN:{port},bind={place.address(n)},reuseaddr"

    def words(self, call, listen, source, folder):
        buffer = setting("SOCAT_BUFFER", "65536")
        return ([self.socat, "-u", "-b", buffer, "-d", "-d", f"OPEN:{source},rdonly", call],
                [self.socat, "-u", "-b", buffer, "-d", "-d", listen, f"OPEN:{folder}/{os.path.basename(source)},creat,trunc"])

    def transfer(self, place, source, receivers):
        [n] = receivers
        port, call, listen = self.ends(place, n)
        folder = place.folder(self, n)
        send, receive = self.words(call, listen, source, folder)
        receiver = place.start(n, *receive, env=self.env)
        place.listening(receiver, port)
        result = timed(weight(source), [lambda: place.start(1, *send, env=self.env)], [receiver], folders=[folder])
        if self.suite and not self.checked:
            if self.suite not in receiver.said():
                raise Failure(f"was to use {self.suite}: {receiver.explain()}")
            self.checked = True
        return result


class Tar(Socat):
    def words(self, call, listen, source, folder):
        buffer = setting("SOCAT_BUFFER", "65536")
        return (["sh", "-c", 'tar -C "$1" -cf - "$2" | "$3" -u -b "$4" -d -d - "$5"', "sh", os.path.dirname(source), os.path.basename(source), self.socat, buffer, call],
                ["sh", "-c", '"$2" -u -b "$3" -d -d "$4" - | tar -C "$1" -xf -', "sh", folder, self.socat, buffer, listen])


class Ssh(Program):
    """An sshd of our own on each receiver: own keys, own configuration, nothing of ~/.ssh."""

    def start(self, place, receivers):
        base = f"{place.work}/ssh"
        self.base = base
        if getattr(place, "sshds", None) is None:
            place.sshds = {}
            os.makedirs(base, mode=0o700)
            for key in ("host", "user"):
                subprocess.run([tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", f"{base}/{key}"], check=True)
            os.rename(base + "/user.pub", base + "/authorized")
            with open(base + "/host.pub") as public, open(base + "/known", "w") as known:
                known.write("bench " + public.read())
            open(base + "/config", "w").close()
        for n in receivers:
            if n not in place.sshds:
                place.sshds[n] = self.sshd(place, n)

    def sshd(self, place, n):
        port, base = free_port(), self.base
        sftp = next((p for p in ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server") if os.path.exists(p)), "internal-sftp")
        with open(f"{base}/sshd-{n}", "w") as file:
            file.write(f"Port {port}\nListenAddress {place.address(n)}\nHostKey {base}/host\nAuthorizedKeysFile {base}/authorized\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
                       f"KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nPermitUserRC no\nPrintMotd no\nPrintLastLog no\nLogLevel ERROR\nSetEnv SHLVL=2\nSubsystem sftp {sftp}\n")
        with open(base + "/config", "a") as file:
            file.write(f"Host r{n}\nHostName {place.address(n)}\nPort {port}\nUser {pwd.getpwuid(os.geteuid()).pw_name}\nHostKeyAlias bench\nUserKnownHostsFile {base}/known\nGlobalKnownHostsFile /dev/null\n"
                       f"IdentityFile {base}/user\nIdentitiesOnly yes\nIdentityAgent none\nBatchMode yes\nStrictHostKeyChecking yes\nLogLevel ERROR\n")
        if ROOT:   # what it drops its privileges in; on a host of the LAN /run is of its own
            os.makedirs(f"{os.environ['LAN_STATE']}/hosts/{place.host(n)}/run/sshd", mode=0o755, exist_ok=True)
        return place.daemon(n, tool("sshd"), "-D", "-e", "-f", f"{base}/sshd-{n}", port=port)

    def transfer(self, place, source, receivers):
        send = [lambda w=self.words(source, n, place.folder(self, n)): place.start(1, *w) for n in receivers]
        return timed(weight(source) * len(receivers), send, daemons=([], [place.sshds[n] for n in receivers]), folders=[place.folder(self, n) for n in receivers])


class Scp(Ssh):
    def __init__(self, name, cipher=None):
        self.name, self.cipher = name, cipher

    def words(self, source, n, folder):
        return [tool("scp"), "-q", "-r", "-F", self.base + "/config", *(["-c", self.cipher] if self.cipher else []), source, f"r{n}:{folder}/"]


class RsyncSsh(Ssh):
    name = "rsync over ssh"

    def words(self, source, n, folder):
        return [tool("rsync"), "-a", "-e", f"{tool('ssh')} -F {self.base}/config", source, f"r{n}:{folder}/"]


class Rsyncd(Program):
    name, encrypted = "rsyncd", False

    def start(self, place, receivers):
        self.servers = {}
        for n in receivers:
            port, path = free_port(), f"{place.work}/rsyncd-{n}"
            with open(path, "w") as file:
                file.write(f"use chroot = no\nread only = no\nlog file = {path}.log\nlock file = {path}.lock\n" + ("uid = root\ngid = root\n" if ROOT else "") + f"[in]\npath = {place.folder(self, n)}\n")
            self.servers[n] = port, place.daemon(n, tool("rsync"), "--daemon", "--no-detach", f"--config={path}", f"--port={port}", f"--address={place.address(n)}", port=port)

    def transfer(self, place, source, receivers):
        send = [lambda n=n: place.start(1, tool("rsync"), "-a", source, f"rsync://{place.address(n)}:{self.servers[n][0]}/in/") for n in receivers]
        return timed(weight(source) * len(receivers), send, daemons=([], [self.servers[n][1] for n in receivers]), folders=[place.folder(self, n) for n in receivers])


class Iperf(Program):
    """What the path carries when nobody reads or writes a file."""
    encrypted, carries = False, False

    def __init__(self, name, control=None):
        self.name, self.control = name, control

    def transfer(self, place, source, receivers):
        [n] = receivers
        port, amount = free_port(), weight(source)
        server = place.start(n, tool("iperf3"), "-s", "-1", "-B", place.address(n), "-p", str(port))
        place.listening(server, port)
        client = []

        def begin():
            client.append(place.start(1, tool("iperf3"), "-c", place.address(n), "-p", str(port), "-n", str(amount), "-J", *(["-C", self.control] if self.control else [])))
            return client[0]
        result = timed(amount, [begin], [server])
        said = json.loads(client[0].said())["end"]
        if self.control and said.get("sender_tcp_congestion", self.control) != self.control:
            raise Failure(f"{self.control} is not to be had")
        result.amount, result.seconds = said["sum_received"]["bytes"], said["sum_received"]["seconds"]
        return result


class Wormhole(Program):
    name = "magic-wormhole"

    def start(self, place, receivers):
        self.wormhole = tool("wormhole")
        port = free_port()
        self.url = f"ws://127.0.0.1:{port}/v1"
        # The database of the mailbox server goes where it runs.
        place.daemon(1, "sh", "-c", 'cd "$1" && exec "$2" --pidfile= -n wormhole-mailbox "--port=$3" --channel-db=:memory:', "sh", place.work, tool("twist" + "d"), f"tcp:{port}:interface=127.0.0.1", port=port)
        self.count = 0

    def transfer(self, place, source, receivers):
        [n] = receivers
        self.count += 1
        code = f"{self.count}-bench-mark"
        common = [self.wormhole, "--relay-url", self.url, "--transit-helper", "tcp:127.0.0.1:9"]
        folder = place.folder(self, n)
        receiver = place.start(n, *common, "receive", "--accept-file", "--hide-progress", "-o", f"{folder}/{os.path.basename(source)}", code)
        until(20, "start of the receiver", lambda: receiver.ended.is_set() or self.connected(receiver))
        time.sleep(0.3)
        return timed(weight(source), [lambda: place.start(1, *common, "send", "--hide-progress", "--code", code, source)], [receiver], folders=[folder])

    def connected(self, child):
        port = int(self.url.split(":")[2].split("/")[0])
        inodes = set()
        with open(f"/proc/{child.pid}/net/tcp") as file:
            for line in file:
                fields = line.split()
                if fields[2].endswith(f":{port:04X}") and fields[3] == "01":
                    inodes.add(f"socket:[{fields[9]}]")
        return any(os.readlink(entry.path) in inodes for entry in os.scandir(f"/proc/{child.pid}/fd") if os.path.islink(entry.path))


class LocalSend(Program):
    name = "localsendd"

    def start(self, place, receivers):
        if not ROOT:
            raise Failure("announces itself by multicast: only in a namespace of our own")
        self.daemons, self.ports = {}, {}
        for n in [1, *receivers]:
            home = f"{place.work}/localsend-{n}"
            os.makedirs(home)
            port = free_port()
            self.daemons[n] = place.daemon(n, tool("localsendd"), "--port", str(port), "--socket", home + "/socket", "--alias", f"host{n}", "--download-dir", place.folder(self, n), "--unattended", "--encryption",
                                           env={"HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_DATA_HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CACHE_HOME": home}, port=port)
        for n in receivers:
            until(30, f"host{n} is seen", lambda: f"host{n}" in subprocess.run(place.on(1, tool("localsendctl"), "--socket", f"{place.work}/localsend-1/socket", "devices", "--scan", "--wait-for", "1"),
                                                                             capture_output=True, text=True).stdout, 0.2)

    def transfer(self, place, source, receivers):
        [n] = receivers
        words = [tool("localsendctl"), "--socket", f"{place.work}/localsend-1/socket", "send", source, "--to", f"host{n}", "--wait", "--quiet"]
        return timed(weight(source), [lambda: place.start(1, *words)], daemons=([self.daemons[1]], [self.daemons[n]]), folders=[place.folder(self, n)])


class Uftp(Program):
    def __init__(self, name, *options):
        self.name, self.options, self.encrypted = name, options, bool(options)

    def start(self, place, receivers):
        tool("uftp")
        self.servers = {}
        self.port = free_port()
        for n in receivers:
            self.servers[n] = place.daemon(n, tool("uftpd"), "-d", "-x", "1", "-I", place.interface, "-p", str(self.port), "-U", f"0x{n:08x}", "-D", place.folder(self, n), "-B", "4194304", *(["-K", "ec:prime256v1"] if self.encrypted else []))
        time.sleep(1)
        for server in self.servers.values():
            if server.ended.is_set():
                raise Failure(server.explain())

    def transfer(self, place, source, receivers):
        words = [tool("uftp"), "-x", "1", "-I", place.interface, "-p", str(self.port), "-R", setting("UFTP_RATE", "900000"), "-B", "4194304", "-H", ",".join(f"0x{n:08x}" for n in receivers), *self.options, source]
        return timed(weight(source) * len(receivers), [lambda: place.start(1, *words)], daemons=([], [self.servers[n] for n in receivers]), folders=[place.folder(self, n) for n in receivers])


# --- Figures ---

figures, tables = [], []


def number(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def figure(name, value, unit, goal=None, note="", **more):
    """goal: ('≥', 1.25), say."""
    line = {"figure": name, "value": round(value, 3), "unit": unit}
    reached = None
    if goal:
        reached = {"≥": value >= goal[1], "≤": value <= goal[1], "<": value < goal[1]}[goal[0]]
        line |= {"goal": f"{goal[0]} {goal[1]}", "reached": reached}
    line |= {"note": note} if note else {}
    print(json.dumps(line | more, ensure_ascii=False), flush=True)
    figures.append((name, value, unit, goal, reached, note))


class Tally:
    """All runs of one part."""

    def __init__(self, title):
        self.title, self.results, self.programs = title, {}, {}

    def add(self, program, result):
        self.results.setdefault(program.name, []).append(result)
        self.programs[program.name] = program

    def rate(self, name):
        return median(r.rate for r in self.results[name])

    def seconds(self, name):
        return median(r.seconds for r in self.results[name])

    def faults(self, name, side):
        """For each GiB."""
        return median(r.faults[side] * GIB / r.amount for r in self.results[name])

    def sealed_in_place(self, *names):
        """Memory that is asked for and given back with each chunk shows here."""
        for name in names:
            for side, what in enumerate(("sender", "receiver")):
                if name in self.results:
                    figure(f"{self.title}: page faults of {name}'s {what}", self.faults(name, side), "/GiB", ("<", 5000))

    def report(self):
        rows = []
        for name, results in self.results.items():
            def per(side):
                return median(r.cpu[side] * GIB / r.amount for r in results)

            def faulted(side):
                return self.faults(name, side)

            def most(side):
                return max(r.memory[side] for r in results) / 1e6
            runs = sorted(r.rate for r in results)
            print(json.dumps({"figure": f"{self.title}: {name}", "value": round(self.rate(name), 3), "unit": "MB/s", "seconds": round(self.seconds(name), 4), "runs": [round(r, 1) for r in runs],
                              "cpuSender": round(per(0), 3), "cpuReceiver": round(per(1), 3), "faultsSender": round(faulted(0)), "faultsReceiver": round(faulted(1)), "memorySender": round(most(0), 1), "memoryReceiver": round(most(1), 1),
                              "others": round(median(r.others for r in results), 2), "encrypted": self.programs[name].encrypted}, ensure_ascii=False), flush=True)
            rows.append([name, number(self.rate(name)), f"{number(runs[0])}–{number(runs[-1])}", number(self.seconds(name)), number(per(0)), number(per(1)), number(faulted(0)), number(faulted(1)), number(most(0)), number(most(1)), f"{median(r.others for r in results):.1f}",
                         "yes" if self.programs[name].encrypted else "no"])
        rows.sort(key=lambda row: -self.rate(row[0]))
        tables.append((self.title, rows))

    def against(self, other, goal=None, own="Earshot"):
        if own in self.results and other in self.results:
            figure(f"{self.title}: {own} / {other}", self.rate(own) / self.rate(other), "×", goal)

    def against_fastest(self, chosen, what):
        names = [n for n, p in self.programs.items() if not isinstance(p, Earshot) and chosen(p)]
        if names and "Earshot" in self.results:
            best = max(names, key=self.rate)
            figure(f"{self.title}: Earshot / fastest {what}", self.rate("Earshot") / self.rate(best), "×", note=f"that is {best}")

    def resident(self):
        results = self.results.get("Earshot", [])
        for side, name in enumerate(("sender", "receiver")):
            if results:
                figure(f"{self.title}: memory of Earshot's {name}", max(r.daemons[side] for r in results) / 1e6, "MB", ("≤", 40), "earshotd, the most resident")


def print_tables():
    heads = ["", "MB/s", "runs", "s", "CPU s/GiB sender", "receiver", "faults/GiB sender", "receiver", "memory MB sender", "receiver", "others' cores", "encrypted"]
    for title, rows in tables:
        widths = [max(len(row[i]) for row in [heads] + rows) for i in range(len(heads))]
        print(f"\n{title}")
        for row in [heads] + rows:
            print("  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())
    if figures:
        print()
        columns = [("✓" if reached else " " if reached is None else "✗", name, f"{number(value)} {unit}", f"{goal[0]} {goal[1]}" if goal else "", note) for name, value, unit, goal, reached, note in figures]
        widths = [max(len(c[i]) for c in columns) for i in range(5)]
        for c in columns:
            print(" ".join(cell.ljust(w) + (" " if i else "") for i, (cell, w) in enumerate(zip(c, widths))).rstrip())


# --- Files ---

def make_file(path, amount):
    with open(path, "wb") as file:
        while amount > 0:
            file.write(os.urandom(min(amount, 1 << 22)))
            amount -= 1 << 22


def make_tree(path, count, each):
    for i in range(count):
        if i % 100 == 0:
            folder = f"{path}/{i // 100:04d}"
            os.makedirs(folder)
        with open(f"{folder}/{i:06d}.bin", "wb") as file:
            file.write(os.urandom(each))


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.remove(path)


def same(a, b):
    return subprocess.run(["diff", "-rq", a, b] if os.path.isdir(a) else ["cmp", "-s", a, b], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def room(folder, wanted):
    """Whether that much more fits, with a fifth to spare."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True).stdout.strip() == "tmpfs":
        with open("/proc/meminfo") as file:
            free = min(free, int(re.search(r"MemAvailable:\s+(\d+)", file.read())[1]) * 1024)
    if wanted * 1.2 > free:
        raise Failure(f"{wanted / 1e6:.0f} MB and a fifth more are needed in {folder}, {free / 1e6:.0f} MB are free: make it smaller, or FILES another folder")


def workplace(huge=0):
    """A folder for one network; with `huge`, memory for so many bytes in large pages."""
    work = tempfile.mkdtemp(prefix="eb.", dir=FILES)
    folders.append(work)
    if huge and ROOT and setting("HUGE", "1") == "1":
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"huge=always,mode=700,size={huge}", "tmpfs", work], capture_output=True).returncode == 0:
            mounts.append(work)
    for name in ("log", "in", "out"):
        os.mkdir(f"{work}/{name}")
    return work


# --- How ---

class Part:
    def __init__(self, title, place, make, warm=0):
        self.title, self.place, self.make, self.serial, self.warm = title, place, make, 0, warm

    def source(self):
        """New bytes under a new name: nobody has seen them before."""
        self.serial += 1
        path = f"{self.place.work}/out/{re.sub(r'[^a-z0-9]+', '-', self.title.lower())}-{self.serial}"
        self.make(path)
        return path

    def start(self, programs, receivers):
        wanted = setting("PROGRAMS", "").lower().split()
        ready = []
        for program in programs:
            if wanted and not any(word in program.name.lower() for word in wanted):
                continue
            before = list(children)
            try:
                program.start(self.place, receivers)
                ready.append(program)
            except (Failure, OSError, ValueError, subprocess.SubprocessError) as error:
                for child in [c for c in children if c not in before]:
                    child.end()
                if isinstance(program, Earshot):
                    error = f"\n*** {error} ***\n"
                say(f"{self.title}: {program.name} is left out: {error}")
        return ready

    def once(self, program, source, receivers):
        if self.warm:
            # A virtual machine gives memory slowly, and takes back what is unused for seconds: none of the programs is to pay for that.
            heat = f"{self.place.work}/in/heat"
            with open(heat, "wb") as file:
                for _ in range(self.warm >> 20):
                    file.write(bytes(1 << 20))
            os.remove(heat)
        try:
            result = program.transfer(self.place, source, receivers)
            if program.carries:
                for n in receivers:
                    if not same(source, f"{self.place.folder(program, n)}/{os.path.basename(source)}"):
                        raise Failure(f"what receiver {n} has is not what was sent")
            return result
        finally:
            for n in receivers:
                remove(f"{self.place.folder(program, n)}/{os.path.basename(source)}")

    def rounds(self, ready, groups):
        """groups: title of each, receivers. Answers a tally for each."""
        tallies = {title: Tally(title) for title in groups}
        alive = list(ready)
        for turn in range(RUNS):
            for title, receivers in groups.items():
                source = self.source()
                for program in alive[turn % max(1, len(alive)):] + alive[:turn % max(1, len(alive))]:
                    say(f"  {title}, run {turn + 1} of {RUNS}: {program.name}")
                    try:
                        tallies[title].add(program, self.once(program, source, receivers))
                    except (Failure, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
                        say(f"{title}: {program.name} FAILED, is left out from here on: {error}")
                        alive = [p for p in alive if p is not program]
                remove(source)
        ready[:] = alive
        for tally in tallies.values():
            tally.report()
        return tallies

    def messages(self, title, ready, receivers, goal=("<", 25)):
        """How long short messages take from sender to receiver and back while a file is on its way."""
        program = next((p for p in ready if isinstance(p, Earshot)), None)
        if program is None:
            return
        idle, busy = [], []
        turn = 0
        while turn < RUNS or len(busy) < 300 and turn < 5 * RUNS:   # a short transfer leaves time for few
            turn += 1
            say(f"  {title}, messages, run {turn}: {len(busy)} so far")
            source = self.source()
            helper = Child([sys.executable, os.path.abspath(__file__), "--messages", program.state(1) + "/earshot.sock", program.names[receivers[0]]], self.place.work, stdin=subprocess.PIPE)
            try:
                time.sleep(1)
                start = time.monotonic()
                end = start + self.once(program, source, receivers).seconds
                helper.process.stdin.close()
                helper.ended.wait(60)
                if getattr(helper, "status", 1) != 0:
                    raise Failure(helper.explain())
                for line in helper.said().splitlines():
                    at, took = map(float, line.split())
                    (idle if at + took < start else busy if at < end else []).append(took * 1000)
            except (Failure, OSError, ValueError) as error:
                say(f"{title}: messages FAILED: {error}")
                return
            finally:
                helper.end()
                remove(source)
        for name, values, goal in (("no transfer", idle, None), ("a transfer", busy, goal)):
            values.sort()
            if values:
                figure(f"{title}: message p50 during {name}", values[len(values) // 2], "ms", note=f"{len(values)} messages")
                figure(f"{title}: message p99 during {name}", values[min(len(values) - 1, int(0.99 * len(values)))], "ms", goal, f"{len(values)} messages, the longest {number(values[-1])} ms")
            else:
                say(f"{title}: no message during {name}: the transfer is too short")


def send_messages(path, who):
    """A process of its own, so that nothing else of this program makes it wait: start and duration of each message, in seconds."""
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    gap = float(setting("MESSAGE_GAP", "5")) / 1000
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(path)
        answers = door.makefile("r")
        times, n = [], 0
        while not stopped.wait(gap):
            n += 1
            line = json.dumps({"jsonrpc": "2.0", "id": n, "method": "send", "params": {"to": [who], "text": "x", "wait": "delivered"}}) + "\n"
            start = time.monotonic()
            door.sendall(line.encode())
            answer = json.loads(answers.readline())
            times.append((start, time.monotonic() - start))
            if answer.get("id") != n or any(r.get("state") not in ("delivered", "read") for r in answer.get("result") or [{}]):
                sys.exit(f"message {n}: {answer}")
    for start, took in times:
        print(f"{start:.6f} {took:.6f}")


AES = "TLS_AES_128_GCM_SHA256"
SOCAT_AES, SOCAT_CHACHA, SCP, CHACHA = "socat TLS AES-128-GCM", "socat TLS ChaCha20", "scp as it comes", "Earshot ChaCha20"


def one():
    amount = size(setting("SIZE", "1G"))
    room(FILES, amount * 2.5)
    title = f"one file of {amount >> 20} MiB, loopback"
    part = Part(title, Place(workplace(amount * 4 + (256 << 20))), lambda path: make_file(path, amount), warm=amount * 5 // 4 + (64 << 20))
    try:
        ready = part.start([Earshot(), Earshot(CHACHA, "--no-aes"), Socat(SOCAT_AES, AES), Socat(SOCAT_CHACHA, "TLS_CHACHA20_POLY1305_SHA256"), Socat("socat plain"), Scp("scp aes128-gcm", "aes128-gcm@openssh.com"), Scp(SCP),
                            RsyncSsh(), Rsyncd(), Wormhole(), LocalSend(), Iperf("iperf3")], [2])
        tally = part.rounds(ready, {title: [2]})[title]
        tally.against(SOCAT_AES, ("≥", 1.25))
        tally.against(SCP, ("≥", 3))
        tally.against(SCP, ("≥", 2), own=CHACHA)
        tally.against(SOCAT_CHACHA, ("≥", 1.1), own=CHACHA)
        tally.against_fastest(lambda p: p.encrypted, "encrypted")
        tally.against_fastest(lambda p: p.carries, "at all")
        tally.resident()
        tally.sealed_in_place("Earshot", CHACHA)
        part.messages(title, ready, [2])
    finally:
        part.place.close()


def small():
    count, each = int(setting("COUNT", "10000")), size(setting("EACH", "4K"))
    room(FILES, count * max(each, 4096) * 3)
    title = f"{count} files of {each / 1024:g} KiB, loopback"
    part = Part(title, Place(workplace()), lambda path: make_tree(path, count, each), warm=count * max(each, 4096) * 2)
    try:
        ready = part.start([Earshot(), RsyncSsh(), Scp("scp -r as it comes"), Rsyncd(), Tar("tar, " + SOCAT_AES, AES), Tar("tar, socat plain")], [2])
        tally = part.rounds(ready, {title: [2]})[title]
        tally.against("rsync over ssh", ("≥", 1))
        tally.against("tar, " + SOCAT_AES, ("≥", 1))
        tally.against_fastest(lambda p: p.encrypted, "encrypted")
        if "Earshot" in tally.results:
            figure(f"{title}: Earshot", count / tally.seconds("Earshot"), "files/s")
        tally.resident()
        part.messages(title, ready, [2])
    finally:
        part.place.close()


def lan():
    for name, shape, amount in (("1 Gbit/s 1 ms", "gigabit", size(setting("LAN_SIZE", "256M"))), ("100 Mbit/s 5 ms 1 % loss", "wifi", size(setting("LOSSY_SIZE", "32M")))):
        room(FILES, amount * 2.5)
        title = f"one file of {amount >> 20} MiB, {name}"
        part = Part(title, Place(workplace(), 2, ["--preset", shape]), lambda path: make_file(path, amount))
        try:
            ready = part.start([Earshot(), Socat(SOCAT_AES, AES), Scp(SCP), Iperf("iperf3 cubic", "cubic"), Iperf("iperf3 bbr", "bbr")], [2])
            tally = part.rounds(ready, {title: [2]})[title]
            tally.against("iperf3 cubic", ("≥", 0.95) if shape == "gigabit" else None)
            tally.against("iperf3 bbr", ("≥", 0.9) if shape == "wifi" else None)
            tally.against_fastest(lambda p: p.encrypted, "encrypted")
            tally.resident()
            # With these losses a message that has to be said again takes longer than the goal even when nothing else is on its way.
            part.messages(title, ready, [2], *([None] if shape == "wifi" else []))
        finally:
            part.place.close()


def refused():
    amount = size(setting("LOSSY_SIZE", "32M")) * 2
    room(FILES, amount * 2.5)
    title = f"one file of {amount >> 20} MiB, 100 Mbit/s 5 ms 1 % loss, no BBR"
    allowed = "/proc/sys/net/ipv4/tcp_allowed_congestion_control"
    with open(allowed) as file:
        before = file.read()
    part = Part(title, Place(workplace(), 2, ["--preset", "wifi", "--cc", "cubic"]), lambda path: make_file(path, amount))
    try:
        with open(allowed, "w") as file:   # of the whole machine, and only while this part runs
            file.write("reno cubic")
        ready = part.start([Earshot(under=("setpriv", "--bounding-set=-net_admin")), Socat(SOCAT_AES, AES), Scp(SCP), Iperf("iperf3 cubic", "cubic")], [2])
        tally = part.rounds(ready, {title: [2]})[title]
        tally.against("iperf3 cubic", ("≥", 5))
        tally.against_fastest(lambda p: p.encrypted, "encrypted")
        tally.resident()
    finally:
        with open(allowed, "w") as file:
            file.write(before)
        part.place.close()


def many():
    amount = size(setting("MANY_SIZE", "256M"))
    room(FILES, amount * 10)
    place = Place(workplace(), 9, ["--preset", "gigabit"])
    groups = {f"{amount >> 20} MiB to {n}, 1 Gbit/s": list(range(2, 2 + n)) for n in (1, 4, 8)}
    part = Part("many", place, lambda path: make_file(path, amount))
    try:
        ready = part.start([Earshot(), Scp("scp to each at once"), Uftp("uftp"), Uftp("uftp aes128-gcm", "-Y", "aes128-gcm", "-h", "sha256", "-e", "ecdh_ecdsa")], list(range(2, 10)))
        alone, four, eight = part.rounds(ready, groups).values()
        for program in alone.results:
            for tally, n in ((four, 4), (eight, 8)):
                if program in tally.results:
                    figure(f"time to {n} / to one: {program}", tally.seconds(program) / alone.seconds(program), "×", ("≤", 1.3) if n == 8 and program == "Earshot" else None,
                           f"{number(tally.seconds(program))} s, {number(alone.seconds(program))} s")
        eight.against_fastest(lambda p: p.encrypted, "encrypted")
        eight.resident()
        part.messages(eight.title, ready, list(range(2, 10)))
    finally:
        place.close()


folders, mounts = [], []


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--messages":
        return send_messages(*sys.argv[2:])
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    parts = {"one": one, "small": small, "lan": lan, "refused": refused, "many": many}
    chosen = setting("ONLY", " ".join(parts)).split()
    if unknown := [word for word in chosen if word not in parts]:
        sys.exit(f"no part {' '.join(unknown)}: {' '.join(parts)}")

    def stop(number, _):
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        sys.exit(128 + number)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, stop)
    try:
        for name in chosen:
            try:
                parts[name]()
            except (Failure, subprocess.CalledProcessError) as error:
                say(f"PART {name} SKIPPED: {error}")
            finally:
                clean()
    finally:
        clean()
        print_tables()


def clean():
    for child in reversed(list(children)):
        child.end()
    while mounts:
        subprocess.run(["umount", mounts.pop()])
    while folders:
        remove(folders.pop())


if __name__ == "__main__":
    main()
