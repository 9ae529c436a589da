/** The event bus, for those who look after it: who goes on, what is parked and why, long flows, one event's story. */
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { useMay } from "../api/session";
import type { View } from "../app/search";
import { asMoment, asNumber } from "../i18n/format";
import { Tabs } from "../record/Tabs";
import { NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { Causes } from "./Causes";
import { behind, openOf, SERVICES, type Status, standingOf, statusQuery, TONES } from "./desk";
import { Flows } from "./Flows";
import { type Deed, Reason } from "./Reason";
import { Story } from "./Story";
import "./bus.css";

export default function BusPage() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("bus.title"));
  if (!may("bus:read")) return <NoRight />;
  return <Bus canOperate={may("bus:operate")} seesFlows={may("flow:read")} />;
}

function Bus({ canOperate, seesFlows }: { canOperate: boolean; seesFlows: boolean }) {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [deed, setDeed] = useState<Deed>();
  const answers = useQueries({ queries: SERVICES.map(statusQuery) });
  const heads = Object.fromEntries(
    answers.flatMap(({ data, error }) => (data && !error ? [[data.service, data.head]] : [])),
  ) as Record<string, number>;
  const go = (next: View) => navigate({ to: "/bus", search: next as never });
  const act = canOperate ? setDeed : undefined;
  const tabs = [
    { key: "parked", label: t("bus.parked"), children: <Causes view={view} onGo={go} onAct={act} /> },
    ...(seesFlows ? [{ key: "flows", label: t("bus.flows"), children: <Flows /> }] : []),
    {
      key: "story",
      label: t("bus.story"),
      children: <Story view={view} onGo={go} />,
    },
  ];
  return (
    <div className="page">
      <header className="title">
        <h1>{t("bus.title")}</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls, and is reached by keyboard */}
      <section className="services" tabIndex={0} aria-label={t("bus.services")}>
        {SERVICES.map((service, at) => (
          <Service
            key={service}
            service={service}
            status={answers[at]!.data}
            error={answers[at]!.error}
            heads={heads}
            onAct={act}
          />
        ))}
      </section>
      <section className="box bus">
        <Tabs
          tabs={tabs}
          now={view.tab ?? (view.event && !view.cause && !view.service ? "story" : "parked")}
          label={t("bus.title")}
          onChange={(tab) => go({ tab: tab === "parked" ? undefined : tab })}
        />
      </section>
      {deed && (
        <Reason
          deed={deed}
          onClose={() => setDeed(undefined)}
          onDone={() => void cache.invalidateQueries({ queryKey: ["bus"] })}
        />
      )}
    </div>
  );
}

type Shown = {
  service: string;
  status: Status | undefined;
  error: Error | null;
  heads: Record<string, number>;
  onAct: ((deed: Deed) => void) | undefined;
};

function Service({ service, status, error, heads, onAct }: Shown) {
  const { t } = useTranslation();
  const name = t(`services.${service}`);
  if (error)
    return (
      <section className="box service" aria-label={name}>
        <h2>{name}</h2>
        <p className="pill bad">
          {error instanceof Refused && error.status === 403 ? t("failed.noRight") : t("palette.down")}
        </p>
      </section>
    );
  if (!status)
    return (
      <section className="box service" aria-label={name} aria-busy>
        <h2>{name}</h2>
        <p className="muted">{t("loading")}</p>
      </section>
    );
  const stands = standingOf(status);
  const { standing } = status;
  const open = openOf(status);
  const does = stands === "paused" ? "resume" : "pause";
  // What has paused itself can be told to go on as well.
  const deeds = stands === "deaf" ? [] : stands === "failing" || stands === "full" ? ["resume", "pause"] : [does];
  return (
    <section className="box service" aria-label={name}>
      <h2>{name}</h2>
      <p>
        <span className={`pill ${TONES[stands]}`}>{t(`bus.stands.${stands}`)}</span>
      </p>
      {standing.paused_at && (
        <p className="muted">
          {asMoment(standing.paused_at)} · {standing.paused_by} · {standing.pause_reason}
        </p>
      )}
      {standing.breaker && <p className="muted">{standing.breaker_error}</p>}
      <dl>
        <div>
          <dt>{t("bus.log")}</dt>
          <dd>{asNumber(status.head)}</dd>
        </div>
        <div>
          <dt>{t("bus.waiting")}</dt>
          <dd className={open > 0 ? "bad-text" : undefined}>{asNumber(open)}</dd>
        </div>
        {status.blocked_aggregates > 0 && (
          <div>
            <dt>{t("bus.blocked")}</dt>
            <dd className="bad-text">{asNumber(status.blocked_aggregates)}</dd>
          </div>
        )}
        {Object.entries(behind(status, heads)).map(([source, lag]) => (
          <div key={source}>
            <dt>{t("bus.behind", { service: t(`services.${source}`) })}</dt>
            <dd className={lag ? "late" : undefined}>{lag === undefined ? "–" : asNumber(lag)}</dd>
          </div>
        ))}
      </dl>
      {onAct && deeds.length > 0 && (
        <div className="actions">
          {deeds.map((one) => (
            <Button
              key={one}
              size="small"
              onClick={() =>
                onAct({
                  title: t(`bus.${one}`, { service: name }),
                  path: `/bus/${service}/${one}`,
                  isDanger: one === "pause",
                })
              }
            >
              {t(`bus.${one}`, { service: name })}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}
