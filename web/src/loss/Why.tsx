/** Why there is a warning: the rule, and what it saw when it looked. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { ListLink, RecordLink } from "../app/links";
import { asDay, asMoney, asNumber } from "../i18n/format";
import type { TabProps } from "../noun/noun";

type Explanation = {
  as_of: string;
  months: number;
  since: string;
  opened_at: string;
  orders: number;
  last_order: { order_no: string; ordered_at: string; amount: string; currency: string } | null;
  days_without_order: number;
  usual_days: number | null;
  orders_since: number;
};

export default function Why({ id, record }: TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { data } = useQuery({
    queryKey: ["record", "explanation", id],
    queryFn: async ({ signal }) => (await ask<Explanation>("GET", `/losses/${id}/explanation`, { signal })).data,
  });
  if (!data) return <div className="head-space" />;
  const { last_order: last } = data;
  const customer = `${record.customer_no}`;
  return (
    <section className="explained" aria-labelledby="why-warned">
      <h2 id="why-warned">{t("loss.why")}</h2>
      <p>{t("loss.rule", { count: data.months, since: asDay(data.since) })}</p>
      <ul>
        <li>
          {last ? (
            <>
              {t("loss.last", { at: asDay(last.ordered_at), amount: asMoney(last.amount, last.currency) })}{" "}
              {may("order:read") ? (
                <RecordLink noun="orders" id={last.order_no}>
                  {last.order_no}
                </RecordLink>
              ) : (
                last.order_no
              )}
              {t("loss.before", { count: data.days_without_order, at: asDay(data.as_of) })}
            </>
          ) : (
            t("loss.never", { at: asDay(data.opened_at), count: data.days_without_order })
          )}
        </li>
        {data.usual_days !== null && (
          <li>
            {t("loss.usual", { count: data.usual_days })}{" "}
            <ListLink
              noun="orders"
              search={{
                customer_no: customer,
                kind: "order",
                ordered_to: (last?.ordered_at ?? data.as_of).slice(0, 10),
              }}
            >
              {t("figures.orders", { count: data.orders })}
            </ListLink>
            {data.usual_days > 0 && data.days_without_order > data.usual_days
              ? t("loss.overdue", {
                  times: asNumber(Math.round((data.days_without_order / data.usual_days) * 10) / 10),
                })
              : null}
          </li>
        )}
        {data.orders_since > 0 && <li>{t("loss.since", { count: data.orders_since })}</li>}
      </ul>
    </section>
  );
}
