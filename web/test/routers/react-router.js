import { createElement as h, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, Link, Navigate, redirect, useLocation, useNavigate } from "react-router";
import { RouterProvider } from "react-router/dom";
import { buttons, LINKS, titleOf } from "./common.js";

function Page() {
  const navigate = useNavigate();
  const location = useLocation();
  useEffect(() => void (document.title = titleOf()), [location]);
  const actions = buttons({ go: (to) => navigate(to), replace: (to) => navigate(to, { replace: true }) });
  return h("main", null,
    LINKS.map((to) => h(Link, { key: to, to }, to)),
    actions.map(([name, onClick]) => h("button", { key: name, onClick }, name)));
}

const router = createBrowserRouter([
  { path: "/old", loader: () => redirect("/new") },
  { path: "/moved", element: h(Navigate, { to: "/there", replace: true }) },
  { path: "*", element: h(Page) },
]);
createRoot(document.getElementById("app")).render(h(RouterProvider, { router }));
