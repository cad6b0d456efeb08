import { createElement as h, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { buttons, LINKS, titleOf } from "./common.js";

function Page() {
  const [location, go] = useLocation();
  useEffect(() => void (document.title = titleOf()), [location]);
  const actions = buttons({ go, replace: (to) => go(to, { replace: true }) });
  return h("main", null,
    LINKS.map((to) => h(Link, { key: to, href: to }, to)),
    actions.map(([name, onClick]) => h("button", { key: name, onClick }, name)),
    h(Switch, null,
      h(Route, { path: "/old" }, h(Redirect, { to: "/new", replace: true })),
      h(Route, { path: "/moved" }, h(Redirect, { to: "/there", replace: true }))));
}

createRoot(document.getElementById("app")).render(h(Page));
