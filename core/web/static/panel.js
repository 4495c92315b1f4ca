// What pages do beyond htmx. Everything that reads works without it.
(function () {
  "use strict";

  const find = (selector, from) => (from || document).querySelector(selector);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));

  // Moments in the zone of the browser

  const language = document.documentElement.lang || undefined;
  const long = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  const shortForms = {};

  // What goes without saying is left out: the day if it is today, the year if it is this one, seconds of a full minute,
  // and in the narrow columns of tables those of other days.
  function shortTime(moment, isInTable) {
    const now = new Date();
    const isToday = moment.toDateString() === now.toDateString();
    const isThisYear = moment.getFullYear() === now.getFullYear();
    const hasSeconds = moment.getTime() % 60000 !== 0 && (isToday || !isInTable);
    const options = {
      hour: "2-digit", minute: "2-digit",
      ...(hasSeconds ? { second: "2-digit" } : {}),
      ...(isToday ? {} : { month: "short", day: "numeric" }),
      ...(isThisYear ? {} : { year: "numeric" }),
    };
    const form = shortForms[Object.keys(options)] ||= new Intl.DateTimeFormat(language, options);
    return form.format(moment);
  }

  function showTimes(from) {
    for (const element of all("time[datetime]", from)) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      element.textContent = shortTime(moment, Boolean(element.closest("table")));
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
    element.textContent = document.body.dataset.offlineText;
    find("#toasts").append(element);
  }

  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

  // What is open stays open, who reads the end of a log goes on reading its end, a table stays where it was scrolled to,
  // and the keyboard where it was, when a part of a page is replaced.

  const kept = { open: {}, scroll: {}, sideways: {}, focus: null };
  const placeOf = (element) => {
    if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
    if (element.form) return `form[action="${CSS.escape(element.form.getAttribute("action"))}"] button`;
    return null; // what has an id is htmx's affair
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const focused = document.activeElement;
    kept.focus = event.detail.target.contains(focused) && !focused.id ? placeOf(focused) : null;
    for (const each of all(".panel-table-wrap")) kept.sideways[each.getAttribute("aria-label")] = each.scrollLeft;
    for (const each of all("details[data-keep]")) kept.open[each.dataset.keep] = each.open;
    for (const each of all("[data-follow]")) {
      const isAtEnd = each.scrollTop + each.clientHeight >= each.scrollHeight - 8;
      kept.scroll[each.dataset.follow] = isAtEnd ? null : each.scrollTop;
    }
  });

  function restore(from) {
    for (const each of all("details[data-keep]", from)) {
      if (each.dataset.keep in kept.open) each.open = kept.open[each.dataset.keep];
    }
    for (const each of all("[data-follow]", from)) {
      const place = kept.scroll[each.dataset.follow];
      each.scrollTop = place == null ? each.scrollHeight : place;
    }
    for (const each of all(".panel-table-wrap", from)) each.scrollLeft = kept.sideways[each.getAttribute("aria-label")] || 0;
    const focused = kept.focus && find(kept.focus, from);
    if (focused) { focused.focus({ preventScroll: true }); kept.focus = null; }
  }

  function prepare(from) {
    showTimes(from);
    restore(from);
    prepareMoments(from);
    if (window.panelCharts) window.panelCharts(from);
    countSelected();
    markRow();
  }

  // A pop-up is filled when it opens.

  for (const panel of all("[popover][data-loads]")) {
    panel.addEventListener("toggle", (event) => {
      const inside = find(panel.dataset.loads);
      if (event.newState === "open" && inside) {
        htmx.ajax("GET", inside.getAttribute("hx-get"), { target: panel.dataset.loads, swap: "outerHTML" });
      }
    });
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
    if (asks && !window.confirm(asks)) { event.preventDefault(); return; }
    if (event.target.dataset.stream) { event.preventDefault(); stream(event.target); }
  });

  async function stream(form) {
    const output = find(form.dataset.stream);
    const button = find("button", form);
    output.closest("[hidden]")?.removeAttribute("hidden");
    output.textContent = "";
    output.scrollIntoView({ block: "center" });
    button.disabled = true;
    try {
      const body = new URLSearchParams(new FormData(form));
      // As htmx asks: what is refused is told in the reader's language, and whoever is logged out is sent to the login.
      const answer = await fetch(form.action, { method: "POST", headers: { "HX-Request": "true" }, body });
      if (answer.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
      if (!answer.ok) throw new Error((await answer.json()).message);
      const reader = answer.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        output.append(decoder.decode(value, { stream: true }));
        output.scrollTop = output.scrollHeight;
      }
    } catch (error) {
      toast(error.message || document.body.dataset.errorText);
    }
    button.disabled = false;
  }

  // Moments that are typed in the browser's zone are sent in UTC.

  function prepareMoments(from) {
    for (const box of all("input[data-moment]", from)) {
      const hidden = find(`input[type=hidden][name="${box.dataset.moment}"]`, box.form);
      if (hidden.value && !box.value) {
        const moment = new Date(hidden.value);
        if (!Number.isNaN(moment.getTime())) {
          box.value = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
        }
      }
      box.addEventListener("input", () => { hidden.value = box.value ? new Date(box.value).toISOString() : ""; });
    }
  }

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
