// A sheet from below, within reach of the thumb. It is opened by the person and closed by Escape, by its button,
// beside it, or by the back button.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "./hooks";
import { lie } from "./overlay";

export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  const { words } = useApp();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = ref.current;
    if (d && !d.open) d.showModal();
  }, []);
  const closing = useRef(onClose);
  closing.current = onClose;
  useLayoutEffect(() => lie(() => closing.current()), []);
  return (
    <dialog
      ref={ref}
      class="sheet"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(e) => {
        if (e.target === ref.current) onClose();
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="quiet" onClick={onClose}>
            {words.t("close")}
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
