// What is typed into form[data-keep] survives a reload and a lost connection, in this tab alone: phones are shared.
// Each word is kept beside what the server had sent; once the server sends something else, it has the newer words.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const name = (field) => `draft:${form.dataset.keep}:${field.name}`;
  const sent = (field) => (field.tagName === "SELECT" ? field.querySelector("[selected]")?.value ?? "" : field.defaultValue);
  const kept = [...form.elements].filter((field) => field.name && field.matches("textarea, select, input:not([type=hidden], [type=file], [type=radio], [type=checkbox])"));
  for (const field of kept) {
    try {
      const before = JSON.parse(sessionStorage.getItem(name(field)));
      if (before && before.sent === sent(field)) field.value = before.typed;
      else sessionStorage.removeItem(name(field));
      field.addEventListener("input", () => sessionStorage.setItem(name(field), JSON.stringify({ sent: sent(field), typed: field.value })));
    } catch { /* Storage may be switched off: then the draft on the server is all there is. */ }
  }
}
