// Words in the languages that people read. Catalogs are flat JSON; a key with _one and _other follows the language's plural rules.
import de from "./de.json";
import en from "./en.json";

export type Key = keyof typeof en;
export type Params = Readonly<Record<string, string | number>>;

const catalogs: Record<string, Partial<Record<string, string>>> = { en, de };

/** Languages with a catalog, by the name that their speakers use. */
export const languages: readonly { readonly tag: string; readonly name: string }[] = [
  { tag: "en", name: "English" },
  { tag: "de", name: "Deutsch" },
];

/** The catalog for a choice, else for the first of the browser's languages that has one. */
export function pick(chosen: string, wanted: readonly string[]): string {
  for (const tag of [chosen, ...wanted]) {
    const base = tag.toLowerCase().split("-")[0] ?? "";
    if (catalogs[base]) return base;
  }
  return "en";
}

/** The browser's own form of a language, as en-GB is of en: days and hours are written by it. */
export function regional(lang: string, wanted: readonly string[]): string {
  return wanted.find((tag) => tag.toLowerCase().split("-")[0] === lang) ?? lang;
}

/** Words of one language. */
export class Words {
  private readonly plural: Intl.PluralRules;
  private readonly catalog: Partial<Record<string, string>>;

  constructor(
    readonly lang: string,
    private readonly region = lang,
  ) {
    this.catalog = catalogs[lang] ?? en;
    this.plural = new Intl.PluralRules(lang);
  }

  /** The text of a key; {name} is replaced by a parameter. */
  t = (key: Key, params: Params = {}): string => this.fill(this.find(key) ?? key, params);

  /** The text of key_one, key_other … that fits a number, which is {n}. */
  n = (key: string, count: number, params: Params = {}): string =>
    this.fill(this.find(`${key}_${this.plural.select(count)}`) ?? this.find(`${key}_other`) ?? key, { n: count, ...params });

  /** The text of a word that nodes send, as prefix.word; the word itself when it is not known. */
  word = (prefix: string, word: string): string => this.find(`${prefix}.${word}`) ?? word.replace(/[._]/g, " ");

  time = (ms: number): string => new Intl.DateTimeFormat(this.region, { hour: "2-digit", minute: "2-digit" }).format(ms);

  /** The hour, with the day unless it is the day of `now`. */
  when = (ms: number, now: number): string =>
    new Date(ms).toDateString() === new Date(now).toDateString()
      ? this.time(ms)
      : new Intl.DateTimeFormat(this.region, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(ms);

  private find(key: string): string | undefined {
    return this.catalog[key] ?? (en as Partial<Record<string, string>>)[key];
  }

  private fill(text: string, params: Params): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
  }
}
