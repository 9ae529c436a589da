/** A customer in figures; each leads to the records that it counts. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ListLink, RecordLink } from "../app/links";
import { asDay, asMoney, asNumber } from "../i18n/format";
import { Alike } from "../merge/Alike";
import type { TabProps } from "../noun/noun";
import { type Count, overviewQuery, SCREEN_OF, wayTo, wayToOpen } from "./overview";

/** Whatever was not cancelled counts as bought. */
const BOUGHT = "1,2,3,4,5,6";

export default function Figures(props: TabProps) {
  return (
    <>
      <Numbers id={props.id} />
      <Alike {...props} />
    </>
  );
}

function Numbers({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(overviewQuery(id));
  // The page below says what cannot be loaded; figures are an extra.
  if (!data) return <div className="head-space" />;
  const shown = data.counts.filter((count) => count.total > 0);
  return (
    <dl className="figures-of" aria-label={t("figures.title")}>
      {data.orders.map((bought) => (
        <Figure key={bought.currency} name={t("figures.revenue")}>
          <ListLink noun="orders" search={{ customer_no: id, status: BOUGHT }}>
            {asMoney(bought.amount, bought.currency)}
          </ListLink>
          <small className="muted">{t("figures.orders", { count: bought.orders })}</small>
        </Figure>
      ))}
      {data.orders
        .filter((bought) => Number(bought.open) > 0)
        .map((bought) => (
          <Figure key={bought.currency} name={t("figures.unpaid")}>
            <ListLink noun="receivables" search={{ customer_no: id }}>
              {asMoney(bought.open, bought.currency)}
            </ListLink>
          </Figure>
        ))}
      {data.last_order && (
        <Figure name={t("figures.last")}>
          <RecordLink noun="orders" id={data.last_order.order_no}>
            {asDay(data.last_order.ordered_at)}
          </RecordLink>
          <small className="muted">{asMoney(data.last_order.amount, data.last_order.currency)}</small>
        </Figure>
      )}
      {shown.map((count) => (
        <Counted key={`${count.noun} ${count.currency}`} count={count} customer={id} />
      ))}
    </dl>
  );
}

function Counted({ count, customer }: { count: Count; customer: string }) {
  const { t } = useTranslation();
  const all = wayTo(count, customer);
  const open = wayToOpen(count, customer);
  const worth = count.open_amount && Number(count.open_amount) ? asMoney(count.open_amount, count.currency) : "";
  return (
    <Figure name={t(`nouns.${SCREEN_OF[count.noun]}.many`)}>
      <ListLink noun={all.noun} search={all.search}>
        {asNumber(count.total)}
      </ListLink>
      {count.open > 0 && open && (
        <small>
          <ListLink noun={open.noun} search={open.search}>
            {t("figures.open", { total: asNumber(count.open) })}
          </ListLink>
          {worth && <span className="muted"> · {worth}</span>}
        </small>
      )}
    </Figure>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
