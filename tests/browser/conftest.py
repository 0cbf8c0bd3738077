"""A real browser for the extranet: Debian's chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

SIZES = {"desktop": {"width": 1440, "height": 900}, "telephone": {"width": 360, "height": 780}}


@pytest.fixture(autouse=True)
def _django_in_playwrights_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's sync API runs an event loop in this thread; Django would refuse the database in it."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def chromium(live_server: Any) -> Iterator[Any]:
    """Closed before the live server ends, or the test database stays in use."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=list(SIZES))
def page(request: pytest.FixtureRequest, chromium: Any, live_server: Any) -> Any:
    """A window of this size; a script that fails fails the test."""
    context = chromium.new_context(viewport=SIZES[request.param], base_url=live_server.url)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert failures == []
