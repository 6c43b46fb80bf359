"""Somebody without a mouse: goes through pages by Tab, arrows and typing, and looks where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

#: More elements than any page of the portal has.
MOST = 150

#: What has the focus: the tag, the type, the name, the value, the words it is known by, and whether it can be seen to
#: have the focus, on itself or on the label around it.
FOCUSED = """() => {
  const e = document.activeElement;
  const ringed = [e, e.closest('label')].filter(Boolean).some(part => [null, '::after'].some(pseudo => {
    const style = getComputedStyle(part, pseudo);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  }));
  const box = (e.closest('label') || e).getBoundingClientRect();
  return {
    tag: e.tagName, type: e.type || '', name: e.name || '', value: e.value || '',
    words: (e.innerText || e.getAttribute('aria-label') || '').replace(/\\s+/g, ' ').trim(),
    shown: ringed && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    where: e.outerHTML.slice(0, 300),
  };
}"""


class Keyboard:
    """Somebody without a mouse: moves by Tab, and looks where they are."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def focused(self) -> dict[str, Any]:
        """What has the focus now."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def to(self, wanted: Callable[[dict[str, Any]], bool], what: str, key: str = "Tab") -> dict[str, Any]:
        """Press Tab until the focus is on what is wanted; on the way it is always visible, and never stays."""
        here = self.focused()
        for _ in range(MOST):
            if wanted(here):
                return here
            before = self.page.evaluate_handle("document.activeElement")
            self.press(key)
            here = self.focused()
            if here["tag"] == "BODY":  # past the last element, on the way round to the first
                continue
            assert self.page.evaluate("before => before !== document.activeElement", before), f"trapped: {here}"
            assert here["shown"], f"the focus cannot be seen: {here['where']}"
        raise AssertionError(f"{self.page.url}: no way by {key} to {what}")

    def to_field(self, name: str) -> dict[str, Any]:
        """Come to an input by its name."""
        return self.to(lambda e: bool(e["name"] == name and e["type"] != "hidden"), name)

    def next_field(self) -> str:
        """Go one stop on, to an input; gives its name."""
        self.press("Tab")
        return str(self.focused()["name"])

    def activate(self, words: str, tag: str = "BUTTON", key: str = "Enter", *, whole: bool = True) -> None:
        """Come to a button or a link by its words, or by how they begin, and press it; the next page is then there."""
        says = words.__eq__ if whole else (lambda said: said.startswith(words))
        self.to(lambda e: bool(e["tag"] == tag and says(e["words"])), words)
        with self.page.expect_navigation(wait_until="load"):
            self.press(key)

    def answer(self, name: str, text: str) -> None:
        """Answer one question as its kind of input is answered; one that is not asked is passed over."""
        inputs = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
        if not inputs.count():
            return
        here = self.to_field(name)
        if here["type"] == "checkbox":
            self.to(lambda e: bool(e["name"] == name and e["value"] == text), f"{name}={text}")
            if not self.page.evaluate("document.activeElement.checked"):
                self.press("Space")
        elif here["type"] == "radio":
            self._choose(name, text, inputs.count())
        elif here["tag"] == "SELECT":
            self._select(name, text)
        else:
            self.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
            assert self.focused()["value"] == text

    def _choose(self, name: str, text: str, most: int) -> None:
        """Radio buttons are one stop: arrows go from one to the next."""
        for _ in range(most):
            if self.focused()["value"] == text:
                break
            self.press("ArrowDown")
        self.press("Space")
        assert self.page.locator(f'main [name="{name}"][value="{text}"]').is_checked()

    def _select(self, name: str, text: str) -> None:
        """Arrows go through the options without opening the list."""
        self.press("Home")
        for _ in range(MOST):
            if self.focused()["value"] == text:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} has no option {text}")
