// Live parts of pages: [data-follows] says what they show, and `refresh` lets htmx ask for them anew.
(function () {
  "use strict";

  // They are asked for anew when the server says that what they follow has changed, and seldom without that, for
  // what no event tells (how long something runs). Nobody looks: nothing is asked for, and no connection is held.
  // What is selected or ticked stays as it is.

  const REST = 2, SELDOM = 15, UNTOLD = 10; // seconds between two askings of a part; UNTOLD: while no stream is there
  const SHARE = 50; // a part that took so long is left alone for so many times as long: who is busy is asked less
  const TRY_AGAIN = 30; // after the server refused a stream
  const openedAt = Date.now();
  const askedAt = {}; // by the id of a part
  const tookSeconds = {}; // likewise, of its last asking
  const stale = new Set(); // likewise
  let stream = null;
  let streamTriedAt = 0;

  const isOver = (moment, seconds) => Date.now() - moment >= seconds * 1000;

  function seenParts() {
    if (document.hidden) return [];
    return Array.from(document.querySelectorAll("[data-follows]")).filter((part) => {
      const popover = part.closest("[popover]");
      return !popover || popover.matches(":popover-open");
    });
  }

  function noteAsked(part) {
    askedAt[part.id] = Date.now();
    stale.delete(part.id);
  }

  function isBusy(part) {
    const selection = getSelection();
    const isRead = !selection.isCollapsed && part.contains(selection.anchorNode);
    return isRead || part.querySelector(":checked[name=id]") !== null || part.classList.contains("htmx-request");
  }

  function refreshParts() {
    const parts = seenParts();
    listen(parts);
    const isTold = stream !== null && stream.readyState === EventSource.OPEN;
    for (const part of parts) {
      const rest = Math.max(Number(part.dataset.rest) || REST, SHARE * (tookSeconds[part.id] || 0));
      const seldom = Math.max(rest, isTold ? Number(part.dataset.seldom) || SELDOM : UNTOLD);
      const isDue = isOver(askedAt[part.id] || openedAt, stale.has(part.id) ? rest : seldom);
      if (!isDue || isBusy(part)) continue;
      htmx.trigger(part, "refresh");
    }
  }

  function listen(parts) {
    if (!parts.length) { hangUp(); return; }
    const job = parts.map((part) => part.dataset.watches).find(Boolean);
    const address = `/api/events?bundled=true${job ? `&jobs=${job}&log=${job}` : ""}`;
    if (stream !== null && !stream.url.endsWith(address)) hangUp();
    const isTryDue = stream === null || (isRefused() && isOver(streamTriedAt, TRY_AGAIN));
    if (!isTryDue) return;
    streamTriedAt = Date.now();
    stream = new EventSource(address);
    stream.addEventListener("ready", () => outdate(() => true));
    stream.addEventListener("changed", (event) => {
      const { about } = JSON.parse(event.data);
      outdate((part) => part.dataset.follows.split(" ").some((each) => about.includes(each)));
    });
    stream.addEventListener("error", () => {
      if (isRefused()) outdate(() => true); // who has logged out in another tab is led to the login by the next asking
    });
  }

  const isRefused = () => stream !== null && stream.readyState === EventSource.CLOSED;

  function hangUp() {
    if (stream !== null) stream.close();
    stream = null;
  }

  function outdate(isMeant) {
    for (const part of seenParts()) if (isMeant(part)) stale.add(part.id);
    refreshParts();
  }

  setInterval(refreshParts, 500);
  refreshParts();
  document.addEventListener("visibilitychange", refreshParts);
  window.addEventListener("pagehide", hangUp);
  document.addEventListener("htmx:beforeRequest", (event) => noteAsked(event.detail.target));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { id } = event.detail.target;
    tookSeconds[id] = (Date.now() - askedAt[id]) / 1000;
  });
})();
