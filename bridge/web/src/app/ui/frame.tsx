// What is around every view: the head, where one can go, and the bar for taking back.
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { useApp } from "./hooks";
import { ToastBar } from "./toast";

export interface Place {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
  readonly here: boolean;
}

interface Props {
  readonly title: string;
  /** What several pages of this are told apart by: before the title in the browser's list. */
  readonly sign?: string;
  readonly back?: string;
  readonly status?: ComponentChildren;
  readonly places: readonly Place[];
  readonly children: ComponentChildren;
  readonly kind?: string;
}

export function Frame({ title, sign = "", back, status, places, children, kind = "" }: Props): JSX.Element {
  const { words } = useApp();
  useEffect(() => {
    document.title = `${sign && sign + " "}${title} – Touchline`;
  }, [title, sign]);
  return (
    <div class={"frame " + kind}>
      <a class="skip" href="#main" onClick={toMain}>
        {words.t("skip")}
      </a>
      <header class="head">
        {back && (
          <a class="icon-link" href={back} aria-label={words.t("back")}>
            <Icon name="back" />
          </a>
        )}
        <div class="titles">
          <h1>{title}</h1>
          {status}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {kind !== "record" && <ToastBar />}
      <nav class="places" aria-label={words.t("places")}>
        {places.map((p) => (
          <a key={p.href} href={p.href} aria-current={p.here ? "page" : undefined}>
            <Icon name={p.icon} />
            <span>{p.label}</span>
          </a>
        ))}
      </nav>
    </div>
  );
}

/** The fragment is the route, so the skip link moves the focus itself. */
function toMain(e: MouseEvent): void {
  e.preventDefault();
  document.getElementById("main")?.focus();
}
