// Tabs by the pattern of the WAI-ARIA practices: arrows move, one tab stop.
import type { JSX } from "preact";

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly body: () => JSX.Element;
}

export function Tabs({ label, tabs, at, onTurn }: { label: string; tabs: readonly Tab[]; at: string; onTurn: (id: string) => void }): JSX.Element {
  const index = Math.max(0, tabs.findIndex((t) => t.id === at));
  const move = (e: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const next = tabs[(index + step + tabs.length) % tabs.length]!;
    onTurn(next.id);
    document.getElementById("tab-" + next.id)?.focus();
  };
  const open = tabs[index]!;
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((t, i) => (
          <button
            key={t.id} id={"tab-" + t.id} type="button" role="tab" aria-selected={i === index} aria-controls="tab-panel" tabIndex={i === index ? 0 : -1}
            onClick={() => onTurn(t.id)}
          >
            {t.label}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={"tab-" + open.id} tabIndex={0}>
        {open.body()}
      </div>
    </>
  );
}
