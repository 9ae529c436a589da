/** A month by person: what is open, won, stated and aimed at, with the records behind each sum. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import { ListLink } from "../app/links";
import { asMoney, asPercent } from "../i18n/format";
import { ReportLink } from "../reports/Links";
import { dealsOf } from "./month";

type Told = components["schemas"]["ForecastView"];
export type Sums = components["schemas"]["ForecastSums"];
const SUMS = ["open_amount", "weighted", "won_amount", "stated", "target"] as const;

export function People({ told }: { told: Told }) {
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

/** Won, and won with what is open and weighted, of the target. */
export function Progress({ sums }: { sums: Sums }) {
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
