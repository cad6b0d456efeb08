// Starts the tracker as a pasted snippet would; only that the API's address comes from the dashboard's settings.
window.liveinsight = window.liveinsight || function () {
  (window.liveinsight.q = window.liveinsight.q || []).push(arguments);
};

const tracking = document.getElementById("tracking");

async function connect() {
  const { apiUrl } = await (await fetch("../config.json")).json();
  const script = document.createElement("script");
  script.src = "../liveinsight.js";
  script.dataset.api = new URL(apiUrl, new URL("../", location.href)).href;
  script.onload = () => (tracking.textContent = "LiveInsight counts this visit: no cookies, nothing stored here.");
  document.head.append(script);
}

connect().catch(() => (tracking.textContent = "Not connected: the dashboard's config.json is missing."));

for (const button of document.querySelectorAll("[data-event]")) {
  button.addEventListener("click", () => {
    const { event, ...props } = button.dataset;
    window.liveinsight(event, props);
    tracking.textContent = `Sent the event “${event}”.`;
  });
}
