"""Screens beside the conversations: people, rooms, what waits, comparing keys, settings, the node."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from looking import settle
from playwright.sync_api import expect
from world import Node, until


@pytest.fixture(scope="module")
def dora(world):
    """Somebody who is on the network and knows nobody."""
    node = Node(world.folder, "Dora")
    yield node
    node.stop()


def trust(node, person):
    return next((one["trust"] for one in node.rpc("peers") if one["person"] == person), None)


def test_a_request_is_accepted_in_the_inbox(world, open_page, dora):
    until(lambda: dora.rpc("accept", who=world.anna.person))
    dora.rpc("send", to=[world.anna.person], text="hello from the second floor")
    page = open_page(world.anna, "#/inbox")
    page.get_by_role("button", name="Accept: Dora").click()
    until(lambda: trust(world.anna, dora.person) == "accepted")
    expect(page.get_by_role("button", name="Accept: Dora")).to_have_count(0)
    page.goto(f"{world.anna.address}#/people")
    expect(page.locator(".section", has_text="Contacts").get_by_role("link", name=re.compile("Dora"))).to_be_visible()


def test_somebody_is_named_blocked_and_let_in_again(world, open_page, dora):
    page = open_page(world.anna, f"#/people/{dora.person}")
    page.get_by_role("button", name="Name them yourself").click()
    page.get_by_label("Your name for them").fill("Dora of the mill")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dora of the mill")).to_be_visible()
    page.get_by_role("button", name="Block").click()
    page.locator("dialog").get_by_role("button", name="Block").click()
    until(lambda: trust(world.anna, dora.person) == "blocked")
    page.get_by_role("button", name="Unblock").click()
    until(lambda: trust(world.anna, dora.person) != "blocked")


def test_a_name_that_cannot_be_is_refused_in_the_dialog(world, open_page):
    page = open_page(world.anna, f"#/people/{world.carla.person}")
    page.get_by_role("button", name="Name them yourself").click()
    page.get_by_label("Your name for them").fill("Bob")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=alert]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Carla")).to_be_visible()


def test_keys_are_compared_and_both_are_verified(world, open_page):
    page = open_page(world.anna, f"#/people/{world.bob.person}")
    page.get_by_role("button", name="Compare keys").click()
    expect(page.get_by_text("Waiting until Bob begins")).to_be_visible()
    world.bob.rpc("verify.start", who=world.anna.person)
    expect(page.locator(".verify-emoji li")).to_have_count(7)
    [theirs] = [one for one in world.bob.rpc("verify.list") if one["person"] == world.anna.person]
    assert page.locator(".verify-numbers").inner_text() == theirs["numbers"]
    page.get_by_role("button", name="It is the same").click()
    world.bob.rpc("verify.answer", who=world.anna.person, same=True)
    expect(page.get_by_text("Bob is verified.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("img", name="Verified").first).to_be_visible()
    page.get_by_role("button", name="Take the comparison back").click()
    until(lambda: trust(world.anna, world.bob.person) == "accepted")
    world.bob.rpc("unverify", who=world.anna.person)


def test_who_would_like_to_compare_keys_is_asked_about_and_may_wait(world, open_page):
    page = open_page(world.anna)
    world.carla.rpc("verify.start", who=world.anna.person)
    page.get_by_role("button", name="Not now").click()
    expect(page.locator("dialog")).to_have_count(0)
    world.carla.rpc("verify.stop", who=world.anna.person)


def test_a_wrong_fingerprint_is_said(world, open_page):
    page = open_page(world.anna, f"#/people/{world.carla.person}")
    page.get_by_role("button", name="Compare keys").click()
    page.get_by_text("Other ways").click()
    page.get_by_role("button", name="Type their fingerprint").click()
    page.get_by_role("textbox", name="Fingerprint").fill("00000 00000 00000 00000 00000 00000")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=alert]", has_text="NOT")).to_be_visible()


def test_a_code_makes_verified_contacts(world, open_page, dora):
    page = open_page(world.anna, "#/join")
    page.get_by_role("button", name="Make a code").click()
    code = page.locator(".invite-code").inner_text()
    until(lambda: dora.rpc("join", code=code))
    expect(page).to_have_url(re.compile(f"#/talk/{dora.person}$"))
    assert trust(world.anna, dora.person) == "verified"


def test_a_wrong_code_is_said(world, open_page):
    page = open_page(world.anna, "#/join")
    page.get_by_role("textbox", name="Code").fill("111 111 111")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("main [role=alert]")).not_to_be_empty()


def test_a_room_is_made_steered_and_left(world, open_page):
    page = open_page(world.anna, "#/rooms/new")
    page.get_by_label("Name", exact=True).fill("garage")
    page.get_by_role("checkbox", name=re.compile("Bob")).check()
    page.get_by_role("button", name="Make the room").click()
    expect(page).to_have_url(re.compile("#/room/"))
    room = page.url.rsplit("/", 1)[1]
    until(lambda: world.bob.rpc("room.join", room=room))
    page.get_by_role("button", name="Details").last.click()
    page.get_by_role("button", name="Change the topic").click()
    page.get_by_role("textbox", name="Topic").fill("the old van")
    page.keyboard.press("Enter")
    expect(page.locator("aside").get_by_text("the old van")).to_be_visible()
    page.get_by_role("button", name="Invite people").click()
    page.get_by_role("checkbox", name=re.compile("Carla")).check()
    page.get_by_role("button", name="Invite", exact=True).click()
    until(lambda: world.carla.rpc("room.join", room=room))
    expect(page.locator("aside").get_by_role("heading", name="3 members")).to_be_visible()
    page.get_by_role("button", name="What may be done about Carla").click()
    page.get_by_role("menuitem", name="Take out of the room").click()
    page.get_by_role("button", name="Take out of the room").click()
    until(lambda: world.carla.rpc("room.info", room=room)["standing"] == "removed")
    page.get_by_role("button", name="What may be done about Bob").click()
    page.get_by_role("menuitem", name="Give them the room").click()
    page.get_by_role("button", name="Give them the room").click()
    until(lambda: world.bob.rpc("room.info", room=room)["owner"] == world.bob.person)
    page.get_by_role("button", name="Leave the room").click()
    page.locator("dialog").get_by_role("button", name="Leave the room").click()
    until(lambda: world.anna.rpc("room.info", room=room)["standing"] == "left")


def test_open_rooms_are_found_and_joined(world, open_page):
    room = world.bob.rpc("room.create", name="canteen", open=True)["id"]
    until(lambda: any(one["id"] == room for one in world.anna.rpc("room.list", open=True)))
    page = open_page(world.anna, "#/rooms")
    page.get_by_role("button", name="Join: canteen").click()
    expect(page).to_have_url(re.compile(f"#/room/{room}$"))


def test_an_invitation_is_declined(world, open_page):
    room = world.bob.rpc("room.create", name="choir")["id"]
    world.bob.rpc("room.invite", room=room, who=[world.anna.person])
    page = open_page(world.anna, "#/inbox")
    page.get_by_role("button", name="Decline: choir").click()
    expect(page.get_by_role("button", name="Decline: choir")).to_have_count(0)


def test_a_setting_is_set_and_taken_back(world, open_page):
    page = open_page(world.anna, "#/settings/people")
    page.get_by_role("combobox", name="contacts.accept").select_option("lan")
    until(lambda: world.anna.rpc("settings.get")["contacts.accept"] == "lan")
    page.get_by_role("button", name="Back to ask").click()
    until(lambda: world.anna.rpc("settings.get")["contacts.accept"] == "ask")
    expect(page.get_by_role("button", name="Back to ask")).to_have_count(0)


def test_what_a_setting_refuses_is_said(world, open_page):
    before = world.anna.rpc("settings.get")["files.folder"]
    page = open_page(world.anna, "#/settings/files")
    page.get_by_role("textbox", name="files.folder").fill("relative")
    page.keyboard.press("Tab")
    expect(page.locator(".toast")).not_to_be_empty()
    assert world.anna.rpc("settings.get")["files.folder"] == before


def test_every_setting_is_there_and_locked_ones_say_why(world, open_page):
    page = open_page(world.anna)
    shown = []
    for part in ("people", "files", "node"):
        page.goto(f"{world.anna.address}#/settings/{part}")
        page.locator(".setting").first.wait_for()
        shown += page.locator(".setting code:first-child").all_inner_texts()
    assert sorted(shown) == sorted(one["key"] for one in world.anna.rpc("settings.list"))
    name = page.locator(".setting[data-key=name]")
    expect(name).to_contain_text("It cannot be changed here.")
    expect(name.locator("input, select")).to_have_count(0)


def test_rules_are_added_and_removed(world, open_page):
    page = open_page(world.anna, "#/settings/files")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("From whom").select_option(label="Bob")
    page.get_by_label("Only these types").fill("pdf, image/*")
    page.get_by_label("At most, in MB").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("From Bob")).to_be_visible()
    [rule] = world.anna.rpc("rules")
    assert rule["from"] == world.bob.person and rule["most"] == 20_000_000 and rule["types"] == ["pdf", "image/*"]
    page.get_by_role("button", name=f"Remove rule {rule['number']}").click()
    until(lambda: not world.anna.rpc("rules"))


def test_what_one_tells_of_oneself(world, open_page, tmp_path):
    from PIL import Image

    page = open_page(world.anna, "#/profile")
    page.get_by_label("Full name", exact=True).fill("Anna Berg")
    page.get_by_label("Who sees it: Full name").select_option("everyone")
    page.get_by_label("Status").fill("back at two")
    page.get_by_role("button", name="Save").click()
    until(lambda: world.anna.rpc("profile").get("fullName") == "Anna Berg")
    assert world.anna.rpc("profile")["see"]["fullName"] == "everyone"
    assert world.anna.rpc("presence")["text"] == "back at two"
    picture = tmp_path / "me.png"
    Image.effect_noise((900, 700), 80).save(picture)
    page.locator("main input[type=file]").set_input_files(picture)
    until(lambda: world.anna.rpc("profile").get("picture"))
    assert 0 < world.anna.rpc("profile.picture")["size"] <= 64 * 1024
    page.get_by_role("button", name="Take it away").click()
    until(lambda: not world.anna.rpc("profile").get("picture"))
    world.anna.rpc("presence", text="")


def test_the_doctor_says_what_he_sees(world, open_page):
    page = open_page(world.anna, "#/network")
    expect(page.locator(".check")).to_have_count(len(world.anna.rpc("doctor")))
    page.get_by_label("Address", exact=True).fill("127.0.0.1:9")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Do not call 127.0.0.1:9 any more").click()
    until(lambda: not world.anna.rpc("peer.list"))


CARD = "earshot:y26a3ne5xm36dm4k754cxisyk7qp2gj7ukmq4ncf27cd7hapfeda"
ROWS = """
111111100010100010011101001111111 100000101010000100101000101000001 101110100000101110001110001011101
101110101110100101110010001011101 101110100100000010011011101011101 100000101101100110001100001000001
111111101010101010101010101111111 000000000111000110110100000000000 111110111101000101010010010101010
111111001010110011111001111100001 111111101010011101001100010000110 110000010000110010101111010001111
011100100110101101001010010110000 100101010100000010111111111001011 111111101001100101101000001111010
100010000011001100011111100011101 110010110111000111001011110111000 010100010100111010110011001001111
011111101010011111000100111010110 001001011100110100110110010100110 101100100100101101110010000011000
100010010000000010011001111100001 100001101011100101101000000000010 100010011111001100111110011101110
101100100101000001100001111111010 000000001110111010011110100010001 111111101100011111000011101011110
100000100010110010010111100010100 101110101010101111001010111111011 101110101100000000110110100110111
101110101011100101100101111000000 100000101011001110000110010110100 111111101111000101001011101001010
""".split()


def test_ones_own_card_is_told_from_others(world, open_page, tmp_path):
    page = open_page(world.anna, "#/card")
    picture = tmp_path / "card.png"
    page.locator(".qr").screenshot(path=picture)
    page.locator("main input[type=file]").set_input_files(picture)
    expect(page.get_by_text("This is your own card.")).to_be_visible()


def test_a_card_on_one_screen_is_read_by_another(world, open_page, tmp_path):
    anna = open_page(world.anna, "#/card")
    picture = tmp_path / "card.png"
    anna.locator(".qr").screenshot(path=picture)
    carla = open_page(world.carla, "#/card")
    carla.locator("main input[type=file]").set_input_files(picture)
    expect(carla).to_have_url(re.compile(f"#/people/{world.anna.person}$"))
    until(lambda: trust(world.carla, world.anna.person) == "verified")
    world.carla.rpc("unverify", who=world.anna.person)


def test_a_code_is_read_turned_tilted_and_in_bad_light(world, open_page):
    page = open_page(world.anna)
    read = page.evaluate(
        """async (rows) => {
            const { readQR } = await import('./qr/read.js');
            const found = [];
            const views = [[0, 6, 0, 0], [0.3, 5, 0, 0], [1.6, 4, 0, 0], [3.3, 7, 0.0004, 0], [0.15, 6, 0.0006, 20]];
            for (const [turn, scale, tilt, noise] of views) {
                const [width, height, data] = [640, 480, new Uint8ClampedArray(640 * 480 * 4)];
                for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
                    const depth = 1 + tilt * (x - 320), u = (x - 320) / depth, v = (y - 240) / depth;
                    const column = Math.floor((Math.cos(turn) * u + Math.sin(turn) * v) / scale + rows.length / 2);
                    const row = Math.floor((Math.cos(turn) * v - Math.sin(turn) * u) / scale + rows.length / 2);
                    const light = (rows[row]?.[column] === '1' ? 40 : 200) + x / 20 + noise * Math.sin(x * 12.9 + y * 78.2);
                    data.set([light, light, light, 255], (y * width + x) * 4);
                }
                found.push(readQR({ data, width, height }));
            }
            return found;
        }""",
        ROWS,
    )
    assert read == [CARD] * 5


def test_a_picture_without_a_code_is_said(world, open_page, tmp_path):
    from PIL import Image

    page = open_page(world.anna, "#/card")
    picture = tmp_path / "noise.png"
    Image.effect_noise((640, 480), 120).save(picture)
    page.locator("main input[type=file]").set_input_files(picture)
    expect(page.get_by_text("There is no QR code in this picture")).to_be_visible()


def test_a_picture_is_read_though_the_screen_changes_meanwhile(world, open_page, tmp_path):
    """One's own code is asked for when the screen opens, and comes when it comes."""
    from PIL import Image

    page = open_page(world.anna)
    held = []

    def hold(route):
        held.append(route) if "id.qr" in (route.request.post_data or "") else route.continue_()

    page.route("**/api/v1/rpc", hold)
    page.goto(world.anna.address + "#/card")
    picture = tmp_path / "white.png"
    Image.new("L", (640, 480), 255).save(picture)
    page.locator("main input[type=file]").set_input_files(picture)
    expect(page.get_by_text("There is no QR code in this picture")).to_be_visible()
    assert held and not page.locator("main .qr").count()
    held[0].continue_()
    expect(page.locator("main .qr")).to_be_visible()
    expect(page.get_by_text("There is no QR code in this picture")).to_be_visible()


def test_what_is_typed_in_a_setting_stays_though_the_screen_changes(world, open_page):
    page = open_page(world.anna, "#/settings/files")
    field = page.locator("main input[name='files.rate']")
    field.fill("12kB")
    page.evaluate("""async () => {
        const { store } = await import('/state/store.js');
        const person = Object.values(store.state.people)[0];
        store.tell({ kind: 'person', person: { ...person, text: 'elsewhere' } });
    }""")
    expect(field).to_be_focused()
    expect(field).to_have_value("12kB")
    field.fill("0")
    page.keyboard.press("Tab")
    expect(field).to_have_value("0")


@pytest.fixture(scope="module")
def newcomer(world):
    node = Node(world.folder, "New")
    yield node
    node.stop()


def test_the_first_minute(newcomer, open_page):
    page = open_page(newcomer)
    expect(page).to_have_url(re.compile("#/first$"))
    page.get_by_label("Name").fill("Nora")
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile("#/people$"))
    assert newcomer.rpc("name.get")["name"] == "Nora"
    page.goto(f"{newcomer.address}#/")
    page.reload()
    page.locator(".self").wait_for()
    expect(page).to_have_url(re.compile("#/$"))


PLACES = [
    "people/PERSON", "rooms/new", "card", "join", "first", "gallery/PERSON",
    "settings/looks", "settings/notices", "settings/people", "settings/files", "settings/node",
]  # fmt: skip
NARROW = "[document.documentElement, ...document.querySelectorAll('.scroll')].every(one => one.scrollWidth <= one.clientWidth + 1)"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_screens(world, open_page, theme, width):
    page = open_page(world.anna, color_scheme=theme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    found = []
    for place in PLACES:
        page.goto(f"{world.anna.address}#/{place.replace('PERSON', world.bob.person)}")
        settle(page)
        results = Axe().run(page)
        for one in results.response["violations"]:
            found += [(place, one["id"], node["html"][:160], node["failureSummary"][:300]) for node in one["nodes"][:3]]
        assert page.evaluate(NARROW), place
        page.keyboard.press("Escape")
    assert not found


HOSTILE = "<img src=x onerror=alert(1)>"


def test_what_a_peer_says_of_themselves_is_only_text(world, open_page):
    eve = Node(world.folder, "Eve")
    try:
        eve.rpc("name.set", name="<b onclick=alert(1)>E")
        eve.rpc("presence", text=HOSTILE)
        eve.rpc("profile.set", fullName=HOSTILE, role=HOSTILE, desk=HOSTILE, phone="javascript:alert(1)",
                see={field: "everyone" for field in ("fullName", "role", "desk", "phone")})  # fmt: skip
        until(lambda: eve.rpc("accept", who=world.anna.person))
        until(lambda: world.anna.rpc("accept", who=eve.person))
        room = eve.rpc("room.create", name="<i>room", open=True)["id"]
        eve.rpc("room.topic", room=room, topic=HOSTILE)
        eve.rpc("room.invite", room=room, who=[world.anna.person])
        until(lambda: any(one["id"] == room for one in world.anna.rpc("room.list", open=True)))
        page = open_page(world.anna)
        of_eve = (f"people/{eve.person}", f"gallery/{eve.person}", f"room/{room}")
        for place in ("inbox", "people", "rooms", "transfers", *of_eve):
            page.goto(f"{world.anna.address}#/{place}")
            page.locator("main h1").first.wait_for()
            assert page.locator("img[src=x], main b, main i, aside b, aside i").count() == 0, place
            assert page.locator("a[href^='javascript:']").count() == 0, place
        page.goto(f"{world.anna.address}#/people/{eve.person}")
        expect(page.get_by_text(HOSTILE).first).to_be_visible()
    finally:
        eve.stop()
