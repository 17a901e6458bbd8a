// Fields in which one types a few letters and picks one of many, after the ARIA pattern of a combobox with a list: arrows
// walk, Enter takes, Escape closes. Without this file what was typed is looked up when the form is sent.
"use strict";

(() => {
  const box = (event) => (event.target.closest ? event.target.closest("[data-pick] input") : null);
  const picker = (input) => input.closest("[data-pick]");
  const place = (input) => picker(input).querySelector(".offered");
  const list = (input) => place(input).querySelector("[role=listbox]");
  const options = (input) => [...place(input).querySelectorAll("[role=option]")];
  const active = (input) => place(input).querySelector("[aria-selected=true]");

  function enhance(root) {
    for (const input of root.querySelectorAll("[data-pick] input:not([role])")) {
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-autocomplete", "list");
      input.setAttribute("aria-expanded", "false");
    }
  }

  function show(input, open) {
    place(input).hidden = !open;
    const there = open && list(input);
    input.setAttribute("aria-expanded", String(Boolean(there)));
    if (there) input.setAttribute("aria-controls", there.id);
    else input.removeAttribute("aria-controls");
    if (!open) stand(input, null);
  }

  function stand(input, option) {
    active(input)?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function hidden(field, name) {
    const made = document.createElement("input");
    made.type = "hidden";
    made.name = name;
    made.dataset.picked = "";
    field.prepend(made);
    return made;
  }

  function take(input, option) {
    const field = input.closest("[data-picking]");
    const { code, name } = option.dataset;
    if (picker(input).dataset.pick === "many") {
      add(field, code, name, option.querySelector("small")?.textContent);
      input.value = "";
    } else {
      field.querySelector(".candidates")?.remove();
      (field.querySelector("[data-picked]") || hidden(field, field.dataset.picking)).value = code;
      field.querySelector("[data-was]").value = input.value = name;
      field.classList.remove("wrong");
      field.querySelector(".error")?.remove();
      input.removeAttribute("aria-invalid");
    }
    show(input, false);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Whoever puts one on the list means the list.
  function mean(field) {
    const { means, meant } = field.dataset;
    const choice = [...document.getElementsByName(means || "")].find((one) => one.value === meant);
    if (choice) choice.checked = true;
  }

  function add(field, code, name, note) {
    mean(field);
    const kept = field.querySelector("[data-chosen]");
    const same = [...kept.querySelectorAll("input")].find((one) => one.value === code);
    if (same) {
      same.checked = true;
      return;
    }
    const row = document.createElement("div");
    const tick = document.createElement("input");
    const words = document.createElement("label");
    row.className = "choice";
    Object.assign(tick, { type: "checkbox", name: field.dataset.picking, value: code, checked: true });
    tick.id = words.htmlFor = `${field.dataset.picking}-${code}`.replace(/[._]/g, "-");
    words.textContent = name;
    row.append(tick, words);
    if (note) {
      const hint = document.createElement("span");
      Object.assign(hint, { className: "hint", textContent: note, id: `${tick.id}-h` });
      tick.setAttribute("aria-describedby", hint.id);
      row.append(hint);
    }
    kept.append(row);
    kept.hidden = false;
  }

  function press(event) {
    const input = box(event);
    if (!input || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const open = !place(input).hidden;
    const all = options(input);
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      if (!open) show(input, true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = all.indexOf(active(input));
      stand(input, all[from < 0 ? (step > 0 ? 0 : all.length - 1) : (from + step + all.length) % all.length]);
    } else if (event.key === "Enter" && open && active(input)) {
      event.preventDefault();
      take(input, active(input));
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      show(input, false);
    }
  }

  document.addEventListener("DOMContentLoaded", () => enhance(document));
  document.addEventListener("htmx:afterSettle", (event) => enhance(event.target));
  document.addEventListener("keydown", press);
  document.addEventListener("htmx:afterSwap", (event) => {
    const offered = event.detail.target;
    if (!offered.classList.contains("offered")) return;
    const input = offered.parentElement.querySelector("input");
    const status = offered.querySelector("[data-status]");
    show(input, Boolean(status) && document.activeElement === input);
    offered.parentElement.querySelector("[role=status]").textContent = status ? status.textContent : "";
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".offered")) event.preventDefault(); // the box keeps the focus
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest(".offered [role=option]");
    if (option) take(option.closest("[data-pick]").querySelector("input"), option);
  });
  document.addEventListener("focusout", (event) => {
    const input = box(event);
    if (input) show(input, false);
  });
})();
