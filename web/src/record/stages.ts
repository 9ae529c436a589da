/** The states that a record went through: of deals the server keeps the way, of others their history tells it. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { pipelineQuery, titleOf } from "../board/lanes";
import { codesOf } from "../i18n/names";
import type { Row } from "../noun/noun";
import type { Happening } from "./record";

/** One stay in a state; `until` is missing while it lasts. */
export type Stay = { step: string; at: string; until?: string | undefined; by: string };
type Known = { steps: string[]; ends: string[]; names: Record<string, string> };
type DealStep = { stage: string; entered_at: string; by_name: string };

export function stagesOfDeal(id: string) {
  return queryOptions({
    queryKey: ["history", "stages", id],
    queryFn: async ({ signal }) => {
      const { items } = (await ask<{ items: DealStep[] }>("GET", `/deals/${id}/stages`, { signal })).data;
      return items.map(
        (one, at): Stay => ({ step: one.stage, at: one.entered_at, until: items[at + 1]?.entered_at, by: one.by_name }),
      );
    },
  });
}

export function staysOf(field: string, record: Row, happened: Happening[]): Stay[] {
  const [first] = happened;
  if (!first) return [];
  const moves = happened.filter(({ changes }) => {
    const change = changes[field];
    return change && change.old != null && change.old !== change.new;
  });
  const begun = { step: `${moves[0]?.changes[field]?.old ?? record[field]}`, at: first.at, by: first.by_name };
  const stays: Stay[] = [
    begun,
    ...moves.map((one) => ({ step: `${one.changes[field]?.new}`, at: one.at, by: one.by_name })),
  ];
  return stays.map((stay, at) => ({ ...stay, until: stays[at + 1]?.at }));
}

/** The usual way, with the detours that this record took; ends only where it came to. */
export function stepsOf(usual: string[], ends: string[], stays: Stay[], now: string): string[] {
  const walked = [...new Set(stays.map((stay) => stay.step))];
  if (ends.includes(now)) return [...usual.filter((step) => walked.includes(step)), now];
  if (usual.includes(now)) return usual;
  const before = usual.findLastIndex((step) => walked.includes(step));
  return [...usual.slice(0, before + 1), now, ...usual.slice(before + 1)];
}

/** The stages of a pipeline; who may not read pipelines gets the names we know. */
export function useStageNames(pipeline: string | undefined): Known | undefined {
  const may = useMay();
  const { data, error } = useQuery({
    ...pipelineQuery(pipeline ?? "standard"),
    enabled: pipeline !== undefined && may("pipeline:read"),
  });
  if (pipeline === undefined) return undefined;
  if (data) {
    const open = data.filter(({ kind }) => kind === "open" || kind === "won");
    return {
      steps: open.map(({ code }) => code),
      ends: data.filter((stage) => !open.includes(stage)).map(({ code }) => code),
      names: Object.fromEntries(data.map((stage) => [stage.code, titleOf(stage)])),
    };
  }
  if (may("pipeline:read") && !error) return undefined;
  const names = codesOf("deals", "stage") ?? {};
  const ends = Object.keys(names).filter((code) => code.startsWith("lost"));
  return { steps: Object.keys(names).filter((code) => !ends.includes(code)), ends, names };
}
