/** The open deals that are expected in a month, largest first. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ListLink, RecordLink } from "../app/links";
import { deals } from "../deal/noun";
import { asDay, asMoney, asPercent } from "../i18n/format";
import { codesOf, fieldName } from "../i18n/names";
import { rowsQuery } from "../list/rows";
import { monthName } from "../reports/say";
import { Failed, Loading } from "../shell/States";
import { dealsOf } from "./month";

const MOST_DEALS = 50;
const SHOWN = ["name", "customer_name", "stage", "amount", "probability", "expected_on", "owner_name"];

export function Deals({ month, currency }: { month: string; currency: string }) {
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
