// Passkeys: the browser's part of making one and of coming in by one. The server asks, the device answers, the server
// judges. Without this file the pages say what else to do.
"use strict";

(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function create(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    });
    const answer = made.response;
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        attestationObject: text(answer.attestationObject),
        clientDataJSON: text(answer.clientDataJSON),
        transports: answer.getTransports ? answer.getTransports() : null,
      },
      extensions: JSON.stringify(made.getClientExtensionResults()),
    };
  }

  async function show(options) {
    const shown = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) },
    });
    const answer = shown.response;
    return {
      id: shown.id,
      rawId: text(shown.rawId),
      type: shown.type,
      response: {
        authenticatorData: text(answer.authenticatorData),
        clientDataJSON: text(answer.clientDataJSON),
        signature: text(answer.signature),
        userHandle: answer.userHandle ? text(answer.userHandle) : null,
      },
    };
  }

  // What the server said: its JSON, or the name of what to tell.
  async function send(url, fields, token) {
    let reply;
    try {
      reply = await fetch(url, {
        method: "POST",
        body: new URLSearchParams({ ...fields, csrf_token: token }),
        headers: { Accept: "application/json", "X-CSRFToken": token },
      });
    } catch {
      throw new Error("lost");
    }
    if (reply.status === 429) throw new Error("often");
    if (reply.status === 409) throw new Error("stale");
    // Led to a page: the session ended, or the password is asked for again. That page says so.
    if (reply.redirected) return window.location.reload();
    if (!(reply.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("stale");
    const told = (await reply.json()).response;
    if (reply.ok) return told;
    if (told.field_errors && told.field_errors.name) throw new Error("name");
    throw new Error(told.field_errors && told.field_errors.credential ? "refused" : "stale");
  }

  function reason(error, words) {
    if (words[error.message]) return words[error.message];
    if (error.name === "InvalidStateError") return words.held;
    if (error.name === "SecurityError") return words.unable;
    return words.cancelled;
  }

  async function act(form, words, say) {
    const token = form.elements.csrf_token.value;
    const name = form.elements.name ? form.elements.name.value.trim() : "";
    const asked = await send(form.action, name ? { name, usage: "secondary" } : {}, token);
    if (!asked) return;
    const making = form.dataset.passkey === "new";
    say(form.dataset.waiting);
    const answer = await (making ? create : show)(asked.credential_options);
    const where = new URL(form.action);
    const told = await send(`${where.pathname}/${asked.wan_state}${where.search}`, { credential: JSON.stringify(answer) }, token);
    if (told) window.location.assign(form.dataset.then || told.post_login_url || "/desk");
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      const words = JSON.parse(form.dataset.words);
      const place = form.querySelector("[data-say]");
      const say = (sentence) => {
        place.textContent = sentence;
      };
      form.hidden = false;
      if (!window.PublicKeyCredential) {
        say(words.unable);
        form.querySelector("button").disabled = true;
        continue;
      }
      let busy = false;
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (busy) return;
        busy = true;
        say("");
        try {
          await act(form, words, say);
        } catch (error) {
          say(reason(error, words));
        }
        busy = false;
      }, true);
    }
  });
})();
