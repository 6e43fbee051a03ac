// Draws a board's charts over their tables, and lets the figures be fetched anew only where that disturbs nobody.
const DEODAR = "#0b4f3c", MARIGOLD = "#b87a00", LINE = "#dde5e1", TEXT = "#14201c";
const STYLES = [
  { borderColor: DEODAR, backgroundColor: DEODAR, pointStyle: "circle" },
  { borderColor: MARIGOLD, backgroundColor: MARIGOLD, pointStyle: "rectRot", borderDash: [6, 4] },
];
const number = new Intl.NumberFormat("en-IN");

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.font.size = 14;

function draw(frame) {
  const data = JSON.parse(document.getElementById(frame.dataset.chart).textContent);
  const line = data.kind === "line", lying = data.kind === "lying";
  // Bars that lie have room for their names on a phone, too.
  const names = { grid: { display: false }, ticks: { color: TEXT, maxRotation: 0, autoSkip: !lying, autoSkipPadding: 16 } };
  const values = { beginAtZero: true, suggestedMax: line ? 100 : undefined, grid: { color: LINE },
                   ticks: { color: TEXT, precision: 0, callback: (value) => (line ? `${value}%` : number.format(value)) } };
  frame.hidden = false;
  const table = frame.parentElement.querySelector("[data-behind-chart]");
  if (table) table.open = false;
  new Chart(frame.querySelector("canvas"), {
    type: line ? "line" : "bar",
    data: {
      labels: data.labels,
      datasets: data.series.map((series, place) => ({
        label: series.label, data: series.values, borderWidth: line ? 2.5 : 0, pointRadius: 4, spanGaps: true, ...STYLES[place],
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      color: TEXT,
      indexAxis: lying ? "y" : "x",
      scales: { [lying ? "y" : "x"]: names, [lying ? "x" : "y"]: values },
      plugins: { legend: { display: data.series.length > 1, labels: { usePointStyle: true, boxWidth: 8, boxHeight: 8 } } },
    },
  });
}

const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
const region = document.querySelector("[data-draw]");
let opened = [];

// A tab that is not looked at asks for nothing; whoever is reading with the keyboard is not interrupted.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden || region.contains(document.activeElement)) event.preventDefault();
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => { document.querySelector("[data-stale]").hidden = false; });
}
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.shouldSwap) return;
  region.querySelectorAll("[data-chart] canvas").forEach((canvas) => Chart.getChart(canvas)?.destroy());
  opened = [...region.querySelectorAll("details[id][open]")].map((details) => details.id);
});
document.addEventListener("htmx:afterSwap", () => {
  document.querySelector("[data-stale]").hidden = true;
  drawAll();
  opened.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
});
drawAll();
