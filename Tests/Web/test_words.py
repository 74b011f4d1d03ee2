"""The catalogue: every language has every key, every key is used, and what is used is there."""

import pathlib
import re

PAGE = pathlib.Path(__file__).parent.parent.parent / "Sources/EarshotPage/Page"


def catalogues(page):
    return page.evaluate(
        """async () => {
            const { CATALOGUES } = await import('./words/words.js');
            return JSON.parse(JSON.stringify(CATALOGUES));
        }"""
    )


def names(entry):
    texts = [entry] if isinstance(entry, str) else list(entry.values())
    return set(re.findall(r"\{(\w+)\}", " ".join(texts)))


def test_languages_have_the_same_keys_and_values(world, open_page):
    found = catalogues(open_page(world.anna))
    for language, words in found.items():
        assert set(words) == set(found["en"]), language
        for key, entry in words.items():
            assert names(entry) <= names(found["en"][key]) | {"n"}, (language, key)
            assert isinstance(entry, str) == isinstance(found["en"][key], str), (language, key)


def test_what_is_used_is_there_and_what_is_there_is_used(world, open_page):
    keys = set(catalogues(open_page(world.anna))["en"]) - {"language"}
    source = "\n".join(file.read_text() for file in PAGE.rglob("*.js") if file.parent.name != "words" or file.name not in ("page.js", "screens.js"))
    prefixes = {prefix for prefix in re.findall(r"`([\w.]+\.)\$\{", source)}
    called = set(re.findall(r"\bt\('([^']+)'", source))
    assert not called - keys, "used, and in no catalogue"
    unused = {key for key in keys if f"'{key}'" not in source and not any(key.startswith(prefix) for prefix in prefixes)}
    assert not unused, "in the catalogue, and never used"
