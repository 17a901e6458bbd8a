// Shows a message of the product when none of its pages is open, and opens what it is about. It fetches nothing and
// keeps nothing.
"use strict";

self.addEventListener("push", (event) => {
  let told;
  try {
    told = event.data.json();
  } catch {
    return;
  }
  event.waitUntil(
    self.registration.showNotification(String(told.title || "Lan Tỏa"), {
      body: String(told.body || ""),
      tag: String(told.tag || ""),
      data: { url: String(told.url || "/desk") },
    })
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || "/desk", self.location.origin);
  // A message leads to the product's own desk alone.
  if (url.origin !== self.location.origin || !/^\/desk(\/|$)/.test(url.pathname)) return;
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((windows) => {
      const same = windows.find((one) => one.url === url.href);
      return same ? same.focus() : self.clients.openWindow(url.href);
    })
  );
});
