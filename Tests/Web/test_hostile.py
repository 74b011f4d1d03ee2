"""What a peer controls is text and nothing else, wherever it is shown."""

import re

from looking import settle
from playwright.sync_api import expect

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>",
    "javascript:alert(1)",
    "https://x.example/\"onmouseover=\"alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "'-alert(1)-'",
    "{{constructor.constructor('alert(1)')()}}",
    "```\n</code></pre><img src=x onerror=alert(1)>\n```",
    "@Anna<img src=x onerror=alert(1)>",
]


def test_payloads_stay_text_in_every_field(world, open_page):
    evil = PAYLOADS[0]
    name = evil[:40]
    world.bob.rpc("name.set", name=name)
    world.bob.rpc("presence", presence="busy", text=evil)
    world.bob.rpc("profile.set", fullName=evil[:60], role=PAYLOADS[1][:60], desk=evil, phone=evil,
                  see=dict.fromkeys(("fullName", "role", "desk", "phone"), "everyone"))  # fmt: skip
    room = world.bob.rpc("room.create", name="b-onerror-alert")["id"]
    world.bob.rpc("room.invite", room=room, who=[world.anna.person])
    world.bob.rpc("room.topic", room=room, topic=evil)
    for text in PAYLOADS:
        first = world.bob.send(world.anna.person, text)
    world.bob.send(world.anna.person, evil, replyTo=first)
    file = world.folder / "<img src=x onerror=alert(1)>.txt"
    file.write_text("x")
    world.bob.rpc("offer", to=[world.anna.person], paths=[str(file)])
    try:
        page = open_page(world.anna)
        for path in ("#/", f"#/talk/{world.bob.person}", "#/inbox", "#/people", f"#/people/{world.bob.person}", "#/rooms", f"#/room/{room}",
                     "#/transfers", "#/search/alert"):  # fmt: skip
            page.goto(world.anna.address + path)
            settle(page)
            look(page)
        page.goto(world.anna.address + f"#/talk/{world.bob.person}")
        expect(page.locator(".bubble", has_text="<script>alert(1)</script>").first).to_be_visible()
        page.keyboard.press("Control+k")
        page.keyboard.type("img")
        look(page)
    finally:
        world.bob.rpc("name.set", name="Bob")
        world.bob.rpc("presence", presence="online", text="")


def look(page):
    assert page.locator("img[src=x], svg[onload], [onerror], [onmouseover], main script").count() == 0
    # A number is dialled, and holds nothing but digits.
    for address in page.locator("main a[href]").evaluate_all("all => all.map(a => a.href)"):
        assert address.startswith(("http://", "https://", "mailto:")) or re.fullmatch(r"tel:[+\d]+", address), address


def test_only_safe_links_become_links(world, open_page):
    world.carla.send(world.anna.person, "see https://good.example/a and javascript:alert(2) and file:///etc/passwd")
    page = open_page(world.anna, f"#/talk/{world.carla.person}")
    row = page.locator(".bubble", has_text="good.example").last
    links = row.locator("a")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("rel", "noopener noreferrer")
