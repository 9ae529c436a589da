/** Whether a list that lies open is still what the server would show: asked now and then, never shown unasked. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Query } from "../api/http";
import { idOf, type Noun } from "../noun/noun";
import { type Page, rowsQuery } from "./rows";

const EVERY_MS = 20_000;

export type News = { added: number; changed: number };

/** What differs between the page that is shown and the one that could be. */
export function newsIn(noun: Noun, shown: Page, fresh: Page): News | undefined {
  const before = new Map(shown.items.map((row) => [idOf(noun, row), JSON.stringify(row)]));
  const strange = fresh.items.filter((row) => !before.has(idOf(noun, row))).length;
  const changed = fresh.items.filter((row) => {
    const was = before.get(idOf(noun, row));
    return was !== undefined && was !== JSON.stringify(row);
  }).length;
  const added = Math.max(0, (fresh.total ?? 0) - (shown.total ?? 0));
  const isOther = strange > 0 || fresh.total !== shown.total;
  return added || changed || isOther ? { added, changed } : undefined;
}

/** While the tab is seen and there is a network; nobody asks for a list that nobody looks at. */
export function useNews(noun: Noun, query: Query, shown: Page | undefined, shownAt: number) {
  const cache = useQueryClient();
  const mine = rowsQuery(noun.list, query);
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
  const news = shown && data && dataUpdatedAt > shownAt ? newsIn(noun, shown, data) : undefined;
  return { news, show: () => cache.setQueryData(mine.queryKey, data, { updatedAt: dataUpdatedAt }) };
}
