// One side of sessions, for a test in Go on the other: a JSON object a line, in and out.
import { createInterface } from "node:readline";
import { LogSet, hex } from "../src/core";
import { Output, Session, SessionRole } from "../src/recon";
import { Replica } from "./replica";
import { unhex } from "./vectors";

interface Line {
  readonly role?: SessionRole;
  readonly secret?: string;
  readonly key?: string;
  readonly full?: boolean;
  readonly elements?: readonly { readonly set: LogSet; readonly time: string; readonly hash: string }[] | null;
  /** A frame of the other side, instead. */
  readonly step?: string;
}

let session: Session;

function take(line: Line): Output {
  if (line.step !== undefined) return session.step(unhex(line.step));
  const r = new Replica();
  for (const e of line.elements ?? []) r.add(e.set, { time: BigInt(e.time), hash: e.hash });
  session = r.session({ role: line.role!, secret: unhex(line.secret!), key: unhex(line.key!), full: line.full ?? false });
  return session.start();
}

createInterface({ input: process.stdin }).on("line", (text) => {
  const out = take(JSON.parse(text) as Line);
  const send = out.send.map((i) => ({ set: i.set, time: String(i.time), prefix: i.prefix }));
  console.log(JSON.stringify({ reply: out.reply.map(hex), send, done: out.done, equal: out.equal }));
});
