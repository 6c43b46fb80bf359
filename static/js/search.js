// Live search: while words are typed into a form with data-live="URL", the list the server sends for them appears beneath.
"use strict";

for (const form of document.querySelectorAll("form[data-live]")) {
  const input = form.querySelector("input[type=search]");
  const results = document.querySelector("[data-live-results]");
  let timer = 0;
  let request = new AbortController();

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  });

  async function look() {
    request.abort();
    request = new AbortController();
    const words = input.value.trim();
    if (words.length < 2) {
      results.replaceChildren();
      return;
    }
    const address = new URL(form.dataset.live, location.href);
    address.searchParams.set(input.name, words);
    try {
      const answer = await fetch(address, { signal: request.signal, headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      results.replaceChildren(...page.body.childNodes);
    } catch {
      // The form itself still searches.
    }
  }
}
