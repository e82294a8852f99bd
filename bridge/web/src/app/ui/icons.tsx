// Icons drawn here: nothing is fetched from elsewhere. They repeat a text beside them, so screen readers skip them.
import type { JSX } from "preact";

const paths = {
  back: "M15 4 7 12l8 8",
  watch: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12Zm10-3a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  record: "M12 3v18M3 12h18",
  family: "M12 20s-8-5-8-11a4.5 4.5 0 0 1 8-2.8A4.5 4.5 0 0 1 20 9c0 6-8 11-8 11Z",
  coach: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M14 3v5h5",
  wall: "M3 5h18v11H3zM9 20h6M12 16v4",
  settings: "M4 7h10M18 7h2M4 12h2M10 12h10M4 17h8M16 17h4M16 5v4M8 10v4M14 15v4",
  tables: "M4 5h16v14H4zM4 10h16M10 10v9",
  matches: "M4 6h16M4 12h16M4 18h16",
  card: "M7 3h10v18H7z",
  change: "M7 20V5m0 0L3 9m4-4 4 4M17 4v15m0 0 4-4m-4 4-4-4",
  injury: "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5l4 2",
  check: "m4 12 6 6L20 6",
  warn: "M12 4 2 20h20zM12 10v5M12 18h.01",
  cloud: "M7 18a4 4 0 0 1 0-8 6 6 0 0 1 11.5 1.5A3.5 3.5 0 0 1 18 18Z",
  phone: "M8 3h8v18H8zM11 18h2",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 22 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** A football: a goal. */
export function Ball({ size = 20 }: { size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="10" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="m12 7.5 4.3 3.1-1.6 5h-5.4l-1.6-5zM12 2v5.5M21.5 9l-5.2 1.6M18 20l-3.3-4.4M6 20l3.3-4.4M2.5 9l5.2 1.6" fill="currentColor" stroke="currentColor" stroke-width="1.2" />
    </svg>
  );
}

/** A card in its colour. The colour is in the text beside it, too. */
export function CardIcon({ colour }: { colour: string }): JSX.Element {
  const fill = colour === "red" ? "#d11a2a" : colour === "sin_bin" ? "#2f7fd6" : "#ffd60a";
  return (
    <svg class="icon" width="18" height="20" viewBox="0 0 18 20" aria-hidden="true">
      {colour === "second_yellow" && <rect x="1" y="1" width="11" height="15" rx="2" fill="#ffd60a" stroke="#222" />}
      <rect x={colour === "second_yellow" ? 6 : 3} y="3" width="11" height="15" rx="2" fill={colour === "second_yellow" ? "#d11a2a" : fill} stroke="#222" />
    </svg>
  );
}
