/** What lists and calls look like, as the server's own document says. */
import lists from "./lists.json";

export type Kind =
  | "text"
  | "long"
  | "integer"
  | "number"
  | "money"
  | "date"
  | "moment"
  | "flag"
  | "password"
  | "many"
  | "record";
export type ListShape = {
  needs: string;
  /** The right to add a row; absent where nobody can. */
  creates?: string;
  /** The right to bring a file in. */
  imports?: string;
  row: Record<string, Kind>;
  filters: string[];
  sorts: string[];
  searches: boolean;
  exports: boolean;
};
export type Field = {
  name: string;
  kind: Kind;
  required?: boolean;
  empty?: boolean;
  options?: (string | number)[];
  maxLength?: number;
  minimum?: number | string;
  maximum?: number | string;
  of?: Field[] | Kind;
};
export type CallShape = { needs: string; asks: Field[] };
export type ViewShape = { shows: Record<string, Kind> };
export type ListPath = keyof typeof lists;

export function listShape(path: ListPath): ListShape {
  return lists[path] as unknown as ListShape;
}

/** Calls are needed when somebody changes something, so they are loaded then. */
export async function loadCalls(): Promise<Record<string, CallShape & ViewShape>> {
  const calls = await import("./calls.json");
  return calls.default as unknown as Record<string, CallShape & ViewShape>;
}
