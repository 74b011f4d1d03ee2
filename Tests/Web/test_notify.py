"""Notifications: of what one does not look at, with no more than is wished."""

import pytest
from playwright.sync_api import expect

STUB = """() => { globalThis.told = []; globalThis.Notification = class {
    static permission = 'granted';
    constructor(title, { body }) { told.push([title, body]); }
    close() {}
} }"""


@pytest.fixture
def page(world, open_page):
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    expect(page.locator("es-composer textarea")).to_be_focused()
    page.evaluate(STUB)
    return page


def prefer(page, **prefs):
    page.evaluate("async (prefs) => (await import('./state/prefs.js')).setPrefs(prefs)", prefs)


def seen(page, text):
    expect(page.locator(".talk-last", has_text=text)).to_be_visible()
    return page.evaluate("told")


def test_what_one_looks_at_is_not_told_and_the_rest_is(world, page):
    world.bob.send(world.anna.person, "You see this")
    expect(page.locator(".bubble", has_text="You see this")).to_be_visible()
    assert page.evaluate("told") == []
    world.carla.send(world.anna.person, "You do not see this")
    assert seen(page, "You do not see this") == [["Carla", "You do not see this"]]


def test_without_preview_nothing_of_it_is_shown(world, page):
    prefer(page, preview=False)
    world.carla.send(world.anna.person, "A secret")
    assert seen(page, "A secret") == [["Earshot", "Something new"]]


def test_quiet_hours_and_muted_conversations_say_nothing(world, page):
    prefer(page, quietFrom="00:00", quietTo="23:59")
    world.carla.send(world.anna.person, "In the quiet hours")
    assert seen(page, "In the quiet hours") == []
    prefer(page, quietFrom="", quietTo="", muted={world.carla.person: "always"})
    world.carla.send(world.anna.person, "To a muted one")
    assert seen(page, "To a muted one") == []
    world.carla.send(world.anna.person, "And now @Anna")
    assert seen(page, "And now @Anna") == [["Carla", "And now @Anna"]], "who is named is told"


@pytest.mark.parametrize(("minutes", "quiet"), [(22 * 60, True), (23 * 60, True), (6 * 60 + 59, True), (7 * 60, False), (12 * 60, False)])
def test_quiet_hours_go_over_midnight(world, page, minutes, quiet):
    script = "async (m) => (await import('./notify/quiet.js')).isQuiet({ quietFrom: '22:00', quietTo: '07:00' }, m)"
    assert page.evaluate(script, minutes) == quiet
