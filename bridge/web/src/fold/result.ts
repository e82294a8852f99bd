// What a competition takes from a match.
import type { Report } from "./report";
import type { Book } from "./resolve";
import { sideName, type SideName } from "./side";
import type { Pair, Phase, Result, Shootout } from "./state";

export function resultOf(book: Book, score: Pair, periods: readonly Phase[], shootout: Shootout | undefined): Result {
  const { end, ruling, setup } = book;
  const facts = end?.now.facts;
  const status = end ? facts?.status || "completed" : "";
  const extra = periods.some((p) => p.period > setup.periods);
  let r: Result = { final: status === "completed", status, score, winner: leader(score), how: extra ? "extra_time" : "played" };
  if (shootout) r = { ...r, kicks: shootout.score, winner: shootout.winner, how: "shootout" };
  if (status === "forfeit" && end!.side >= 0) r = { ...r, final: true, how: "forfeit", winner: sideName(end!.side ? 0 : 1) };
  else if (status && status !== "completed") r = { ...r, how: "none", winner: "" };
  if (facts?.reason) r.reason = facts.reason;
  return inOrder(ruling ? ruled(r, ruling) : r);
}

function ruled(r: Result, by: Report): Result {
  const { ruling, reason } = by.now.facts;
  if (reason) r = { ...r, reason };
  if (ruling?.replay) return { ...r, final: false, how: "replay", winner: "" };
  if (ruling?.awarded) {
    const score: Pair = [ruling.awarded[0]!, ruling.awarded[1]!];
    const { kicks: _, ...rest } = r;
    return { ...rest, final: true, how: "awarded", score, winner: leader(score) };
  }
  if (ruling?.shared) return { ...r, final: true, how: "shared", winner: "" };
  if (ruling?.winner) return { ...r, final: true, how: "lots", winner: ruling.winner };
  return r;
}

function inOrder({ final, status, score, kicks, winner, how, reason }: Result): Result {
  return { final, status, score, ...(kicks && { kicks }), winner, how, ...(reason && { reason }) };
}

function leader(score: Pair): SideName | "" {
  return score[0] > score[1] ? "home" : score[1] > score[0] ? "away" : "";
}
