// Several pictures at once: each is sent on its own, so that a request stays small, and it is said how far it is. Without
// this file all go in one request.
"use strict";

(() => {
  async function send(form, file) {
    const body = new FormData();
    body.append("picture", file);
    const answer = await fetch(form.dataset.oneByOne, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" },
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok || !told.ident) throw new Error(told.message || String(answer.status));
    return told.ident;
  }

  async function sendAll(form, files, progress) {
    const kept = [];
    const refused = [];
    for (const [number, file] of files.entries()) {
      progress.textContent = `${progress.dataset.words} ${number + 1}/${files.length}`;
      try {
        kept.push(await send(form, file));
      } catch (error) {
        refused.push(`${file.name}: ${error.message}`);
      }
    }
    progress.textContent = refused.join(" ");
    progress.className = refused.length ? "error" : "soft small";
    const then = kept.length && `${form.dataset.then}?pictures=${[...new Set(kept)].join(",")}`;
    if (then && !refused.length) location.assign(then);
    else if (then) {
      const on = document.createElement("a");
      Object.assign(on, { href: then, className: "button slim", textContent: form.dataset.goOn });
      progress.append(" ", on);
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-one-by-one]");
    const files = form && [...form.querySelector("input[type=file]").files];
    if (!files || files.length < 2) return;
    event.preventDefault();
    sendAll(form, files, form.querySelector("[data-progress]"));
  });
})();
