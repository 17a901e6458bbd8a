// The calendar that can be dragged on. The table made by the server stays where this cannot run, on phones and on paper;
// every move here is one that the form "Chuyển giờ…" makes as well, and the server alone decides about it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-calendar]");
  if (!box || !window.FullCalendar || !window.matchMedia("(min-width: 768px)").matches) return;
  const words = JSON.parse(box.dataset.words);
  const server = box.querySelector("[data-server]");
  const month = box.dataset.view === "month";
  const mayMove = box.dataset.mayMove === "yes";

  const make = (name, text, classes) => {
    const node = document.createElement(name);
    if (text) node.textContent = text;
    if (classes) node.className = classes;
    return node;
  };

  const clock = (minutes) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

  // The city's day of a moment, wherever the browser is; Swedish writes days as ISO does.
  const days = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" });
  const dayOf = (date) => days.format(date);

  // The name of a weekday, and in the week its date, as the server wrote them.
  function nameOf(date) {
    const name = server.querySelectorAll("th")[(new Date(`${dayOf(date)}T00:00:00Z`).getUTCDay() + 6) % 7].textContent;
    return month ? name : `${name} ${dayOf(date).slice(8)}/${dayOf(date).slice(5, 7)}`;
  }

  // The head of a day as the server wrote it: its number, its lunar day, its holiday.
  const cellOf = (day) => server.querySelector(`td[data-day="${day}"]`);
  function headOf(day) {
    const cell = cellOf(day);
    return cell ? [...cell.querySelectorAll(".d, .feast")].map((part) => part.cloneNode(true)) : [];
  }

  // A refusal stays in sight above the calendar until something else is done.
  function tell(text) {
    let place = document.getElementById("lich-noi");
    if (!place) {
      place = make("div", "", "notice bad after-head");
      place.id = "lich-noi";
      place.setAttribute("role", "alert");
      box.before(place);
    }
    place.replaceChildren(make("span"), make("div", text));
  }

  // What speaks against a time, and the two ways on. Escape is the way back.
  function ask(warned) {
    return new Promise((answer) => {
      const dialog = make("dialog", "", "ask-box");
      const head = make("h2", words.warned);
      head.id = "lich-hoi";
      dialog.setAttribute("aria-labelledby", head.id);
      const list = make("ul");
      for (const one of warned) list.append(make("li", one.words));
      const row = make("div", "", "flow");
      const keep = make("button", words.keep, "button main");
      const back = make("button", words.back, "button plain");
      keep.type = back.type = "button";
      keep.addEventListener("click", () => dialog.close("keep"));
      back.addEventListener("click", () => dialog.close(""));
      dialog.addEventListener("close", () => {
        dialog.remove();
        answer(dialog.returnValue === "keep");
      });
      row.append(back, keep);
      dialog.append(head, list, row);
      document.body.append(dialog);
      dialog.showModal();
      back.focus();
    });
  }

  async function send(code, fields, heeded) {
    const form = new URLSearchParams({ csrf_token: box.dataset.token, ...fields });
    for (const key of heeded) form.append("heeded", key);
    const reply = await fetch(box.dataset.move.replace("CODE", encodeURIComponent(code)), {
      method: "POST",
      body: form,
      headers: { Accept: "application/json" },
      // A server that does not answer must not hold the drop: the bulletin goes back to its place.
      signal: AbortSignal.timeout(15000),
    });
    if (!(reply.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("no answer");
    return reply.json();
  }

  let moving = false; // one drop at a time: a second one meanwhile goes back to its place

  // One drop: sent, asked about where something speaks against it, and taken back where it did not come about.
  async function move(code, fields, revert) {
    if (moving) {
      revert();
      return;
    }
    moving = true;
    let heeded = [];
    try {
      for (;;) {
        const told = await send(code, fields, heeded);
        if (told.done) {
          // The page is made anew: its lists, the tray and the line with "undo" are all the server's.
          window.location.reload();
          return;
        }
        if (!told.warned) {
          tell(told.trouble || words.lost);
          break;
        }
        if (!(await ask(told.warned))) break;
        heeded = heeded.concat(told.warned.map((one) => one.key));
      }
    } catch {
      tell(words.lost);
    }
    moving = false;
    revert();
  }

  // The moment of a drop in the city: the day, and in the week also the time it was dropped on.
  function fieldsOf(text, seen) {
    const fields = { day: text.slice(0, 10), seen };
    if (!month && text.length > 10) fields.time = text.slice(11, 16);
    return fields;
  }

  const holder = make("div", "", "calendar-live");
  const inside = make("div");
  holder.append(inside);
  server.after(holder);
  const calendar = new FullCalendar.Calendar(inside, {
    locale: document.documentElement.lang === "en" ? "en" : "vi",
    timeZone: "Asia/Ho_Chi_Minh",
    firstDay: 1,
    initialView: month ? "dayGridMonth" : "timeGridWeek",
    initialDate: box.dataset.date,
    now: box.dataset.today,
    headerToolbar: false,
    fixedWeekCount: false,
    height: month ? "auto" : 640,
    scrollTime: "06:00:00",
    slotDuration: "00:30:00",
    snapDuration: "00:05:00",
    allDaySlot: false,
    slotHeaderFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    businessHours: {
      daysOfWeek: [0, 1, 2, 3, 4, 5, 6],
      startTime: clock(Number(box.dataset.quietUntil)),
      endTime: clock(Number(box.dataset.quietFrom)),
    },
    defaultTimedEventDuration: "00:30:00",
    displayEventEnd: false,
    eventDisplay: "block",
    eventDurationEditable: false,
    eventStartEditable: mayMove,
    droppable: mayMove,
    dayMaxEvents: month ? 3 : false,
    eventMinHeight: 24, // a target for a finger or an unsteady hand
    moreLinkClass: "more-of-day",
    moreLinkText: (count) => words.more.replace("%d", count),
    // It leads to the day's page; the calendar would say that it opens a box.
    moreLinkDidMount: (info) => {
      info.el.setAttribute("role", "link");
      info.el.removeAttribute("aria-haspopup");
      info.el.removeAttribute("aria-expanded");
    },
    moreLinkClick: (info) => {
      window.location.assign(box.dataset.dayPage.replace("DAY", dayOf(info.date)));
      return "none";
    },
    dayHeaderContent: (info) => nameOf(info.date),
    dayHeaderAlign: "start",
    // The name of the day is read from what is seen, and is not hidden beside a label that repeats it.
    dayHeaderDidMount: (info) => {
      const cell = info.el.closest("[role=columnheader]") || info.el;
      cell.removeAttribute("aria-label");
      for (const hidden of cell.querySelectorAll("[aria-hidden]")) hidden.removeAttribute("aria-hidden");
    },
    // A cell is named by what stands in it; the name it would be given says less than that.
    dayCellDidMount: (info) => info.el.closest("[role=gridcell]")?.removeAttribute("aria-label"),
    dayCellClass: (info) => (month && cellOf(dayOf(info.date))?.className) || "",
    dayCellTopInnerClass: "day-head",
    dayCellTopContent: (info) => (month ? { domNodes: headOf(dayOf(info.date)) } : undefined),
    eventClass: (info) => {
      const told = info.event.extendedProps;
      return `slot t${told.shade} ${told.stand}`;
    },
    eventContent: (info) => {
      const told = info.event.extendedProps;
      const time = make("b", info.event.startStr.slice(11, 16));
      const said = told.stand === "miss" ? `${words.miss}: ${info.event.title}` : info.event.title;
      const state = make("span", `, ${told.says}`, "vh");
      return { domNodes: [time, document.createTextNode(` ${said}`), state] };
    },
    events: async (info) => {
      const span = new URLSearchParams({ start: info.startStr.slice(0, 10), end: info.endStr.slice(0, 10) });
      const join = box.dataset.events.includes("?") ? "&" : "?";
      const reply = await fetch(`${box.dataset.events}${join}${span}`, { headers: { Accept: "application/json" } });
      if (!reply.ok) throw new Error(reply.statusText);
      const told = await reply.json();
      return told.events.map((one) => ({
        id: one.id,
        title: one.title,
        start: one.start,
        url: one.url,
        startEditable: one.movable,
        extendedProps: { shade: one.shade, stand: one.stand, says: one.says, code: one.code, seen: one.seen },
      }));
    },
    eventSourceFailure: () => giveUp(),
    eventDrop: (info) => {
      const told = info.event.extendedProps;
      move(told.code, fieldsOf(info.event.startStr, told.seen), info.revert);
    },
    drop: (info) => {
      move(info.draggedEl.dataset.drag, fieldsOf(info.dateStr, "none"), () => {});
    },
  });

  // Without its events the calendar would look empty; the server's table has them.
  function giveUp() {
    calendar.destroy();
    holder.remove();
    server.classList.remove("covered");
  }

  calendar.render();
  // The library names the row of the hours by a label alone, in English.
  for (const cell of inside.querySelectorAll("[role=rowheader]:empty")) {
    cell.removeAttribute("aria-label");
    cell.append(make("span", document.documentElement.lang === "en" ? "Hours" : "Giờ", "vh"));
  }
  server.classList.add("covered"); // on the screen; on paper it is the one that shows
  const tray = document.querySelector(".tray ul");
  if (mayMove && tray) {
    new FullCalendar.Interaction.Draggable(tray, {
      itemSelector: "[data-drag]",
      eventData: (node) => ({ title: node.dataset.title, create: false }),
    });
  }
});
