/** Which rows of a list are chosen: seen by the list, by what acts on them, and by the palette. */
import { useSyncExternalStore } from "react";
import { idOf, type Noun, type Row } from "../noun/noun";

export type Selection = { noun: string; rows: ReadonlyMap<string, Row> };
export type Wish = { action: string };

const NOTHING: Selection = { noun: "", rows: new Map() };
let selection = NOTHING;
let wish: Wish | undefined;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSelection(): Selection {
  return useSyncExternalStore(listen, () => selection);
}

/** What somebody asked for elsewhere than in the list. */
export function useWish(): Wish | undefined {
  return useSyncExternalStore(listen, () => wish);
}

export function choose(noun: Noun, rows: Row[], isOn: boolean): void {
  const chosen = new Map(selection.noun === noun.name ? selection.rows : []);
  for (const row of rows) {
    if (isOn) chosen.set(idOf(noun, row), row);
    else chosen.delete(idOf(noun, row));
  }
  selection = { noun: noun.name, rows: chosen };
  tell();
}

/** Chosen rows as they are now: another try after a refusal is about what one sees. */
export function renew(noun: Noun, rows: Row[]): void {
  const known = selection.noun === noun.name ? selection.rows : NOTHING.rows;
  const others = rows.filter((row) => known.has(idOf(noun, row)) && known.get(idOf(noun, row)) !== row);
  if (others.length) choose(noun, others, true);
}

export function clearSelection(): void {
  if (selection === NOTHING && !wish) return;
  selection = NOTHING;
  wish = undefined;
  tell();
}

export function wishFor(action: string | undefined): void {
  wish = action === undefined ? undefined : { action };
  tell();
}
