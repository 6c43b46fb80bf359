// The queue as it is now: every so often the parts of it that changed take the place of those on the page, and a screen
// reader is told of what is new. What somebody is in the middle of, by keyboard or with ticks, is left alone.
"use strict";

const live = document.querySelector("[data-live]");
if (live) setInterval(look, Number(live.dataset.every) * 1000);

let tag = "";

async function look() {
  if (document.visibilityState === "hidden") return;
  try {
    const asked = { "X-Requested-With": "fetch", ...(tag && { "If-None-Match": tag }) };
    const answer = await fetch(live.dataset.live, { headers: asked, redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const stay = [...page.body.children].filter((fresh) => !replace(fresh));
    // What could not be shown is asked for again.
    tag = stay.length ? "" : answer.headers.get("ETag");
  } catch {
    // A reload of the page still shows it.
  }
}

function replace(fresh) {
  const shown = document.getElementById(fresh.id);
  if (!shown || shown.isEqualNode(fresh)) return true;
  if (shown.contains(document.activeElement) || shown.querySelector("input:checked")) return false;
  shown.replaceWith(fresh);
  if (fresh.dataset.said && fresh.dataset.said !== shown.dataset.said) live.textContent = fresh.dataset.said;
  return true;
}
