/** Saved views: a name for what the address of a list says. The address stays the whole truth. */
import { queryOptions } from "@tanstack/react-query";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { parseSearch, stringifySearch, type View } from "../app/search";

export type SavedView = components["schemas"]["SavedViewView"];

/** In the address instead of a view's number: none, although the list has a default. */
export const ALL = "all";
/** Where one is in a list, and what is open over it, is nothing to keep. */
const PASSING = new Set(["saved", "page", "peek", "new", "bulk"]);
const MOST = 200;

export function viewsQuery(screen: string) {
  return queryOptions({
    queryKey: ["views", screen],
    queryFn: async ({ signal }) => {
      const query = { ...(screen ? { screen } : {}), size: MOST, total: false };
      return (await ask<{ items: SavedView[] }>("GET", "/views", { query, signal })).data.items;
    },
    staleTime: 60_000,
    retry: false,
  });
}

/** What is kept of an address: always in the same order, so that alike is equal. */
export function kept(view: View): string {
  const entries = Object.entries(view).filter(([name, value]) => value && !PASSING.has(name));
  return stringifySearch(Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))).slice(1);
}

/** The address of a view. */
export function opened(saved: SavedView): View {
  return { ...parseSearch(saved.query), saved: `${saved.id}` };
}

export function isDirty(view: View, saved: SavedView): boolean {
  return kept(view) !== kept(parseSearch(saved.query));
}

/** An address that says nothing opens with the default; every other one says what it means. */
export function defaultFor(view: View, views: SavedView[] | undefined): SavedView | undefined {
  return isBare(view) ? views?.find((one) => one.is_default) : undefined;
}

export function isBare(view: View): boolean {
  return Object.values(view).every((value) => value === undefined || value === "");
}
