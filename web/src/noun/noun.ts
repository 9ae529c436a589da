/** What a screen needs to know about a noun; everything else it asks the server. */
import type { ComponentType, LazyExoticComponent } from "react";
import { type ListPath, listShape } from "../api/shapes";

export type Tone = "good" | "warn" | "bad" | "busy" | "calm";
export type Module = "marketing" | "customer" | "service" | "reports" | "base" | "authority";

export type Related = {
  /** The noun whose list it is; its columns are shown, without those named in `without`. */
  noun: string;
  /** A path below the record, or the whole list with filters; `{…}` are fields of the record. */
  path: string;
  filters?: Record<string, string>;
  without?: string[];
};

export type Noun = {
  name: string;
  module: Module;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
  list: ListPath;
  /** Fields that name one record, in the order in which they stand in its path. */
  keys: string[];
  /** The field a reader recognises a record by. */
  title: string;
  columns: string[];
  /** Path of one record; absent when rows are all there is. */
  record?: string;
  create?: string;
  edit?: string;
  remove?: string;
  /** Action of the server's `actions` → its call, below the record. */
  actions?: Record<string, string>;
  /** Calls of a record that has no `actions`: shown to whoever has the right. */
  calls?: Record<string, string>;
  /** The record that a row stands for, where rows are seen from another side. */
  rowOf?: (row: Row) => { noun: string; id: string };
  /** What a row is after one of its calls: a record of this noun, with the same id. */
  becomes?: string;
  /** Calls of the list as a whole, for whoever has the right. */
  listCalls?: Record<string, string>;
  /** Those of `actions` and `calls` that make sense for many records at once; edit and delete always do. */
  bulk?: string[];
  /** Where the server tells who is like what is being written, and the fields it looks at. */
  duplicates?: { path: string; fields: string[] };
  tones?: Record<string, Record<string, Tone>>;
  /** Field → kind of dictionary values it takes. */
  dictionary?: Record<string, string>;
  /** Field → list of people it takes one of. */
  people?: Record<string, ListPath>;
  related?: Related[];
  /** Tabs of its record that no list is enough for. */
  tabs?: { key: string; needs: string; part: LazyExoticComponent<ComponentType<TabProps>> }[];
  /** What stands between the title and the facts of its record. */
  head?: LazyExoticComponent<ComponentType<TabProps>>;
  /** Actions that need more than a form: action → its dialog. */
  dialogs?: Record<string, LazyExoticComponent<ComponentType<DialogProps>>>;
  /** Fields of its record that are rows themselves: each is a tab. */
  inner?: string[];
  /** The states that most records of it go through, in this order, and those in which some end before. */
  way?: { field: string; steps: string[]; ends?: string[] };
  /** Files may hang on its record. */
  hasFiles?: boolean;
  board?: "deals" | "opportunities";
  /** Filters a reader starts with. */
  first?: Record<string, string>;
  hasHistory?: boolean;
};

export type Row = Record<string, unknown>;
export type TabProps = { noun: Noun; id: string; record: Row; etag: string };
export type DialogProps = TabProps & { onClose: () => void };

/** A declaration, checked against the API's own description of the list. */
export function noun(said: Noun): Noun {
  const { row } = listShape(said.list);
  for (const field of [...said.keys, said.title, ...said.columns])
    if (!(field in row)) throw new Error(`${said.name}: ${said.list} has no ${field}`);
  return said;
}

const BETWEEN = "~";
export function idOf(said: Noun, row: Row): string {
  return said.keys.map((key) => `${row[key]}`).join(BETWEEN);
}

/** `/customers/{customer_no}/contacts/{contact_id}` with the parts of an id in order. */
export function filled(path: string, id: string): string {
  const parts = id.split(BETWEEN);
  return path.replace(/\{[^}]+\}/g, () => encodeURIComponent(parts.shift() ?? ""));
}

/** The same, with the values of a record. */
export function filledFrom(text: string, record: Row): string {
  return text.replace(/\{([^}]+)\}/g, (_, field: string) => `${record[field] ?? ""}`);
}
