"""Several tabs of one browser, and what happens when the one that listens for all is closed."""

from playwright.sync_api import expect
from world import until


def second(page, node, path):
    """Another tab; nothing of it may be asked before it is there."""
    tab = page.context.new_page()
    tab.goto(node.address + path)
    tab.locator("es-composer textarea").wait_for()
    return tab


def said(page, text):
    return page.locator(".row", has=page.locator(".bubble", has_text=text)).last


def test_two_tabs_listen_by_one_stream_and_the_second_takes_over(world, open_page):
    first = open_page(world.anna, f"#/talk/{world.bob.person}")
    streams = []
    first.context.on("request", lambda request: streams.append(request) if request.url.endswith("/events") else None)
    tab = second(first, world.anna, f"#/talk/{world.bob.person}")
    world.bob.send(world.anna.person, "Heard by two")
    for page in (first, tab):
        expect(said(page, "Heard by two")).to_be_visible()
    assert not streams
    with tab.expect_request("**/api/v1/events"):
        first.close()
    world.bob.send(world.anna.person, "Heard by one")
    expect(said(tab, "Heard by one")).to_be_visible()


def test_live_text_goes_on_when_the_leading_tab_closes(world, open_page):
    first = open_page(world.anna)
    tab = second(first, world.anna, f"#/talk/{world.bob.person}")
    bob = open_page(world.bob, f"#/talk/{world.anna.person}")
    for page in (tab, bob):
        page.get_by_role("button", name="Show what is typed").click()
    tab.locator("es-composer textarea").fill("one")
    expect(bob.locator(".bubble.live")).to_have_text("one")
    with tab.expect_request("**/api/v1/events"):
        first.close()
    tab.locator("es-composer textarea").fill("one two")
    expect(bob.locator(".bubble.live")).to_have_text("one two")
    for page in (tab, bob):
        page.get_by_role("button", name="No longer show").click()
    tab.locator("es-composer textarea").fill("")


def test_a_comparison_of_keys_goes_on_when_the_leading_tab_closes(world, open_page):
    first = open_page(world.anna)
    tab = second(first, world.anna, f"#/talk/{world.carla.person}")
    carla = open_page(world.carla, f"#/people/{world.anna.person}")
    tab.goto(world.anna.address + f"#/people/{world.carla.person}")
    tab.get_by_role("button", name="Compare keys").first.click()
    carla.get_by_role("dialog").get_by_role("button", name="Begin").click()
    numbers = tab.locator(".verify-numbers")
    expect(numbers).to_be_visible()
    with tab.expect_request("**/api/v1/events"):
        first.close()
    expect(carla.locator(".verify-numbers")).to_have_text(numbers.text_content())
    for page in (tab, carla):
        page.locator(".verify-same").click()
    expect(tab.locator(".verify-sign.verified, .verify-sign.good")).to_be_visible()
    until(lambda: world.anna.rpc("resolve", who=world.carla.person)["trust"] == "verified")
