// Starts the tracker as a pasted snippet would; only that the API's address comes from the dashboard's settings.
// Before that it listens to what the tracker sends, so that the page can show it.
const tracking = document.getElementById("tracking");
const events = document.getElementById("events");

window.liveinsight = window.liveinsight || function () {
  (window.liveinsight.q = window.liveinsight.q || []).push(arguments);
};

function show(body, status) {
  for (const { event_type, page_url, props } of JSON.parse(body).events) {
    const line = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = event_type;
    const about = event_type === "page_view" ? new URL(page_url).pathname.split("/").pop() : Object.values(props ?? {}).join(", ");
    line.append(name, ` ${about} `, status === 202 ? "✓" : `(answer ${status})`);
    events.prepend(line);
  }
}

function listen() {
  const original = window.fetch;
  window.fetch = async (address, options) => {
    const answer = await original(address, options);
    if (options?.method === "POST") show(options.body, answer.status);
    return answer;
  };
}

async function connect() {
  const { apiUrl } = await (await fetch("../config.json")).json();
  listen();
  const script = document.createElement("script");
  script.src = "../liveinsight.js";
  script.dataset.api = new URL(apiUrl, new URL("../", location.href)).href;
  script.dataset.local = "";
  script.dataset.vitals = "";
  script.onload = () => (tracking.textContent = "LiveInsight counts this visit.");
  document.head.append(script);
}

connect().catch(() => (tracking.textContent = "Not connected: the dashboard's config.json is missing."));

document.getElementById("booking")?.addEventListener("submit", (event) => {
  event.preventDefault();
  document.getElementById("booked").textContent = "Booked. See you on Saturday!";
});
