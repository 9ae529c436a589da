/** Long flows: where each of them waits, and what may be done when it waits too long. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import { asMoment, asNumber } from "../i18n/format";
import { problemTitle } from "../i18n/names";
import type { Tone } from "../noun/noun";
import { Failed, Loading } from "../shell/States";
import { type Deed, Reason } from "./Reason";

type FlowRow = components["schemas"]["FlowRow"];
type FlowView = components["schemas"]["FlowView"];
type Page = { items: FlowRow[]; total: number | null };

const SIZE = 50;
const TONES: Record<string, Tone> = {
  running: "busy",
  stuck: "bad",
  completed: "good",
  failed: "bad",
  cancelled: "calm",
};

export function Flows() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const cache = useQueryClient();
  const [isOpenOnly, setOpenOnly] = useState(true);
  const [shown, setShown] = useState<string>();
  const [deed, setDeed] = useState<Deed>();
  const query = { size: SIZE, state: isOpenOnly ? "running,stuck" : undefined };
  const { data, error, refetch } = useQuery({
    queryKey: ["bus", "flows", query],
    queryFn: async ({ signal }) => (await ask<Page>("GET", "/flows", { query, signal })).data,
    refetchInterval: 5_000,
  });
  const again = () => void cache.invalidateQueries({ queryKey: ["bus", "flows"] });
  const retry = async (id: string) => {
    try {
      await ask("POST", `/flows/${encodeURIComponent(id)}/retry`);
      message.success(t("record.done"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      message.error(problemTitle(error.problem));
    }
    again();
  };
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return (
    <>
      <div className="note">
        <Segmented
          aria-label={t("bus.flows")}
          value={isOpenOnly ? "open" : "all"}
          onChange={(chosen) => setOpenOnly(chosen === "open")}
          options={["open", "all"].map((value) => ({ value, label: t(`bus.show.${value}`) }))}
        />{" "}
        <span className="muted">
          {t("bus.flowsCount", { shown: data.items.length, total: asNumber(data.total ?? 0) })}
        </span>
      </div>
      {data.items.length === 0 && <p className="note muted">{t("bus.noFlows")}</p>}
      <ul className="causes">
        {data.items.map((flow) => (
          <li key={flow.id}>
            <div className="cause">
              <button
                type="button"
                className="open"
                aria-expanded={shown === flow.id}
                onClick={() => setShown(shown === flow.id ? undefined : flow.id)}
              >
                <b>{flow.flow_type}</b> {flow.correlation_id}
              </button>
              <span className={`pill ${TONES[flow.state]}`}>{t(`bus.flow.${flow.state}`)}</span>
              {may("flow:operate") && ["running", "stuck"].includes(flow.state) && (
                <span className="actions">
                  <Button size="small" onClick={() => retry(flow.id)}>
                    {t("bus.retry")}
                  </Button>
                  <Button
                    size="small"
                    danger
                    onClick={() =>
                      setDeed({
                        title: t("bus.cancelFlow"),
                        path: `/flows/${encodeURIComponent(flow.id)}/cancellation`,
                        isDanger: true,
                      })
                    }
                  >
                    {t("bus.cancelFlow")}
                  </Button>
                </span>
              )}
            </div>
            <p className="muted">
              {flow.step}
              {flow.waiting_for &&
                ` · ${t("bus.waits", { what: flow.waiting_for, since: asMoment(flow.waiting_since) })}`}
              {flow.deadline_at && ` · ${t("bus.until", { at: asMoment(flow.deadline_at) })}`}
              {flow.reason && ` · ${flow.reason}`}
            </p>
            {shown === flow.id && <Steps id={flow.id} />}
          </li>
        ))}
      </ul>
      {deed && <Reason deed={deed} onDone={again} onClose={() => setDeed(undefined)} />}
    </>
  );
}

function Steps({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ["bus", "flows", "one", id],
    queryFn: async ({ signal }) => (await ask<FlowView>("GET", `/flows/${encodeURIComponent(id)}`, { signal })).data,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return (
    <ol className="history" aria-label={t("bus.steps")}>
      {data.steps.map((one) => (
        <li key={`${one.at} ${one.step} ${one.outcome}`}>
          <b>{one.step}</b> {one.outcome}{" "}
          <span className="muted">
            {asMoment(one.at)} {one.by_name && t("record.by", { name: one.by_name })}
          </span>
          {one.detail && <div>{one.detail}</div>}
        </li>
      ))}
    </ol>
  );
}
