"""Ways that people go with a mouse: dropping, pasting, folders, film, pausing, rooms where few write, what is locked."""

import base64
import json
import re

import pytest
from playwright.sync_api import expect
from test_files import PNG, incoming
from world import Node, until


def offered(world, node, **more):
    """A file that Anna is offered by a node."""
    return node.rpc("offer", to=[world.anna.person], **more)[0]["id"]


def bring(page, place, event, kind, name="elm.png"):
    """As if somebody dropped or pasted a picture."""
    page.locator(place).evaluate(
        """(element, [event, kind, name, data]) => {
          const files = new DataTransfer();
          files.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type: 'image/png' }));
          const options = { bubbles: true, cancelable: true };
          options[kind === 'DragEvent' ? 'dataTransfer' : 'clipboardData'] = files;
          element.dispatchEvent(new globalThis[kind](event, options));
        }""",
        [event, kind, name, base64.b64encode(PNG).decode()],
    )


def test_a_picture_is_dropped_on_a_conversation(world, open_page):
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    page.locator("es-composer textarea").wait_for()
    bring(page, "es-messages", "dragover", "DragEvent")
    expect(page.locator(".drop")).to_be_visible()
    bring(page, "es-messages", "drop", "DragEvent")
    expect(page.locator(".drop")).to_be_hidden()
    expect(page.locator(".chip")).to_contain_text("elm.png")
    page.keyboard.press("Enter")
    until(lambda: incoming(world.bob, "elm.png"))


def test_a_picture_is_pasted_and_thought_better_of(world, open_page):
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    bring(page, "es-composer textarea", "paste", "ClipboardEvent", "fir.png")
    expect(page.locator(".chip img.thumb")).to_be_visible()
    page.get_by_role("button", name="Do not offer fir.png").click()
    expect(page.locator(".chip")).to_have_count(0)
    bring(page, "es-composer textarea", "paste", "ClipboardEvent", "larch.png")
    page.get_by_role("button", name="Send", exact=True).click()
    until(lambda: incoming(world.bob, "larch.png"))
    assert not incoming(world.bob, "fir.png")


def test_a_folder_goes_with_all_that_is_in_it(world, open_page, tmp_path):
    folder = tmp_path / "plans"
    (folder / "roof").mkdir(parents=True)
    (folder / "stairs.txt").write_text("sixteen")
    (folder / "roof" / "beams.txt").write_text("twelve")
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    page.get_by_role("button", name="Attach").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Folder").click()
    chooser.value.set_files(folder)
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".chip")).to_contain_text("plans")
    page.keyboard.press("Enter")
    offer = until(lambda: incoming(world.bob, "plans"))
    assert offer["count"] == 2
    world.bob.rpc("transfer.accept", id=offer["id"])
    until(lambda: incoming(world.bob, "plans")["state"] == "complete")
    [top] = world.bob.rpc("transfer.files", id=offer["id"])
    assert (world.folder / "bob-files").exists() and open(f"{top['path']}/roof/beams.txt").read() == "twelve"


FILM = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let frame = 0; frame < 25; frame += 1) {
    context.fillStyle = `hsl(${frame * 14} 80% 50%)`;
    context.fillRect(0, 0, 64, 48);
    await new Promise((done) => { setTimeout(done, 40); });
  }
  recorder.stop();
  await over;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(''));
}"""


def test_a_film_plays_where_it_came(world, open_page):
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    page.locator("es-composer textarea").wait_for()
    file = world.folder / "saw.webm"
    file.write_bytes(base64.b64decode(page.evaluate(FILM)))
    offered(world, world.bob, paths=[str(file)])
    card = page.locator("es-file", has_text="saw.webm")
    card.get_by_role("button", name="Accept").click()
    film = card.locator("video.film")
    # It may have to wait for its turn behind others.
    expect(film).to_be_visible(timeout=30_000)
    film.evaluate("(film) => { film.muted = true; return film.play(); }")
    until(lambda: film.evaluate("(film) => film.currentTime > 0.2 && film.videoWidth === 64"))


def test_an_answer_that_comes_late_takes_nothing_back(world, open_page):
    """What is small is complete before the answer to the click is here."""
    page = open_page(world.anna, f"#/talk/{world.bob.person}")
    page.locator("es-composer textarea").wait_for()
    held = []

    def hold(route):
        if "transfer.accept" in (route.request.post_data or ""):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/api/v1/rpc", hold)
    file = world.folder / "small.bin"
    file.write_bytes(b"small")
    offered(world, world.bob, paths=[str(file)])
    card = page.locator("es-file", has_text="small.bin")
    card.get_by_role("button", name="Accept").click()
    expect(card.get_by_role("link", name="Save a copy")).to_be_visible(timeout=30_000)
    route, answer = held[0]
    assert "waits" in answer.text() or "waiting" in answer.text()
    with page.expect_response("**/api/v1/rpc"):
        route.fulfill(response=answer)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(card.get_by_role("link", name="Save a copy")).to_be_visible()
    assert "waits" not in card.inner_text()


def test_a_transfer_is_paused_and_goes_on(world, open_page):
    file = world.folder / "long.bin"
    file.write_bytes(bytes(3_000_000))
    world.bob.rpc("settings.set", key="files.rate", value="300kB")
    try:
        page = open_page(world.anna, f"#/talk/{world.bob.person}")
        offered(world, world.bob, paths=[str(file)])
        card = page.locator("es-file", has_text="long.bin")
        card.get_by_role("button", name="Accept").click()
        expect(card.locator("progress")).to_be_visible()
        card.get_by_role("button", name="Pause").click()
        expect(card).to_contain_text("paused")
        assert incoming(world.anna, "long.bin")["state"] == "paused"
        world.bob.rpc("settings.set", key="files.rate", value="")
        card.get_by_role("button", name="Go on").click()
        expect(card.get_by_role("link", name="Save a copy")).to_be_visible()
        assert incoming(world.anna, "long.bin")["state"] == "complete"
    finally:
        world.bob.rpc("settings.set", key="files.rate", value="")


def test_pictures_of_a_conversation_are_in_its_gallery(world, open_page):
    for name in ("ash-1.png", "ash-2.png"):
        (world.folder / name).write_bytes(PNG)
        offer = offered(world, world.carla, paths=[str(world.folder / name)])
        until(lambda: incoming(world.anna, name))
        world.anna.rpc("transfer.accept", id=offer)
        until(lambda name=name: incoming(world.anna, name)["state"] == "complete")
    page = open_page(world.anna, f"#/gallery/{world.carla.person}")
    pictures = page.locator(".gallery img[alt^='ash-']")
    expect(pictures).to_have_count(2)
    # Also those that one gave and that are gone since are drawn, or are not there.
    until(lambda: page.locator(".gallery img").evaluate_all("(all) => all.every((one) => one.naturalWidth > 0)"))
    pictures.first.click()
    expect(page).to_have_url(re.compile(f"#/talk/{world.carla.person}/"))
    expect(page.locator(".row:focus es-file")).to_be_visible()


def test_in_a_room_of_announcements_writes_who_was_let(world, open_page):
    room = world.anna.rpc("room.create", name="notices", announce=True)["id"]
    world.anna.rpc("room.invite", room=room, who=[world.bob.person])
    until(lambda: world.bob.rpc("room.join", room=room))
    bob = open_page(world.bob, f"#/room/{room}")
    expect(bob.locator("es-composer .barred")).to_have_text("Only some may write in this room.")
    expect(bob.locator("es-composer textarea")).to_be_hidden()
    anna = open_page(world.anna, f"#/room/{room}")
    anna.get_by_role("button", name="Details").last.click()
    anna.get_by_role("button", name="What may be done about Bob").click()
    anna.get_by_role("menuitem", name="Let them write", exact=True).click()
    expect(bob.locator("es-composer textarea")).to_be_visible()
    bob.locator("es-composer textarea").fill("The lift is repaired.")
    bob.keyboard.press("Enter")
    expect(anna.locator(".row", has_text="The lift is repaired.")).to_be_visible()


def test_words_of_a_room_go_by_themselves(world, open_page):
    room = world.anna.rpc("room.create", name="chatter")["id"]
    page = open_page(world.anna, f"#/room/{room}")
    page.get_by_role("button", name="Details").last.click()
    choice = page.locator("aside").get_by_label("Messages go by themselves")
    choice.select_option(str(3_600_000))
    until(lambda: world.anna.rpc("room.info", room=room).get("lifetime") == 3_600_000)
    page.locator("es-composer textarea").fill("gone in an hour")
    page.keyboard.press("Enter")
    expect(page.locator(".row", has_text="gone in an hour").locator(".foot [title^='Goes']")).to_be_visible()


@pytest.fixture
def impostor(world):
    """A contact who then takes the name of another one."""
    node = Node(world.folder, "Ida")
    until(lambda: node.rpc("accept", who=world.anna.person))
    until(lambda: world.anna.rpc("accept", who=node.person))
    until(lambda: any(one["person"] == node.person and one["online"] for one in world.anna.rpc("contacts")))
    yield node
    world.anna.rpc("block", who=node.person)
    node.stop()


def test_who_takes_the_name_of_another_is_not_written_to(world, open_page, impostor):
    page = open_page(world.anna, f"#/talk/{impostor.person}")
    expect(page.locator("es-composer textarea")).to_be_visible()
    impostor.rpc("name.set", name="Carla")
    note = page.locator(".thread-note.danger", has=page.get_by_role("button", name="Settle it"))
    expect(note).to_be_visible()
    expect(page.locator("es-composer textarea")).to_be_hidden()
    expect(page.locator("es-head .trust-sign.conflict")).to_be_visible()
    note.get_by_role("button").click()
    expect(page.get_by_role("button", name="Go on with them as they were")).to_be_visible()


def test_what_a_policy_locks_is_shown_and_not_asked_for(world, open_page):
    """A policy is a file of the machine, so the answer of the node is made to say that there is one."""
    page = open_page(world.anna)

    def lock(route):
        answer = route.fetch()
        said = answer.json()
        for one in said if isinstance(said, list) else [said]:
            for setting in one["result"] if isinstance(one.get("result"), list) else []:
                if isinstance(setting, dict) and setting.get("key") == "contacts.accept":
                    setting.update(**{"from": "policy", "place": "/etc/earshot/policy.toml", "changeable": False})
        route.fulfill(response=answer, body=json.dumps(said))

    page.route("**/api/v1/rpc", lock)
    page.goto(f"{world.anna.address}#/settings/people")
    setting = page.locator(".setting[data-key='contacts.accept']")
    expect(setting).to_contain_text("/etc/earshot/policy.toml")
    expect(setting.locator(".locked-value")).to_have_text("ask")
    expect(setting.locator("select, input, button")).to_have_count(0)
    page.unroute("**/api/v1/rpc")
