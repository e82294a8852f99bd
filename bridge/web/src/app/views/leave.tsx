// Giving up a match on this phone. What was never sent is lost with it, so that is asked about.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../ui/hooks";
import { Sheet } from "../ui/sheet";
import { saveFiles } from "../ui/files";

export function Leave({ match, name }: { match: string; name: string }): JSX.Element {
  const { words, hub } = useApp();
  const [unsent, ask] = useState<Awaited<ReturnType<typeof hub.unsentOf>> | null>(null);
  const leave = () =>
    void hub.unsentOf(match).then(
      (u) => (u.count ? ask(u) : hub.leave(match)),
      () => hub.leave(match), // storage that cannot be read holds nothing that could be saved
    );
  return (
    <>
      <button type="button" class="button" onClick={leave}>
        {words.t("leave")}
      </button>
      {unsent && (
        <Sheet title={words.t("leave_title", { match: name })} onClose={() => ask(null)}>
          <p class="note bad">{words.n("leave_unsent", unsent.count)}</p>
          <p>{words.t("leave_hint")}</p>
          <button type="button" class="key primary" onClick={() => void saveFiles(unsent.files)}>
            {words.t("export_unsent")}
          </button>
          <button type="button" class="key danger" onClick={() => hub.leave(match)}>
            {words.t("leave_lose")}
          </button>
          <button type="button" class="key" onClick={() => ask(null)}>
            {words.t("stay")}
          </button>
        </Sheet>
      )}
    </>
  );
}
