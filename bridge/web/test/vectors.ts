// The vectors that Go writes and both languages read.
import { readFileSync } from "node:fs";

/** One file of docs/vectors, parsed. Tests run in bridge/web. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(`../../docs/vectors/${name}.json`, "utf8")) as T;
}

export function unhex(s: string): Uint8Array {
  return Uint8Array.from(Buffer.from(s, "hex"));
}
