/** Who is signed in. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ask } from "./http";
import type { components } from "./schema";

export type Me = components["schemas"]["MeView"];
export type Account = { login: string; "zh-CN": string; en: string };
export type Welcome = { demo: { password: string; accounts: Account[]; clears: boolean } | null };

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => (await api.GET("/api/me", { signal })).data as Me,
  staleTime: 60_000,
  retry: false,
});

export const welcomeQuery = queryOptions({
  queryKey: ["welcome"],
  queryFn: async ({ signal }) => (await (await fetch("/welcome.json", { signal })).json()) as Welcome,
  staleTime: Number.POSITIVE_INFINITY,
});

export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("Nobody is signed in");
  return data;
}

export function useMay(): (right: string) => boolean {
  const { rights } = useMe();
  return useCallback((right) => holds(rights, right), [rights]);
}

/** `report:*` is any right about reports. */
function holds(rights: string[], wanted: string): boolean {
  if (wanted.endsWith("*")) return rights.some((right) => right.startsWith(wanted.slice(0, -1)));
  return wanted === "" || rights.includes(wanted);
}

export const signIn = (login: string, password: string, remember: boolean) =>
  ask<unknown>("POST", "/session", { body: { login, password, remember, cookie: true } });
export const signOut = () => ask<null>("DELETE", "/session");
export const changePassword = (old_password: string, new_password: string) =>
  ask<null>("PUT", "/me/password", { body: { old_password, new_password } });
