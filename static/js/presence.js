// Who else has this dossier open: an element with data-presence="URL" is filled anew from there while the page is seen.
// Asking also says that this page is still open; who stops asking is forgotten by itself.
"use strict";

for (const place of document.querySelectorAll("[data-presence]")) {
  const every = 15000;
  let timer = setTimeout(ask, every);

  async function ask() {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    try {
      const answer = await fetch(place.dataset.presence, { headers: { Accept: "text/html" }, redirect: "error" });
      if (answer.status >= 400 && answer.status < 500) return;
      if (answer.ok) put(await answer.text());
    } catch {
      // The line is down or the session has ended: the page works without.
    }
    timer = setTimeout(ask, every);
  }

  function put(part) {
    const fresh = document.createElement("template");
    fresh.innerHTML = part;
    // Only what is new is put in, so that it is read out once.
    if (fresh.content.textContent.trim() !== place.textContent.trim()) place.replaceChildren(fresh.content);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ask();
  });
}
