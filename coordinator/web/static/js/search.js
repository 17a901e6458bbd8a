// The search box: "/" goes to it, arrows walk through what is offered below it, Escape closes that. Without this file
// the box is a form that leads to the page of results.
"use strict";

(() => {
  const WRITTEN_IN = "input:not([type=radio], [type=checkbox], [type=submit]), textarea, select, [contenteditable], iframe";
  const box = () => document.querySelector(".find input");
  const offers = () => document.getElementById("goi-y");
  const links = () => [...offers().querySelectorAll("a")];

  function show(open) {
    offers().hidden = !open;
    box().setAttribute("aria-expanded", String(open));
  }

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !box()) return;
    if (event.key === "/" && !event.target.matches(WRITTEN_IN) && box().checkVisibility()) {
      event.preventDefault();
      box().focus();
      box().select();
      return;
    }
    const form = event.target.closest(".find");
    if (!form) return;
    if (event.key === "Escape" && !offers().hidden) {
      event.preventDefault();
      box().focus();
      show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !offers().hidden) {
      const all = [box(), ...links()];
      const step = event.key === "ArrowDown" ? 1 : -1;
      event.preventDefault();
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    }
  }

  function arrived(event) {
    if (event.detail.target !== offers()) return;
    const status = offers().querySelector("[data-status]");
    show(Boolean(status) && document.activeElement.closest(".find") !== null);
    const live = document.getElementById("goi-y-noi");
    if (live) live.textContent = status ? status.textContent : "";
  }

  document.addEventListener("keydown", press);
  document.addEventListener("htmx:afterSwap", arrived);
  document.addEventListener("focusin", (event) => {
    if (box() && !offers().hidden && !event.target.closest(".find")) show(false);
  });
  document.addEventListener("click", (event) => {
    if (box() && !offers().hidden && !event.target.closest(".find")) show(false);
  });
})();
