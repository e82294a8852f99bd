// Payloads are padded to classes before they are sealed, so that a size tells little (rule R7).
import type { Bytes } from "./bytes";
import { malformed, refuse } from "./errors";

const classes = [64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 14336];
const mark = 0x80;

/** Longest content in bytes. */
export const MAX_PLAIN = 14336 - 1;

export const isSizeClass = (n: number): boolean => classes.includes(n);

/** Appends the mark and zeros up to the next class; throws "too-large". */
export function pad(plain: Bytes): Bytes {
  const size = classes.find((c) => plain.length < c) ?? refuse("too-large", "payload is too long");
  const out = new Uint8Array(size);
  out.set(plain);
  out[plain.length] = mark;
  return out;
}

/** Reads what `pad` makes, and nothing else. */
export function unpad(padded: Bytes): Bytes {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== mark || classes.find((c) => end < c) !== padded.length) malformed("padding");
  return padded.subarray(0, end);
}
