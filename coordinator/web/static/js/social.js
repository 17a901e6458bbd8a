// Pictures of posts: chosen, dropped or pasted ones are sent one by one, then the form is saved, so that what was typed
// stays and the page shows them. Without this file the inputs of the form send them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-files]");
  if (!form) return;
  const status = document.getElementById("nhan-anh");
  const drop = form.querySelector("[data-drop]");
  let busy = false;

  const lineOf = (element) => element?.closest?.("[data-line]")?.dataset.line || "";

  async function send(files, line) {
    const pictures = [...files].filter((one) => one.type.startsWith("image/") || one.type === "application/pdf" || !one.type);
    if (busy || !pictures.length) return;
    busy = true;
    // In the order of their names, as the screenshots were taken: 2 before 10.
    if (!line) pictures.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
    const refused = [];
    for (const [done, picture] of pictures.entries()) {
      status.textContent = form.dataset.sending.replace("{done}", done + 1).replace("{all}", pictures.length);
      const body = new FormData();
      body.set("csrf_token", form.elements.csrf_token.value);
      body.set("line", line);
      body.set("file", picture, picture.name || "anh.png");
      try {
        const answer = await fetch(form.dataset.files, { method: "POST", body, credentials: "same-origin" });
        if (answer.status !== 204) refused.push(answer.status === 422 ? await answer.text() : `${picture.name}: ${answer.status}`);
      } catch (error) {
        refused.push(`${picture.name}: ${error.message}`);
      }
    }
    busy = false;
    for (const input of form.querySelectorAll("input[type=file]")) input.value = "";
    if (refused.length) {
      // Shown on this page: what was taken stands beside its line after the next save.
      status.textContent = [form.dataset.refused, ...refused].join(" ");
      status.scrollIntoView({ block: "center" });
      return;
    }
    form.requestSubmit(form.querySelector("button[name=do][value=save]"));
  }

  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file]")) send(event.target.files, lineOf(event.target));
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) drop.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    send(event.dataTransfer.files, lineOf(event.target));
  });
  // A picture in the clipboard is for the line that has the focus, else for the next one without a picture.
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    send(event.clipboardData.files, lineOf(document.activeElement));
  });
});
