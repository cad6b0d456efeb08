import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { createRootRoute, createRoute, createRouter, Navigate, Outlet, redirect, RouterProvider, useRouter } from "@tanstack/react-router";
import { buttons, LINKS, titleOf } from "./common.js";

function Frame() {
  const router = useRouter();
  const go = (href, replace) => router.navigate({ href, replace });
  const actions = buttons({ go, replace: (to) => go(to, true) });
  const follow = (to) => (event) => { event.preventDefault(); go(to); };
  return h("main", null,
    LINKS.map((to) => h("a", { key: to, href: to, onClick: follow(to) }, to)),
    actions.map(([name, onClick]) => h("button", { key: name, onClick }, name)),
    h(Outlet));
}

const root = createRootRoute({ component: Frame });
const page = (path, rest = { component: () => null }) => createRoute({ getParentRoute: () => root, path, ...rest });
const routeTree = root.addChildren([
  page("/"), page("/cart"), page("/list"), page("/new"), page("/there"),
  page("/old", { beforeLoad: () => { throw redirect({ to: "/new" }); } }),
  page("/moved", { component: () => h(Navigate, { to: "/there", replace: true }) }),
]);
const router = createRouter({ routeTree });
router.subscribe("onRendered", () => (document.title = titleOf()));
createRoot(document.getElementById("app")).render(h(RouterProvider, { router }));
