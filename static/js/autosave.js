// Autosave: a form with data-autosave="URL" is posted there, without files, shortly after each change.
// The server answers 2xx when the draft is kept; the form's [data-save-state] line says so, in its own words. What is
// computed of the answers comes back with it, and takes its place on the page; so does what the page sends as "base", by
// which the server tells what was changed here from what was changed in another window.
"use strict";

for (const form of document.querySelectorAll("form[data-autosave]")) watch(form);

function watch(form) {
  const base = form.elements.namedItem("base");
  const line = document.querySelector("[data-save-state]");
  let saved = content();
  let timer = 0;
  let pause = 2000;
  let busy = false;
  let waits = null;

  function content() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "base") fields.append(name, value);
    }
    return fields.toString();
  }

  function sent(body) {
    return base ? `${body}&base=${encodeURIComponent(base.value)}` : body;
  }

  function take(told) {
    if (base && told.base) base.value = told.base;
    show(told.computed ?? {});
  }

  function say(text) {
    if (line && line.textContent !== text) line.textContent = text;
  }

  function show(computed) {
    for (const [name, text] of Object.entries(computed)) {
      const output = form.querySelector(`output[id="${name}"]`);
      if (output && output.textContent !== text) output.textContent = text;
    }
  }

  function later(after) {
    clearTimeout(timer);
    timer = setTimeout(save, after);
  }

  async function save() {
    const body = content();
    if (body === saved || busy) return;
    busy = true;
    say(line?.dataset.saving ?? "");
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: sent(body),
        redirect: "error",
        headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
      });
      if (answer.ok) {
        // Whatever answers 200 with a page of its own, as the sign-in of a public network does, has kept nothing.
        const told = answer.status === 200 ? await answer.json() : {};
        saved = body;
        take(told);
        pause = 2000;
        const now = new Date().toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit" });
        say(`${line?.dataset.saved ?? ""} ${now}`);
        if (content() !== saved) later(pause);
      } else if (answer.status >= 500) {
        again();
      } else {
        if (answer.status === 409 || answer.status === 422) take(await answer.json().catch(() => ({})));
        say((answer.status === 409 ? line?.dataset.twice : line?.dataset.refused) ?? "");
      }
    } catch {
      again();
    } finally {
      busy = false;
      if (waits) form.requestSubmit(waits.button);
    }
  }

  function again() {
    say(line?.dataset.offline ?? "");
    pause = Math.min(pause * 2, 60000);
    later(pause);
  }

  form.addEventListener("input", () => later(1500));
  form.addEventListener("change", () => later(300));
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    // What is on its way is kept first: it must not look like another window's change.
    if (busy) {
      event.preventDefault();
      waits = { button: event.submitter };
    }
  });
  window.addEventListener("online", () => later(0));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    const body = content();
    if (body === saved) return;
    fetch(form.dataset.autosave, {
      method: "POST",
      body: sent(body),
      keepalive: true,
      headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
    }).then((answer) => (answer.status === 200 ? answer.json() : answer.ok ? {} : Promise.reject()))
      .then((told) => { saved = body; take(told); }, () => {});
  });
}
