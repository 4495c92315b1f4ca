// What pages do beyond htmx. Everything that reads works without it.
(function () {
  "use strict";

  const find = (selector, from) => (from || document).querySelector(selector);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));

  // Moments in the zone of the browser

  const language = document.documentElement.lang || undefined;
  const short = new Intl.DateTimeFormat(language, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const today = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const long = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

  function showTimes(from) {
    for (const element of all("time[datetime]", from)) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const isToday = moment.toDateString() === new Date().toDateString();
      element.textContent = (isToday ? today : short).format(moment);
      element.title = long.format(moment);
    }
  }

  // Messages

  function toast(text, kind) {
    const element = document.createElement("div");
    element.className = `panel-alert panel-alert-${kind || "danger"}`;
    element.textContent = text;
    find("#toasts").append(element);
    setTimeout(() => element.remove(), 8000);
  }

  document.addEventListener("htmx:responseError", (event) => {
    const request = event.detail.xhr;
    let text = document.body.dataset.errorText;
    try { text = JSON.parse(request.responseText).message || text; } catch { /* no JSON */ }
    toast(text);
  });
  document.addEventListener("htmx:sendError", () => showOffline(true));
  document.addEventListener("htmx:afterOnLoad", () => showOffline(false));

  function showOffline(isOffline) {
    const former = find("#offline");
    if (!isOffline) { if (former) former.remove(); return; }
    if (former) return;
    const element = document.createElement("div");
    element.id = "offline";
    element.className = "panel-alert panel-alert-warning";
    element.textContent = document.body.dataset.errorText;
    find("#toasts").append(element);
  }

  // Nobody looks: nothing is asked for. What is selected or typed in stays as it is.

  document.addEventListener("htmx:beforeRequest", (event) => {
    const element = event.detail.elt;
    const trigger = element.getAttribute("hx-trigger") || "";
    if (!trigger.includes("every")) return;
    const closed = element.closest("[popover]");
    const isBusy = element.matches("[data-live]") && find(":checked[name=id]", element) !== null;
    if (document.hidden || isBusy || (closed && !closed.matches(":popover-open"))) event.preventDefault();
  });

  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

  function prepare(from) {
    showTimes(from);
    if (window.panelCharts) window.panelCharts(from);
    countSelected();
    markRow();
  }

  // Clicks

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-menu],[data-opens],[data-closes],[data-copy],[data-submit]");
    if (target) act(target);
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a,button,input,label,form,summary") && !String(getSelection())) {
      location.href = row.dataset.href;
    }
    for (const open of all("details.panel-drop[open]")) if (!open.contains(event.target)) open.open = false;
  });

  function act(target) {
    if ("menu" in target.dataset) {
      const isOpen = find("#panel-menu").classList.toggle("is-open");
      target.setAttribute("aria-expanded", String(isOpen));
    }
    if (target.dataset.opens) find(`#${target.dataset.opens}`).showModal();
    if (target.dataset.closes) target.closest(target.dataset.closes).remove();
    if (target.dataset.copy) copy(target);
  }

  function copy(button) {
    const said = () => toast(button.dataset.copied, "success");
    if (navigator.clipboard) { navigator.clipboard.writeText(button.dataset.copy).then(said); return; }
    const area = document.createElement("textarea"); // over plain HTTP browsers have no clipboard
    area.value = button.dataset.copy;
    document.body.append(area);
    area.select();
    if (document.execCommand("copy")) said();
    area.remove();
  }

  document.addEventListener("submit", (event) => {
    const asks = event.target.dataset.asks || (event.submitter && event.submitter.dataset.asks);
    if (asks && !window.confirm(asks)) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-selects]")) {
      for (const box of all(`${target.dataset.selects} input[name=id]`)) box.checked = target.checked;
    }
    if (target.matches("[data-submits]")) target.form.requestSubmit();
    if (target.matches("[data-keys-switch]")) localStorage.setItem("pyatro-keys", target.checked ? "on" : "off");
    countSelected();
  });

  function countSelected() {
    const count = all("input[name=id]:checked").length;
    for (const element of all("[data-when-selected]")) element.hidden = count === 0;
    for (const element of all("[data-selected-count]")) element.textContent = String(count);
  }

  // The keyboard

  let marked = null; // the address of the row, so that a refreshed list keeps it
  let lead = "";
  const goes = { d: "/", j: "/Job", s: "/ScheduledJob", n: "/Job/new" };

  const rows = () => all("tr[data-href]");

  function markRow() {
    for (const row of rows()) row.classList.toggle("is-marked", row.dataset.href === marked);
  }

  function step(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.dataset.href === marked);
    const next = list[Math.min(list.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    marked = next.dataset.href;
    markRow();
    next.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    "/": () => { const box = find("[data-search]"); if (box) { box.focus(); box.select(); } },
    "?": () => find("#keyboard-help") && find("#keyboard-help").showModal(),
    j: () => step(1),
    k: () => step(-1),
    o: () => { if (marked) location.href = marked; },
    Enter: () => { if (marked) location.href = marked; },
    x: () => {
      const box = find("tr.is-marked input[name=id]");
      if (box) { box.checked = !box.checked; countSelected(); }
    },
    m: () => { const panel = find("#job-manager"); if (panel) panel.togglePopover(); },
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox]),textarea,select,[contenteditable]");
    if (isTyping) { if (event.key === "Escape") event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("pyatro-keys") === "off") return;
    if (event.key === "Enter" && event.target.closest("a,button,summary")) return;
    if (find("dialog[open]")) return;
    if (lead === "g" && goes[event.key]) { lead = ""; location.href = goes[event.key]; return; }
    lead = event.key === "g" ? "g" : "";
    const own = find(`[data-key="${CSS.escape(event.key)}"]`);
    if (own) { event.preventDefault(); own.click(); return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  const keysSwitch = find("[data-keys-switch]");
  if (keysSwitch) keysSwitch.checked = localStorage.getItem("pyatro-keys") !== "off";

  prepare(document);
})();
