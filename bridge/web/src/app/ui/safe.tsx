// "Safe to leave": where the events of this match provably are. Nothing here is a guess (promise 7).
import type { JSX } from "preact";
import type { Connection, MatchSnapshot } from "../../client/api";
import type { State } from "../model/state";
import type { Key, Words } from "../i18n";
import type { Trouble } from "../model/hub";
import { Icon, type IconName } from "./icons";
import { useApp } from "./hooks";

export interface Light {
  readonly colour: "red" | "amber" | "green";
  readonly text: string;
  readonly icon: IconName;
}

/** `trouble` is why the link to the match is of no use; `writes`: it lets its holder record. */
export function lightOf(words: Words, snapshot: MatchSnapshot<State>, connection: Connection, trouble: Trouble, writes: boolean): Light {
  const { unsent } = snapshot;
  if (unsent > 0) {
    // To wait helps only while the node may take it.
    const stuck = trouble || (connection.state === "live" && !writes ? "watch" : "");
    return { colour: "red", icon: "phone", text: words.n(stuck ? `unsent_${stuck}` : "safe_unsent", unsent) };
  }
  if (trouble) return { colour: "red", icon: "warn", text: words.t(`conn_${trouble}` as Key) };
  if (!snapshot.current) {
    if (connection.state === "live") return { colour: "amber", icon: "warn", text: words.t("loading") };
    const text = connection.lastHeard ? words.t("last_heard", { at: words.time(connection.lastHeard) }) : words.t(connection.state === "connecting" ? "conn_connecting" : "conn_offline");
    return { colour: "amber", icon: "warn", text };
  }
  if (snapshot.atRelay) return { colour: "green", icon: "cloud", text: words.n("safe_relay", snapshot.holders) };
  if (snapshot.holders > 1) return { colour: "green", icon: "check", text: words.n("safe_devices", snapshot.holders) };
  return { colour: "amber", icon: "check", text: words.t("safe_node") };
}

export function SafeLight({ id, snapshot, connection, writes }: { id: string; snapshot: MatchSnapshot<State>; connection: Connection; writes: boolean }): JSX.Element {
  const { words, hub } = useApp();
  const light = lightOf(words, snapshot, connection, hub.trouble(id), writes);
  return (
    <p class={"light " + light.colour} role="status" data-over={connection.over}>
      <Icon name={light.icon} size={16} />
      <span>{light.text}</span>
    </p>
  );
}
