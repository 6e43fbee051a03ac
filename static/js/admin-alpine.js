// What unfold keeps in inline expressions, for Alpine's CSP build: that build reads names only from the data
// around an element, so the two browser objects unfold's templates name are handed over as plain ones.
document.addEventListener("alpine:init", () => {
  const { Alpine } = window;
  Alpine.data("adminTheme", () => ({
    openModal: false,
    filterOpen: false,
    openAllApplications: false,
    themeBindings: {},
  }));
  Alpine.data("searchForm", () => window.searchForm());
  Alpine.data("adminFrame", () => ({
    activeTab: "",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: window.localStorage.getItem("sidebarDesktopOpen") !== "0",
    localStorage: { setItem: (key, value) => window.localStorage.setItem(key, value) },
    window: { location: { pathname: window.location.pathname, search: window.location.search } },
    init() {
      this.activeTab = this.$el.dataset.firstTab || "general";
    },
  }));
});

// Icons that are buttons are reached and pressed by keyboard too.
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches("[role=button]:not(button)")) {
    event.preventDefault();
    event.target.click();
  }
});
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("span[x-on\\:click], div[x-on\\:click].cursor-pointer, a[x-on\\:click]:not([href])")) {
    part.setAttribute("role", "button");
    part.tabIndex = 0;
  }
});
