// What waits for something: an element with an id and data-refresh="URL" is fetched from there every few seconds and
// takes the place of the one on the page when it has changed; one that comes without data-refresh waits no longer.
// What is folded away is left alone.
"use strict";

for (const waiting of document.querySelectorAll("[data-refresh][id]")) watch(waiting);

function watch(element) {
  const pause = Number(element.dataset.refreshEvery ?? 3) * 1000;
  const timer = setInterval(look, pause);

  async function look() {
    if (document.visibilityState === "hidden" || element.closest("details:not([open])")) return;
    try {
      const answer = await fetch(element.dataset.refresh, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById(element.id);
      if (!found || found.outerHTML === element.outerHTML) return;
      clearInterval(timer);
      const focused = element.contains(document.activeElement);
      element.replaceWith(found);
      if (focused) found.querySelector("a, button, input")?.focus();
      if (found.dataset.refresh) watch(found);
    } catch {
      // A reload of the page still shows it.
    }
  }
}
