/** What can be done with many records of a noun, for whoever has the right to do it with one. */
import type { CallShape } from "../../api/shapes";
import type { Noun, Row } from "../../noun/noun";

export type Offer = { name: string; call: string };
type Calls = Record<string, CallShape>;

export function offersOf(noun: Noun, calls: Calls | undefined, may: (right: string) => boolean): Offer[] {
  const named = (noun.bulk ?? []).map((name) => ({ name, call: callOf(noun, name) }));
  const offers = [...named, { name: "edit", call: noun.edit ?? "" }, { name: "delete", call: noun.remove ?? "" }];
  return offers.filter(({ call }) => calls?.[call] !== undefined && may(calls[call].needs));
}

function callOf(noun: Noun, name: string): string {
  return noun.calls?.[name] ?? `POST ${noun.record}/${noun.actions?.[name]}`;
}

/** What is sent for one of them. Tags are added to those it has: to replace them all is nothing for many at once. */
export function bodyFor(offer: Offer, said: Row | undefined): (row: Row) => Row | undefined {
  if (!offer.call.startsWith("PUT") || !said?.tags) return () => said;
  return (row) => ({ ...said, tags: [...new Set([...((row.tags as string[]) ?? []), ...(said.tags as string[])])] });
}
