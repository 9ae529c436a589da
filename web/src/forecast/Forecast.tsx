/** What the coming months are likely to bring: open deals by the month of their closing, statements and targets. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, App, Button, Input, Select } from "antd";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { useMay, useMe } from "../api/session";
import { ListLink, RecordLink } from "../app/links";
import type { View } from "../app/search";
import { deals } from "../deal/noun";
import { asDay, asMoney, asPercent } from "../i18n/format";
import { codesOf, fieldName, problemTitle } from "../i18n/names";
import { rowsQuery } from "../list/rows";
import { ReportLink } from "../reports/Links";
import { monthName } from "../reports/say";
import { Failed, Loading, State } from "../shell/States";
import { useTitle } from "../shell/title";
import { CURRENCIES, dealsOf, monthAfter, monthNow } from "./month";
import "../reports/reports.css";

type Told = components["schemas"]["ForecastView"];
type Sums = components["schemas"]["ForecastSums"];
const MONTHS = 6;
const MOST_DEALS = 50;

function forecastQuery(month: string, currency: string) {
  return queryOptions({
    queryKey: ["forecast", month, currency],
    queryFn: async ({ signal }) => (await ask<Told>("GET", "/forecast", { query: { month, currency }, signal })).data,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

export default function Forecast() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("forecast.title"));
  if (!may("forecast:read"))
    return (
      <State title={t("failed.noRight")}>
        <p>{t("failed.noRightMore")}</p>
      </State>
    );
  return <Months />;
}

function Months() {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(view.month ?? "") ? view.month! : monthNow();
  const first = /^\d{4}-(0[1-9]|1[0-2])$/.test(view.first ?? "") ? view.first! : monthAfter(month, -1);
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

function Progress({ sums }: { sums: Sums }) {
  const { t } = useTranslation();
  const target = Number(sums.target);
  if (!target) return <span className="muted">{t("forecast.noTarget")}</span>;
  const won = Number(sums.won_amount) / target;
  const inSight = won + Number(sums.weighted) / target;
  const part = (of: number) => `${Math.min(1, of) * 100}%`;
  return (
    <span className="progress">
      <span className="bar" aria-hidden>
        <span className="in-sight" style={{ width: part(inSight) }} />
        <span className="won" style={{ width: part(won) }} />
      </span>
      <span className="muted">{t("forecast.attained", { won: asPercent(won), inSight: asPercent(inSight) })}</span>
    </span>
  );
}

const SUMS = ["open_amount", "weighted", "won_amount", "stated", "target"] as const;

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

function People({ told }: { told: Told }) {
  const { t } = useTranslation();
  return (
    <table className="rows" aria-labelledby="people">
      <thead>
        <tr>
          <th>{t("forecast.person")}</th>
          {SUMS.map((name) => (
            <th key={name} className="right">
              {t(`forecast.sums.${name}`)}
            </th>
          ))}
          <th>{t("forecast.progress")}</th>
        </tr>
      </thead>
      <tbody>
        {told.items.map((one) => (
          <tr key={one.owner_id}>
            <td>{one.owner_name || one.owner_id}</td>
            {SUMS.map((name) => (
              <td key={name} className="right">
                <Sum told={told} name={name} sums={one} owner={one.owner_id} />
              </td>
            ))}
            <td>
              <Progress sums={one} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td>{t("reports.total")}</td>
          {SUMS.map((name) => (
            <td key={name} className="right">
              <Sum told={told} name={name} sums={told.totals} />
            </td>
          ))}
          <td>
            <Progress sums={told.totals} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

type OfSum = { told: Told; name: (typeof SUMS)[number]; sums: Sums; owner?: number };

/** Sums of deals lead to the deals; statements and shares of targets to what the report of forecasts counts. */
function Sum({ told, name, sums, owner }: OfSum): ReactNode {
  const may = useMay();
  const said = asMoney(sums[name], told.currency);
  if (Number(sums[name]) === 0) return said;
  if (name === "stated" || name === "target") {
    const asked = {
      month: told.month,
      currency: told.currency,
      ...(owner ? { person: `${owner}` } : {}),
      figure: name,
    };
    const to = `/api/reports/sales-forecast/drill?${new URLSearchParams(asked)}`;
    return may("report:performance") ? <ReportLink to={to}>{said}</ReportLink> : said;
  }
  const status = name === "won_amount" ? "won" : "open";
  const filters = dealsOf(told.month, told.currency, { status, ...(owner ? { owner_id: `${owner}` } : {}) });
  return may("deal:read") ? (
    <ListLink noun="deals" search={filters}>
      {said}
    </ListLink>
  ) : (
    said
  );
}

/** What one expects oneself; it may be said again as often as one learns more. */
function Statement({ month, currency, stated }: { month: string; currency: string; stated: string | undefined }) {
  const { t } = useTranslation();
  const id = useId();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [amount, setAmount] = useState(Number(stated) ? `${stated}` : "");
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await ask("PUT", "/forecasts", { body: { month, currency, amount: amount.trim() } });
      message.success(t("record.saved"));
      await cache.invalidateQueries({ queryKey: ["forecast"] });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="statement" onSubmit={send}>
      <label htmlFor={id}>{t("forecast.mine", { month: monthName(month) })}</label>
      <Input
        id={id}
        inputMode="decimal"
        required
        suffix={currency}
        value={amount}
        status={problem ? "error" : ""}
        onChange={(event) => setAmount(event.target.value)}
      />
      <Button type="primary" htmlType="submit" loading={isBusy}>
        {t("forecast.state")}
      </Button>
      {problem && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={problemTitle(problem.problem)}
          description={problem.problem.errors?.map(({ detail }) => detail).join(" · ") ?? problem.problem.detail}
        />
      )}
    </form>
  );
}

const SHOWN = ["name", "customer_name", "stage", "amount", "probability", "expected_on", "owner_name"];

/** The open deals that are expected in the month, largest first. */
function Deals({ month, currency }: { month: string; currency: string }) {
  const { t } = useTranslation();
  const filters = dealsOf(month, currency, { status: "open" });
  const { data, error, refetch } = useQuery(
    rowsQuery("/deals", { ...filters, sort: "-amount_minor", size: MOST_DEALS }),
  );
  return (
    <section className="box" aria-labelledby="expected">
      <div className="box-head">
        <h2 id="expected">
          {t("forecast.deals", { month: monthName(month) })}
          {data && <span className="count">{data.total}</span>}
        </h2>
        {Boolean(data?.total) && (
          <ListLink noun="deals" search={filters}>
            {t("today.all")}
          </ListLink>
        )}
      </div>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <p className="jobs muted">{t("forecast.noDeals")}</p>
      ) : (
        <div className="sheet">
          <table className="rows" aria-labelledby="expected">
            <thead>
              <tr>
                {SHOWN.map((name) => (
                  <th key={name} className={/amount|probability/.test(name) ? "right" : undefined}>
                    {fieldName(deals.name, name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.items.map((row) => (
                <tr key={`${row.id}`}>
                  <td>
                    <RecordLink noun="deals" id={`${row.id}`}>{`${row.name}`}</RecordLink>
                  </td>
                  <td>{`${row.customer_name ?? "–"}`}</td>
                  <td>{codesOf("deals", "stage")?.[`${row.stage}`] ?? `${row.stage}`}</td>
                  <td className="right">{asMoney(`${row.amount}`, `${row.currency}`)}</td>
                  <td className="right">{asPercent((row.probability as number) / 100)}</td>
                  <td>{row.expected_on ? asDay(`${row.expected_on}`) : "–"}</td>
                  <td>{`${row.owner_name ?? "–"}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
