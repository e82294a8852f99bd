// Reconciliation of one log with a peer: docs/protocol-recon.md. Pure, both roles.
export type { Output, SessionConfig } from "./config";
export { LIMITS } from "./config";
export type { SessionRole, SyncPoint } from "./keys";
export { INITIATOR, RESPONDER, indexKeys, newTag, sessionKey, tagKey } from "./keys";
export { MAX_FRAME } from "./message";
export type { Item, Name } from "./name";
export { nameOf } from "./name";
export { Session } from "./session";
