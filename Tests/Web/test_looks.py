"""Axe finds nothing, in each place, theme and width; and everything is reached without a mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from looking import settle
from playwright.sync_api import expect

PLACES = ["#/", "talk", "room", "#/search/hello", "#/inbox", "#/people", "#/settings", "#/transfers", "#/rooms", "#/profile", "#/network"]


@pytest.fixture(scope="module")
def room(world):
    room = world.room("looks")
    world.bob.send(f"room:{room}", "hello @Anna, see `this` and\n```\ncode\n```", ask=True)
    world.bob.send(world.anna.person, "hello")
    world.anna.send(world.bob.person, "hello yourself")
    return room


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(world, open_page, room, theme, width):
    page = open_page(world.anna, color_scheme=theme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    found = []
    for place in PLACES:
        path = {"talk": f"#/talk/{world.bob.person}", "room": f"#/room/{room}"}.get(place, place)
        page.goto(world.anna.address + path)
        settle(page)
        results = Axe().run(page)
        found += [(place, one["id"], node["html"][:160], node["failureSummary"][:300]) for one in results.response["violations"] for node in one["nodes"][:3]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    assert not found


def test_dialogs_menus_and_pickers_too(world, open_page, room):
    page = open_page(world.anna, f"#/talk/{world.bob.person}", reduced_motion="reduce")
    page.locator("es-composer textarea").wait_for()
    found = []

    def look(what):
        settle(page)
        results = Axe().run(page)
        found.extend((what, one["id"], node["html"][:160]) for one in results.response["violations"] for node in one["nodes"][:3])

    page.keyboard.press("Control+k")
    look("switch")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Emoji").click()
    look("emoji")
    page.keyboard.press("Escape")
    page.locator(".self").click()
    look("menu")
    page.keyboard.press("Escape")
    page.locator(".row.own").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Details").click()
    look("details")
    page.keyboard.press("Escape")
    assert not found


def test_by_keys_alone(world, open_page, room):
    page = open_page(world.anna)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.talks') !== null"):
            break
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("es-composer textarea")).to_be_focused()
    page.keyboard.type("by keys")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble", has_text="by keys").last).to_be_visible()
