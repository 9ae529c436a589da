/** Parked events of all services: by cause, one cause's events, one event. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { View } from "../app/search";
import { asMoment, asNumber } from "../i18n/format";
import { eventName } from "../i18n/names";
import { Failed, Loading } from "../shell/States";
import { Differences } from "./Differences";
import { type Cause, causesQuery, type Parked, type ParkedRow, SERVICES } from "./desk";
import { dataOf, EditData } from "./EditData";
import type { Deed } from "./Reason";

type Props = { view: View; onGo: (view: View) => void; onAct: ((deed: Deed) => void) | undefined };

export function Causes({ view, onGo, onAct }: Props) {
  const { t } = useTranslation();
  const answers = useQueries({ queries: SERVICES.map(causesQuery) });
  const all = answers.flatMap(({ data }, at) => (data ?? []).map((cause) => ({ service: SERVICES[at]!, cause })));
  const service = view.service ?? view.cause?.split("~")[0];
  const one = view.event && service && (
    <One service={service} event={view.event} onGo={onGo} onAct={onAct} cause={view.cause} />
  );
  if (answers.every(({ isPending }) => isPending)) return <Loading />;
  const silent = SERVICES.filter((_, at) => answers[at]!.error);
  return (
    <>
      {silent.map((service) => (
        <p key={service} className="note bad-text">
          {t(`services.${service}`)} {t("palette.down")}
        </p>
      ))}
      {all.length === 0 ? (
        <p className="note muted">{t("bus.none")}</p>
      ) : (
        <ul className="causes">
          {all.map(({ service, cause }) => {
            const key = keyOf(service, cause);
            const isOpen = view.cause === key;
            return (
              <li key={key}>
                <div className="cause">
                  <button
                    type="button"
                    className="open"
                    aria-expanded={isOpen}
                    onClick={() => onGo(isOpen ? {} : { cause: key })}
                  >
                    <b>{t(`services.${service}`)}</b> {t(`bus.reasons.${cause.reason}`, { defaultValue: cause.reason })}
                    {cause.error_class && ` · ${cause.error_class}`}
                  </button>
                  <span className="number">
                    {t("bus.events", { count: cause.number, events: asNumber(cause.number) })} ·{" "}
                    {t("bus.records", { count: cause.aggregates })}
                  </span>
                  {onAct && <ForCause service={service} cause={cause} onAct={onAct} />}
                </div>
                {cause.error && <p className="error">{cause.error}</p>}
                <p className="muted">
                  {t(`bus.states.${cause.state}`)} · {asMoment(cause.first_at)} – {asMoment(cause.last_at)}
                </p>
                {isOpen && <Events service={service} cause={cause} onOpen={(event) => onGo({ cause: key, event })} />}
              </li>
            );
          })}
        </ul>
      )}
      {one}
    </>
  );
}

const keyOf = (service: string, cause: Cause) => [service, cause.fingerprint, cause.reason, cause.state].join("~");
const whereOf = ({ fingerprint, reason, state }: Cause) => ({ fingerprint, reason, state });

function ForCause({ service, cause, onAct }: { service: string; cause: Cause; onAct: (deed: Deed) => void }) {
  const { t } = useTranslation();
  const body = { where: whereOf(cause) };
  return (
    <span className="actions">
      <Button
        size="small"
        onClick={() =>
          onAct({
            title: t("bus.redriveAll"),
            path: `/bus/${service}/redrive`,
            body,
            hasDryRun: true,
            isReasonOptional: true,
          })
        }
      >
        {t("bus.redriveAll")}
      </Button>
      <Button
        size="small"
        danger
        onClick={() =>
          onAct({ title: t("bus.discardAll"), path: `/bus/${service}/discard`, body, hasDryRun: true, isDanger: true })
        }
      >
        {t("bus.discardAll")}
      </Button>
    </span>
  );
}

function Events({ service, cause, onOpen }: { service: string; cause: Cause; onOpen: (event: string) => void }) {
  const { t } = useTranslation();
  const query = { ...whereOf(cause), size: 50, total: false };
  const { data, error, refetch } = useQuery({
    queryKey: ["bus", service, "parked", query],
    queryFn: async ({ signal }) =>
      (await ask<{ items: ParkedRow[] }>("GET", `/bus/${service}/parked`, { query, signal })).data.items,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="sheet">
      <table className="rows" aria-label={t("bus.parked")}>
        <thead>
          <tr>
            {["event", "about", "attempts", "nextAt", "firstAt"].map((name) => (
              <th key={name}>{t(`bus.columns.${name}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.map((row) => (
            <tr key={row.event_id} onClick={() => onOpen(row.event_id)}>
              <td>
                <button type="button" className="open">
                  {row.event_type || row.event_id}
                </button>
              </td>
              <td>
                {row.aggregate_type}/{row.aggregate_id}
              </td>
              <td>{asNumber(row.attempts)}</td>
              <td>{row.next_attempt_at ? asMoment(row.next_attempt_at) : "–"}</td>
              <td>{asMoment(row.first_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type OneProps = Omit<Props, "view"> & { service: string; event: string; cause: string | undefined };

function One({ service, event, cause, onGo, onAct }: OneProps) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  const path = `/bus/${service}/parked/${event}`;
  const { data, error, refetch } = useQuery({
    queryKey: ["bus", service, "one", event],
    queryFn: ({ signal }) => ask<Parked>("GET", path, { signal }),
    retry: false,
  });
  const parked = data?.data;
  return (
    <Drawer open size={620} title={parked?.event_type || event} onClose={() => onGo(cause ? { cause } : {})}>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !parked ? (
        <Loading />
      ) : (
        <div className="parked">
          <p>
            {t(`services.${parked.source}`, { defaultValue: parked.source })} → {t(`services.${service}`)} ·{" "}
            {parked.aggregate_type}/{parked.aggregate_id} · {t(`bus.states.${parked.state}`)}
          </p>
          {parked.error && <p className="error">{parked.error}</p>}
          <div className="actions">
            {onAct && parked.state !== "discarded" && (
              <Deeds path={path} parked={parked} onAct={onAct} onEdit={() => setEditing(true)} />
            )}
            <Button onClick={() => onGo({ tab: "story", event })}>{t("bus.story")}</Button>
          </div>
          <Content parked={parked} />
          <Happened parked={parked} />
          {isEditing && <EditData path={path} parked={parked} etag={data.etag} onClose={() => setEditing(false)} />}
        </div>
      )}
    </Drawer>
  );
}

type DeedsProps = { path: string; parked: Parked; onAct: (deed: Deed) => void; onEdit: () => void };

function Deeds({ path, parked, onAct, onEdit }: DeedsProps) {
  const { t } = useTranslation();
  const isEvent = parked.reason !== "unparseable";
  return (
    <>
      {isEvent && (
        <>
          <Button onClick={() => onAct({ title: t("bus.redrive"), path: `${path}/redrive`, isReasonOptional: true })}>
            {t("bus.redrive")}
          </Button>
          <Button onClick={onEdit}>{t("bus.editing.open")}</Button>
        </>
      )}
      <Button danger onClick={() => onAct({ title: t("bus.discard"), path: `${path}/discard`, isDanger: true })}>
        {t("bus.discard")}
      </Button>
      {!isEvent && <span className="muted">{t("bus.editing.noEvent")}</span>}
    </>
  );
}

/** As it is, and where somebody has edited it, as it came. */
function Content({ parked }: { parked: Parked }) {
  const { t } = useTranslation();
  return (
    <>
      {parked.original !== null && <Differences before={dataOf(parked.original)} after={dataOf(parked.body)} />}
      <h3>{t("bus.body")}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <pre tabIndex={0}>{parked.body === null ? (parked.raw ?? "") : JSON.stringify(parked.body, null, 2)}</pre>
    </>
  );
}

function Happened({ parked }: { parked: Parked }) {
  const { t } = useTranslation();
  return (
    <>
      <h3>{t("bus.failures")}</h3>
      <ol className="history">
        {parked.failures.toReversed().map((one) => (
          <li key={`${one.at} ${one.attempt}`}>
            <b>{t("bus.attempt", { number: one.attempt })}</b> <span className="muted">{asMoment(one.at)}</span>
            <div>
              {one.error_class} {one.error}
            </div>
            <div className="muted">{one.place}</div>
          </li>
        ))}
        {parked.actions.map((one) => (
          <li key={one.id}>
            <b>{t(`bus.${one.action}`, { defaultValue: eventName(one.action), service: "" })}</b>{" "}
            <span className="muted">
              {asMoment(one.at)} · {one.by_name}
            </span>
            <div>{one.reason}</div>
          </li>
        ))}
      </ol>
    </>
  );
}
