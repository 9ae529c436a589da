/** What the coming months are likely to bring: open deals by the month of their closing, statements and targets. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { useMay, useMe } from "../api/session";
import type { View } from "../app/search";
import { asMoney } from "../i18n/format";
import { monthName } from "../reports/say";
import { Failed, Loading, NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { Deals } from "./Deals";
import { CURRENCIES, monthAfter, monthNow, monthOr } from "./month";
import { People, Progress, type Sums } from "./People";
import { Statement } from "./Statement";
import "../reports/reports.css";

type Told = components["schemas"]["ForecastView"];
const MONTHS = 6;

function forecastQuery(month: string, currency: string) {
  return queryOptions({
    queryKey: ["forecast", month, currency],
    queryFn: async ({ signal }) => (await ask<Told>("GET", "/forecast", { query: { month, currency }, signal })).data,
    staleTime: 10_000,
  });
}

export default function Forecast() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("forecast.title"));
  if (!may("forecast:read")) return <NoRight />;
  return <Months />;
}

function Months() {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const month = monthOr(view.month, monthNow());
  const first = monthOr(view.first, monthAfter(month, -1));
  const currency = view.currency ?? "CNY";
  const months = Array.from({ length: MONTHS }, (_, at) => monthAfter(first, at));
  const answers = useQueries({ queries: months.map((one) => forecastQuery(one, currency)) });
  const change = (next: View) => navigate({ to: ".", search: { ...view, first, ...next } as never, replace: true });
  return (
    <div className="page report">
      <header className="title">
        <h1>{t("forecast.title")}</h1>
        <span className="grow" />
        <Select
          aria-label={t("forecast.currency")}
          value={currency}
          onChange={(chosen) => change({ currency: chosen })}
          options={[...new Set([currency, ...CURRENCIES])].map((value) => ({ value, label: value }))}
        />
        <Button
          icon={<LeftOutlined aria-hidden />}
          aria-label={t("forecast.earlier")}
          onClick={() => change({ first: monthAfter(first, -1) })}
        />
        <Button
          icon={<RightOutlined aria-hidden />}
          aria-label={t("forecast.later")}
          onClick={() => change({ first: monthAfter(first) })}
        />
      </header>
      <ul className="months" aria-label={t("forecast.months")}>
        {months.map((one, at) => (
          <li key={one}>
            <Link
              to="."
              search={{ ...view, first, month: one } as never}
              className={one === month ? "month now" : "month"}
              aria-current={one === month ? "true" : undefined}
            >
              <b>{monthName(one)}</b>
              <Glance sums={answers[at]?.data?.totals} currency={currency} />
            </Link>
          </li>
        ))}
      </ul>
      <Month month={month} currency={currency} />
    </div>
  );
}

/** Where a month stands: won, won and weighted, of the target. */
function Glance({ sums, currency }: { sums: Sums | undefined; currency: string }) {
  const { t } = useTranslation();
  if (!sums) return <span className="muted">{t("loading")}</span>;
  return (
    <>
      <span>{t("forecast.wonSum", { sum: asMoney(sums.won_amount, currency) })}</span>
      <span className="muted">{t("forecast.weightedSum", { sum: asMoney(sums.weighted, currency) })}</span>
      <Progress sums={sums} />
    </>
  );
}

function Month({ month, currency }: { month: string; currency: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const me = useMe();
  const { data, error, refetch } = useQuery(forecastQuery(month, currency));
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const mine = data.items.find((one) => one.owner_id === me.user_id);
  return (
    <div className="behind">
      <section className="box" aria-labelledby="people">
        <div className="box-head">
          <h2 id="people">{t("forecast.people", { month: monthName(month) })}</h2>
        </div>
        {may("forecast:write") && (
          <Statement
            key={`${month} ${currency} ${mine?.stated}`}
            month={month}
            currency={currency}
            stated={mine?.stated}
          />
        )}
        {data.items.length === 0 ? (
          <p className="jobs muted">{t("forecast.nothing")}</p>
        ) : (
          <div className="sheet">
            <People told={data} />
          </div>
        )}
      </section>
      {may("deal:read") && <Deals month={month} currency={currency} />}
    </div>
  );
}
