// The list of what to look at and the previews follow the text while it is typed. Without this file they are those of the
// text as it was opened or last sent. Also says how full an account is that measures in bytes.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-look-url]");
  const form = box?.closest("form");
  if (!form) return;
  const WAIT = 1500; // ms after the last key
  const vi = document.documentElement.lang !== "en";
  const number = new Intl.NumberFormat(vi ? "vi" : "en");
  const bytes = new TextEncoder();
  let timer = 0;
  let asked = 0;

  async function look() {
    const mine = ++asked;
    const body = new FormData(form);
    body.delete("file");
    body.delete("picture");
    let answer;
    try {
      answer = await fetch(box.dataset.lookUrl, {
        method: "POST",
        body,
        redirect: "manual",
        headers: { "X-CSRFToken": form.elements.csrf_token.value },
      });
    } catch {
      return;
    }
    // An answer that a later question has overtaken, or none at all, leaves what stands there.
    if (!answer.ok || mine !== asked) return;
    const chosen = [...box.querySelectorAll("input:checked")].map((field) => field.id);
    const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    box.replaceChildren(...fresh.childNodes);
    for (const field of box.querySelectorAll("input")) if (chosen.includes(field.id)) field.checked = true;
    if (focused) document.getElementById(focused)?.focus();
  }

  // People count characters; few accounts measure in bytes, and there a share says what a number of bytes would not.
  function countBytes(area) {
    const label = document.querySelector(`[data-count-for="${area.id}"]`);
    if (!label) return;
    const beside = label.nextElementSibling || label.parentElement.appendChild(document.createElement("span"));
    const used = bytes.encode(area.value.normalize("NFC")).length / Number(area.dataset.bytes);
    const share = number.format(Math.ceil(used * 100));
    beside.textContent = vi ? `đã dùng ${share}% dung lượng nơi này nhận` : `${share}% of what this account takes`;
    beside.classList.toggle("bad-ink", used > 1);
  }

  const counted = [...form.querySelectorAll("textarea[data-bytes]:not([data-bytes=''])")];
  for (const area of counted) countBytes(area);

  form.addEventListener("input", (event) => {
    if (counted.includes(event.target)) countBytes(event.target);
    if (box.contains(event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });

  // A finding or an error leads to its field: into the rich editor for the body, and into what is folded away.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-look-url] a[href^='#'], .summary a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const folded = target.closest("details");
    if (folded) folded.open = true;
    const editor = window.hugerte?.get(target.id);
    if (editor) editor.focus();
    else target.focus();
    (editor ? editor.getContainer() : target).scrollIntoView({ block: "center" });
  });
});
