// What a grant lets its subject be. Smaller is mightier.

export const ORGANISER = 1;
export const REFEREE = 2;
export const COACH = 3;
export const SCORER = 4;
export const GUARDIAN = 5;
export const FAMILY = 6;
export const SPECTATOR = 7;
export const RELAY = 8;
export type Role = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const names = ["admin", "referee", "coach", "record", "guardian", "family", "watch", "relay"];

/** As on the command line and in JSON. */
export const roleName = (r: Role): string => names[r - 1]!;

/** Records events and signs control events. */
export const mayWrite = (r: Role): boolean => r <= SCORER;

/** Passes rights on. */
export const mayGrant = (r: Role): boolean => r <= COACH;

/** Holds keys of a sealed log. */
export const mayRead = (r: Role): boolean => r <= FAMILY;

/** Audiences, a bit set: what one may see beyond the others is sealed under keys of its own (rule R7). */
export const AUDIENCE_MATCH = 1;
export const AUDIENCE_STAFF = 2;
export const AUDIENCE_GUARDIANS = 4;
export const ALL_AUDIENCES = 7;
