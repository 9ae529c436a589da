/** The explorer: events are found; of one, what caused it, what it caused, who has heard of each, what each carries. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import type { View } from "../app/search";
import { asMoment } from "../i18n/format";
import { eventName } from "../i18n/names";
import { Failed, Loading } from "../shell/States";
import { Carried } from "./Carried";
import { askedOf, Finder } from "./Finder";
import { kindName } from "./records";
import { Subject } from "./Subject";

type Node = {
  event_id: string;
  event_type: string;
  service: string;
  subject: string;
  version: number;
  at: string;
  by: string;
  depth: number;
  heard: Record<string, string>;
};
type Told = { asked: string; events: Node[]; is_cut: boolean; silent: string[] };
type Props = { view: View; onGo: (view: View) => void };

export function Story({ view, onGo }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const event = view.event ?? "";
  const tab = { tab: "story" };
  return (
    <div className="story">
      <div className="actions">
        <Input.Search
          key={event}
          defaultValue={event}
          aria-label={t("bus.eventId")}
          placeholder={t("bus.eventId")}
          enterButton={t("bus.tell")}
          maxLength={40}
          onSearch={(said) => said.trim() && onGo({ ...tab, ...askedOf(view), event: said.trim() })}
        />
        {event && may("audit:read") && (
          <Button onClick={() => onGo({ ...tab, ...askedOf(view) })}>{t("bus.find.back")}</Button>
        )}
      </div>
      {event ? (
        <Tree event={event} onGo={(next) => onGo({ ...askedOf(view), ...next })} />
      ) : (
        <>
          <p className="muted">{t("bus.storyHint")}</p>
          {may("audit:read") && (
            <Finder
              key={JSON.stringify(askedOf(view))}
              view={view}
              onFind={(asked) => onGo({ ...tab, ...asked })}
              onOpen={(found) => onGo({ ...tab, ...askedOf(view), event: found })}
            />
          )}
        </>
      )}
    </div>
  );
}

function Tree({ event, onGo }: { event: string; onGo: (view: View) => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ["bus", "story", event],
    queryFn: async ({ signal }) =>
      (await ask<Told>("GET", `/bus/causation/${encodeURIComponent(event)}`, { signal })).data,
    retry: false,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return (
    <>
      {data.silent.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("bus.silent", { services: data.silent.map((one) => t(`services.${one}`)).join(t("list.or")) })}
        />
      )}
      <ol className="tree" aria-label={t("bus.story")}>
        {data.events.map((one) => (
          <Told key={one.event_id} told={one} isAsked={one.event_id === data.asked} onGo={onGo} />
        ))}
      </ol>
      {data.is_cut && <p className="muted">{t("bus.cut")}</p>}
    </>
  );
}

function Told({ told, isAsked, onGo }: { told: Node; isAsked: boolean; onGo: (view: View) => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const [isOpen, setOpen] = useState(isAsked);
  const [kind = "", id = ""] = told.subject.split("/");
  return (
    <li
      ref={(element) => element?.style.setProperty("--depth", `${told.depth}`)}
      aria-current={isAsked ? "true" : undefined}
    >
      <div className="what">
        <button type="button" className="open" onClick={() => onGo({ tab: "story", event: told.event_id })}>
          {kindName(kind)}
          {t("list.is")}
          {eventName(told.event_type)}
        </button>
        <Subject kind={kind} id={id} />
        {may("audit:read") && (
          <Button size="small" type="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t("bus.carried.show")}
          </Button>
        )}
      </div>
      <span className="muted">
        {told.event_type.replace(/^crm\./, "")} · v{told.version} · {asMoment(told.at)} · {told.by || t("bus.nobody")}
      </span>
      <div className="heard">
        {Object.entries(told.heard).map(([consumer, state]) => (
          <Heard key={consumer} consumer={consumer} state={state} event={told.event_id} onGo={onGo} />
        ))}
      </div>
      {isOpen && may("audit:read") && <Carried event={told.event_id} />}
    </li>
  );
}

const HEARD: Record<string, string> = { done: "good", parked: "bad", discarded: "calm", ignored: "calm" };
type HeardProps = { consumer: string; state: string; event: string; onGo: (view: View) => void };

/** Who has heard of it; where it is put aside, the way there. */
function Heard({ consumer, state, event, onGo }: HeardProps) {
  const { t } = useTranslation();
  const service = consumer.replace(/\.events$/, "");
  const said = `${t(`services.${service}`, { defaultValue: consumer })}${t("list.is")}${t(`bus.heard.${state}`, { defaultValue: state })}`;
  const tone = `pill ${HEARD[state] ?? "warn"}`;
  if (!["parked", "dead"].includes(state)) return <span className={tone}>{said}</span>;
  return (
    <button type="button" className={`${tone} way`} onClick={() => onGo({ tab: "parked", service, event })}>
      {said}
    </button>
  );
}
