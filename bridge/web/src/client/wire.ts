// What the client takes of the core beside events.
export type { Bytes } from "../core/bytes";
export { concat, equal, hex, random, text, unhex, utf8 } from "../core/bytes";
export { decodeCbor, encodeCbor } from "../core/cbor";
export { malformed } from "../core/errors";
export type { Shape, ValueOf } from "../core/shape";
export * as shape from "../core/shape";
