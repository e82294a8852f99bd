// The matches that this page may see, several at once, each with its score.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { enter } from "../model/enter";
import { matchPath } from "../model/route";
import { opened } from "../model/session";
import type { Listed, Wrong } from "../model/hub";
import { Icon } from "../ui/icons";
import { useApp, useStore } from "../ui/hooks";
import { Clock, useShortNames } from "../ui/score";
import { SafeLight } from "../ui/safe";

export function Matches(): JSX.Element {
  const { words, hub } = useApp();
  const list = useStore(hub.matches).filter((m) => !m.team);
  const connection = useStore(hub.connection);
  const wrong = useStore(hub.wrong);
  if (connection.state === "connecting" && !list.length && !wrong) return <p class="empty">{words.t("conn_connecting")}</p>;
  return (
    <>
      {wrong && (
        <p class="note bad" role="alert">
          {words.t(`link_${wrong}`)}
        </p>
      )}
      {connection.state === "refused" && !list.length ? (
        <p class="empty">{words.t("need_link")}</p>
      ) : (
        !list.length && <p class="empty">{connection.state === "live" ? words.t("no_matches") : words.t("conn_offline")}</p>
      )}
      <ul class="cards">
        {list.map((m) => (
          <MatchCard key={m.id} listed={m} />
        ))}
      </ul>
      <Join open={!list.length} />
    </>
  );
}

function MatchCard({ listed }: { listed: Listed }): JSX.Element {
  const { words, hub } = useApp();
  const snapshot = useStore(hub.match(listed.id));
  const connection = useStore(hub.connectionOf(listed.id));
  const state = snapshot.state;
  const names = useShortNames(state);
  return (
    <li class="card">
      <a class="card-main" href={matchPath(listed.id, "watch")}>
        <span class="label">{listed.label || words.t("match_no", { id: listed.id.slice(0, 8) })}</span>
        {state && (
          <span class="card-score">
            <span class="name">{names[0]}</span>
            <strong>{state.hidden ? "–:–" : `${state.score[0]}:${state.score[1]}`}</strong>
            <span class="name">{names[1]}</span>
          </span>
        )}
      </a>
      {state ? <Clock state={state} /> : listed.blind && <p class="note">{words.t("blind")}</p>}
      <SafeLight id={listed.id} snapshot={snapshot} connection={connection} writes={listed.writes} />
      {listed.writes && (
        <a class="button" href={matchPath(listed.id, "record")}>
          <Icon name="record" /> {words.t("nav_record")}
        </a>
      )}
    </li>
  );
}

/** Another match by a link that somebody sent. Scanning a QR code with the phone's camera opens its link by itself. */
function Join({ open }: { open: boolean }): JSX.Element {
  const { words, hub } = useApp();
  const [text, type] = useState("");
  const [bad, refuse] = useState<Wrong>("");
  return (
    <details class="join" open={open}>
      <summary>{words.t("join_title")}</summary>
      <p>{words.t("join_help")}</p>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          const link = opened(text);
          refuse("wrong" in link ? link.wrong : "");
          if ("token" in link) {
            enter(hub, link);
            type("");
          }
        }}
      >
        <label for="join-link">{words.t("join_label")}</label>
        <input
          id="join-link" value={text} autocomplete="off" autocapitalize="off" spellcheck={false} aria-invalid={!!bad} aria-describedby={bad ? "join-bad" : undefined}
          onInput={(e) => type(e.currentTarget.value)}
        />
        {bad && (
          <p id="join-bad" class="problem">
            {words.t(`link_${bad}`)}
          </p>
        )}
        <button type="submit" class="button">
          {words.t("join")}
        </button>
      </form>
    </details>
  );
}
