/** The records somebody looked at last, kept in this browser until he or she signs out. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useMe } from "../api/session";
import type { Noun } from "../noun/noun";
import { findNoun } from "../noun/nouns";
import { recordQuery } from "../record/record";

export type Recent = { noun: string; id: string; title: string };
const MOST = 8;
const KEPT = "guanxi.recent.";

export function recentOf(userId: number): Recent[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT + userId) ?? "[]") as Recent[];
  } catch {
    return [];
  }
}

export function remember(userId: number, one: Recent): void {
  const others = recentOf(userId).filter(({ noun, id }) => noun !== one.noun || id !== one.id);
  localStorage.setItem(KEPT + userId, JSON.stringify([one, ...others].slice(0, MOST)));
}

export function forgetRecent(userId: number): void {
  localStorage.removeItem(KEPT + userId);
}

/** Notes the record on the screen. Its page asks for it as well, and that is one question. */
export function useRemember(): void {
  const { noun: name = "", id = "" } = useParams({ strict: false });
  const noun = findNoun(name);
  const isRecord = Boolean(noun?.record && id);
  const { user_id } = useMe();
  const { data } = useQuery({ ...recordQuery(noun ?? ({} as Noun), id), enabled: isRecord });
  const title = isRecord && noun && data ? `${data.record[noun.title] ?? id}` : undefined;
  useEffect(() => {
    if (title !== undefined) remember(user_id, { noun: name, id, title });
  }, [user_id, name, id, title]);
}
