"""The main way in Firefox: come in, begin, say something, hear something, take a file."""

import pytest
from marionette import ENTER, Firefox, program
from test_files import incoming
from world import Node, until

pytestmark = pytest.mark.skipif(not program(), reason="THE PAGE WAS NOT TRIED IN FIREFOX: there is none (FIREFOX names it)")


@pytest.fixture
def fay(world):
    node = Node(world.folder, "Fay")
    yield node
    world.bob.rpc("block", who=node.person)
    node.stop()


@pytest.fixture
def firefox(tmp_path):
    browser = Firefox(tmp_path)
    yield browser
    browser.stop()


def test_the_main_way(world, fay, firefox):
    firefox.go(fay.link())
    firefox.click("//button[text()='Begin']")
    until(lambda: firefox.address.endswith("#/people"))
    for one, other in ((fay, world.bob), (world.bob, fay)):
        until(lambda one=one, other=other: one.rpc("accept", who=other.person))
    until(lambda: any(one["person"] == world.bob.person and one["online"] for one in fay.rpc("contacts")))
    firefox.go(f"{fay.address}#/talk/{world.bob.person}")
    firefox.type("es-composer textarea", "from Firefox, *really*" + ENTER)
    until(lambda: any(one["text"].startswith("from Firefox") for one in world.bob.rpc("history", who=fay.person, limit=1)))
    firefox.find(".row.own .tick.delivered")
    firefox.find("//*[contains(@class, 'row')]//strong[text()='really']")
    world.bob.send(fay.person, "I see it")
    firefox.find("//*[contains(@class, 'theirs')]//*[text()='I see it']")
    file = world.folder / "alder.txt"
    file.write_text("wood")
    world.bob.rpc("offer", to=[fay.person], paths=[str(file)])
    firefox.click("//es-file//button[text()='Accept']")
    firefox.find("es-file a[download='alder.txt']")
    until(lambda: incoming(fay, "alder.txt")["state"] == "complete")
