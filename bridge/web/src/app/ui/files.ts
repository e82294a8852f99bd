// Handing unsent events over.
import { say } from "./toast";

/** Lets the browser save what is made, one file each. */
export async function saveFiles(make: () => Promise<readonly Blob[]>): Promise<void> {
  try {
    for (const blob of await make()) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "touchline-unsent" + (blob.type === "application/json" ? ".json" : ".touchline");
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }
  } catch (err) {
    say(String(err), { bad: true });
  }
}
