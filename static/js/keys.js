// Alt with the letter of an accesskey does what it says, in the same way in every browser.
"use strict";

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !event.code.startsWith("Key")) return;
  const meant = document.querySelector(`[accesskey="${event.code.slice(3).toLowerCase()}"]`);
  if (!meant) return;
  event.preventDefault();
  meant.focus();
  if (!meant.matches("input, select, textarea")) meant.click();
});
