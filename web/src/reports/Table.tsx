/** The figures of a report, line by line, with what all lines together say. */
import { CaretDownOutlined, CaretUpOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { nextSort } from "../list/view";
import { type Answer, hasTotals, type Part, type Said, saidIn, totalIn } from "./answer";
import { type Column, type Report, wordOf } from "./directory";
import { Figure, Way } from "./Links";
import { nameIn } from "./say";

type Props = {
  report: Report;
  answer: Answer;
  columns: Column[];
  title: string;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
};

export function Table({ report, answer, columns, title, sort, onSort }: Props) {
  const { t } = useTranslation();
  const by = answer.by ?? "";
  return (
    <table className="rows" aria-label={title}>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={key(column)} report={report} column={column} by={by} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.items.map((part, at) => (
          <tr key={at}>
            {columns.map((column) => (
              <td key={key(column)} className={isRight(column) ? "right" : column.name === "rule" ? "long" : undefined}>
                <Cell report={report} part={part} column={column} by={by} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {hasTotals(answer, columns) && (
        <tfoot>
          <tr>
            {columns.map((column, at) => (
              <td key={key(column)} className={isRight(column) ? "right" : undefined}>
                {at === 0 ? t("reports.total") : <Several said={totalIn(answer, column)} kind={column.kind} isTotal />}
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </table>
  );
}

const key = ({ name, within }: Column) => `${within}.${name}`;
const isRight = ({ kind }: Column) => kind !== "name" && kind !== "moment";

function Head({
  report,
  column,
  by,
  sort,
  onSort,
}: {
  report: Report;
  column: Column;
  by: string;
  sort: string | undefined;
  onSort: Props["onSort"];
}) {
  const { t } = useTranslation();
  const title = wordOf(report, column.name === "value" && by ? by : column.name);
  const side = isRight(column) ? "right" : undefined;
  if (!report.sorts.includes(column.name)) return <th className={side}>{title}</th>;
  const order = sort === column.name ? "ascending" : sort === `-${column.name}` ? "descending" : "none";
  return (
    <th className={side} aria-sort={order}>
      <button
        type="button"
        onClick={() => onSort(nextSort(sort, column.name))}
        title={t("list.sort", { field: title })}
      >
        {title}
        {order === "ascending" && <CaretUpOutlined aria-hidden />}
        {order === "descending" && <CaretDownOutlined aria-hidden />}
      </button>
    </th>
  );
}

function Cell({ report, part, column, by }: { report: Report; part: Part; column: Column; by: string }) {
  if (column.kind !== "name") return <Several said={saidIn(part, column)} kind={column.kind} />;
  const said = nameIn(report, part, column, by);
  const to = part.loss_id ? `/losses/${part.loss_id}` : part.customer_no ? `/customers/${part.customer_no}` : "";
  return column.name === "customer_name" ? <Way to={to}>{said}</Way> : said;
}

/** One figure, or one per currency below each other. */
function Several({ said, kind, isTotal = false }: { said: Said[]; kind: string; isTotal?: boolean }) {
  if (said.length === 0) return isTotal ? null : "–";
  return said.map((one, at) => (
    <div key={one.currency ?? at}>
      <Figure said={one} kind={kind} />
    </div>
  ));
}
