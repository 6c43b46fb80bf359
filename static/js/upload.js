// Upload progress: a form with data-upload is sent as soon as files are chosen or dropped, with a bar that shows how far it is.
// The answer is the page the server would have shown anyway; its main part takes the place of this one.
"use strict";

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (form && event.target.type === "file" && event.target.files.length) form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]")) return;
  event.preventDefault();
  send(form, event.submitter);
});

for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const box = event.target.closest?.("form[data-upload] .upload");
    if (!box) return;
    event.preventDefault();
    box.classList.toggle("is-over", type === "dragover");
    if (type !== "drop" || !event.dataTransfer.files.length) return;
    const input = box.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    box.closest("form").requestSubmit();
  });
}

function send(form, button) {
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  const panel = form.querySelector(".upload-progress");
  const [words, bar] = [panel.querySelector("[role=status]"), panel.querySelector("progress")];
  const request = new XMLHttpRequest();
  panel.hidden = false;
  words.textContent = form.dataset.uploading;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = Math.round((100 * event.loaded) / event.total);
    if (event.loaded === event.total) bar.removeAttribute("value"); // the server is reading the file
  });
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => {
    delete form.dataset.sending;
    bar.value = 0;
    words.textContent = form.dataset.failed;
  });
  request.open("POST", form.action);
  request.responseType = "document";
  request.send(new FormData(form, button));
}

function show(request) {
  const main = request.response?.querySelector("main");
  if (!main) {
    location.reload();
    return;
  }
  document.querySelector("main").replaceWith(main);
  document.title = request.response.title;
  if (request.responseURL && request.status < 400) history.replaceState(null, "", request.responseURL);
  (main.querySelector("#errors, [role=alert], [role=status]:not(:empty)") ?? main).focus();
}
