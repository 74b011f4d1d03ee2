"""What the page is when its node, or its browser, is not what it should be."""

import re

from playwright.sync_api import expect


def test_without_a_node_the_page_says_so_and_opens_when_it_is_back(world, open_page):
    page = open_page(world.carla)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("async () => (await caches.keys()).length === 1")
    open_page.away = True
    world.carla.process.terminate()
    world.carla.process.wait(20)
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("Your node is not running")
    page.wait_for_function("document.querySelector('img').naturalWidth > 0")
    world.carla.start()
    expect(page.locator(".self")).to_be_visible(timeout=20_000)


def test_of_the_page_only_its_shell_is_kept(world, open_page):
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.locator("es-composer textarea").wait_for()
    kept = page.evaluate(
        """async () => { const all = []; for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) all.push(new URL(url).pathname); return all.sort() }"""
    )
    assert kept == ["/away.html", "/away.js", "/icon.svg", "/style/base.css", "/style/tokens.css"]


def test_a_newer_version_is_said(world, open_page):
    page = open_page(world.anna)
    expect(page.locator(".banner")).to_be_hidden()
    page.evaluate(
        "import('/state/store.js').then(({ store }) => store.tell({ kind: 'door', state: 'open', version: '99.0' }))"
    )
    expect(page.locator(".banner")).to_contain_text("newer version")
    page.get_by_role("button", name="Reload").click()
    expect(page.locator(".self")).to_be_visible()
    expect(page.locator(".banner")).to_be_hidden()


def test_an_old_browser_is_told_so(world, open_page):
    page = open_page(world.anna)
    page.add_init_script("delete Array.prototype.with")
    page.reload()
    expect(page.locator("body")).to_contain_text("needs a browser of 2023 or later")


def test_every_call_carries_the_key_of_the_browser(world, open_page):
    page = open_page(world.anna)
    key = page.evaluate("localStorage.getItem('earshot-key')")
    assert re.fullmatch("[a-z2-7]{52}", key)
    with page.expect_request("**/api/v1/rpc") as asked, page.expect_request("**/api/v1/events") as heard:
        page.reload()
    for request in (asked.value, heard.value):
        assert request.headers.get("x-earshot-key") == key


def test_the_manifest_is_whole(world, open_page):
    page = open_page(world.anna)
    manifest = page.context.request.get(world.anna.address + "manifest.webmanifest").json()
    assert {"id", "name", "start_url", "scope", "display", "icons"} <= manifest.keys()
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    client = page.context.new_cdp_session(page)
    assert client.send("Page.getInstallabilityErrors")["installabilityErrors"] in ([], [{"errorId": "in-incognito", "errorArguments": []}])
