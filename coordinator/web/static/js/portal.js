// A link from the department carries the key behind "#", which browsers keep to themselves. It is put into the form and
// taken out of the address line; the partner presses the button. Without this file the key is pasted by hand.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("key");
  const key = location.hash.slice(1);
  if (!field || !key.startsWith("lt_")) return;
  field.value = key;
  history.replaceState(null, "", location.pathname);
  field.form.querySelector("button").focus();
});
