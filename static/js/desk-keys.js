// Keys of the inbox: j and k move, o opens, a accepts, r replies, x marks, / searches.
const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => rows().findIndex((row) => row.contains(document.activeElement));
const go = (step) => {
  const all = rows();
  const target = all[Math.min(Math.max(current() + step, 0), all.length - 1)];
  if (!target) return;
  all.forEach((row) => row.removeAttribute("aria-current"));
  target.setAttribute("aria-current", "true");
  target.querySelector("[data-open]").focus();
};
const press = (name) => {
  const row = rows()[current()] || document;
  const target = row.querySelector(`[data-${name}]`);
  if (target) target.click();
};
const keys = {
  j: () => go(1),
  k: () => go(-1),
  o: () => press("open"),
  a: () => press("accept"),
  r: () => press("reply"),
  x: () => press("mark"),
  "/": () => document.querySelector("[data-search]")?.focus(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
