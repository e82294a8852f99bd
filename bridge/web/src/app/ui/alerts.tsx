// Tells those who follow a team or a player what happened, while the page is open: on it, by sound, by vibration, and by the system where it lets pages do so.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { followedMatches, News, urgent } from "../model/follow";
import { prefs, type Prefs } from "../model/prefs";
import type { Entry } from "../model/state";
import { entryDetail, entryTitle } from "./entry";
import { useApp, useStore } from "./hooks";
import { useTeamNames } from "./score";
import { say } from "./toast";

export function Alerts(): JSX.Element {
  const { follows } = useStore(prefs);
  return (
    <>
      {followedMatches(follows).map((id) => (
        <MatchAlerts key={id} id={id} />
      ))}
    </>
  );
}

function MatchAlerts({ id }: { id: string }): null {
  const { words, hub } = useApp();
  const chosen = useStore(prefs);
  const { state } = useStore(hub.match(id));
  const names = useTeamNames(state);
  const news = useRef(new News());
  useEffect(() => {
    if (!state) return;
    const { fresh, taken } = news.current.next(state);
    const line = (e: Entry) => [entryTitle(words, state, e), e.side ? names[e.side === "home" ? 0 : 1] : "", entryDetail(words, state, e), e.score && !state.hidden ? e.score.join(":") : ""].filter(Boolean).join(" · ");
    for (const e of fresh) if (urgent(chosen.follows, id, e)) tell(line(e), chosen);
    for (const e of taken) if (urgent(chosen.follows, id, e)) tell(words.t("taken_back", { what: line(e) }), chosen);
  }, [state]);
  return null;
}

function tell(text: string, chosen: Prefs): void {
  say(text);
  if (chosen.vibrate && "vibrate" in navigator) navigator.vibrate([120, 80, 120]);
  if (chosen.sound) beep();
  if (chosen.notify && mayNotify() && Notification.permission === "granted" && document.visibilityState === "hidden") new Notification("Touchline", { body: text });
}

/** Whether the browser lets this page ask for notifications: never on plain http. */
export function mayNotify(): boolean {
  return isSecureContext && "Notification" in window;
}

let audio: AudioContext | null = null;

/** Two short tones. Browsers allow sound only after a touch: switching it on is one. */
export function beep(): void {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    for (const [at, pitch] of [[0, 880], [0.16, 1175]] as const) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      gain.gain.value = 0.15;
      tone.frequency.value = pitch;
      tone.connect(gain).connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + 0.13);
    }
  } catch {
    // No sound device: the text is there all the same.
  }
}
