import assert from "node:assert/strict";
import { test } from "node:test";

const tag = { dataset: {} as Record<string, string> };
Object.assign(globalThis, { document: { currentScript: tag }, location: { host: "" } });
tag.dataset.api = "https://stats.example/v1";

// The modules read the tag as soon as they are there.
const { isExcluded, isIgnored } = await import("../src/tracker/ignored");

const ignored = (href: string): boolean => {
  location.host = new URL(href).host;
  return isIgnored();
};

test("paths are excluded as a whole, * is anything, and nothing else means anything", () => {
  tag.dataset.exclude = "/admin/*, /a.c,*/draft,\n  /c++/(x),";
  const excluded = ["/admin/", "/admin/users?x=1", "/a.c", "/blog/2026/draft", "/c++/(x)"];
  const counted = ["/admin", "/abc", "/my/admin/", "/drafts", "/?to=/admin/", "/a.c/d", "/", "/?u=https://x/admin/z", "/?u=/draft", "/?next=https://other.example"];

  for (const path of excluded) assert.ok(isExcluded(`https://shop.example${path}`), path);
  for (const path of counted) assert.ok(!isExcluded(`https://shop.example${path}`), path);
});

test("nothing is excluded without the setting", () => {
  delete tag.dataset.exclude;
  assert.ok(!isExcluded("https://shop.example/"));
});

test("pages on one's own machine are ignored, others are not", () => {
  const local = ["http://localhost/", "http://localhost:8080/x", "http://127.0.0.1:3000", "http://[::1]:1/", "http://mac.local/", "http://app.localhost/", "file:///x.html", "about:srcdoc"];
  const remote = ["https://shop.example/", "https://localhost.example/", "https://my-localhost/", "https://shop.example/localhost/", "https://a.local.example/", "https://shop.example/?next=http://localhost/", "https://shop.example/a//"];

  for (const href of local) assert.ok(ignored(href), href);
  for (const href of remote) assert.ok(!ignored(href), href);
});
