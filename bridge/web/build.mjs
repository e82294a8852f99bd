// Bundles what is committed in dist/: the client library and the web app.
// The same input gives the same bytes; CI builds again elsewhere, named by the argument, and compares.
import { build } from "esbuild";
import { rmSync, cpSync, readFileSync, readdirSync } from "node:fs";

const shared = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  legalComments: "linked",
  logLevel: "warning",
  jsx: "automatic",
  jsxImportSource: "preact",
};

/** Long private names of one file alone: nothing outside reads them, and they are a hundredth of the library. */
function privateNames() {
  const texts = readdirSync("src", { recursive: true }).filter((f) => /^(client|core|recon)\/.*\.ts$/.test(f)).map((f) => readFileSync("src/" + f, "utf8"));
  const names = new Set(texts.flatMap((t) => [...t.matchAll(/private (?:readonly |async |get )*(\w{7,})/g)].map((m) => m[1])));
  return new RegExp(`^(${[...names].filter((n) => texts.filter((t) => t.includes(n)).length === 1).sort().join("|")})$`);
}

const dist = process.argv[2] ?? "dist";
rmSync(dist, { recursive: true, force: true });
// The fold is loaded when it is first wanted.
await build({ ...shared, mangleProps: privateNames(), entryPoints: { touchline: "src/client/index.ts" }, outdir: dist, splitting: true, chunkNames: "touchline-[name]" });
await build({ ...shared, entryPoints: { "touchline-react": "src/client/react.ts" }, outdir: dist, external: ["react"] });
await build({ ...shared, entryPoints: { app: "src/app/main.tsx" }, outdir: dist });
cpSync("src/app/static", dist, { recursive: true });
