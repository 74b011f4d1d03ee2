"""Files of settings, variables and options: `earshotd` and `earshot config` as a person meets them."""

import asyncio
import json
import os
import shlex
import signal
import subprocess

import pytest
from harness import Daemon, cli_or_skip, met


@pytest.fixture
def place(tmp_path):
    """A home of its own, with a folder for the file of settings: (home, file, environment)."""
    cli_or_skip()
    if "earshot_peer" in os.environ["EARSHOTD"]:
        pytest.skip("the peer has no files of settings")
    (tmp_path / "xdg" / "earshot").mkdir(parents=True)
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "xdg"), "EARSHOT_STATE": str(tmp_path / "state")}
    return tmp_path, tmp_path / "xdg" / "earshot" / "config.toml", environment


def run(name, environment, *words, **more):
    command = [*shlex.split(os.environ[name]), *words]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env={**environment, **more}, timeout=30)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_broken_file_keeps_the_daemon_from_starting_and_says_all(place):
    home, file, environment = place
    file.write_text('prot = 1\n\n[files]\nrate = "fast"\n')
    code, out, err = run("EARSHOTD", environment, "--discovery", "foo", EARSHOT_AES="perhaps")
    assert code == 2 and not out and not (home / "state").exists()
    assert err.splitlines() == [
        f"earshotd: {file}:1:1: There is no setting prot. Did you mean port?",
        f'earshotd: {file}:4:1: files.rate is bytes a second, as 20M, or 0 for no limit, not "fast".',
        'earshotd: EARSHOT_AES is true or false, not "perhaps".',
        'earshotd: --discovery is auto, avahi, embedded or none, not "foo".',
    ]
    code, out, err = run("EARSHOT", environment, "config", "check")
    assert code == 2 and not out and len(err.splitlines()) == 2 and err.startswith(f"{file}:1:1: ")
    code, out, err = run("EARSHOT", environment, "config", "check", "--json")
    faults = [json.loads(line) for line in out.splitlines()]
    assert code == 2 and [fault["line"] for fault in faults] == [1, 4] and faults[0]["file"] == str(file)


def test_a_file_that_others_may_write_is_not_read(place):
    _, file, environment = place
    file.write_text("port = 0\n")
    file.chmod(0o666)
    code, _, err = run("EARSHOTD", environment)
    assert code == 2 and "Others may write it" in err
    file.chmod(0o600)
    assert run("EARSHOT", environment, "config", "check") == (0, "Nothing is wrong.\n", "")


def test_the_file_that_edit_begins_with_sets_nothing_and_is_good(place):
    _, file, environment = place
    assert run("EARSHOT", environment, "config", "edit", VISUAL="true")[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600 and '#"rate.peer" = 0' in file.read_text()
    code, out, err = run("EARSHOT", environment, "config", "edit", VISUAL="", EDITOR="sed -i 1iprot=1")
    assert code == 2 and "Did you mean port?" in err
    assert "prot" not in file.read_text(), "what is wrong takes nobody's place"
    code, out, err = run("EARSHOT", environment, "config", "edit", VISUAL="sed -i s/prot=1/port=1/")
    assert code == 0 and "goes on with what was left unfinished" in err and file.read_text().startswith("port=1\n")
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    code, _, err = run("EARSHOT", environment, "config", "edit", VISUAL="false")
    assert code == 1 and "as they were" in err and file.read_text().startswith("port=1\n")
    code, out, _ = run("EARSHOT", environment, "config", "path", "--json")
    assert code == 0 and {"for": "user", "path": str(file), "exists": True}.items() <= json.loads(out.splitlines()[1]).items()


def test_edit_keeps_a_link_to_the_file_and_who_may_read_it(place):
    home, file, environment = place
    kept = home / "dotfiles.toml"
    kept.write_text("port = 1\n")
    kept.chmod(0o644)
    file.symlink_to(kept)
    assert run("EARSHOT", environment, "config", "edit", VISUAL="sed -i s/1/2/")[0] == 0
    assert file.is_symlink() and kept.read_text() == "port = 2\n" and kept.stat().st_mode & 0o777 == 0o644


@met("we_called")
async def test_who_counts_and_where_it_comes_from(daemon, alice):
    async def settings():
        return {one["key"]: one for one in map(json.loads, (await daemon.typed("config", "show", "--json")).splitlines())}

    before = await settings()
    assert before["port"]["from"] == "option" and before["files.rate"]["from"] == "default"
    await daemon.typed("settings", "files.rate", "5M")
    assert (await settings())["files.rate"]["from"] == "door" and "5000000" in await daemon.typed("config")
    assert "files.rate = 0" in await daemon.typed("settings", "unset", "files.rate")
    assert (await settings())["files.rate"]["from"] == "default"
    code, _, err = await daemon.cli("settings", "port", "5")
    assert code == 2 and "earshot config edit" in err


def test_sighup_reads_the_files_again(place, monkeypatch):
    home, file, environment = place
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, environment[name])
    asyncio.run(reread(home / "state", file))


async def reread(state, file):
    file.write_text('files.rate = "1M"\n')
    daemon = await Daemon(state).start(discovery="none")
    try:
        assert (await daemon.rpc("settings.get"))["files.rate"] == "1000000"
        file.write_text('files.rate = "2M"\nlog-level = "info"\n')
        daemon.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(10):
            while (await daemon.rpc("settings.get"))["files.rate"] != "2000000":
                pass
        assert "log-level is info" in daemon.tail() and "from the next start on" in daemon.tail()
        file.write_text("files.rate = 3\nfiles.rat = 4\n")
        code, _, err = await daemon.cli("config", "reload")
        assert code == 2 and f"{file}:2:1: There is no setting files.rat." in err
        assert (await daemon.rpc("settings.get"))["files.rate"] == "2000000"
    finally:
        await daemon.stop()
