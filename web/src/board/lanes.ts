/** What stands beside each other on a board, and which call moves a card there. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask } from "../api/http";
import { languageNow } from "../i18n";
import { codesOf } from "../i18n/names";
import type { Noun, Row } from "../noun/noun";

export type Lane = {
  key: string;
  title: string;
  filters: Record<string, string>;
  /** The action that moves a card here, and what it says; nothing moves to where no action leads. */
  action?: string;
  body?: Row;
};

export type Stage = {
  code: string;
  name: string;
  name_en: string;
  kind: "open" | "won" | "lost" | "lost-to-competition";
};
const LEADS_TO = { open: "change-stage", won: "win", lost: "lose", "lost-to-competition": "lose" } as const;

export function pipelineQuery(code: string) {
  return queryOptions({
    queryKey: ["pipeline", code],
    queryFn: async ({ signal }) =>
      (await ask<{ stages: Stage[] }>("GET", `/pipelines/${encodeURIComponent(code)}`, { signal })).data.stages,
    staleTime: 300_000,
  });
}

export const titleOf = (stage: Stage) => (languageNow() === "en" ? stage.name_en : stage.name);

export function useLanes(noun: Noun): Lane[] | undefined {
  const isDeals = noun.board === "deals";
  const { data } = useQuery({ ...pipelineQuery("standard"), enabled: isDeals });
  if (!isDeals) return opportunityLanes(noun);
  return data?.map((stage) => ({
    key: stage.code,
    title: titleOf(stage),
    filters: { stage: stage.code },
    action: LEADS_TO[stage.kind],
    ...(stage.kind === "open" ? { body: { stage: stage.code } } : {}),
  }));
}

const MOVES: Record<string, string | undefined> = { "2": "assign", "3": "win", "4": "fail" };

function opportunityLanes(noun: Noun): Lane[] {
  return Object.entries(codesOf(noun.name, "status") ?? {}).map(([status, title]) => {
    const action = MOVES[status];
    return { key: status, title, filters: { status }, ...(action ? { action } : {}) };
  });
}
