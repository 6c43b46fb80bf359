// On every page: show that a sent form is being worked on, close the account menu, let a button print.
"use strict";

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && !event.defaultPrevented) button.setAttribute("aria-busy", "true");
});

// A page taken back from the browser's memory is no longer working.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".account[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

const errors = document.getElementById("errors");
if (errors) errors.focus();
