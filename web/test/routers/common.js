// The same small site in every router: its pages, and what a page shows.
export const LINKS = ["/", "/cart", "/list?sort=price", "/old"];
export const titleOf = () => `Page ${location.pathname}`;

/** Buttons that any router has, told what it does for them. */
export const buttons = ({ go, replace }) => [
  ["Sort", () => replace("/list?sort=name")],
  ["Again", () => go("/cart")],
  ["Move", () => replace("/moved")],
];
