/** Stages while they are edited: moved, added, told apart; and which of them a refusal is about. */
import type { Fault } from "../api/http";
import type { components } from "../api/schema";

export type Stage = Required<components["schemas"]["StageFields"]>;
export const KINDS: Stage["kind"][] = ["open", "won", "lost", "lost-to-competition"];
export const REQUIRED: Stage["required"] = [
  "contact_name",
  "description",
  "source",
  "kind",
  "contact_summary",
  "next_contact_on",
  "campaign_id",
];

/** A stage of the server without what only the server says. */
export function draftOf(stages: components["schemas"]["StageView"][]): Stage[] {
  return stages.map(({ code, name, name_en, probability, kind, required }) => ({
    code,
    name,
    name_en,
    probability,
    kind: kind as Stage["kind"],
    required: required as Stage["required"],
  }));
}

export function movedStage(stages: Stage[], from: number, to: number): Stage[] {
  const order = [...stages];
  order.splice(to, 0, ...order.splice(from, 1));
  return order;
}

/** A new open stage stands before the first that is not open, with a code that no other has. */
export function withNew(stages: Stage[]): Stage[] {
  const place = stages.findIndex(({ kind }) => kind !== "open");
  const at = place < 0 ? stages.length : place;
  const codes = new Set(stages.map(({ code }) => code));
  let number = stages.length + 1;
  while (codes.has(`stage-${number}`)) number++;
  const before = stages[at - 1]?.probability ?? 0;
  const fresh: Stage = {
    code: `stage-${number}`,
    name: "",
    name_en: "",
    probability: before,
    kind: "open",
    required: [],
  };
  return [...stages.slice(0, at), fresh, ...stages.slice(at)];
}

/** `/stages/3/probability` is said at that field, `/stages` of all of them. */
export function faultsOf(faults: Fault[]): { all: string[]; at: Record<string, string> } {
  const all: string[] = [];
  const at: Record<string, string> = {};
  for (const { pointer, detail } of faults) {
    const found = /^\/stages\/(\d+)\/([^/]+)/.exec(pointer);
    if (found) at[`${found[1]} ${found[2]}`] = detail;
    else all.push(detail);
  }
  return { all, at };
}
