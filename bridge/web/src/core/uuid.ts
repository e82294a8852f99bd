// UUIDv7 (RFC 9562) without crypto.randomUUID, which plain http lacks.
import { hex, random } from "./bytes";

/** @param ms milliseconds since 1970 */
export function uuidv7(ms: number): string {
  const b = random(16);
  for (let i = 0; i < 6; i++) b[i] = Math.floor(ms / 2 ** (8 * (5 - i)));
  b[6] = (b[6]! & 0x0f) | 0x70;
  b[8] = (b[8]! & 0x3f) | 0x80;
  return hex(b).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
