/** What a campaign cost, and what came of it. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { ListLink } from "../app/links";
import { asMoney, asNumber, asPercent } from "../i18n/format";
import { fieldName } from "../i18n/names";
import type { TabProps } from "../noun/noun";

type Outcome = {
  currency: string;
  budget: string | null;
  cost: string;
  won_deals: number;
  won_amount: string;
  open_deals: number;
  open_amount: string;
  return_on_investment: number | null;
};

export default function Return({ id }: TabProps) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["record", "return", id],
    queryFn: async ({ signal }) => (await ask<Outcome>("GET", `/campaigns/${id}/return`, { signal })).data,
  });
  if (!data) return <div className="head-space" />;
  const deals = (status: string, count: number) => (
    <ListLink noun="deals" search={{ campaign_id: id, status }}>
      {asNumber(count)}
    </ListLink>
  );
  const money = (amount: string | null) => (amount === null ? "–" : asMoney(amount, data.currency));
  return (
    <dl className="figures-of" aria-label={t("figures.title")}>
      <div>
        <dt>{fieldName("campaigns", "budget")}</dt>
        <dd>{money(data.budget)}</dd>
      </div>
      <div>
        <dt>{fieldName("campaigns", "cost")}</dt>
        <dd>{money(data.cost)}</dd>
      </div>
      <div>
        <dt>{t("figures.won")}</dt>
        <dd>
          {deals("won", data.won_deals)} <small className="muted">{money(data.won_amount)}</small>
        </dd>
      </div>
      <div>
        <dt>{t("figures.openDeals")}</dt>
        <dd>
          {deals("open", data.open_deals)} <small className="muted">{money(data.open_amount)}</small>
        </dd>
      </div>
      <div>
        <dt>{t("figures.return")}</dt>
        <dd>{data.return_on_investment === null ? "–" : asPercent(data.return_on_investment)}</dd>
      </div>
    </dl>
  );
}
