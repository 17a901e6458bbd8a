// Messages in this browser: switched on with the browser's own question, and known again in the list. Where the browser
// has none, or its answer was no, that is said instead of the button.
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function digest(address) {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address));
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  const sameKey = (one, key) => one && text(one) === key;

  async function switchOn(part) {
    const { key, worker, url } = part.dataset;
    if ((await Notification.requestPermission()) !== "granted") throw new Error(part.dataset.denied);
    const kept = await navigator.serviceWorker.register(worker, { scope: "/desk/" });
    await navigator.serviceWorker.ready;
    const before = await kept.pushManager.getSubscription();
    if (before && !sameKey(before.options.applicationServerKey, key)) await before.unsubscribe();
    const made = await kept.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
    const body = new FormData();
    body.append("endpoint", made.endpoint);
    body.append("p256dh", text(made.getKey("p256dh")));
    body.append("auth", text(made.getKey("auth")));
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": part.dataset.token } });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok || !told.ok) throw new Error(told.message || part.dataset.failed);
  }

  async function begin(part) {
    const button = part.querySelector("[data-switch-on]");
    const status = part.querySelector("[role=status]");
    const say = (words) => { status.textContent = words; };
    if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return say(part.dataset.none);
    if (Notification.permission === "denied") return say(part.dataset.denied);
    const kept = await navigator.serviceWorker.getRegistration("/desk/");
    const made = await kept?.pushManager.getSubscription();
    const row = made && part.querySelector(`[data-browser="${await digest(made.endpoint)}"]`);
    row?.querySelector("[data-here]")?.removeAttribute("hidden");
    if (row) {
      // Switched off here, the browser forgets its address as well.
      row.querySelector("form").addEventListener("submit", () => made.unsubscribe());
      return say("");
    }
    say("");
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await switchOn(part);
        location.reload();
      } catch (error) {
        button.disabled = false;
        say(error.message === part.dataset.denied ? error.message : `${part.dataset.failed} ${error.message}`);
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const part = document.querySelector("[data-push]");
    if (part) begin(part);
  });
})();
