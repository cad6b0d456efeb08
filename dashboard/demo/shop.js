// A router in a few lines, so that there is a single-page part to try the tracker on.
const shelves = { filter: "Bright and floral, for slow mornings.", espresso: "Dense and sweet.", decaf: "All of the taste." };

function render() {
  const shelf = new URLSearchParams(location.search).get("shelf");
  document.getElementById("shelf").textContent = shelves[shelf] ?? "Twelve coffees, three shelves.";
  document.title = `${shelves[shelf] ? `Shop: ${shelf}` : "Shop"} · Harbour Roasters`;
  for (const link of document.querySelectorAll("[data-route]")) {
    if (link.href === location.href) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

for (const link of document.querySelectorAll("[data-route]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.pushState(null, "", link.href);
    render();
  });
}
window.addEventListener("popstate", render);
render();
