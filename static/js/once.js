// A form is sent once: its buttons rest until the answer is here, and wake again when the page is shown anew.
const rest = (form, resting) => {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.setAttribute("aria-disabled", resting ? "true" : "false");
  }
  form.dataset.sent = resting ? "yes" : "";
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent === "yes") event.preventDefault();
  else rest(form, true);
});
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => rest(form, false)));
