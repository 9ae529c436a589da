/** How far an erasure is: service by service, what was blanked, and another try where one is stuck. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { asMoment, asNumber } from "../i18n/format";
import { problemTitle } from "../i18n/names";
import { filled, type TabProps } from "../noun/noun";
import { Pill } from "../noun/Value";
import { recordQuery, useRefresh } from "../record/record";

type Erasure = components["schemas"]["ErasureView"];
const AGAIN_MS = 2_000;
const OVER = ["done", "refused"];

export default function Progress({ noun, id, record }: TabProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();
  const [refused, setRefused] = useState<string>();
  const isOver = OVER.includes(`${record.state}`);
  useQuery({ ...recordQuery(noun, id), refetchInterval: isOver ? false : AGAIN_MS });
  const { parts } = record as unknown as Erasure;
  const retry = async () => {
    setRefused(undefined);
    try {
      await ask("POST", `${filled(noun.record!, id)}/retry`);
      message.success(t("record.done"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused([problemTitle(error.problem), error.problem.detail].filter(Boolean).join(" · "));
    }
    await refresh();
  };
  return (
    <div className="note">
      <p role="status">
        {t("erasure.sofar", { done: parts.filter((one) => one.erased_at).length, all: parts.length })}
      </p>
      <ul className="history">
        {parts.map((part) => (
          <li key={part.service}>
            <b>{t(`services.${part.service}`, { defaultValue: part.service })}</b>{" "}
            {part.erased_at ? (
              <>
                <Pill tone="good">{t("erasure.erased")}</Pill> <span className="muted">{asMoment(part.erased_at)}</span>
                <div className="muted">{rowsOf(part.tables as Record<string, number>) || t("erasure.nothing")}</div>
              </>
            ) : (
              <Pill tone={record.state === "refused" ? "calm" : "warn"}>{t("erasure.waits")}</Pill>
            )}
          </li>
        ))}
      </ul>
      {record.state === "refused" && <p className="bad-text">{t("erasure.refused")}</p>}
      {refused && <Alert type="error" showIcon role="alert" title={refused} />}
      {!isOver && <Button onClick={retry}>{t("actions.retry")}</Button>}
    </div>
  );
}

/** `cst_linkman 1 · event_log 3`: tables are named as the operations guide names them. */
const rowsOf = (tables: Record<string, number>) =>
  Object.entries(tables)
    .map(([table, rows]) => `${table} ${asNumber(rows)}`)
    .join(" · ");
