// Packs the package, installs it offline in a folder of its own (the argument), and uses it as a strict program would.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const dir = resolve(process.argv[2]);
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
execFileSync(process.execPath, ["types.mjs"], { stdio: "inherit" });
const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", dir], "."));
const names = packed.files.map((f) => f.path);
for (const name of ["README.md", "package.json", "dist/touchline.js", "dist/touchline-react.js", "dist/touchline.js.LEGAL.txt", "types/client/index.d.ts", "types/client/react.d.ts"]) assert.ok(names.includes(name), name);
assert.deepEqual(names.filter((n) => /(^|\/)(src|test)\/|dist\/app/.test(n)), []);
console.log(`ok ${names.length} files, ${packed.size} bytes`);

writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "consumer", version: "1.0.0", type: "module", private: true }));
run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(dir, packed.filename)], dir);
const installed = JSON.parse(readFileSync(join(dir, "package-lock.json"), "utf8")).packages;
assert.deepEqual(Object.keys(installed).filter((k) => k), ["node_modules/touchline"], "it needs no other package");
console.log("ok it is installed offline and brings nothing with it");

writeFileSync(join(dir, "use.ts"), `
import { connect, type Client, type Connection, type State, type Usage } from "touchline";
import { useMatch, useStore } from "touchline/react";
const client: Client<State> = connect({ url: "http://node:3001", token: "tl1.x", saving: "auto", budget: 1e6 });
export const where: Connection["state"] = client.connection.get().state;
export const used: Usage = client.usage.get();
export const score = (): readonly [number, number] | undefined => client.match("id").get().state?.score;
export const goal = (): Promise<string> => client.match("id").record({ type: "goal", teamId: "home" }).then((e) => e.hash);
export function Unsent(): number {
  const [snapshot] = useMatch(client, "id");
  return snapshot.unsent + useStore(client.connection).unsent;
}
// @ts-expect-error: a draft has a type
export const wrong = () => client.match("id").record({});
`);
const tsc = resolve("node_modules/typescript/bin/tsc");
const strict = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", "", "--target", "ES2022", "--lib", "ES2022,DOM,DOM.Iterable"];
for (const how of [["--module", "NodeNext", "--moduleResolution", "NodeNext"], ["--module", "ESNext", "--moduleResolution", "bundler"]]) run(process.execPath, [tsc, ...strict, ...how, "use.ts"], dir);
console.log("ok a strict program is checked against its types, as Node and as bundlers find them");

mkdirSync(join(dir, "node_modules"), { recursive: true });
symlinkSync(resolve("node_modules/react"), join(dir, "node_modules/react"));
writeFileSync(join(dir, "use.mjs"), `
import * as touchline from "touchline";
import * as hooks from "touchline/react";
console.log(Object.keys(touchline).sort().join(), Object.keys(hooks).sort().join());
`);
assert.equal(run(process.execPath, ["use.mjs"], dir).trim(), "browserHost,connect useMatch,useStore");
console.log("ok it is imported without a page");
