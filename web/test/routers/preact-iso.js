import { h, render } from "preact";
import { useEffect } from "preact/hooks";
import { LocationProvider, Route, Router, useLocation } from "preact-iso";
import { buttons, LINKS, titleOf } from "./common.js";

const Redirect = ({ to }) => {
  const { route } = useLocation();
  useEffect(() => route(to, true), []);
  return null;
};
const Page = () => {
  useEffect(() => void (document.title = titleOf()));
  return null;
};

function Frame() {
  const { route } = useLocation();
  const actions = buttons({ go: (to) => route(to), replace: (to) => route(to, true) });
  return h("main", null,
    LINKS.map((to) => h("a", { href: to }, to)),
    actions.map(([name, onClick]) => h("button", { onClick }, name)),
    h(Router, null,
      h(Route, { path: "/old", component: () => h(Redirect, { to: "/new" }) }),
      h(Route, { path: "/moved", component: () => h(Redirect, { to: "/there" }) }),
      h(Route, { default: true, component: Page })));
}

render(h(LocationProvider, null, h(Frame)), document.getElementById("app"));
