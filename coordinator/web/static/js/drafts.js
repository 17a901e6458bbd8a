// Nothing that was typed is lost: a form is kept on the server a moment after each change, in this browser until the
// server has it, and goes on where it was after a dropped line or an expired session. Without this file the form is
// saved by its button alone.
"use strict";

// Typed while this file was still on its way: on no server, and no key may follow. Asked at once, before the editor takes
// the body over; what a reload brings back was typed under the eyes of this file.
if (performance.getEntriesByType("navigation")[0]?.type === "navigate") {
  const written = (field) => {
    if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
    if (!field.matches("select")) return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max([...field.options].findIndex((one) => one.defaultSelected), 0);
  };
  const typed = "input:not([type=hidden], [type=file], [name=kenh]), textarea, select";
  for (const form of document.querySelectorAll("form[data-draft-url]")) {
    if ([...form.querySelectorAll(typed)].some(written)) form.dataset.early = "yes";
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-draft-url]");
  if (!form) return;
  const vi = document.documentElement.lang !== "en";
  const says = (own, english) => (vi ? own : english);
  const WAIT = 1200; // ms after the last key; typing is not interrupted, and little is ever at risk
  const STILL_OPEN = 30000; // ms between two signs that the form is open
  const NOT_TYPED = new Set(["csrf_token", "do", "draft", "version", "code", "open", "file", "picture", "kenh", "focus", "library", "library_q", "media_q"]);
  const status = document.getElementById("luu");
  const beside = document.getElementById("ben");
  const newer = document.getElementById("moi");
  const draft = form.elements.draft;
  // Texts that the server may not have yet, each under the name of its form.
  const PLACE = `lantoa.draft:${form.dataset.person}:${location.pathname}:`;
  let version = Number(form.dataset.version);
  let known = form.dataset.dirty || form.dataset.early ? "" : typed();
  let timer = 0;
  let running = null;
  let leaving = false;
  let failed = 0;
  let taken = false; // a text that was kept in this browser stands in the form

  function entries() {
    return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_TYPED.has(name));
  }

  function typed() {
    return JSON.stringify(entries());
  }

  // A form that comes back with errors goes on as the same one.
  function counted(number) {
    version = number;
    form.elements.version.value = number;
  }

  counted(version); // a browser may have put an older number back on a reload

  function tell(words, login = false) {
    status.textContent = words;
    if (!login) return;
    const link = document.createElement("a");
    link.href = form.dataset.login;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = says("Đăng nhập lại", "Sign in again");
    status.append(" ", link);
  }

  function say(box, words) {
    box.hidden = !words;
    if (words) box.querySelector(".notice > div").textContent = words;
  }

  // A private window or a full disk may refuse; the server's copy is then the only one.
  function hold(text, ident = draft.value) {
    try {
      if (text === null) localStorage.removeItem(PLACE + ident);
      else localStorage.setItem(PLACE + ident, JSON.stringify({ at: Date.now(), version, text }));
    } catch {
      return;
    }
  }

  function heldTexts() {
    try {
      const places = Object.keys(localStorage).filter((name) => name.startsWith(PLACE));
      return places.map((name) => [name.slice(PLACE.length), JSON.parse(localStorage.getItem(name))]);
    } catch {
      return [];
    }
  }

  async function post(extra) {
    const body = new FormData();
    for (const [name, value] of extra.open ? [] : entries()) body.append(name, value);
    body.append("code", form.elements.code.value);
    for (const [name, value] of Object.entries(extra)) body.append(name, value);
    return fetch(form.dataset.draftUrl.replace(/0$/, draft.value), {
      method: "POST",
      body,
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    });
  }

  // Whoever signed in again, in another tab or window, goes on here: only the form's token is from before.
  async function signedInAgain() {
    const answer = await fetch(form.dataset.tokenUrl, { redirect: "manual", headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const told = await answer.json();
    if (told.person !== form.dataset.person) return false;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = told.token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": told.token }));
    return true;
  }

  const expired = (answer) => answer.type === "opaqueredirect" || answer.status === 400 || answer.status === 401;

  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function others(told) {
    say(beside, told.beside);
    const opened = Number(form.elements.expected?.value || 0);
    const late = told.latest && opened && told.latest > opened;
    say(newer, late ? says(
      `${told.by} vừa lưu phiên bản ${told.latest}. Bạn cứ viết tiếp; khi lưu sẽ thấy hai bản khác nhau ở đâu và chọn.`,
      `${told.by} has just saved revision ${told.latest}. Go on writing; on saving you see where the two differ and choose.`
    ) : "");
  }

  // True once the server has what the form holds.
  async function keep(extra = {}) {
    const now = typed();
    if (now === known && !extra.open) return true;
    let answer;
    try {
      answer = await post(extra.open ? extra : { version });
      if (expired(answer) && (await signedInAgain())) answer = await post(extra.open ? extra : { version });
    } catch {
      tell(says("Mất mạng: chữ đang giữ trong trình duyệt này, sẽ tự lưu khi có mạng.", "Offline: kept in this browser, saved when the line is back."));
      return false;
    }
    if (expired(answer)) {
      tell(says("Phiên đã hết, chữ vẫn còn đây.", "You were signed out, your text is kept."), true);
      return false;
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      others(told);
      if (extra.open) return true;
      counted(told.version);
      known = now;
      if (typed() === now) hold(null);
      tell(told.said);
      return true;
    }
    if (told.code === "form_elsewhere" && failed < 3) {
      failed += 1;
      hold(null);
      draft.value = fresh();
      counted(0);
      hold(now);
      return keep();
    }
    tell(told.message || says("Máy chủ chưa lưu được, sẽ thử lại.", "The server could not save, trying again."));
    // What the server refuses for good (saved already, too large) is said; the button gives the full answer.
    return answer.status === 409 || answer.status === 422;
  }

  function sync(extra) {
    running = (running || Promise.resolve()).then(() => keep(extra));
    return running;
  }

  function changed() {
    if (leaving) return;
    clearTimeout(timer);
    const now = typed();
    if (now === known) return;
    hold(now);
    timer = setTimeout(sync, WAIT);
  }

  // The button saves only what has a line to go over: else the page, and the text in it, stay.
  form.addEventListener("submit", async (event) => {
    if (leaving || event.defaultPrevented) return;
    event.preventDefault();
    clearTimeout(timer);
    hold(typed());
    // What is not saved yet goes first, so that nothing of a submitted text stays behind in this browser.
    if (!(await sync(typed() === known ? { open: 1 } : {}))) return;
    leaving = true;
    if (known === typed()) hold(null);
    form.requestSubmit(event.submitter);
  });

  function takeBack(kept) {
    const values = new Map();
    for (const [name, value] of JSON.parse(kept.text)) values.set(name, [...(values.get(name) || []), value]);
    for (const field of form.elements) {
      if (!field.name || NOT_TYPED.has(field.name) || field.type === "hidden") continue;
      const found = values.get(field.name);
      if (field.type === "radio" || field.type === "checkbox") field.checked = Boolean(found?.includes(field.value));
      else if (found) field.value = found[0];
    }
    const area = form.querySelector("textarea[data-editor]");
    const editor = window.hugerte?.get(area.id);
    if (editor?.initialized) editor.setContent(area.value); // else it begins with what the box holds
    taken = true;
    changed();
  }

  function describe(kept) {
    const entries = JSON.parse(kept.text);
    const value = (wanted) => entries.find(([name]) => name === wanted)?.[1] || "";
    const all = `${value("title")} ${value("lead")} ${value("body_html").replace(/<[^<>]*>/g, " ")}`;
    const words = new Intl.NumberFormat(vi ? "vi" : "en").format(all.split(/\s+/).filter(Boolean).length);
    const at = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit",
    }).formatToParts(new Date(kept.at)).reduce((found, { type, value: part }) => ({ ...found, [type]: part }), {});
    const when = `${at.hour}:${at.minute}, ${at.day}/${at.month}`;
    return says(
      `“${value("title") || "chưa có tiêu đề"}”, ${words} chữ, gõ lúc ${when}, phần cuối còn trong trình duyệt này`,
      `“${value("title") || "no title yet"}”, ${words} words, typed at ${when}, the end of it kept in this browser`
    );
  }

  // One box for one text: what only this browser holds of a form is said in the box of that form, if the server has one.
  function offer(ident, kept) {
    const stored = document.querySelector(`[data-left="${CSS.escape(ident)}"]`);
    const box = stored || document.getElementById("may").content.firstElementChild.cloneNode(true);
    box.querySelector("[data-what]").textContent = describe(kept);
    if (stored) {
      stored.querySelector("form").addEventListener("submit", () => hold(null, ident));
      return;
    }
    document.getElementById("may").before(box);
    box.querySelector("[data-take]").addEventListener("click", () => {
      box.remove();
      takeBack(kept);
      if (ident !== draft.value) hold(null, ident);
    });
    box.querySelector("[data-forget]").addEventListener("click", () => {
      box.remove();
      hold(null, ident);
    });
  }

  for (const [ident, kept] of heldTexts()) {
    const own = ident === draft.value;
    // A form that comes back brings all that was typed with it.
    if (kept.text === typed() || form.dataset.dirty) continue;
    // The form was opened again: what this browser sent last and what was typed after that belong to it. A larger number
    // means that the text went on elsewhere.
    if (own && version <= kept.version + 1 && !form.dataset.early) takeBack(kept);
    else offer(ident, kept);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  window.addEventListener("online", () => sync());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sync());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });
  setInterval(() => sync(typed() === known ? { open: 1 } : {}), STILL_OPEN);
  if (!known) changed();
  else sync({ open: 1 });
  // The editor writes the body its own way: what it makes of a text that nobody touched is no change.
  form.addEventListener("editor-ready", () => {
    const untouched = JSON.stringify(entries().filter(([name]) => !["body_html", "body_as"].includes(name)));
    const before = JSON.stringify(JSON.parse(known || "[]").filter(([name]) => !["body_html", "body_as"].includes(name)));
    if (known && !taken && untouched === before) known = typed();
  });
});
