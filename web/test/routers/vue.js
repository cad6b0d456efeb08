import { createApp, h } from "vue";
import { createRouter, RouterLink, RouterView } from "vue-router";
import { buttons, LINKS } from "./common.js";

/** The same with a history of paths or of fragments. */
export function start(history) {
  const empty = { render: () => null };
  const routes = [
    { path: "/old", redirect: "/new" },
    { path: "/moved", redirect: "/there" },
    { path: "/:rest(.*)*", component: empty },
  ];
  const router = createRouter({ history, routes });
  router.afterEach(({ path }) => (document.title = `Page ${path}`));
  const actions = buttons({ go: (to) => router.push(to), replace: (to) => router.replace(to) });
  createApp({
    render: () => h("main", [
      ...LINKS.map((to) => h(RouterLink, { to }, () => to)),
      ...actions.map(([name, onClick]) => h("button", { onClick }, name)),
      h(RouterView),
    ]),
  }).use(router).mount("#app");
}
