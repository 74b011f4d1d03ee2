#!/usr/bin/env python3
"""Makes the pictures of the page for README, from the real page: three daemons on loopback, what they say, and a
browser. Best in a network of its own: Tests/Web/run.sh installs what it needs.

    Tests/Web/.venv/bin/python scripts/pictures.py .build/debug/earshotd
"""
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "Tests" / "Web"))
daemon = sys.argv[1] if len(sys.argv) > 1 else HERE / ".build/debug/earshotd"
os.environ["EARSHOTD"] = str(pathlib.Path(daemon).resolve())

from playwright.sync_api import sync_playwright  # noqa: E402
from world import World, until  # noqa: E402


def talk(anna, bob):
    first = bob.send(anna.person, "Good morning! Are the drawings for the stairs done?")
    anna.send(bob.person, "Almost. I still need the height of the landing.")
    bob.send(anna.person, "It is 2.84 m from floor to floor. The wall is *not* straight, though.")
    last = anna.send(bob.person, "Thanks! Then 16 steps:\n```\nsteps  = 16\nheight = 2840 / steps   # 177.5\n```")
    anna.rpc("react", id=first, emoji="❤️")
    bob.rpc("react", id=last, emoji="🎉")
    bob.send(anna.person, "Perfect 👍", replyTo=last)
    bob.rpc("presence", presence="busy", text="in the workshop until noon")


def room(world):
    anna, bob, carla = world.nodes
    number = world.room("workshop")
    name = f"room:{number}"
    anna.rpc("room.topic", room=number, topic="Stairs, doors and what is missing")
    pinned = anna.send(name, "The delivery comes on Thursday at seven.")
    anna.rpc("room.pin", room=number, message=pinned)
    bob.send(name, "I can be there. @Carla, do you have the key?")
    carla.send(name, "Yes. I leave it at the desk tonight.")
    carla.send(name, "@Anna please look at the oak, two boards are cracked.", ask=True)
    until(lambda: len(anna.rpc("history", who=name)) == 4)
    return number


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        world = World(pathlib.Path(folder))
        try:
            talk(world.anna, world.bob)
            number = room(world)
            plans = pathlib.Path(folder) / "plans.pdf"
            plans.write_bytes(b"%PDF-1.4" + bytes(234_567))
            world.bob.rpc("offer", to=[world.anna.person], paths=[str(plans)])
            until(lambda: world.anna.rpc("transfers"))
            program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            shots = [
                ("page-talk", "light", (1200, 760), f"talk/{world.bob.person}"),
                ("page-room", "dark", (1200, 760), f"room/{number}"),
                ("page-phone", "light", (360, 740), f"talk/{world.bob.person}"),
            ]
            for name, theme, (width, height), path in shots:
                size = {"width": width, "height": height}
                context = browser.new_context(viewport=size, color_scheme=theme, locale="en-GB")
                page = context.new_page()
                page.goto(world.anna.link())
                page.wait_for_selector(".self")
                page.goto(f"{world.anna.address}#/{path}")
                page.locator(".row").last.wait_for()
                page.locator("es-composer textarea").wait_for()
                page.screenshot(path=str(HERE / "docs" / "pictures" / f"{name}.png"))
                context.close()
            browser.close()
        finally:
            world.stop()


main()
