// Makes pages handier; all of them work without. Nothing here talks to a server.
(() => {
  "use strict";
  const root = document.documentElement;
  const remembered = (name, value) => {
    try {
      if (value !== undefined) localStorage.setItem(name, value);
      return localStorage.getItem(name);
    } catch {
      return null; // Storage may be forbidden.
    }
  };

  // Colours: the same cookie that the server sets, without the way to it.
  document.addEventListener("click", event => {
    const link = event.target.closest("[data-theme-choice]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const choice = link.dataset.themeChoice;
    const isAuto = choice === "auto";
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = isAuto ? `theme=; path=/; max-age=0; samesite=lax${secure}` : `theme=${choice}; path=/; max-age=31536000; samesite=lax${secure}`;
    if (isAuto) root.removeAttribute("data-theme");
    else root.dataset.theme = choice;
    document.querySelector('meta[name="color-scheme"]').content = isAuto ? "light dark" : choice;
    for (const each of document.querySelectorAll("[data-theme-choice]")) {
      if (each.dataset.themeChoice === choice) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
    document.dispatchEvent(new Event("themechange"));
  });

  // Copying.
  const say = (button, text) => {
    button.textContent = text;
    setTimeout(() => { button.textContent = button.dataset.text; }, 1600);
  };
  const copyButton = text => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet small";
    button.dataset.text = button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => navigator.clipboard.writeText(text()).then(() => say(button, "Copied"), () => say(button, "Press Ctrl+C")));
    return button;
  };
  if (navigator.clipboard) {
    for (const code of document.querySelectorAll("figure.code")) code.querySelector("figcaption").append(copyButton(() => code.querySelector("code").textContent));
    for (const each of document.querySelectorAll("[data-copy]")) each.after(copyButton(() => each.dataset.copy || each.textContent.trim()));
  }

  // One language of several, the same on every page.
  const blocks = [...document.querySelectorAll("[data-codes]")];
  const choose = language => {
    for (const block of blocks) {
      const codes = [...block.querySelectorAll(".code")];
      const shown = codes.find(code => code.dataset.language === language) ?? codes[0];
      for (const code of codes) code.classList.toggle("shown", code === shown);
      for (const button of block.querySelectorAll(".languages button")) button.setAttribute("aria-pressed", String(button.value === shown.dataset.language));
    }
  };
  for (const block of blocks) {
    const languages = document.createElement("div");
    languages.className = "languages";
    languages.setAttribute("role", "group");
    languages.setAttribute("aria-label", "Language");
    for (const code of block.querySelectorAll(".code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.value = code.dataset.language;
      button.textContent = code.querySelector("figcaption").firstChild.textContent.trim();
      button.addEventListener("click", () => choose(remembered("language", button.value) ?? button.value));
      languages.append(button);
    }
    block.prepend(languages);
    block.classList.add("chosen");
  }
  choose(remembered("language"));

  // Charts.
  const plots = [...document.querySelectorAll("[data-chart]")];
  if (plots.length > 0) loadCharts();

  function loadCharts() {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = plots[0].dataset.uplotStyle;
    const script = document.createElement("script");
    script.src = plots[0].dataset.uplot;
    script.addEventListener("load", () => document.fonts.ready.then(() => plots.forEach(chart)));
    document.head.append(style, script);
  }

  function chart(plot) {
    const data = JSON.parse(plot.dataset.chart);
    let drawn = null;
    const draw = () => {
      drawn?.destroy();
      drawn = new uPlot(options(data, plot.clientWidth), rows(data), plot);
    };
    draw();
    plot.parentElement.querySelector("details").open = false;
    new ResizeObserver(() => { if (drawn.width !== plot.clientWidth) drawn.setSize({ width: plot.clientWidth, height: 240 }); }).observe(plot);
    document.addEventListener("themechange", draw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  }

  // Bars stand on each other: each is drawn up to the sum of itself and those below, the tallest first.
  function rows(data) {
    if (data.kind !== "bars") return [data.times, ...data.series.map(each => each.values)];
    const sums = data.times.map(() => 0);
    const stacked = data.series.map(each => each.values.map((value, at) => (sums[at] += value ?? 0)));
    return [data.times, ...stacked.reverse()];
  }

  function options(data, width) {
    const [soft, line] = [color("--soft"), color("--line")];
    const font = `12px ${getComputedStyle(root).getPropertyValue("--mono")}`;
    const isBars = data.kind === "bars";
    const step = data.times.length > 1 ? data.times[1] - data.times[0] : 86400;
    const series = data.series.map((each, at) => {
      const ink = color(`--series-${at % 6 + 1}`);
      return {
        label: each.name,
        stroke: ink,
        width: isBars ? 0 : 2,
        fill: isBars ? ink : undefined,
        paths: isBars ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined,
        points: { show: !isBars && data.times.length < 3 },
        value: (_, __, ___, index) => index === null ? "–" : format(data.unit, each.values[index]),
      };
    });
    if (isBars) series.reverse();
    return {
      width,
      height: 240,
      tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { y: false, drag: { x: false, y: false }, points: { show: !isBars } },
      legend: { live: true },
      scales: {
        x: { time: true, range: (_, min, max) => isBars ? [min - step / 2, max + step / 2] : [min, max] },
        y: { range: (_, min, max) => [Math.min(0, min * 1.08), max > 0 ? max * 1.08 : 1] },
      },
      axes: [
        { stroke: soft, font, grid: { show: false }, ticks: { stroke: line, width: 1 }, space: 60, values: (_, times) => times.map(seconds => new Date(seconds * 1000).toISOString().slice(...(data.hourly ? [11, 16] : [5, 10]))) },
        { stroke: soft, font, size: 74, grid: { stroke: line, width: 1 }, ticks: { show: false }, values: (_, values) => values.map(value => format(data.unit, value, true)) },
      ],
      series: [{ label: data.hourly ? "hour" : "day", value: (_, seconds) => seconds === null ? "–" : new Date(seconds * 1000).toISOString().slice(0, data.hourly ? 16 : 10).replace("T", " ") }, ...series],
    };
  }

  function format(unit, value, isShort = false) {
    if (value === null || value === undefined) return "–";
    if (unit === "dollars") return "$" + value.toLocaleString("en-US", isShort ? { maximumSignificantDigits: 3 } : { minimumFractionDigits: 6 });
    if (unit === "seconds") return value.toLocaleString("en-US", { maximumFractionDigits: 1 }) + " s";
    if (unit === "percent") return (value * 100).toLocaleString("en-US", { maximumFractionDigits: 1 }) + " %";
    return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  }

  // A canvas knows no custom properties; an element's colour comes out as numbers.
  function color(name) {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }
})();
