// Bundles test/*.test.ts (those named in the arguments, else all) and runs them with Node's own runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const wanted = process.argv.slice(2);
const tests = readdirSync("test").filter((f) => f.endsWith(".test.ts") && (!wanted.length || wanted.some((w) => f.includes(w))));
if (!tests.length) throw new Error("no such test");
const out = mkdtempSync(join(process.cwd(), "node_modules", ".test-"));
try {
  await build({
    entryPoints: tests.map((f) => join("test", f)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
  });
  const files = readdirSync(out).filter((f) => f.endsWith(".mjs")).map((f) => join(out, f));
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
