// Writes the declarations of the package to types/: those of TypeScript, with the endings that modules are found by everywhere.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const out = process.argv[2] ?? "types";
rmSync(out, { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json", "--outDir", out], { stdio: "inherit" });
for (const file of readdirSync(out, { recursive: true })) {
  if (!file.endsWith(".d.ts")) continue;
  const path = join(out, file);
  const found = (module) => (existsSync(join(dirname(path), module + ".d.ts")) ? module + ".js" : module + "/index.js");
  writeFileSync(path, readFileSync(path, "utf8").replace(/((?:from|import)\s*\(?\s*")(\.{1,2}(?:\/[^"]+)?)(")/g, (_, a, module, z) => a + found(module) + z));
}
