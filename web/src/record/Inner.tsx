/** What a record holds in rows of its own: lines of an order, measures, stages. */
import { useTranslation } from "react-i18next";
import { useMay } from "../api/session";
import type { Kind } from "../api/shapes";
import { RecordLink } from "../app/links";
import { fieldName } from "../i18n/names";
import type { Noun, Row } from "../noun/noun";
import { Value } from "../noun/Value";

const AMOUNT = /^-?\d+\.\d\d$/;
const MOMENT = /^\d{4}-\d\d-\d\dT/;

export function Inner({ noun, field, rows, currency }: { noun: Noun; field: string; rows: Row[]; currency: unknown }) {
  const { t } = useTranslation();
  const may = useMay();
  if (rows.length === 0) return <p className="state muted">{t("record.nothing")}</p>;
  const columns = Object.keys(rows[0]!).filter((name) => name !== "id" && !name.endsWith("_id"));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className="sheet" aria-label={fieldName(noun.name, field)} tabIndex={0}>
      <table className="rows" aria-label={fieldName(noun.name, field)}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} className={isNumber(rows[0]![column]) ? "right" : undefined}>
                {fieldName(noun.name, column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={`${row.id ?? at}`}>
              {columns.map((column) => {
                const value = (
                  <Value noun={noun} field={column} kind={kindOf(row[column])} row={{ currency, ...row }} />
                );
                return (
                  <td key={column} className={isNumber(row[column]) ? "right" : "whole"}>
                    {column === "product_code" && row.product_id && may("product:read") ? (
                      <RecordLink noun="products" id={`${row.product_id}`}>
                        {value}
                      </RecordLink>
                    ) : (
                      value
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const isNumber = (value: unknown) => typeof value === "number" || (typeof value === "string" && AMOUNT.test(value));

function kindOf(value: unknown): Kind {
  if (typeof value === "number") return "integer";
  if (typeof value === "boolean") return "flag";
  if (typeof value !== "string") return Array.isArray(value) ? "many" : "text";
  return AMOUNT.test(value) ? "money" : MOMENT.test(value) ? "moment" : "text";
}
