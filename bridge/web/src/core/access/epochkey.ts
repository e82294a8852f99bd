// The key of one epoch, as a device keeps it and an invite carries it.
import { malformed } from "../errors";
import { Shape, ValueOf, bytes, hexed, int, tuple } from "../shape";
import { scope, validAudience } from "./kinds";
import { AUDIENCE_GUARDIANS, AUDIENCE_MATCH } from "./role";

const form = tuple({ epoch: hexed(32), audience: int(AUDIENCE_MATCH, AUDIENCE_GUARDIANS), scope, key: bytes(32) });

/** `epoch` is the hash of its control event, `key` has 32 bytes. */
export type EpochKey = ValueOf<typeof form>;

export const epochKey: Shape<EpochKey> = {
  read(v) {
    const k = form.read(v);
    return validAudience(k.audience, k.scope) ? k : malformed("audience");
  },
  write: (k) => form.write(k),
};
