// Builds the scripts that dashboard/ serves. The same sources give the same bytes: a test builds anew and compares.
//   node build.mjs            into ../dashboard
//   node build.mjs --to DIR   elsewhere
//   node build.mjs --tests    the tests, for node --test, into build/tests
import { build } from "esbuild";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [mode, directory] = process.argv.slice(2);
// Modules are strict without being told, and the tracker spares the words.
const tsconfigRaw = { compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" } };
const common = { tsconfigRaw, absWorkingDir: here, bundle: true, logLevel: "warning", charset: "utf8" };

// The tracker has none: every visitor of every site would pay for it.
const BANNER = { js: `// Built from web/src/: change that, then run "make web".` };

/** For browsers since 2022: what each script is, and how it is loaded. */
const SCRIPTS = [
  { entry: "src/dashboard/main.tsx", name: "app", format: "esm", banner: BANNER },
  { entry: "src/tracker/liveinsight.ts", name: "liveinsight", format: "iife", define: { FULL: "true" } },
  { entry: "src/tracker/liveinsight.ts", name: "liveinsight-core", format: "iife", define: { FULL: "false" } },
  { entry: "src/tracker/vitals.ts", name: "liveinsight-vitals", format: "iife" },
];

async function buildScripts(to) {
  for (const { entry, name, ...options } of SCRIPTS)
    await build({
      ...common,
      entryPoints: { [name]: entry },
      outdir: to,
      minify: true,
      target: "es2022",
      legalComments: "none",
      ...options,
    });
}

async function buildTests() {
  const to = join(here, "build/tests");
  rmSync(to, { recursive: true, force: true });
  const entryPoints = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await build({ ...common, entryPoints, outdir: to, format: "esm", platform: "node", outExtension: { ".js": ".mjs" } });
}

await (mode === "--tests" ? buildTests() : buildScripts(mode === "--to" ? directory : join(here, "../dashboard")));
