// Pages without a browser, for tests in Go: the client itself over an IndexedDB in memory and real WebSockets. A JSON
// object a line, in and out: cmd/touchline/page_test.go.
import "fake-indexeddb/auto";
import { createInterface } from "node:readline";
import { WebSocket as NodeSocket } from "ws";
import { Client, Connection, Draft, Match, State, browserHost, connect } from "../src/client";

interface Line {
  readonly n: number;
  readonly page: string;
  readonly open?: { readonly url: string; readonly token?: string; readonly database: string; readonly match: string };
  readonly record?: Draft;
  readonly retract?: string;
  readonly move?: string;
  readonly close?: boolean;
  readonly export?: boolean;
  /** What the page has to come to show within so many milliseconds. */
  readonly until?: Want;
  readonly within?: number;
}

interface Want {
  readonly state?: Connection["state"];
  readonly unsent?: number;
  readonly events?: number;
  readonly current?: boolean;
  readonly score?: readonly [number, number];
  readonly reach?: string;
  readonly matches?: number;
}

interface Page {
  readonly client: Client<State>;
  readonly match: Match<State>;
  readonly carried: Carried;
}

/** Bytes of WebSocket payload that a page sent and received. */
class Carried {
  bytes = 0;

  /** A WebSocket that counts them. */
  readonly socket = ((carried) =>
    class extends NodeSocket {
      constructor(url: string | URL, protocol?: string | string[]) {
        super(url, protocol);
        this.addEventListener("message", (m: { readonly data: ArrayBuffer }) => void (carried.bytes += m.data.byteLength));
      }

      override send(frame: string | Blob | BufferSource): void {
        carried.bytes += (frame as Uint8Array).length;
        super.send(frame);
      }
    })(this);
}

const pages = new Map<string, Page>();

function look(p: Page) {
  const { state, ...snapshot } = p.match.get();
  return { ...snapshot, connection: p.client.connection.get(), score: state?.score, matches: p.client.matches.get().length, carried: p.carried.bytes };
}

function shows(s: ReturnType<typeof look>, w: Want): boolean {
  return (
    (w.state === undefined || s.connection.state === w.state) && (w.unsent === undefined || s.connection.unsent === w.unsent) &&
    (w.events === undefined || s.events.length === w.events) && (w.current === undefined || s.current === w.current) &&
    (w.score === undefined || (s.score?.[0] === w.score[0] && s.score[1] === w.score[1])) &&
    (w.reach === undefined || s.events.filter((e) => e.own).every((e) => e.reach === w.reach)) && (w.matches === undefined || s.matches === w.matches)
  );
}

function until(p: Page, w: Want, within: number): Promise<void> {
  return new Promise((ok, fail) => {
    const stops: (() => void)[] = [];
    const timer = setTimeout(() => end(() => fail(new Error("it does not come to show " + JSON.stringify(w) + " but " + JSON.stringify(look(p))))), within);
    const end = (then: () => void): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      then();
    };
    const check = (): void => {
      if (shows(look(p), w)) end(ok);
    };
    stops.push(p.match.subscribe(check), p.client.connection.subscribe(check), p.client.matches.subscribe(check));
    check();
  });
}

async function take(l: Line): Promise<unknown> {
  if (l.open) {
    const { match, ...options } = l.open;
    const carried = new Carried();
    const client = connect(options, browserHost(carried.socket));
    pages.set(l.page, { client, match: client.match(match), carried });
    return {};
  }
  const p = pages.get(l.page)!;
  if (l.record) return p.match.record(l.record);
  if (l.retract) return p.match.retract(l.retract);
  if (l.move) p.client.move(l.move);
  if (l.close) p.client.close();
  if (l.export) return { file: await (await p.client.exportUnsent()).text() };
  if (l.until) await until(p, l.until, l.within ?? 60_000);
  return l.close ? {} : look(p);
}

createInterface({ input: process.stdin })
  .on("line", (text) => {
    const line = JSON.parse(text) as Line;
    take(line).then(
      (said) => console.log(JSON.stringify({ n: line.n, said })),
      (err: unknown) => console.log(JSON.stringify({ n: line.n, error: String(err) })),
    );
  })
  .on("close", () => process.exit(0));

