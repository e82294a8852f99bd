// What no node has, as a file to hand over.
import type { MatchCopy } from "./copy";
import type { OwnRow } from "./rows";
import type { Bytes } from "./wire";

/**
 * Signed events of one match are a file for `touchline import`, with the rights that they stand on. Whatever else
 * there is makes it a list for `POST /v1/events`, in which a signed event has its envelope beside its fields.
 */
export function exportFile(copies: readonly MatchCopy[], node: string): Blob {
  const kept = copies.map((copy) => ({ copy, rows: [...copy.own.values()].filter((o) => o.node !== node) })).filter((c) => c.rows.length);
  const [only] = kept;
  if (only && kept.length === 1 && only.rows.every((o) => o.signed)) return new Blob([archive(only.copy, only.rows)], { type: "application/octet-stream" });
  const list = kept.flatMap(({ copy, rows }) => rows.map((o) => posted(copy, o)));
  return new Blob([JSON.stringify(list, null, 1)], { type: "application/json" });
}

function archive(copy: MatchCopy, rows: readonly OwnRow[]): string {
  const { log } = copy;
  const own = rows.map((o) => log.get(o.hash)).filter((e) => e !== undefined);
  const rights = new Set([...new Set(own.map((e) => e.grant))].flatMap((g) => log.control.chain(g) ?? []));
  const events = [...rights, ...own];
  const lines = [{ kind: "touchline-export", version: 1, matchId: copy.id }, ...events.map((e) => e.envelope), { end: true, events: events.length }];
  return lines.map((l) => (l instanceof Uint8Array ? base64(l) : JSON.stringify(l)) + "\n").join("");
}

function posted(copy: MatchCopy, o: OwnRow): object {
  const e = o.signed ? copy.log.get(o.hash) : undefined;
  return { id: o.id, matchId: o.match, ...o.draft, ...(e ? { envelope: base64(e.envelope) } : {}) };
}

const base64 = (b: Bytes): string => btoa(String.fromCharCode(...b));
