// Media of a text: files that are chosen or dropped are sent in pieces, with progress, and go on where they stopped after
// a dropped line, a pause or a reload. A button of this part changes this part alone. Without this file the form's own
// buttons do both, for files of up to 15 MB.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const box = () => document.getElementById("tep-kem");
  if (!box()) return;
  const form = box().closest("form");
  const vi = document.documentElement.lang !== "en";
  const says = (own, english) => (vi ? own : english);
  const PLACE = "lantoa.upload:";
  const megabytes = (bytes) => (bytes / 1e6).toLocaleString(vi ? "vi" : "en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  let waiting = Promise.resolve();

  const headers = () => ({ "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" });

  // What was sent of a file is found again by its name, size and time.
  const placeOf = (file) => `${PLACE}${file.name}:${file.size}:${file.lastModified}`;

  function remembered(file, ident) {
    try {
      if (ident === undefined) return localStorage.getItem(placeOf(file));
      if (ident) localStorage.setItem(placeOf(file), ident);
      else localStorage.removeItem(placeOf(file));
    } catch {
      return null; // a private window: an upload goes on while this page is open
    }
    return null;
  }

  // The part of the form after an action, in place of what stands there.
  async function act(value, file) {
    const body = new FormData();
    for (const [name, entry] of new FormData(form)) if (typeof entry === "string" && name !== "do") body.append(name, entry);
    body.append("do", value);
    const answer = await fetch(box().dataset.mediaUrl, { method: "POST", body, redirect: "manual", headers: headers() });
    if (!answer.ok) throw new Error(says("Máy chủ chưa trả lời được.", "The server could not answer."));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("tep-kem");
    const rows = [...box().querySelectorAll("[data-uploads] > *")];
    box().replaceWith(fresh);
    fresh.querySelector("[data-uploads]").append(...rows);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    const wrong = fresh.querySelector("#media-file-e");
    if (file) remembered(file, "");
    return wrong ? wrong.textContent.trim() : "";
  }

  function row(file) {
    const line = document.createElement("div");
    line.className = "upload";
    const name = document.createElement("p");
    name.textContent = file.name;
    const meter = Object.assign(document.createElement("progress"), { max: file.size, value: 0 });
    meter.setAttribute("aria-label", file.name);
    const told = Object.assign(document.createElement("p"), { className: "soft small" });
    const stop = Object.assign(document.createElement("button"), { type: "button", className: "button slim", textContent: says("Dừng tải", "Stop") });
    line.append(name, meter, told, stop);
    box().querySelector("[data-uploads]").append(line);
    return { line, meter, told, stop };
  }

  // Sends until everything is there. A dropped line is tried again; the server says from where.
  async function send(file, view, stopped) {
    const uploads = box().dataset.uploadsUrl;
    let state = null;
    if (remembered(file)) {
      const answer = await fetch(`${uploads}/${remembered(file)}`, { headers: headers() }).catch(() => null);
      if (answer?.ok) state = await answer.json();
    }
    if (!state) {
      const body = new FormData();
      body.append("name", file.name);
      body.append("length", file.size);
      const answer = await fetch(uploads, { method: "POST", body, headers: headers() });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.message || String(answer.status));
      state = told;
      remembered(file, state.ident);
    }
    const began = Date.now();
    const had = state.received;
    let failed = 0;
    while (state.received < file.size) {
      if (stopped()) return null;
      view.meter.value = state.received;
      const speed = (state.received - had) / Math.max(Date.now() - began, 1); // bytes a millisecond
      const left = speed > 0 ? Math.ceil((file.size - state.received) / speed / 1000) : 0;
      view.told.textContent = `${megabytes(state.received)} / ${megabytes(file.size)} MB` + (left ? says(`, còn khoảng ${left} giây`, `, about ${left} s left`) : "");
      const piece = file.slice(state.received, state.received + state.piece);
      let answer = null;
      try {
        answer = await fetch(`${uploads}/${state.ident}?start=${state.received}`, {
          method: "POST", body: piece, headers: { ...headers(), "Content-Type": "application/octet-stream" },
        });
      } catch {
        failed += 1;
        view.told.textContent = says("Mất mạng, sẽ tự tải tiếp.", "Offline; it goes on by itself.");
        if (failed > 60) throw new Error(says("Mất mạng quá lâu. Chọn lại tệp để tải tiếp.", "Offline for too long. Choose the file again to go on."));
        await new Promise((then) => setTimeout(then, 2000));
        continue;
      }
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok && answer.status !== 409) throw new Error(told.message || says("Phiên đã hết hoặc máy chủ từ chối. Chọn lại tệp để tải tiếp.", "Signed out, or refused. Choose the file again to go on."));
      state.received = told.received;
      failed = 0;
    }
    view.meter.value = file.size;
    return state.ident;
  }

  async function upload(file) {
    const view = row(file);
    let stop = false;
    view.stop.addEventListener("click", () => {
      stop = !stop;
      view.stop.textContent = stop ? says("Tải tiếp", "Go on") : says("Dừng tải", "Stop");
      if (!stop) waiting = waiting.then(run);
    });
    async function run() {
      try {
        const ident = await send(file, view, () => stop);
        if (!ident) {
          view.told.textContent = says("Đã dừng.", "Stopped.");
          return;
        }
        view.stop.remove();
        view.told.textContent = says("Đang kiểm tra tệp…", "Checking the file…");
        const refused = await act(`uploaded_media.${ident}`, file);
        if (!refused) {
          view.line.remove();
          return;
        }
        view.told.textContent = refused;
      } catch (error) {
        view.told.textContent = error.message;
      }
      view.told.className = "error";
      view.meter.remove();
      view.stop.remove();
    }
    await run();
  }

  function uploadAll(files) {
    const sorted = [...files].sort((one, other) => Number(/\.(vtt|srt)$/i.test(one.name)) - Number(/\.(vtt|srt)$/i.test(other.name)));
    for (const file of sorted) waiting = waiting.then(() => upload(file)); // captions after what they belong to
  }

  form.addEventListener("change", (event) => {
    if (event.target.id !== "media_file") return;
    uploadAll(event.target.files);
    event.target.value = "";
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-media-act]");
    if (!button) return;
    event.preventDefault();
    act(button.value).catch(() => form.requestSubmit(button));
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      if (!box().contains(event.target) || ![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      box().querySelector("[data-drop]").classList.add("over");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!box().contains(event.relatedTarget)) box().querySelector("[data-drop]").classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    // Elsewhere on the form a picture becomes the cover, and a text fills the boxes.
    const here = box().contains(event.target);
    const files = [...event.dataTransfer.files].filter((file) => here || /\.(mp4|mov|mp3|m4a|pdf|vtt|srt)$/i.test(file.name));
    if (!files.length || (!here && event.target.matches?.("input[type=file]"))) return;
    event.preventDefault();
    box().querySelector("[data-drop]").classList.remove("over");
    uploadAll(files);
  });
});
