// What the client needs of the page that it runs in.
import type { Link } from "./link";
import type { Socket, SocketEvents } from "./socket";

/** Runs something later; returns how to give that up. */
export type Later = (ms: number, then: () => void) => () => void;

/** To the other pages of this browser over the same database. */
export interface Channel {
  post(message: unknown): void;
  close(): void;
}

export interface Host {
  /** Milliseconds since 1970. */
  now(): number;
  later: Later;
  dial(url: string, on: SocketEvents): Socket;
  /** Calls for a data channel over a connection that there is; absent where there are none. */
  call?(over: Link, on: SocketEvents): Promise<Socket>;
  /** JSON of a GET, and its length; rejects unless the answer is 200. */
  fetch(url: string, token: string): Promise<{ readonly json: unknown; readonly bytes: number }>;
  /** Whether anything at all answers at an address, within two seconds. */
  answers(url: string): Promise<boolean>;
  channel(name: string, heard: (message: unknown) => void): Channel;
  /** Nobody looks. */
  hidden(): boolean;
  /** What the system asks to spare. */
  spare(): "" | "system" | "battery";
  /** The system says that there is no network. */
  offline(): boolean;
  /** Calls back when the network or the page may be back, and before the page stands still or ends; returns how to stop. */
  hints(back: () => void, rest: () => void): () => void;
}

const fetchMs = 8000;
/** Short: a path that was dead and is back carries a new connection at once, while the old ones' next attempts are seconds away. */
const answerMs = 2000;

/** The page's own. `WebSocket` may be another than the global one. */
export function browserHost(webSocket: typeof WebSocket = WebSocket): Host {
  return {
    now: () => Date.now(),
    later: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    dial: (url, on) => dial(webSocket, url, on),
    ...(typeof RTCPeerConnection === "undefined" ? {} : { call: async (over: Link, on: SocketEvents) => (await import("./rtc")).call(over, on) }),
    fetch: getJson,
    answers,
    channel: (name, heard) => {
      const c = new BroadcastChannel(name);
      c.onmessage = (m) => heard(m.data);
      return { post: (m) => c.postMessage(m), close: () => c.close() };
    },
    hidden: () => typeof document !== "undefined" && document.visibilityState === "hidden",
    spare: spares(),
    offline: () => typeof navigator !== "undefined" && navigator.onLine === false,
    hints,
  };
}

interface Battery {
  readonly level: number;
  readonly charging: boolean;
}

const lowBattery = 0.2;

/** Browsers tell neither (WebKit), one or both; the battery on https origins only. */
function spares(): Host["spare"] {
  const n = (globalThis as { navigator?: { connection?: { saveData?: boolean }; getBattery?(): Promise<Battery> } }).navigator;
  let battery: Battery | undefined;
  n?.getBattery?.().then((b) => (battery = b), () => undefined);
  return () => (n?.connection?.saveData ? "system" : battery && !battery.charging && battery.level <= lowBattery ? "battery" : "");
}

/** A page that is put away says so, so that the node forgets it and the browser may keep it as it is. */
export function hints(back: () => void, rest: () => void): () => void {
  if (typeof addEventListener !== "function" || typeof document === "undefined") return () => undefined;
  const seen = (): void => {
    if (document.visibilityState !== "hidden") back();
  };
  const of: readonly (readonly [EventTarget, string, () => void])[] = [
    [globalThis, "online", seen], [globalThis, "pageshow", seen], [globalThis, "focus", seen], [document, "visibilitychange", seen], [document, "resume", back],
    [globalThis, "pagehide", rest], [document, "freeze", rest],
  ];
  for (const [target, event, then] of of) target.addEventListener(event, then);
  return () => {
    for (const [target, event, then] of of) target.removeEventListener(event, then);
  };
}

function dial(webSocket: typeof WebSocket, url: string, on: SocketEvents): Socket {
  const ws = new webSocket(url, "touchline.v1");
  let over = false;
  const end = (): void => {
    if (!over) on.closed();
    over = true;
  };
  ws.binaryType = "arraybuffer";
  ws.onopen = () => over || on.open();
  ws.onmessage = (m: MessageEvent<ArrayBuffer>) => over || on.message(new Uint8Array(m.data));
  ws.onclose = end;
  ws.onerror = end;
  return {
    send: (frame) => {
      if (ws.readyState === 1) ws.send(frame as Uint8Array<ArrayBuffer>);
    },
    // A socket in a black hole closes when it likes: it is not waited for.
    close: () => {
      over = true;
      ws.close();
    },
  };
}

async function getJson(url: string, token: string): ReturnType<Host["fetch"]> {
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
  return within(fetchMs, async (signal) => {
    const res = await fetch(url, { headers, signal, cache: "no-store", credentials: "omit" });
    if (!res.ok) throw new Error(`HTTP ${res.status}`);
    const text = await res.text();
    return { json: JSON.parse(text), bytes: text.length };
  });
}

function answers(url: string): Promise<boolean> {
  return within(answerMs, (signal) => fetch(url, { method: "HEAD", mode: "no-cors", signal, cache: "no-store", credentials: "omit" })).then(
    () => true,
    () => false,
  );
}

async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    return await work(stop.signal);
  } finally {
    clearTimeout(timer);
  }
}
