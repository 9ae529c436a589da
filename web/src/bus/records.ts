/** What events are about, as the audit log names it; and the way to the record where it has a screen. */
import i18next from "i18next";
import type { Noun } from "../noun/noun";
import { findNoun } from "../noun/nouns";

/** Every kind of record that an event can be about; a test holds it against the contracts. */
export const KINDS = (
  "activity calendar campaign complaint contact customer deal dictionary erasure flow forecast hand-over intake lead " +
  "link loss management-report marketing-plan numbering opportunity order personal-data pipeline plan product promise " +
  "remark request right role session sign-in stock target task unit user view visit webhook"
).split(" ");

export function nounOf(kind: string): Noun | undefined {
  return [kind, `${kind}s`, `${kind}es`, kind.replace(/y$/, "ies")].map(findNoun).find(Boolean);
}

export function kindName(kind: string): string {
  const noun = nounOf(kind);
  if (noun) return i18next.t(`nouns.${noun.name}.one`);
  return i18next.t(`bus.kinds.${kind}`, { defaultValue: kind });
}

/** The noun whose screen shows this record; none where its address needs more than one number. */
export function screenOf(kind: string): string | undefined {
  const noun = nounOf(kind);
  return noun?.record && noun.keys.length === 1 ? noun.name : undefined;
}
