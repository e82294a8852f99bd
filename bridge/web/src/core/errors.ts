// Why something is refused. Every path into a log gives these same reasons, under the names that a
// node's problem documents have (urn:touchline:…).

export type Reason =
  | "malformed" /** not a canonical encoding; the sender's fault */
  | "too-large"
  | "signature"
  | "wrong-match" /** of another log */
  | "no-grant" /** its author's grant has not arrived yet: nobody's fault, it waits */
  | "forbidden" /** the grant does not allow it */
  | "gone" /** erased or purged, never wanted again */
  | "busy" /** a bound was reached; try later */
  | "no-key" /** this device holds no key for it */
  | "seal" /** a key is there and does not open it */
  | "protocol" /** a reconciliation message that has no business here */
  | "limit"; /** the peer asked for more than limits allow */

/** The only error that this package throws for what others sent. */
export class TouchlineError extends Error {
  constructor(
    readonly reason: Reason,
    detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = "TouchlineError";
  }
}

export function refuse(reason: Reason, detail: string): never {
  throw new TouchlineError(reason, detail);
}

export function malformed(detail: string): never {
  return refuse("malformed", detail);
}
