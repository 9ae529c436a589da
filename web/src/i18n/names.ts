/** What fields, values and refusals are called in the language in use. */
import i18next from "i18next";
import type { Problem } from "../api/http";

const flat = { keySeparator: false as const, nsSeparator: false as const };

/** `orders.status` → its title; a part such as `created_from` is made from the field it is about. */
export function fieldName(noun: string, field: string): string {
  const found =
    known("fields", `${noun}.${field}`) ??
    known("words", `fields.${noun}.${field}`, true) ??
    known("words", `fields.${field}`, true);
  if (found) return found;
  const part = /^(.*)_(from|to)$/.exec(field);
  if (!part) return field.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
  const about = ["_at", "_on", "_for", ""].map((end) => known("fields", `${noun}.${part[1]}${end}`)).find(Boolean);
  return i18next.t(part[2] === "from" ? "list.since" : "list.until", { field: about ?? fieldName(noun, part[1]!) });
}

/** In a form: whoever is chosen is a person, not a number. */
export function askedName(noun: string, field: string): string {
  const person = field.replace(/_id$/, "_name");
  return known("fields", `${noun}.${person}`) ?? fieldName(noun, field);
}

function known(ns: string, key: string, isTree = false): string | undefined {
  const options = isTree ? { ns } : { ns, ...flat };
  return i18next.exists(key, options) ? i18next.t(key, options) : undefined;
}

/** The values that a field can have, in the order of the catalogue; none when it is free. */
export function codesOf(noun: string, field: string): Record<string, string> | undefined {
  const all = i18next.getResourceBundle(i18next.language, "codes") as Record<
    string,
    Record<string, Record<string, string>>
  >;
  return all?.[noun]?.[field] ?? all?.all?.[field];
}

/** Built-in roles are kept with Chinese names; those that somebody has named are called so. */
export function roleName(name: string): string {
  return codesOf("roles", "name")?.[name] ?? name;
}

export function actionName(noun: string, action: string): string {
  const key = [`actions.${noun}.${action}`, `actions.${action}`].find((name) => i18next.exists(name));
  return key ? i18next.t(key) : action;
}

/** What happened, from the last words of the event's type. */
export function eventName(type: string): string {
  const [noun = "", what = ""] = type.split(".").slice(-2);
  const key = [`events.${noun}.${what}`, `events.${what}`].find((name) => i18next.exists(name));
  return key ? i18next.t(key) : what.replaceAll("-", " ");
}

/** The sentence that a refusal is, in the language in use where we have it. */
export function problemTitle(problem: Pick<Problem, "type" | "title">): string {
  const slug = problem.type.split("/").pop() ?? "";
  return known("problems", slug) ?? problem.title;
}
