"""Units, manual pages, completions, the desktop entry: what others read."""

import configparser
import gzip
import os
import re
import subprocess
import tomllib
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import PROGRAMS, ROOT, tool

# Of 10, as `systemd-analyze security` counts, which knows only services of the machine: of one's own it counts rights that it
# cannot have, and which it therefore cannot give away, and the files of its person, which it is there for.
MOST_EXPOSED = {"system": 2.0, "user": 6.5}


def units(folder, kind):
    """Each unit, to be read as if its programs were installed here."""
    return sorted((folder / ("lib" if kind == "system" else "usr/lib") / "systemd" / kind).iterdir())


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["user", "system"])
def test_systemd_understands_its_units(installed, kind, tmp_path):
    analyze = tool("systemd-analyze")
    for unit in units(installed, kind):
        # It looks whether the programs and pages are there, and these are elsewhere.
        text = re.sub(r"^(Exec(?:Start|Reload)=)/usr/bin", rf"\g<1>{PROGRAMS}", unit.read_text(), flags=re.M)
        (tmp_path / unit.name).write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.M))
    paths = sorted(tmp_path.iterdir())
    code, said = run(analyze, "verify", f"--{kind}", *paths, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)})
    # Of the units of others on this machine nothing is claimed.
    assert not [line for line in said.splitlines() if "earshot" in line], said
    assert code == 0 or "earshot" not in said


@pytest.mark.parametrize("kind", ["user", "system"])
def test_they_may_do_little(installed, kind):
    analyze = tool("systemd-analyze")
    unit = next(one for one in units(installed, kind) if one.suffix == ".service")
    threshold = str(int(MOST_EXPOSED[kind] * 10))
    code, said = run(analyze, "security", "--offline=yes", f"--threshold={threshold}", unit)
    assert code == 0, said


def test_the_user_of_the_machine_s_node(installed, tmp_path):
    sysusers = tool("systemd-sysusers")
    (tmp_path / "etc").mkdir()
    code, said = run(sysusers, f"--root={tmp_path}", installed / "usr/lib/sysusers.d/earshot.conf")
    assert code == 0, said
    line = (tmp_path / "etc/passwd").read_text().strip()
    assert line.startswith("earshot:") and line.endswith(":/var/lib/earshot:/usr/sbin/nologin")


@pytest.mark.parametrize("program", ["earshot", "earshotd"])
def test_manual_pages_say_all_that_help_says(installed, program, tmp_path):
    page = gzip.decompress((installed / f"usr/share/man/man1/{program}.1.gz").read_bytes()).decode()
    (tmp_path / program).write_text(page)
    words = [tool("man"), "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", tmp_path / program]
    done = subprocess.run(words, env={**os.environ, "MANROFFSEQ": ""}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    _, shown = run(tool("man"), "-l", tmp_path / program, env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""})
    shown = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", shown)
    _, helped = run(PROGRAMS / program, "--help")
    for option in set(re.findall(r"--[a-z][a-z-]+", helped)) - {"--version", "--help"}:
        assert option in shown, option
    if program == "earshot":
        for command in re.findall(r"^  ([a-z][a-z-]+)  +[A-Z]", helped, flags=re.M):
            assert command == "help" or f"earshot {command}" in shown, command
    assert "EXIT STATUS" in shown and not re.search(r"\\[(]?[a-z]{2}", shown)


@pytest.mark.parametrize(
    "shell,path",
    [
        ("bash", "usr/share/bash-completion/completions/earshot"),
        ("zsh", "usr/share/zsh/vendor-completions/_earshot"),
        ("fish", "usr/share/fish/vendor_completions.d/earshot.fish"),
    ],
)
def test_shells_can_read_their_completions(installed, shell, path):
    assert (installed / path).read_text()
    assert run(tool(shell), "-n", installed / path) == (0, "")


def test_the_desktop_entry(installed):
    path = installed / "usr/share/applications/earshot.desktop"
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(path)
    entry = entry["Desktop Entry"]
    assert entry["Exec"] == "earshot web" and entry["Type"] == "Application"
    assert (installed / f"usr/share/icons/hicolor/scalable/apps/{entry['Icon']}.svg").read_bytes().startswith(b"<svg")
    assert run(tool("desktop-file-validate"), path) == (0, "")


def test_firewalls_know_the_ports_that_the_program_has(installed):
    service = ElementTree.parse(installed / "usr/lib/firewalld/services/earshot.xml").getroot()
    ports = {(one.get("port"), one.get("protocol")) for one in service.findall("port")}
    ufw = configparser.ConfigParser()
    ufw.read(installed / "etc/ufw/applications.d/earshot")
    assert ports == {tuple(one.split("/")) for one in ufw["Earshot"]["ports"].split("|")}
    assert "47447" in (ROOT / "docs" / "config.toml").read_text()
    assert ports == {("47447", "tcp"), ("47447", "udp"), ("5353", "udp")}


def test_settings_for_everybody_set_nothing_and_those_that_lock_are_good(installed):
    tables = tomllib.loads((installed / "etc/earshot/config.toml").read_text())
    assert tables and not any(tables.values())
    examples = installed / "usr/share/doc/earshot/examples"
    for path in (examples / "policy.toml", examples / "people.toml", installed / "etc/earshot/config.toml"):
        assert run(PROGRAMS / "earshot", "config", "check", path)[0] == 0


def test_what_somebody_has_set_stays(installed, tmp_path):
    kept = tmp_path / "etc/earshot/config.toml"
    kept.parent.mkdir(parents=True)
    kept.write_text("port = 1\n")
    environment = {**os.environ, "DESTDIR": str(tmp_path), "PREFIX": "/usr/local", "STRIP": "true", "HOME": "/nowhere"}
    subprocess.run([ROOT / "scripts" / "stage.sh", PROGRAMS], env=environment, check=True)
    assert kept.read_text() == "port = 1\n"
    unit = tmp_path / "usr/local/lib/systemd/system/earshot.service"
    assert "ExecStart=/usr/local/bin/earshotd" in unit.read_text()


def test_one_version():
    code, version = run(ROOT / "scripts" / "version.sh")
    assert code == 0 and re.fullmatch(r"\d+\.\d+\.\d+\n", version)
    assert run(PROGRAMS / "earshot", "--version")[1] == run(PROGRAMS / "earshotd", "--version")[1] == version
