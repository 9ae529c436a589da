/** How far each service has heard the others, what is set aside and why, and what one event caused. */
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { useMay } from "../api/session";
import type { View } from "../app/search";
import { asMoment, asNumber } from "../i18n/format";
import { eventName, problemTitle } from "../i18n/names";
import { Pill } from "../noun/Value";
import { Failed, Loading } from "../shell/States";
import { useTitle } from "../shell/title";

const SERVICES = ["identity", "marketing", "customer", "service-desk", "reporting"];
const REFRESH_MS = 5_000;
type Standing = {
  paused_at: string | null;
  paused_by: string;
  pause_reason: string;
  breaker: string;
  breaker_error: string;
};
type Status = {
  service: string;
  head: number;
  unsealed: number;
  blocked_aggregates: number;
  sources: { source: string; read_to: number; complete_at: string | null }[];
  standing: Standing | null;
};
type Cause = {
  fingerprint: string;
  state: string;
  reason: string;
  error: string;
  number: number;
  aggregates: number;
  last_at: string;
};
type Told = {
  event_id: string;
  event_type: string;
  service: string;
  subject: string;
  at: string;
  by: string;
  depth: number;
  heard: Record<string, string>;
};

export default function BusPage() {
  const { t } = useTranslation();
  useTitle(t("bus.title"));
  const states = useQueries({
    queries: SERVICES.map((service) => ({
      queryKey: ["bus", service, "status"],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await ask<Status>("GET", `/bus/${service}/status`, { signal })).data,
      refetchInterval: REFRESH_MS,
    })),
  });
  const heads = new Map(states.flatMap(({ data }) => (data ? [[data.service, data.head] as const] : [])));
  return (
    <div className="page">
      <header className="title">
        <h1>{t("bus.title")}</h1>
      </header>
      <div className="cards-of-today">
        {states.map(({ data, error, refetch }, at) => (
          <section className="box" key={SERVICES[at]} aria-label={SERVICES[at]}>
            {error ? (
              <Failed error={error} onRetry={refetch} />
            ) : data ? (
              <Service status={data} heads={heads} />
            ) : (
              <Loading />
            )}
          </section>
        ))}
        <Story />
      </div>
    </div>
  );
}

function Service({ status, heads }: { status: Status; heads: Map<string, number> }) {
  const { t } = useTranslation();
  const { standing } = status;
  const isPaused = Boolean(standing?.paused_at || standing?.breaker);
  return (
    <>
      <div className="box-head">
        <h2>{status.service}</h2>
        <Pill tone={isPaused ? "warn" : status.blocked_aggregates ? "bad" : "good"}>
          {t(isPaused ? "bus.paused" : status.blocked_aggregates ? "bus.blocked" : "bus.goesOn")}
        </Pill>
      </div>
      <table className="rows" aria-label={status.service}>
        <thead>
          <tr>
            <th>{t("bus.hears")}</th>
            <th className="right">{t("bus.readTo")}</th>
            <th className="right">{t("bus.behind")}</th>
            <th>{t("bus.completeAt")}</th>
          </tr>
        </thead>
        <tbody>
          {status.sources.map(({ source, read_to, complete_at }) => (
            <tr key={source}>
              <td>{source}</td>
              <td className="right">{asNumber(read_to)}</td>
              <td className="right">{asNumber(Math.max(0, (heads.get(source) ?? read_to) - read_to))}</td>
              <td>{complete_at ? asMoment(complete_at) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {standing?.pause_reason && <p className="jobs">{`${standing.paused_by}: ${standing.pause_reason}`}</p>}
      {standing?.breaker_error && <p className="jobs bad-text">{standing.breaker_error}</p>}
      <Causes service={status.service} />
    </>
  );
}

/** What is set aside, by cause, and another try for all of one cause. */
function Causes({ service }: { service: string }) {
  const { t } = useTranslation();
  const { message, notification } = App.useApp();
  const may = useMay();
  const cache = useQueryClient();
  const { data } = useQuery({
    queryKey: ["bus", service, "causes"],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Cause[] }>("GET", `/bus/${service}/causes`, { signal })).data.items,
    refetchInterval: REFRESH_MS,
  });
  const again = async (cause: Cause) => {
    try {
      const body = { where: { fingerprint: cause.fingerprint } };
      const { data: done } = await ask<{ events: number }>("POST", `/bus/${service}/redrive`, { body });
      message.success(t("bus.redriven", { total: asNumber(done.events) }));
      await cache.invalidateQueries({ queryKey: ["bus", service] });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      notification.error({ title: problemTitle(error.problem), description: error.problem.detail });
    }
  };
  if (!data?.length) return <p className="jobs muted">{t("bus.nothingAside")}</p>;
  return (
    <ul className="jobs">
      {data.map((cause) => (
        <li key={cause.fingerprint}>
          <span className="grow">
            <b>{asNumber(cause.number)}</b> {cause.reason} <span className="muted">{cause.error}</span>
          </span>
          {may("bus:operate") && (
            <Button size="small" onClick={() => again(cause)}>
              {t("bus.redrive")}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** One event: what caused it, what it caused, and who has applied it. */
function Story() {
  const { t } = useTranslation();
  const { event } = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const { data, error } = useQuery({
    queryKey: ["bus", "story", event],
    enabled: Boolean(event),
    queryFn: async ({ signal }) =>
      (await ask<{ events: Told[]; silent: string[] }>("GET", `/bus/causation/${event}`, { signal })).data,
  });
  return (
    <section className="box" aria-labelledby="story">
      <div className="box-head">
        <h2 id="story">{t("bus.story")}</h2>
      </div>
      <div className="foot">
        <Input.Search
          defaultValue={event ?? ""}
          aria-label={t("bus.event")}
          placeholder={t("bus.event")}
          onSearch={(id) => navigate({ to: ".", search: { event: id.trim() || undefined } as never })}
        />
      </div>
      {error && <Failed error={error} />}
      <ol className="story">
        {data?.events.map((told) => (
          <li key={told.event_id} style={{ marginInlineStart: told.depth * 20 }}>
            <b>{eventName(told.event_type)}</b> {told.subject}{" "}
            <span className="muted">
              {told.service} · {asMoment(told.at)} · {told.by}
            </span>
            <div className="muted">
              {Object.entries(told.heard)
                .map(([consumer, state]) => `${consumer}: ${state}`)
                .join(" · ")}
            </div>
          </li>
        ))}
      </ol>
      {Boolean(data?.silent.length) && (
        <p className="jobs bad-text">{t("bus.silent", { services: data?.silent.join(", ") })}</p>
      )}
    </section>
  );
}
