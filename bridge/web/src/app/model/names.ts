// Names where there is little room: cut in the middle, so that two that begin or end alike can still be told apart.

const gap = "…";

const softHyphen = "\u00ad";
const syllable = /[aeiouyäöü]\p{L}*?(?=(?:sch|ch|ck|ph|th|[bcdfghjklmnpqrstvwxzß])[aeiouyäöü]\p{L})/giu;

/**
 * A name whose long words may be broken where a syllable ends, with a hyphen. Browsers know how to only with a
 * dictionary of the name's language, which phones and languages do not all have; this rule fits English and German.
 */
export const hyphened = (name: string): string =>
  name.replace(/\p{L}{10,}/gu, (word) => word.replace(syllable, (part, at: number) => (at + part.length < 3 ? part : part + softHyphen)));

/** Both names in at most so many characters each; of two names that differ, what is returned differs. */
export function short(names: readonly [string, string], most: number): readonly [string, string] {
  const [a, b] = names.map((n) => [...n]) as [string[], string[]];
  const cut = [ends(a, most), ends(b, most)] as const;
  if (cut[0] !== cut[1] || names[0] === names[1]) return cut;
  const parts = a.findIndex((c, i) => c !== b[i]);
  const at = parts < 0 ? a.length : parts;
  return [from(a, at, most), from(b, at, most)];
}

function ends(name: readonly string[], most: number): string {
  if (name.length <= most) return name.join("");
  const tail = Math.floor((most - 1) / 2);
  return name.slice(0, most - 1 - tail).join("") + gap + name.slice(name.length - tail).join("");
}

/** The first character, and what is around the place where the names part. */
function from(name: readonly string[], at: number, most: number): string {
  const room = most - 3;
  const begin = Math.max(1, at - Math.floor(room / 3));
  return name[0] + gap + name.slice(begin, begin + room).join("") + (begin + room < name.length ? gap : "");
}
