// Several dossiers at once: the box for a whole page ticks its rows, and the page of an order follows how far it is.
"use strict";

const picks = () => document.querySelectorAll("input.pick");

document.addEventListener("change", (event) => {
  const all = document.querySelector("[data-pick-all]"); // a queue that is kept fresh brings another one
  if (!all) return;
  if (event.target === all) for (const pick of picks()) pick.checked = all.checked;
  else if (event.target.matches("input.pick")) all.checked = [...picks()].every((pick) => pick.checked);
});

async function follow() {
  const shown = document.querySelector("[data-running]");
  if (!shown) return;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = page.querySelector("[data-progress]");
    const inside = shown.contains(document.activeElement); // whoever reads a line is not torn away from it
    if (answer.ok && news && (!inside || !news.hasAttribute("data-running"))) shown.replaceWith(news);
  } catch {
    // It is asked again.
  }
  setTimeout(follow, 1500);
}

setTimeout(follow, 1000);
