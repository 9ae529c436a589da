/** One page of a list, as the address says; never more than that is loaded. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, type Query } from "../api/http";
import type { Row } from "../noun/noun";

export type Page = { items: Row[]; page: number; size: number; total: number | null; next_cursor: string | null };

export function rowsQuery(path: string, query: Query) {
  return queryOptions({
    queryKey: ["list", path, query],
    queryFn: async ({ signal }) => (await ask<Page>("GET", path, { query, signal })).data,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}
