/** One event: what caused it, what it caused, and who has heard of each. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Input } from "antd";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { asMoment } from "../i18n/format";
import { Failed, Loading } from "../shell/States";

type Told = {
  asked: string;
  events: {
    event_id: string;
    event_type: string;
    service: string;
    subject: string;
    version: number;
    at: string;
    by: string;
    depth: number;
    heard: Record<string, string>;
  }[];
  is_cut: boolean;
  silent: string[];
};

export function Story({ event, onAsk }: { event: string; onAsk: (event: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className="story">
      <Input.Search
        key={event}
        defaultValue={event}
        aria-label={t("bus.eventId")}
        placeholder={t("bus.eventId")}
        enterButton={t("bus.tell")}
        maxLength={40}
        onSearch={(said) => said.trim() && onAsk(said.trim())}
      />
      {event ? <Tree event={event} onAsk={onAsk} /> : <p className="muted">{t("bus.storyHint")}</p>}
    </div>
  );
}

function Tree({ event, onAsk }: { event: string; onAsk: (event: string) => void }) {
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
      <ol className="tree">
        {data.events.map((one) => (
          <li
            key={one.event_id}
            ref={(element) => element?.style.setProperty("--depth", `${one.depth}`)}
            aria-current={one.event_id === data.asked ? "true" : undefined}
          >
            <button type="button" className="open" onClick={() => onAsk(one.event_id)}>
              {one.event_type.replace(/^crm\./, "")}
            </button>{" "}
            <span className="muted">
              {one.subject} · v{one.version} · {asMoment(one.at)} · {one.by || t("bus.nobody")}
            </span>
            <div className="heard">
              {Object.entries(one.heard).map(([consumer, state]) => (
                <span key={consumer} className={`pill ${HEARD[state] ?? "warn"}`}>
                  {t(`services.${consumer.replace(/\.events$/, "")}`, { defaultValue: consumer })}
                  {t("list.is")}
                  {t(`bus.heard.${state}`, { defaultValue: state })}
                </span>
              ))}
            </div>
          </li>
        ))}
      </ol>
      {data.is_cut && <p className="muted">{t("bus.cut")}</p>}
    </>
  );
}

const HEARD: Record<string, string> = { done: "good", parked: "bad", discarded: "calm", ignored: "calm" };
