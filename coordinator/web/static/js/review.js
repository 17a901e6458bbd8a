// The review queue by keyboard. A control names its key in data-key; pressing the key is pressing the control, so there
// is nothing that can be done by key alone. Without this file, or htmx, the same links and forms are whole pages.
"use strict";

(() => {
  const WRITTEN_IN = "input:not([type=radio], [type=checkbox], [type=submit], [type=range]), textarea, select, [contenteditable]";

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches(WRITTEN_IN)) {
      if (event.key === "Escape") heading()?.focus();
      return;
    }
    const control = [...document.querySelectorAll("[data-key]")].find(
      (one) => one.dataset.key === event.key && one.checkVisibility()
    );
    if (!control) {
      sayNothing(event.key);
      return;
    }
    event.preventDefault();
    if (control.matches("textarea")) control.focus();
    else if (control.matches("input[type=radio]")) {
      control.checked = true;
      control.focus();
    } else control.click();
    // The list of keys stands at the foot of the page.
    if (control.matches("summary")) control.scrollIntoView({ block: "center" });
  }

  // A key whose control is not there now: the page says why, to eyes and ears.
  function sayNothing(key) {
    const words = [...document.querySelectorAll("[data-none]")].find((one) => one.dataset.none === key);
    if (!words) return;
    words.hidden = false;
    const live = document.getElementById("noi");
    if (live) {
      live.textContent = "";
      requestAnimationFrame(() => (live.textContent = words.textContent)); // said again when pressed again
    }
  }

  const heading = () => document.querySelector("#xem-xet h1");

  // A part was swapped: the reader stands at its heading, or at what has to be mended, and hears where that is.
  function arrived(event) {
    if (event.detail.target.id !== "xem-xet") return;
    const part = document.getElementById("xem-xet");
    if (!part) return;
    if (!part.querySelector("[data-focus]")) heading()?.focus({ preventScroll: true });
    const told = [...part.querySelectorAll("[data-say] .notice, [data-say] form > span")].map((one) => one.textContent.trim());
    for (const badge of document.querySelectorAll(".nav [aria-current] .count")) {
      badge.firstChild.data = part.dataset.waiting;
      badge.hidden = part.dataset.waiting === "0"; // as a page says nothing where nothing waits
    }
    const live = document.getElementById("noi");
    if (live) live.textContent = [...told, part.dataset.here].filter(Boolean).join(" ");
  }

  // A form that came back says what is wrong with it; it is shown like any answer.
  function showRefusals(event) {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  }

  // One box ticks every copy of the page; it is there only with this file.
  function offerAll() {
    for (const label of document.querySelectorAll("[data-tick-all][hidden]")) label.hidden = false;
  }
  function tickAll(event) {
    const label = event.target.closest("[data-tick-all]");
    if (!label) return;
    for (const box of label.closest("form").querySelectorAll("input[name=copy]")) box.checked = event.target.checked;
  }

  document.addEventListener("DOMContentLoaded", offerAll);
  document.addEventListener("htmx:afterSwap", offerAll);
  document.addEventListener("change", tickAll);
  document.addEventListener("keydown", press);
  document.addEventListener("htmx:afterSwap", arrived);
  document.addEventListener("htmx:beforeSwap", showRefusals);
})();
