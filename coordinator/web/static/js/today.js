// The day's page, kept up to date by htmx. This keeps the reader's place when a part is exchanged, asks for nothing while
// nobody looks, and says when it cannot ask. Without it the page is as it was when it was opened.
"use strict";

(() => {
  const live = () => document.getElementById("hom-nay");
  const isLive = (event) => event.detail.elt === live() || event.detail.target === live();
  const say = (id, shown) => {
    const notice = document.getElementById(id);
    if (notice && notice.hidden === shown) notice.hidden = !shown;
  };
  let place = null;
  let open = [];

  // Where the reader is, in words that hold when the elements are new: an address, or a form's.
  function placeOf(element) {
    if (!element || !live() || !live().contains(element)) return null;
    const form = element.closest("form");
    if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
    return form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] button` : null;
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isLive(event) && document.hidden) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isLive(event)) return;
    const answer = event.detail.xhr;
    // The sign-in page came in its place: leave what stands, and say so.
    const ours = answer.status === 200 && answer.responseText.includes('id="cap-nhat"');
    say("het-phien", answer.status === 200 && !ours);
    say("mat-mang", answer.status >= 400);
    if (!ours) {
      event.detail.shouldSwap = false;
      return;
    }
    place = placeOf(document.activeElement);
    open = [...live().querySelectorAll("details")].map((one) => one.open);
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!live()) return;
    [...live().querySelectorAll("details")].forEach((one, number) => {
      if (open[number]) one.open = true;
    });
    const found = place && live().querySelector(place);
    if (found && document.activeElement === document.body) found.focus({ preventScroll: true });
    place = null;
  });

  document.addEventListener("htmx:sendError", (event) => {
    if (isLive(event)) say("mat-mang", true);
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.body.dispatchEvent(new CustomEvent("lantoa:again"));
  });
})();
