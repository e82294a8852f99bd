// Requests to a node, with its problem documents as errors.
import { noteTime } from "../model/time";

/** What a node answered instead of what was asked for (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly kind: string,
  ) {
    super(message);
  }
}

/** The node did not answer. */
export class Unreachable extends Error {}

const patience = 8000; // milliseconds until a request without answer is given up

export class Http {
  constructor(
    public url: string,
    readonly token: string | undefined,
    /** Counts the bytes of answers. */
    private readonly spent: (bytes: number) => void = () => undefined,
  ) {}

  headers(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  async get<T>(path: string): Promise<T> {
    return this.call<T>(path, { headers: this.headers() });
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>(path, { method: "POST", headers: { ...this.headers(), "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  private async call<T>(path: string, init: RequestInit): Promise<T> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      const res = await fetch(this.url + path, { ...init, signal: stop.signal, cache: "no-store", credentials: "omit" });
      noteTime(res.headers.get("Date"));
      if (!res.ok) throw await problemOf(res);
      const text = await res.text();
      this.spent(Number(res.headers.get("Content-Length")) || text.length); // what is packed says how long it was
      return JSON.parse(text) as T;
    } catch (err) {
      if (err instanceof Problem) throw err;
      throw new Unreachable(err instanceof Error ? err.message : String(err));
    } finally {
      clearTimeout(timer);
    }
  }
}

export async function problemOf(res: Response): Promise<Problem> {
  let doc: { detail?: string; title?: string; type?: string } = {};
  try {
    doc = (await res.json()) as typeof doc;
  } catch {
    // A proxy on the way answered something else.
  }
  return new Problem(res.status, doc.detail ?? doc.title ?? `HTTP ${res.status}`, (doc.type ?? "").replace("urn:touchline:", ""));
}
