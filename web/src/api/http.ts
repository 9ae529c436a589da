/** How the client asks the gateway: same origin, by cookie, refusals as one kind of error. */
import createClient from "openapi-fetch";
import { noteSaid, SAID } from "../arrival/said";
import type { paths } from "./schema";

export type Fault = { pointer: string; detail: string };
export type Problem = { type: string; title: string; status: number; detail?: string | null; errors?: Fault[] };

/** Whatever did not go well: a problem of the server, or no answer at all (status 0). */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
  get status(): number {
    return this.problem.status;
  }
  /** The last part of the problem's type: `locked`, `stale` … */
  get kind(): string {
    return this.problem.type.split("/").pop() ?? "";
  }
}

type Listener = () => void;
const sessionEnded = new Set<Listener>();
export function onSessionEnd(listener: Listener): () => void {
  sessionEnded.add(listener);
  return () => sessionEnded.delete(listener);
}

/** Whoever was signed in is asked to sign in again. */
export function sessionHasEnded(): void {
  for (const listener of sessionEnded) listener();
}

/** What has to be there before a refusal can be told: its sentence in the reader's language. */
const beforeRefusals = new Set<() => Promise<unknown>>();
export function beforeRefusal(work: () => Promise<unknown>): void {
  beforeRefusals.add(work);
}

async function refusalOf(response: Response): Promise<Refused> {
  await Promise.all([...beforeRefusals].map((work) => work().catch(() => undefined)));
  const body: Problem | null = (response.headers.get("Content-Type") ?? "").includes("json")
    ? await response.json().catch(() => null)
    : null;
  return new Refused(body ?? { type: "/problems/unknown", title: response.statusText, status: response.status });
}

async function send(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused({ type: "/problems/no-connection", title: "No connection", status: 0 });
  }
  if (response.ok) {
    noteSaid(response.headers.get(SAID));
    return response;
  }
  if (response.status === 401 && !request.url.endsWith("/api/session")) sessionHasEnded();
  throw await refusalOf(response);
}

/** Typed by the OpenAPI document; for calls that are known when the code is written. */
export const api = createClient<paths>({ baseUrl: "", fetch: send });

export type Query = Record<string, string | number | boolean | undefined>;
export type Asked = {
  query?: Query;
  body?: unknown;
  form?: FormData;
  etag?: string;
  key?: string;
  signal?: AbortSignal;
};
export type Answered<T> = { data: T; etag: string };

/** For calls that a noun's declaration names; `path` is without `/api`. */
export async function ask<T>(method: string, path: string, asked: Asked = {}): Promise<Answered<T>> {
  const headers = new Headers({ Accept: "application/json" });
  if (asked.body !== undefined) headers.set("Content-Type", "application/json");
  if (asked.etag) headers.set("If-Match", asked.etag);
  if (method === "POST") headers.set("Idempotency-Key", asked.key ?? newKey());
  const body = asked.form ?? (asked.body === undefined ? null : JSON.stringify(asked.body));
  const address = new URL(addressOf(path, asked.query), location.origin);
  const response = await send(new Request(address, { method, headers, body, signal: asked.signal ?? null }));
  const text = await response.text();
  return { data: (text ? JSON.parse(text) : null) as T, etag: response.headers.get("ETag") ?? "" };
}

export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") search.set(name, `${value}`);
  const text = search.toString();
  return `/api${path}${text ? `?${text}` : ""}`;
}

/** One per intention: a call that is repeated with it is done once. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
