"""Waiting for what one is about to look at."""


def settle(page):
    """Until the screen is drawn, nothing of it is asked for, and nothing on it moves."""
    page.locator("main h1").first.wait_for(state="attached")
    page.locator("main [aria-busy=true]").wait_for(state="detached")
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
