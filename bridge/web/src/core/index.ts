// The core of a replica, as crdt and crdt/access are in Go: events, sets, clocks, chains, digests, rights.
// It is pure: it reads no clock and does no IO; random bytes come from the system.
export type { Bytes } from "./bytes";
export { concat, equal, hex, random, unhex, utf8, uvarint } from "./bytes";
export type { Cbor, Encodable } from "./cbor";
export { decodeCbor, encodeCbor } from "./cbor";
export type { Place } from "./chain";
export { Chain } from "./chain";
export { Clock, MAX_DRIFT_MS, makeTime, millisOf, timeString } from "./clock";
export type { Content } from "./content";
export { decodeContent, encodeContent } from "./content";
export type { Digests } from "./digest";
export { Digest, combineSums } from "./digest";
export type { SigningKey } from "./ed25519";
export { sign, signingKey, verify } from "./ed25519";
export type { Draft } from "./envelope";
export { decodeEvent, openEvent, signEvent, verifyEvent } from "./envelope";
export type { Reason } from "./errors";
export { TouchlineError } from "./errors";
export type { Element, Event, Header, Lane, LogSet, PerSet } from "./event";
export { BULK, CONTROL, EVENTS, LIVE, MAX_EVENT, MAX_REFS, RECORDS, SETS, SET_NAMES, compareElements, isFounding, logOf, plainOf } from "./event";
export type { Hash } from "./hash";
export { derive, mac, sum } from "./hash";
export { pad, unpad } from "./pad";
export type { Shape, ValueOf } from "./shape";
export * as shape from "./shape";
export { uuidv7 } from "./uuid";
