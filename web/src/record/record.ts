/** One record as the server shows it, with the version it has. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../api/http";
import { type Kind, listShape, loadCalls } from "../api/shapes";
import { loadProblems } from "../i18n";
import { codesOf } from "../i18n/names";
import { filled, type Noun, type Row } from "../noun/noun";

export type Action = {
  action: string;
  allowed: boolean;
  reason: { type: string; title: string; status: number; detail: string | null } | null;
};
export type Shown = { record: Row; etag: string };

export function recordQuery(noun: Noun, id: string) {
  return queryOptions({
    queryKey: ["record", noun.name, id],
    queryFn: async ({ signal }): Promise<Shown> => {
      const { data, etag } = await ask<Row>("GET", filled(noun.record!, id), { signal });
      return { record: data, etag };
    },
  });
}

/** What a record is called: built-in names in the reader's language. */
export function titleOf(noun: Noun, record: Row): string {
  const said = `${record[noun.title]}`;
  return codesOf(noun.name, noun.title)?.[said] ?? said;
}

export const callsQuery = queryOptions({
  queryKey: ["calls"],
  // Whoever offers calls also says why some are refused.
  queryFn: async () => (await Promise.all([loadCalls(), loadProblems().catch(() => undefined)]))[0],
  staleTime: Number.POSITIVE_INFINITY,
});

export function useCalls() {
  return useQuery(callsQuery).data;
}

/** The kind of each field of a record; of a row where there is no more than that. */
export function kindsOf(noun: Noun, calls: Awaited<ReturnType<typeof loadCalls>> | undefined): Record<string, Kind> {
  return calls?.[`GET ${noun.record}`]?.shows ?? listShape(noun.list).row;
}

export type Change = { old?: unknown; new?: unknown };
export type Happening = {
  event_id: string;
  type: string;
  at: string;
  by_id: number;
  by_name: string;
  changes: Record<string, Change>;
  data: Row;
};

/** Everything that happened to a record, oldest first. */
export function historyQuery(noun: Noun, id: string) {
  const path = `${filled(noun.record!, id)}/history`;
  return queryOptions({
    queryKey: ["history", path],
    queryFn: async ({ signal }) => (await ask<{ items: Happening[] }>("GET", path, { signal })).data.items,
  });
}

/** After a change: what was changed and every list that may show it are asked for anew. */
export function useRefresh(): () => Promise<void> {
  const cache = useQueryClient();
  return async () => {
    await Promise.all(
      ["record", "list", "history", "board", "unread", "files"].map((key) =>
        cache.invalidateQueries({ queryKey: [key] }),
      ),
    );
  };
}

const TECHNICAL = /^(version|erased|actions|id|currency|stage_position|lines|stages|rights|measures|parts)$|_id$/;

/** Fields a reader wants to see, the ones of the list first. */
export function factsOf(noun: Noun, kinds: Record<string, Kind>): string[] {
  const all = Object.keys(kinds).filter((field) => !TECHNICAL.test(field) && kinds[field] !== "record");
  return [
    ...noun.columns.filter((field) => all.includes(field)),
    ...all.filter((field) => !noun.columns.includes(field)),
  ];
}
