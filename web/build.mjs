// Builds the scripts that dashboard/ serves. The same sources give the same bytes: a test builds anew and compares.
//   node build.mjs            into ../dashboard
//   node build.mjs --to DIR   elsewhere
//   node build.mjs --tests    the tests, for node --test, into build/tests
//   node build.mjs --routers  single-page applications to try the tracker on, into build/routers
import { build } from "esbuild";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const [mode, directory] = process.argv.slice(2);
const common = { absWorkingDir: here, bundle: true, logLevel: "warning", charset: "utf8" };
const browsers = { target: "es2022", legalComments: "none" }; // those since 2022

/** The tracker's scripts, without a word that a visitor's browser does not need. */
const TRACKER = [
  { entry: "src/tracker/liveinsight.ts", name: "liveinsight", define: { FULL: "true" } },
  { entry: "src/tracker/liveinsight.ts", name: "liveinsight-core", define: { FULL: "false" } },
  { entry: "src/tracker/vitals.ts", name: "liveinsight-vitals", define: {} },
];

async function buildDashboard(to) {
  const banner = { js: `// Built from web/src/dashboard/: change that, then run "make web".` };
  const entryPoints = { app: "src/dashboard/main.tsx" };
  await build({ ...common, ...browsers, entryPoints, outdir: to, format: "esm", minify: true, banner });
}

// terser makes of what esbuild bundled a twentieth less than esbuild itself.
async function buildTracker(to) {
  const tsconfigRaw = {}; // without "use strict"
  for (const { entry, name, define } of TRACKER) {
    const bundle = await build({ ...common, ...browsers, tsconfigRaw, define, entryPoints: [entry], write: false, format: "esm", minifySyntax: true });
    const { code } = await minify(bundle.outputFiles[0].text, { ecma: 2022, toplevel: true, compress: { passes: 3 } });
    writeFileSync(join(to, `${name}.js`), `(()=>{${code.replace(/;$/, "")}})();\n`); // by hand: terser may take a function away and leave globals
  }
}

async function buildScripts(to) {
  await Promise.all([buildDashboard(to), buildTracker(to)]);
}

async function buildTests() {
  const to = join(here, "build/tests");
  rmSync(to, { recursive: true, force: true });
  const entryPoints = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await build({ ...common, define: { FULL: "true" }, entryPoints, outdir: to, format: "esm", platform: "node", outExtension: { ".js": ".mjs" } });
}

async function buildRouters() {
  const names = readdirSync(join(here, "test/routers")).filter((name) => !["common.js", "vue.js"].includes(name));
  const define = {
    "process.env.NODE_ENV": '"production"',
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  };
  const entryPoints = names.map((name) => `test/routers/${name}`);
  await build({ ...common, ...browsers, define, entryPoints, outdir: "build/routers", format: "esm", logLevel: "error" });
}

const modes = { "--tests": buildTests, "--routers": buildRouters, "--to": () => buildScripts(directory) };
await (modes[mode] ?? (() => buildScripts(join(here, "../dashboard"))))();
