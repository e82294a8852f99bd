// Choosing players: the squad's numbers as keys where a line-up is known, and any number by typing it.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { shirt, type Player } from "../model/state";
import { byNumber } from "../views/lineups";
import { useApp } from "./hooks";

interface Props {
  readonly label: string;
  readonly players: readonly Player[];
  readonly picked: readonly string[];
  readonly many?: boolean;
  readonly onPick: (ids: readonly string[]) => void;
}

export function PlayerPick({ label, players, picked, many = false, onPick }: Props): JSX.Element {
  const { words } = useApp();
  const id = useId();
  const [typed, type] = useState("");
  const toggle = (p: string) => onPick(picked.includes(p) ? picked.filter((x) => x !== p) : many ? [...picked, p] : [p]);
  const known = new Set(players.map((p) => p.id));
  const others = picked.filter((p) => !known.has(p));
  const add = () => {
    const no = typed.trim();
    if (no && !picked.includes(no)) toggle(no);
    type("");
  };
  return (
    <fieldset class="pick">
      <legend>{label}</legend>
      <div class="numbers">
        {byNumber(players).map((p) => (
          <button key={p.id} type="button" class="number" aria-pressed={picked.includes(p.id)} onClick={() => toggle(p.id)}>
            <span>{shirt(p)}</span>
            {p.name && <small>{p.name}</small>}
          </button>
        ))}
        {others.map((p) => (
          <button key={p} type="button" class="number" aria-pressed="true" onClick={() => toggle(p)}>
            <span>{p}</span>
          </button>
        ))}
        <span class="other">
          <label for={id} class="visually-hidden">
            {label}: {words.t("other_number")}
          </label>
          <input
            id={id} inputMode="numeric" pattern="[0-9]*" maxLength={3} value={typed} placeholder={words.t("other_number")}
            onInput={(e) => type(e.currentTarget.value.replace(/\D/g, ""))} onChange={add}
            onKeyDown={(e) => {
              if (e.key === "Enter") {
                e.preventDefault();
                add();
              }
            }}
          />
        </span>
      </div>
    </fieldset>
  );
}
