// @ts-nocheck
// LiveInsight: <script defer src="…/liveinsight.js" data-api="https://…/v1"></script>. No cookies, no storage.
(() => {
  const { api, site } = (document.currentScript || {}).dataset || {};
  const endpoint = api && api.replace(/\/+$/, "") + "/api/events";
  const early = (window.liveinsight || {}).q || [];
  const retries = new Set();
  let pending = [], size = 0, timer, url, referrer = document.referrer;

  const quietly = (work) => (...args) => { try { work(...args); } catch { /* never the page's trouble */ } };
  const here = () => location.href.split("#")[0];
  const newId = () => crypto.getRandomValues(new Uint32Array(4)).reduce((id, n) => id + n.toString(36), "00000000");

  // A string is sent as text/plain: no preflight. The body stays the same, so that a retry is counted once.
  const post = (body, attempt = 0) =>
    fetch(endpoint, { method: "POST", body, keepalive: true, credentials: "omit" })
      .then(({ status }) => (status == 429 || status > 499) && Promise.reject())
      .catch(() => {
        if (attempt > 1) return;
        retries.add(body);
        setTimeout(() => retries.delete(body) && post(body, attempt + 1), 1e3 * 5 ** attempt * (1 + Math.random() / 2));
      });
  const beacon = (body) => (navigator.sendBeacon && navigator.sendBeacon(endpoint, body)) || post(body, 2);

  const flush = (send) => {
    clearTimeout(timer);
    if (pending[0]) send(`{${site ? `"site":${JSON.stringify(site)},` : ""}"events":[${pending}]}`);
    pending = [];
    timer = size = 0;
  };

  const track = (event_type, props) => {
    const event = JSON.stringify({
      event_id: newId(), event_type, page_url: here().slice(0, 2048), props, interactive: event_type != "page_view",
      referrer: referrer.slice(0, 2048) || undefined, title: document.title.slice(0, 512) || undefined,
    });
    if (pending.length > 24 || size + event.length > 16e3) flush(post);
    pending.push(event);
    size += event.length;
    timer = timer || setTimeout(flush, 20, post);
  };

  const view = quietly(() => {
    if (url == here()) return;
    referrer = url || referrer;
    url = here();
    track("page_view");
  });
  const leave = quietly(({ type }) => {
    if (type != "pagehide" && document.visibilityState != "hidden") return;
    flush(beacon);
    retries.forEach((body) => retries.delete(body) && beacon(body));
  });

  quietly(() => {
    if (!endpoint || !/^http/.test(location.protocol)) return;
    const push = history.pushState;
    history.pushState = function () {
      push.apply(this, arguments);
      setTimeout(view); // after the router has set the title
    };
    addEventListener("popstate", () => setTimeout(view));
    addEventListener("pageshow", ({ persisted }) => persisted && view((url = 0)));
    addEventListener("visibilitychange", leave);
    addEventListener("pagehide", leave);
    window.liveinsight = quietly(track);
    view();
    early.forEach((call) => window.liveinsight(...call));
  })();
})();
