// What is typed into [data-keep] survives a lost connection; it is forgotten once the form was sent.
for (const field of document.querySelectorAll("[data-keep]")) {
  const key = `draft:${field.dataset.keep}`;
  try {
    if (!field.value) field.value = localStorage.getItem(key) || "";
    field.addEventListener("input", () => localStorage.setItem(key, field.value));
    field.form.addEventListener("submit", () => localStorage.removeItem(key));
  } catch { /* Storage may be switched off: then the draft on the server is all there is. */ }
}
