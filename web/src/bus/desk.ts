/** What the desks of all services say, put side by side. */
import { queryOptions } from "@tanstack/react-query";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import type { Tone } from "../noun/noun";

type Schemas = components["schemas"];
export type Status = Schemas["BusStatusView"];
export type Cause = Schemas["CauseView"];
export type Parked = Schemas["ParkedView"];
export type ParkedRow = Schemas["ParkedRow"];
export type Outcome = Schemas["OutcomeView"];

export const SERVICES = ["identity", "customer", "marketing", "service-desk", "reporting"];
const EVERY = 5_000;

export const statusQuery = (service: string) =>
  queryOptions({
    queryKey: ["bus", service, "status"],
    queryFn: async ({ signal }) => (await ask<Status>("GET", `/bus/${service}/status`, { signal })).data,
    refetchInterval: EVERY,
    retry: false,
  });

export const causesQuery = (service: string) =>
  queryOptions({
    queryKey: ["bus", service, "causes"],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Cause[] }>("GET", `/bus/${service}/causes`, { signal })).data.items,
    refetchInterval: EVERY,
    retry: false,
  });

export type Standing = "running" | "paused" | "failing" | "full" | "deaf";

/** Whether a consumer goes on, in one word; one that reads nobody's log has nothing to go on with. */
export function standingOf({ standing, sources }: Status): Standing {
  if (standing.paused_at) return "paused";
  if (standing.breaker) return standing.breaker as Standing;
  return sources.length === 0 ? "deaf" : "running";
}

export const TONES: Record<Standing, Tone> = {
  running: "good",
  paused: "warn",
  failing: "bad",
  full: "bad",
  deaf: "calm",
};

/** Events of each source that a service has not read; unknown where the source does not answer. */
export function behind(status: Status, heads: Record<string, number>): Record<string, number | undefined> {
  return Object.fromEntries(
    status.sources.map(({ source, read_to }) => {
      const head = heads[source];
      return [source, head === undefined ? undefined : Math.max(0, head - read_to)];
    }),
  );
}

/** What still waits: discarded events are done with. */
export function openOf({ parked }: Status): number {
  return parked.filter(({ state }) => state !== "discarded").reduce((sum, { number }) => sum + number, 0);
}
