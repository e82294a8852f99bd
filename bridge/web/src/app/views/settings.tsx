// What a person chooses on this device.
import type { JSX } from "preact";
import { languages } from "../i18n";
import { choose, prefs, themes } from "../model/prefs";
import { beep, mayNotify } from "../ui/alerts";
import { useApp, useStore } from "../ui/hooks";
import { saveFiles } from "../ui/files";
import { Leave } from "./leave";
import { Saving } from "./saving";

export function Settings(): JSX.Element {
  const { words, hub } = useApp();
  const p = useStore(prefs);
  const matches = useStore(hub.matches);
  const connection = useStore(hub.connection);
  return (
    <div class="settings">
      <fieldset class="pick">
        <legend>{words.t("theme")}</legend>
        <div class="chips">
          {themes.map((t) => (
            <button key={t} type="button" class="chip" aria-pressed={p.theme === t} onClick={() => choose({ theme: t })}>
              {words.word("theme", t)}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset class="pick">
        <legend>{words.t("language")}</legend>
        <div class="chips">
          {languages.map((l) => (
            <button key={l.tag} type="button" class="chip" lang={l.tag} aria-pressed={words.lang === l.tag} onClick={() => choose({ lang: l.tag })}>
              {l.name}
            </button>
          ))}
        </div>
      </fieldset>
      <AlertSwitches />
      <section>
        <h2>{words.t("unsent")}</h2>
        <p>{words.n("unsent_count", connection.unsent)}</p>
        <button type="button" class="button" disabled={!connection.unsent} onClick={() => void saveFiles(() => hub.exportUnsent())}>
          {words.t("export_unsent")}
        </button>
      </section>
      {matches.length > 0 && (
        <section>
          <h2>{words.t("rights")}</h2>
          <ul>
            {matches.map((m) => {
              const name = m.label || words.t("match_no", { id: m.id.slice(0, 8) });
              return (
                <li key={m.id} class="right">
                  <span>
                    {name} · {words.word("role", m.role)}
                  </span>
                  <Leave match={m.id} name={name} />
                </li>
              );
            })}
          </ul>
        </section>
      )}
      <Saving />
      {typeof RTCPeerConnection !== "undefined" && (
        <fieldset class="pick">
          <legend>{words.t("connection")}</legend>
          <label class="switch">
            <input type="checkbox" checked={p.webrtc} onChange={(e) => reconnect(e.currentTarget.checked)} />
            <span>{words.t("webrtc")}</span>
          </label>
          <p class="soft">{words.t("webrtc_why")}</p>
        </fieldset>
      )}
      <p class="soft">
        {words.t("node")}: {connection.node}
        {connection.over === "webrtc" && " · WebRTC"}
      </p>
    </div>
  );
}

/** The page begins anew, with all that it holds. */
function reconnect(webrtc: boolean): void {
  choose({ webrtc });
  location.reload();
}

/** How this device tells what happened. System notifications need a secure origin; elsewhere the switch says so. */
export function AlertSwitches(): JSX.Element {
  const { words } = useApp();
  const p = useStore(prefs);
  return (
    <fieldset class="pick">
      <legend>{words.t("alerts")}</legend>
      <label class="switch">
        <input
          type="checkbox" checked={p.sound}
          onChange={(e) => {
            choose({ sound: e.currentTarget.checked });
            if (e.currentTarget.checked) beep();
          }}
        />
        <span>{words.t("sound")}</span>
      </label>
      <label class="switch">
        <input type="checkbox" checked={p.vibrate} onChange={(e) => choose({ vibrate: e.currentTarget.checked })} />
        <span>{words.t("vibrate")}</span>
      </label>
      {mayNotify() ? (
        <label class="switch">
          <input
            type="checkbox" checked={p.notify}
            onChange={(e) => {
              const on = e.currentTarget.checked;
              void (on ? Notification.requestPermission() : Promise.resolve("granted")).then((answer) => choose({ notify: on && answer === "granted" }));
            }}
          />
          <span>{words.t("notify")}</span>
        </label>
      ) : (
        <p class="soft">{words.t("notify_insecure")}</p>
      )}
    </fieldset>
  );
}
