// A connection that carries frames, whatever it runs over.
import type { Bytes } from "./wire";

export interface Socket {
  send(frame: Bytes): void;
  close(): void;
}

export interface SocketEvents {
  open(): void;
  message(frame: Bytes): void;
  /** Once, also when it could not be opened. */
  closed(): void;
}
