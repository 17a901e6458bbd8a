// Two pictures laid over each other: the slider says up to where the upper one is seen. Without this file, half of it is.
"use strict";

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-overlay] input")) return;
  event.target.closest("[data-overlay]").querySelector(".left").setAttribute("width", event.target.value);
});
