"""Files: offered by a page, taken in a page."""

import base64

from playwright.sync_api import expect
from world import until

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGNgYPiPBw1S6f//AYcCY51tFpaXAAAAAElFTkSuQmCC")


def incoming(node, name):
    found = (t for t in node.rpc("transfers", limit=100) if t["name"] == name and t["direction"] == "in")
    return next(found, None)


def test_a_file_is_offered_accepted_and_shown(world, open_page):
    anna = open_page(world.anna, f"#/talk/{world.bob.person}")
    bob = open_page(world.bob, f"#/talk/{world.anna.person}")
    anna.get_by_role("button", name="Attach").click()
    with anna.expect_file_chooser() as chooser:
        anna.get_by_role("menuitem", name="Files").click()
    chooser.value.set_files({"name": "oak.png", "mimeType": "image/png", "buffer": PNG})
    expect(anna.locator(".chip")).to_contain_text("oak.png")
    anna.keyboard.press("Enter")
    card = bob.locator("es-file", has_text="oak.png")
    expect(card).to_contain_text("offered to you")
    card.focus()
    bob.keyboard.press("Enter")
    expect(card.locator("img.picture")).to_be_visible()
    expect(anna.locator("es-file", has_text="oak.png")).to_contain_text("they have it")
    assert incoming(world.bob, "oak.png")["state"] == "complete"


def test_escape_declines(world, open_page):
    file = world.folder / "no.txt"
    file.write_text("no")
    bob = open_page(world.bob, f"#/talk/{world.anna.person}")
    world.anna.rpc("offer", to=[world.bob.person], paths=[str(file)])
    card = bob.locator("es-file", has_text="no.txt")
    card.focus()
    bob.keyboard.press("Escape")
    expect(card).to_contain_text("declined")


def test_a_program_warns_before_it_is_taken(world, open_page):
    file = world.folder / "invoice.pdf.exe"
    file.write_bytes(b"MZ")
    bob = open_page(world.bob, f"#/talk/{world.anna.person}")
    world.anna.rpc("offer", to=[world.bob.person], paths=[str(file)])
    card = bob.locator("es-file", has_text="invoice")
    expect(card.locator(".note.danger")).to_be_visible()
    card.get_by_role("button", name="Accept").click()
    expect(bob.locator("dialog")).to_contain_text("can run as a program")
    bob.keyboard.press("Escape")
    until(lambda: incoming(world.bob, "invoice.pdf.exe")["state"] == "offered")


def test_a_voice_note_is_recorded_and_offered(world, open_page):
    anna = open_page(world.anna, f"#/talk/{world.bob.person}")
    anna.get_by_role("button", name="Record a voice note").click()
    expect(anna.locator(".recording time")).to_have_text("0:01")
    anna.get_by_role("button", name="Send voice note").click()
    until(lambda: [t for t in world.bob.rpc("transfers", limit=20) if t["name"].startswith("voice-")])


def test_what_one_sent_stays_to_be_seen_when_the_copy_is_gone(world, open_page):
    """The page gave its node a copy, which goes once they have it."""
    anna = open_page(world.anna, f"#/talk/{world.carla.person}")
    anna.get_by_role("button", name="Attach").click()
    with anna.expect_file_chooser() as chooser:
        anna.get_by_role("menuitem", name="Files").click()
    chooser.value.set_files({"name": "ash.png", "mimeType": "image/png", "buffer": PNG})
    expect(anna.locator(".chip")).to_contain_text("ash.png")
    anna.keyboard.press("Enter")
    offer = until(lambda: incoming(world.carla, "ash.png"))
    world.carla.rpc("transfer.accept", id=offer["id"])
    card = anna.locator("es-file", has_text="ash.png")
    expect(card).to_contain_text("they have it")
    anna.goto(world.anna.address + "#/people")
    anna.goto(world.anna.address + f"#/talk/{world.carla.person}")
    picture = card.locator("img.picture")
    expect(picture).to_be_visible()
    anna.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
