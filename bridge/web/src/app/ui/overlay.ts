// The back button closes what lies over a view, instead of leaving the view.

interface Shown {
  readonly over: boolean;
  readonly href: string;
}

const lying: (() => void)[] = [];
let shown: Shown | undefined;

const now = (): Shown => ({ over: (history.state as { over?: boolean } | null)?.over === true, href: location.href });

/** Something lies over the view from now on; `close` is called when the back button is used. Returns what to call when it lies there no more. */
export function lie(close: () => void): () => void {
  if (!shown) addEventListener("popstate", moved);
  // An entry that an earlier one left is used again, so that no number of sheets makes the way back long.
  if (!now().over) history.pushState({ over: true }, "");
  shown = now();
  lying.push(close);
  return () => {
    const at = lying.indexOf(close);
    if (at >= 0) lying.splice(at, 1);
  };
}

function moved(): void {
  const before = shown;
  shown = now();
  const close = shown.over ? undefined : lying.pop();
  if (close) {
    if (lying.length) {
      history.pushState({ over: true }, "");
      shown = now();
    }
    close();
  } else if (before?.over && !shown.over && before.href === shown.href) history.back(); // the entry of what was closed otherwise
}
