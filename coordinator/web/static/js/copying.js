// The keys of the copy kit put a bulletin on the clipboard, with its form and as plain text. Without this file, or where
// the browser refuses, the key is a link to the copy kit, where the same texts stand to be selected.
"use strict";

(() => {
  const speaks = (vi, en) => (document.documentElement.lang === "en" ? en : vi);

  async function fetched(address) {
    const answer = await fetch(address, { credentials: "omit" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  // Pages over plain http have no clipboard of their own; a copy event carries both forms there too.
  function putByEvent(found, rich) {
    let done = false;
    const fill = (event) => {
      if (rich) event.clipboardData.setData("text/html", found.html);
      event.clipboardData.setData("text/plain", found.text);
      event.preventDefault();
      done = true;
    };
    document.addEventListener("copy", fill, { once: true });
    document.execCommand("copy");
    document.removeEventListener("copy", fill);
    return done;
  }

  async function put(address, rich) {
    const kit = fetched(address);
    if (window.isSecureContext && navigator.clipboard && window.ClipboardItem) {
      // Promises, because some browsers take only what was handed over while the key was pressed.
      const part = (type, name) => kit.then((found) => new Blob([found[name]], { type }));
      const parts = { "text/plain": part("text/plain", "text") };
      if (rich) parts["text/html"] = part("text/html", "html");
      await navigator.clipboard.write([new ClipboardItem(parts)]);
      return true;
    }
    return putByEvent(await kit, rich);
  }

  document.addEventListener("click", async (event) => {
    const key = event.target.closest("a[data-copy-kit]");
    if (!key || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const keys = key.closest("[data-kit]");
    const rich = key.dataset.copyKit === "rich";
    let done = false;
    try {
      done = await put(keys.dataset.kit, rich);
    } catch (error) {
      console.warn(error.message);
    }
    if (!done) {
      window.location.assign(key.href);
      return;
    }
    keys.querySelector("[data-kit-said]").textContent = rich
      ? speaks("Đã sao chép, dán được ngay", "Copied, ready to paste")
      : speaks("Đã sao chép chữ thuần", "Plain text copied");
  });
})();
