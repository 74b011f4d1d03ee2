"""Where everything is, once it is installed."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("PROGRAMS", ROOT / ".build" / "debug"))


def tool(name):
    """A program that checks something; where it is not installed, that is not checked."""
    found = shutil.which(name)
    if not found:
        pytest.skip(f"there is no {name}")
    return found


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """What the package has, in a folder."""
    folder = tmp_path_factory.mktemp("root")
    environment = {**os.environ, "DESTDIR": str(folder), "PREFIX": "/usr", "STRIP": "true", "HOME": "/nowhere"}
    subprocess.run([ROOT / "scripts" / "stage.sh", PROGRAMS], env=environment, check=True)
    return folder
