/** Whether a list that lies open is still what the server would show: asked now and then, never shown unasked. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Query } from "../api/http";
import { idOf, type Noun, type Row } from "../noun/noun";
import { type Page, rowsQuery } from "./rows";

const EVERY_MS = 20_000;

export type News = { added: number; changed: number };

/** What differs between the page that is shown and the one that could be; without a total, which would cost more than all. */
export function newsIn(noun: Noun, shown: Row[], fresh: Row[]): News | undefined {
  const before = new Map(shown.map((row) => [idOf(noun, row), JSON.stringify(row)]));
  const isStrange = fresh.map((row) => !before.has(idOf(noun, row)));
  const known = isStrange.lastIndexOf(false);
  const strange = isStrange.filter(Boolean).length;
  const isGone = fresh.length - strange < shown.length;
  const changed = fresh.filter((row) => {
    const was = before.get(idOf(noun, row));
    return was !== undefined && was !== JSON.stringify(row);
  }).length;
  // What comes after the last known row may only have moved up from the next page.
  const between = isStrange.filter((one, at) => one && (at < known || known < 0)).length;
  const added = Math.max(between, fresh.length - shown.length, 0);
  return added || changed || strange || isGone ? { added, changed } : undefined;
}

/** While the tab is seen and there is a network; nobody asks for a list that nobody looks at. */
export function useNews(noun: Noun, query: Query, shown: Page | undefined, shownAt: number) {
  const cache = useQueryClient();
  const mine = rowsQuery(noun.list, { ...query, total: false });
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ["news", ...mine.queryKey],
    queryFn: mine.queryFn!,
    enabled: shown !== undefined,
    ...(shown ? { initialData: shown, initialDataUpdatedAt: shownAt } : {}),
    staleTime: EVERY_MS,
    refetchInterval: EVERY_MS,
    refetchOnWindowFocus: true,
    retry: false,
  });
  const news = shown && data && dataUpdatedAt > shownAt ? newsIn(noun, shown.items, data.items) : undefined;
  return { news, show: () => cache.invalidateQueries({ queryKey: rowsQuery(noun.list, query).queryKey }) };
}
