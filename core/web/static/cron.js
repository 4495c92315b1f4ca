// The five fields of a cron expression, and expressions to choose, beside the text that counts.
(function () {
  "use strict";
  const text = document.querySelector("[data-cron]");
  const parts = [...document.querySelectorAll("[data-cron-parts] input")];
  const presets = document.querySelector("[data-cron-presets]");
  if (!text) return;

  function showParts() {
    const words = text.value.trim().split(/\s+/);
    const isFive = words.length === parts.length && !text.value.trim().startsWith("@");
    parts.forEach((part, index) => { part.value = isFive ? words[index] : ""; });
    presets.value = [...presets.options].some((each) => each.value === text.value.trim()) ? text.value.trim() : "";
  }

  function write(expression) {
    text.value = expression;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  text.addEventListener("input", () => { if (!parts.includes(document.activeElement)) showParts(); });
  for (const part of parts) {
    part.addEventListener("input", () => write(parts.map((each) => each.value.trim().replace(/\s+/g, "") || "*").join(" ")));
  }
  presets.addEventListener("change", () => { if (presets.value) { write(presets.value); showParts(); } });
  showParts();
})();
