// A router in a few lines, so that there is a single-page part to try the tracker on.
const shelves = { filter: "Bright and floral, for slow mornings.", espresso: "Dense and sweet.", decaf: "All of the taste." };
const coffees = [
  ["Dogger", "filter", "Redcurrant and black tea", "£9.50"],
  ["Fair Isle", "filter", "Apricot, jasmine, honey", "£10.00"],
  ["Viking", "filter", "Blueberry and cane sugar", "£11.00"],
  ["Thames", "espresso", "Cocoa and roasted nuts", "£8.50"],
  ["Dover", "espresso", "Caramel, fig, brown bread", "£9.00"],
  ["Wight", "espresso", "Cherry and dark chocolate", "£9.50"],
  ["Lundy", "decaf", "Malt and milk chocolate", "£9.00"],
  ["Fastnet", "decaf", "Orange peel and toffee", "£9.50"],
];

function card([name, shelf, taste, price]) {
  const item = document.createElement("li");
  const heading = document.createElement("h2");
  const text = document.createElement("p");
  const button = document.createElement("button");
  heading.textContent = name;
  text.textContent = `${taste} · ${price}`;
  button.type = "button";
  button.textContent = `Add ${name}`;
  button.addEventListener("click", () => {
    window.liveinsight("added_to_cart", { coffee: name, shelf });
    button.textContent = "In the basket";
    button.disabled = true;
  });
  item.append(heading, text, button);
  return item;
}

function render() {
  const shelf = new URLSearchParams(location.search).get("shelf");
  document.getElementById("shelf").textContent = shelves[shelf] ?? "Eight coffees, three shelves.";
  document.getElementById("coffees").replaceChildren(...coffees.filter((coffee) => !shelves[shelf] || coffee[1] === shelf).map(card));
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
