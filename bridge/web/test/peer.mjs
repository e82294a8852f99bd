// Bundles a script of this folder (peer.ts, or the one that is named) and runs it: see sessions_test.go.
import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const out = mkdtempSync(join(process.cwd(), "node_modules", ".peer-"));
try {
  const outfile = join(out, "peer.mjs");
  await build({
    entryPoints: [join("test", process.argv[2] ?? "peer.ts")], outfile, bundle: true, packages: "external", platform: "node", format: "esm",
    sourcemap: "inline", logLevel: "warning",
  });
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(out, { recursive: true, force: true });
}
