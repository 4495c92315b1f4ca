// Charts: those whose data stand in the page, and those that grow while one looks.
(function () {
  "use strict";
  const samples = {};
  const charts = new WeakMap();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tones = { green: "--panel-green", red: "--panel-red", blue: "--panel-blue", amber: "--panel-amber", grey: "--panel-grey" };

  function options(element, series, height, from) {
    const axis = {
      stroke: colour("--panel-muted"), grid: { stroke: colour("--panel-line"), width: 1 },
      ticks: { show: false }, font: "11px system-ui, sans-serif",
    };
    const language = document.documentElement.lang;
    const times = (_, splits) => {
      const seconds = splits.length > 1 ? splits[splits.length - 1] - splits[0] : 0;
      const form = seconds > 2 * 86400 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
      if (seconds && seconds < 120) form.second = "2-digit";
      return splits.map((at) => new Date(at * 1000).toLocaleString(language, form));
    };
    return {
      width: Math.max(200, element.clientWidth), height, legend: { show: Boolean(series.length > 1 || from) },
      cursor: { points: { size: 6 } },
      scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [{ ...axis, values: times, space: 64, size: 28 }, { ...axis, size: 52 }],
      series: [
        { label: document.body.dataset.timeText, value: (_, at) => (at == null ? "" : new Date(at * 1000).toLocaleString(language)) },
        ...series.map((each) => ({
          label: each.label, stroke: colour(tones[each.tone] || "--panel-accent"), width: each.bars ? 0 : 1.5,
          fill: each.bars ? colour(tones[each.tone]) : each.fill ? colour(`${tones[each.tone]}-soft`) : undefined, points: { show: Boolean(each.points) },
          paths: each.bars ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined,
          value: (_, value) => (value == null ? "–" : value.toLocaleString(language, { maximumFractionDigits: 2 })),
        })),
      ],
    };
  }

  function draw(element) {
    const given = JSON.parse(element.dataset.chart);
    const former = charts.get(element);
    if (former) former.destroy();
    element.textContent = "";
    charts.set(element, new uPlot(options(element, given.series, Number(element.dataset.height) || 190, true),
      [given.times, ...given.series.map((each) => each.values)], element));
  }

  function grow(sample) {
    const name = sample.dataset.sample;
    const list = (samples[name] = samples[name] || [[], []]);
    list[0].push(Date.now() / 1000);
    list[1].push(Number(sample.dataset.value));
    if (list[0].length > 600) { list[0].shift(); list[1].shift(); }
    const element = document.querySelector(`[data-samples="${name}"]`);
    if (!element) return;
    const chart = charts.get(element);
    if (chart) { chart.setData(list); return; }
    const series = [{ label: element.dataset.label, tone: "blue", fill: true, points: false }];
    charts.set(element, new uPlot(options(element, series, 120, false), list, element));
  }

  window.panelCharts = function (from) {
    if (!window.uPlot) return;
    const all = (selector) => [...(from.matches && from.matches(selector) ? [from] : []), ...from.querySelectorAll(selector)];
    all("[data-chart]").forEach(draw);
    all("[data-sample]").forEach(grow);
  };
  window.panelCharts(document);

  let timer = 0;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => document.querySelectorAll("[data-chart]").forEach(draw), 150);
  });
  new MutationObserver(() => document.querySelectorAll("[data-chart]").forEach(draw))
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
})();
