// What this phone may spend, and what it has spent.
import type { JSX } from "preact";
import { budgets, choose, prefs, savings } from "../model/prefs";
import { useApp, useStore } from "../ui/hooks";

export function Saving(): JSX.Element {
  const { words, hub } = useApp();
  const p = useStore(prefs);
  const usage = useStore(hub.usage);
  const kb = (bytes: number): number => Math.ceil(bytes / 1000);
  return (
    <section>
      <fieldset class="pick">
        <legend>{words.t("saving")}</legend>
        <div class="chips">
          {savings.map((s) => (
            <button key={s} type="button" class="chip" aria-pressed={p.saving === s} onClick={() => choose({ saving: s })}>
              {words.word("saving", s)}
            </button>
          ))}
        </div>
      </fieldset>
      {p.saving === "auto" && (
        <fieldset class="pick">
          <legend>{words.t("budget")}</legend>
          <div class="chips four">
            {budgets.map((b) => (
              <button key={b} type="button" class="chip" aria-pressed={p.budget === b} onClick={() => choose({ budget: b })}>
                {b ? words.t("megabytes", { n: b }) : words.t("budget_none")}
              </button>
            ))}
          </div>
        </fieldset>
      )}
      <p>
        {words.word("holding", usage.holding)} {words.t("usage", { kb: kb(usage.sent + usage.received), hour: kb(usage.lastHour) })}
      </p>
      <p class="soft">{words.t("saving_why")}</p>
    </section>
  );
}
