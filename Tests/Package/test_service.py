"""`earshot service`, with a systemctl that notes what it is asked."""

import json
import os
import subprocess

import pytest
from conftest import PROGRAMS

SYSTEMCTL = """#!/bin/sh
echo "$*" >>"$NOTED"
case "$*" in
*show*) [ -z "$NO_SESSION" ] || exit 1
    for unit in earshot.service earshot.socket; do
        printf 'Id=%s\\nLoadState=%s\\nActiveState=%s\\nUnitFileState=%s\\nStatusText=\\n\\n' \
            $unit "${LOADED:-loaded}" "$(cat "$NOTED.active")" "$(cat "$NOTED.enabled")"
    done ;;
*enable*--now*) echo active >"$NOTED.active"; echo enabled >"$NOTED.enabled" ;;
*disable*--now*) echo inactive >"$NOTED.active"; echo disabled >"$NOTED.enabled" ;;
esac
"""
# `disable` contains `enable`, and is looked for first.
SYSTEMCTL = SYSTEMCTL.replace("*enable*--now*)", "*' enable --now'*)").replace("*disable*--now*)", "*' disable --now'*)")


@pytest.fixture
def earshot(tmp_path):
    fake = tmp_path / "bin" / "systemctl"
    fake.parent.mkdir()
    fake.write_text(SYSTEMCTL)
    fake.chmod(0o755)
    noted = tmp_path / "noted"
    for name, word in (("active", "inactive"), ("enabled", "disabled")):
        (tmp_path / f"noted.{name}").write_text(word + "\n")

    def run(*words, path=f"{fake.parent}:{os.environ['PATH']}", **more):
        environment = {"PATH": path, "HOME": str(tmp_path), "NOTED": str(noted), **more}
        done = subprocess.run([PROGRAMS / "earshot", *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    run.noted = noted
    return run


def test_on_and_off(earshot):
    code, out, _ = earshot("service")
    assert code == 0 and "earshot service enable" in out
    code, out, _ = earshot("service", "enable")
    assert code == 0 and out.startswith("Your node is a service now.\n") and "loginctl enable-linger" in out
    assert "--user --quiet enable --now earshot.service earshot.socket" in earshot.noted.read_text()
    code, out, _ = earshot("service", "status", "--json")
    assert code == 0 and {"enabled": True, "running": True, "installed": True}.items() <= json.loads(out).items()
    code, out, _ = earshot("service", "disable")
    assert code == 0 and out == "Your node is no service any more.\n"
    assert json.loads(earshot("service", "--json")[1])["enabled"] is False


def test_a_node_that_runs_is_stopped_first(earshot, tmp_path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    words = [PROGRAMS / "earshotd", "--discovery", "none", "--port", "0"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as node:
        assert "ready" in node.stdout.readline()
        code, _, err = earshot("service", "enable")
        assert code == 0 and "is stopped" in err and node.wait(30) == 0


def test_what_is_missing_is_said(earshot, tmp_path):
    code, _, err = earshot("service", "enable", path=str(tmp_path))
    assert code == 1 and "There is no systemd here" in err
    code, _, err = earshot("service", "enable", NO_SESSION="1")
    assert code == 1 and "no session of its own" in err
    code, _, err = earshot("service", "enable", LOADED="not-found")
    assert code == 1 and "not installed" in err
    code, _, err = earshot("service", "enable", EARSHOT_STATE=str(tmp_path / "elsewhere"))
    assert code == 1 and f"ExecStart=earshotd --state {tmp_path}/elsewhere" in err
    assert "enable" not in earshot.noted.read_text()
