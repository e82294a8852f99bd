// The node's clock, as far as its answers tell: a phone's clock may be minutes off, and the clock of a match must not be.

let offset = 0;

/** Notes when the node said that it was, in an answer that came just now. */
export function noteTime(date: string | null): void {
  const told = date ? Date.parse(date) : NaN;
  if (Number.isNaN(told)) return;
  const off = told + 500 - Date.now(); // the header has whole seconds
  offset = Math.abs(off) < 2000 ? 0 : off;
}

/** Milliseconds since 1970 by the node's clock. */
export function now(): number {
  return Date.now() + offset;
}
