// Age bands, as people write them.
import { Value, count, text } from "./value";

/** Or no band at all. */
const GROWN_UP = 0;
/** A band that nobody can read: it may be one of children. */
export const UNKNOWN = -1;

/** The age of the last band that is played; above it is a slip of the pen. */
const OLDEST = 23;

const grownUps = ["senior", "seniors", "adult", "adults", "men", "women", "open", "veterans", "herren", "damen", "frauen"];
const letters: Readonly<Record<string, number>> = { a: 19, b: 17, c: 15, d: 13, e: 11, f: 9, g: 7 };

/** The greatest age of a band: U9, u 9, Under 9, 9, U9 girls, E-Jugend, F2, Bambini. */
export function bandAge(band: string): number {
  const word = band.replace(/[ \-._]/g, "").replace(/[A-Z]/g, (c) => c.toLowerCase());
  if (!word || grownUps.includes(word)) return GROWN_UP;
  if (word === "bambini" || word === "minis") return 7;
  const letter = /^([a-g])[0-9]*(jugend|junioren|juniorinnen)?$/.exec(word);
  if (letter) return letters[letter[1]!]!;
  const age = /^(?:under|unter|u)?([0-9]{1,2})[a-z]*$/.exec(word);
  return age && Number(age[1]) > 0 && Number(age[1]) <= OLDEST ? Number(age[1]) : UNKNOWN;
}

/** Whether results of an age are its teams' own. */
export function childhood(age: number): boolean {
  return age === UNKNOWN || (age > 0 && age <= 11);
}

/** Whether what applies to a band shows no more than what applies to the one before it. */
export function narrowerBand(band: string, before: string): boolean {
  const age = bandAge(band);
  const was = bandAge(before);
  if (!before || was === GROWN_UP) return true;
  if (was === UNKNOWN) return childhood(age);
  return age === UNKNOWN || (age > 0 && age < was);
}

/** A band: a word or, as some write it, a number; "" for neither. */
export function bandIn(v: Value | undefined): string {
  if (v === undefined || v === null) return "";
  const n = count(v);
  return n === undefined ? (text(v) ?? "") : String(n);
}
