/** After a command: which services have applied it, until all have. */
import { CheckCircleOutlined, CloseOutlined, LoadingOutlined, WarningOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Popover } from "antd";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import { Pill } from "../noun/Value";
import { forgetSaid, listenSaid, saidNow } from "./said";
import "./arrival.css";

type Everywhere = components["schemas"]["EverywhereView"];
export type Stand = "applied" | "waiting" | "late" | "held";

const AGAIN = [150, 300, 700, 1500, 3000, 5000];
/** Longer than a busy system takes, and short enough that somebody still knows what he or she has done. */
const LATE_MS = 10_000;
const GIVE_UP_MS = 300_000;
const SHOWN_MS = 4000;

export function standOf(told: Everywhere | undefined, age: number): Stand {
  const states = new Set(told?.services.map((one) => one.state));
  if (states.has("held")) return "held";
  if (told && !states.has("waiting") && !states.has("silent")) return "applied";
  return age > LATE_MS ? "late" : "waiting";
}

export default function Chip() {
  const { names, at } = useSyncExternalStore(listenSaid, saidNow);
  const [now, setNow] = useState(at);
  const { data, dataUpdatedAt, errorUpdateCount } = useQuery({
    queryKey: ["arrivals", names],
    queryFn: async ({ signal }) =>
      (await ask<Everywhere>("GET", "/bus/arrivals", { query: { said: names.join(",") }, signal })).data,
    refetchInterval: ({ state }) => {
      const stand = standOf(state.data, 0);
      const asked = state.dataUpdateCount + state.errorUpdateCount;
      if (stand === "applied" || stand === "held" || Date.now() - at > GIVE_UP_MS) return false;
      return AGAIN[Math.min(asked, AGAIN.length - 1)]!;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    enabled: names.length > 0,
  });
  useEffect(() => setNow(Date.now()), [dataUpdatedAt, errorUpdateCount, at]);
  const stand = standOf(data, now - at);
  useEffect(() => {
    if (stand !== "applied") return;
    const timer = setTimeout(forgetSaid, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [stand, at]);
  if (names.length === 0) return null;
  return <Shown stand={stand} told={data} last={names.at(-1)!} />;
}

function Shown({ stand, told, last }: { stand: Stand; told: Everywhere | undefined; last: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const missing = told?.services.filter((one) => one.state !== "applied").length ?? 0;
  const said = t(`arrival.${stand}`, { count: missing });
  return (
    <span className="arrival" role="status">
      <Popover
        trigger="click"
        placement="bottomRight"
        content={
          <div className="arrival-more">
            <ul>
              {(told?.services ?? []).map(({ service, state }) => (
                <li key={service}>
                  <span>{t(`services.${service}`, { defaultValue: service })}</span>
                  <Pill tone={state === "applied" ? "good" : state === "held" ? "bad" : "warn"}>
                    {t(`arrival.states.${state}`)}
                  </Pill>
                </li>
              ))}
            </ul>
            {stand !== "applied" && <p className="muted">{t(`arrival.${stand}More`)}</p>}
            {may("bus:read") && (
              <Link to="/bus" search={{ tab: "story", event: last.split(".").at(-1) } as never}>
                {t("arrival.story")}
              </Link>
            )}
          </div>
        }
      >
        <Button
          size="small"
          type="text"
          className={`stand ${stand}`}
          icon={
            stand === "applied" ? (
              <CheckCircleOutlined aria-hidden />
            ) : stand === "waiting" ? (
              <LoadingOutlined aria-hidden />
            ) : (
              <WarningOutlined aria-hidden />
            )
          }
        >
          <span>{said}</span>
        </Button>
      </Popover>
      {(stand === "late" || stand === "held") && (
        <Button
          size="small"
          type="text"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("arrival.close")}
          onClick={forgetSaid}
        />
      )}
    </span>
  );
}
