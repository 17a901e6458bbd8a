// Small comforts. Every page works without this file; nothing here decides, fetches or keeps anything.
"use strict";

(() => {
  const number = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi");
  const speaks = (vi, en) => (document.documentElement.lang === "en" ? en : vi);

  // Whoever was faster than this file stands somewhere already, and is left there. A field that the page itself put the
  // reader into is no such place.
  const reachedFirst = () => {
    const place = document.activeElement;
    return Boolean(place) && place !== document.body && !place.autofocus;
  };

  // A form that came back: go to what has to be mended. Two empty fields have one sentence, so each is named.
  function focusSummary(root) {
    const summary = root.querySelector("[data-focus]");
    if (!summary) return;
    for (const link of summary.querySelectorAll("a[href^='#']")) {
      const name = document.querySelector(`label[for="${CSS.escape(link.hash.slice(1))}"]`)?.textContent.trim();
      // A cell of a row: its label ends in the row, which the sentence begins with.
      const row = /^(\S+ \d+): /.exec(link.textContent);
      if (row && name?.toLowerCase().endsWith(row[1].toLowerCase())) {
        link.textContent = link.textContent.slice(row[0].length);
      }
      if (name && !link.textContent.includes(name)) link.prepend(`${name}: `);
    }
    if ((root === document || root === document.body) && reachedFirst()) return;
    summary.focus();
  }

  // Characters as people count them, so that "ế" typed in two parts is one, as on the server after NFC.
  function countCharacters(root) {
    for (const label of root.querySelectorAll("[data-count-for]")) {
      const input = document.getElementById(label.dataset.countFor);
      if (!input) continue;
      const limit = Number(label.dataset.countLimit || input.dataset.limit);
      const name = label.dataset.countName ? `${label.dataset.countName}: ` : "";
      const word = speaks("ký tự", "characters");
      const show = () => {
        const length = [...input.value.normalize("NFC")].length;
        label.textContent = `${name}${number.format(length)} / ${number.format(limit)} ${word}`;
        label.classList.toggle("bad-ink", length > limit);
      };
      input.addEventListener("input", show);
      show();
    }
  }

  // An open menu closes at a press elsewhere or at Escape, which gives the focus back.
  function closeMenus(event) {
    for (const menu of document.querySelectorAll("details.menu[open], details.own[open]")) {
      if (event.type === "keydown") {
        if (event.key !== "Escape") continue;
        menu.querySelector("summary").focus();
      } else if (menu.contains(event.target)) {
        continue;
      }
      menu.open = false;
    }
  }

  // The line in the corner can be closed, and goes by itself after 12 s unless somebody is at it.
  function fadeToast(root) {
    const toast = root.querySelector("[data-toast]");
    if (!toast) return;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "as-link";
    close.textContent = speaks("Đóng", "Close");
    close.addEventListener("click", () => toast.remove());
    toast.append(close);
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 4000) : toast.remove());
    setTimeout(leave, 12000);
  }

  // A second press while the first is on its way would send the same act twice.
  function guardDoubleSubmit(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // A form whose answer is a file leaves the page where it is, and may be wanted again.
    setTimeout(() => delete form.dataset.sent, 5000);
  }

  // Back in the history shows the page as it was left: its forms may be sent again.
  function forgetSent() {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  }

  // <button data-copy="id"> copies the text or value of that element.
  async function copy(event) {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (!source || !navigator.clipboard) return;
    await navigator.clipboard.writeText("value" in source ? source.value : source.textContent);
    button.textContent = speaks("Đã sao chép", "Copied");
  }

  // A day is typed as dd/mm/yyyy; the button beside it opens the browser's own calendar, which a browser without one
  // does not offer.
  function offerCalendars(root) {
    for (const input of root.querySelectorAll("[data-day-field]")) {
      const button = input.nextElementSibling;
      const calendar = document.createElement("input");
      if (!button?.hidden || !calendar.showPicker) continue;
      calendar.type = "date";
      calendar.tabIndex = -1;
      calendar.setAttribute("aria-hidden", "true");
      button.after(calendar);
      button.hidden = false;
      button.addEventListener("click", () => {
        const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(input.value.trim()) || [];
        calendar.value = year ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : "";
        calendar.showPicker();
      });
      calendar.addEventListener("change", () => {
        input.value = calendar.value.split("-").reverse().join("/");
        for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
        input.focus();
      });
    }
  }

  // Closed tables would be missing on paper in browsers that do not print a closed <details>.
  function openTables() {
    for (const table of document.querySelectorAll("details.data")) table.open = true;
  }

  function settle(root) {
    focusSummary(root);
    countCharacters(root);
    fadeToast(root);
    offerCalendars(root);
  }

  document.addEventListener("click", closeMenus);
  document.addEventListener("keydown", closeMenus);
  document.addEventListener("click", copy);
  document.addEventListener("submit", guardDoubleSubmit);
  window.addEventListener("pageshow", forgetSent);
  window.addEventListener("beforeprint", openTables);
  document.addEventListener("htmx:load", (event) => settle(event.detail.elt));
  // htmx fires htmx:load for the body as well; a page without htmx is settled here.
  document.addEventListener("DOMContentLoaded", () => {
    if (!window.htmx) settle(document);
  });
})();
