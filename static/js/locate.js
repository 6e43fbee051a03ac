// "Use my location": fills latitude and longitude and sends the form. Hidden where the browser cannot tell.
for (const button of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = button.closest("form");
    const status = form.querySelector("[data-locate-status]");
    if (status) status.textContent = button.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(5);
        form.elements.longitude.value = coords.longitude.toFixed(5);
        form.requestSubmit();
      },
      () => { if (status) status.textContent = button.dataset.failed; },
      { timeout: 15000, maximumAge: 60000 },
    );
  });
}
