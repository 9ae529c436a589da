/** How far a conversion is, step by step; another service has a part in it, so it may take a moment or fail. */
import { CheckCircleFilled, CloseCircleFilled, LoadingOutlined, MinusCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { RecordLink } from "../app/links";
import type { Row } from "../noun/noun";
import { type Happening, useRefresh } from "../record/record";

const CONVERTING = 8;
const CONVERTED = 9;
const EVERY_MILLISECONDS = 600;
/** Then it is said that it goes on by itself. */
const PATIENCE_SECONDS = 20;

type Step = "busy" | "done" | "failed" | "left-out";
type Props = { id: string; hasDeal: boolean; onClose: () => void; onAgain: () => void };

export function Progress({ id, hasDeal, onClose, onAgain }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const refresh = useRefresh();
  const [isLong, setLong] = useState(false);
  const { data: lead } = useQuery({
    queryKey: ["conversion", id],
    queryFn: async ({ signal }) => (await ask<Row>("GET", `/leads/${id}`, { signal })).data,
    refetchInterval: ({ state }) => (!state.data || state.data.status === CONVERTING ? EVERY_MILLISECONDS : false),
    staleTime: 0,
    gcTime: 0,
  });
  const isOver = Boolean(lead) && lead?.status !== CONVERTING;
  const isDone = lead?.status === CONVERTED;
  const isFailed = isOver && !isDone;
  const reason = useReason(id, isFailed);
  useEffect(() => {
    if (isOver) refresh();
    const timer = setTimeout(() => setLong(true), PATIENCE_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [isOver]);
  const state: Step = isDone ? "done" : isFailed ? "failed" : "busy";
  const link = (noun: string, needs: string, of: string, text: string): ReactNode =>
    isDone && may(needs) ? (
      <RecordLink noun={noun} id={of}>
        {text}
      </RecordLink>
    ) : (
      text
    );
  return (
    <div className="conversion" role="status" aria-live="polite">
      <ol>
        <Line state="done">{t("conversion.asked")}</Line>
        <Line state={state}>
          {link("customers", "customer:read", `${lead?.customer_no}`, t("conversion.customerStep"))}
        </Line>
        <Line state={state}>
          {link("contacts", "contact:read", `${lead?.customer_no}~${lead?.contact_id}`, t("conversion.contactStep"))}
        </Line>
        <Line state={hasDeal ? state : "left-out"}>
          {hasDeal ? link("deals", "deal:read", `${lead?.deal_id}`, t("conversion.dealStep")) : t("conversion.noDeal")}
        </Line>
      </ol>
      {isDone && <Alert type="success" showIcon title={t("conversion.done")} />}
      {isFailed && (
        <Alert
          type="error"
          showIcon
          title={t("conversion.failed")}
          description={reason ?? t("conversion.failedMore")}
        />
      )}
      {!isOver && isLong && <Alert type="info" showIcon title={t("conversion.long")} />}
      <div className="buttons">
        {isFailed && (
          <Button type="primary" onClick={onAgain}>
            {t("failed.again")}
          </Button>
        )}
        <Button onClick={onClose}>{t("record.close")}</Button>
      </div>
    </div>
  );
}

/** What whoever was asked said; the history of the lead keeps it. */
function useReason(id: string, isFailed: boolean): string | undefined {
  const { data } = useQuery({
    queryKey: ["history", "conversion", id],
    queryFn: async ({ signal }) => (await ask<{ items: Happening[] }>("GET", `/leads/${id}/history`, { signal })).data,
    enabled: isFailed,
  });
  const failed = data?.items.findLast((one) => one.type.endsWith(".conversion-failed"));
  return failed?.data.reason ? `${failed.data.reason}` : undefined;
}

function Line({ state, children }: { state: Step; children: ReactNode }) {
  const { t } = useTranslation();
  const icons = {
    busy: <LoadingOutlined aria-label={t("conversion.busy")} />,
    done: <CheckCircleFilled aria-label={t("way.done")} />,
    failed: <CloseCircleFilled aria-label={t("conversion.broken")} />,
    "left-out": <MinusCircleOutlined aria-label={t("conversion.leftOut")} />,
  };
  return (
    <li className={state}>
      {icons[state]} {children}
    </li>
  );
}
