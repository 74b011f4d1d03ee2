#!/usr/bin/env python3
"""figures.py PROGRAMS [DEB]: what a small board wants to know of a release build. Root, for the limits of the second figure.

Size of the package, memory of a node that nobody talks to, and start to ready with 128 MB and a fifth of a processor.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

MEMORY, SHARE, IDLE = 128 << 20, 0.2, 20


class Limits:
    """A group of processes with so much memory and processor, by whichever cgroups the kernel has."""

    def __init__(self):
        base, name = pathlib.Path("/sys/fs/cgroup"), f"earshot-{os.getpid()}"
        if (base / "cgroup.controllers").exists():
            (base / "cgroup.subtree_control").write_text("+memory +cpu")
            self.groups = [base / name]
            writes = {"memory.max": MEMORY, "cpu.max": f"{int(SHARE * 100_000)} 100000"}
        else:
            self.groups = [base / "memory" / name, base / "cpu" / name]
            writes = {"memory.limit_in_bytes": MEMORY, "cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": int(SHARE * 100_000)}
        for group in self.groups:
            group.mkdir()
            for file, value in writes.items():
                if (group / file).exists():
                    (group / file).write_text(str(value))

    def join(self):
        for group in self.groups:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for group in self.groups:
            group.rmdir()


def start(program, state, before=None):
    begin = time.monotonic()
    words = [program, "--state", state, "--discovery", "embedded", "--interface", "lo", "--port", "0"]
    node = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=before)
    assert b"ready" in node.stdout.readline()
    return node, time.monotonic() - begin


def stop(node):
    node.terminate()
    node.wait(30)


def memory(process):
    """MB: resident, and what is this process's alone."""
    fields = dict(
        line.split(":", 1) for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines() if ":" in line
    )
    kib = {name: int(text.split()[0]) for name, text in fields.items() if text.strip().endswith("kB")}
    return kib["Rss"] / 1_000 * 1.024, (kib["Private_Clean"] + kib["Private_Dirty"]) / 1_000 * 1.024, kib["Anonymous"] / 1_000 * 1.024


def main(programs, deb=None):
    work = pathlib.Path(tempfile.mkdtemp())
    program = work / "earshotd"
    shutil.copy(pathlib.Path(programs) / "earshotd", program)
    subprocess.run(["strip", program], check=True)
    try:
        if deb:
            print(f"package: {pathlib.Path(deb).stat().st_size / 1e6:.1f} MB")
        node, took = start(program, work / "free")
        print(f"start to ready, new node: {took * 1_000:.0f} ms")
        time.sleep(IDLE)
        resident, own, anonymous = memory(node.pid)
        print(f"idle for {IDLE} s: resident {resident:.1f} MB, of which its alone {own:.1f}, of no file {anonymous:.1f}")
        stop(node)
        limits = Limits()
        try:
            for what in ("new node, limited", "again, limited"):
                node, took = start(program, work / "limited", limits.join)
                print(f"start to ready, {what} to {MEMORY >> 20} MiB and {SHARE:.0%} of a processor: {took:.2f} s")
                stop(node)
        finally:
            limits.remove()
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
