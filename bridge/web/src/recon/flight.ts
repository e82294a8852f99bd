// Where a session is in the peer's flight and in a full listing.
import type { Element } from "../core";
import type { Rung } from "./message";
import type { Cell } from "./sketch";

/** What one flight of the peer brought, dealt with at its end. */
export interface Flight {
  empty: boolean;
  refused: boolean;
  ladder: readonly Rung[] | undefined;
  cells: readonly Cell[];
  wanted: number[];
  decoded: boolean;
  more: number;
  full: boolean;
}

/** How far a full listing has come. */
export interface Listing {
  set: number;
  after: Element | undefined;
}

export const newFlight = (): Flight => ({ empty: true, refused: false, ladder: undefined, cells: [], wanted: [], decoded: false, more: 0, full: false });

/** Marks names of a full listing among those that are awaited. */
export const fullWidth = 64;

export const elementKey = (e: Element): string => `${e.time}/${e.hash}`;

export function advance(at: Listing, last: boolean, elements: readonly Element[]): void {
  at.after = last ? undefined : elements[elements.length - 1];
  if (last) at.set++;
}
