// "Safe to leave": where the events of this match provably are. Nothing here is a guess (promise 7).
import type { JSX } from "preact";
import type { Connection, MatchSnapshot } from "../../client/api";
import type { State } from "../model/state";
import { Icon, type IconName } from "./icons";
import { useApp } from "./hooks";

export interface Light {
  readonly colour: "red" | "amber" | "green";
  readonly text: string;
  readonly icon: IconName;
}

export function useLight(snapshot: MatchSnapshot<State>, connection: Connection): Light {
  const { words } = useApp();
  if (snapshot.unsent > 0) return { colour: "red", icon: "phone", text: words.n("safe_unsent", snapshot.unsent) };
  if (connection.state === "refused") return { colour: "red", icon: "warn", text: words.t("conn_refused") };
  if (!snapshot.current) {
    if (connection.state === "live") return { colour: "amber", icon: "warn", text: words.t("loading") };
    const text = connection.lastHeard ? words.t("last_heard", { at: words.time(connection.lastHeard) }) : words.t(connection.state === "connecting" ? "conn_connecting" : "conn_offline");
    return { colour: "amber", icon: "warn", text };
  }
  if (snapshot.atRelay) return { colour: "green", icon: "cloud", text: words.n("safe_relay", snapshot.holders) };
  if (snapshot.holders > 1) return { colour: "green", icon: "check", text: words.n("safe_devices", snapshot.holders) };
  return { colour: "amber", icon: "check", text: words.t("safe_node") };
}

export function SafeLight({ snapshot, connection }: { snapshot: MatchSnapshot<State>; connection: Connection }): JSX.Element {
  const light = useLight(snapshot, connection);
  return (
    <p class={"light " + light.colour} role="status">
      <Icon name={light.icon} size={16} />
      <span>{light.text}</span>
    </p>
  );
}
