/** Rows and columns; on a phone each row becomes a small card. */
import { CaretDownOutlined, CaretUpOutlined } from "@ant-design/icons";
import type { MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { listShape } from "../api/shapes";
import { fieldName } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import { idOf, type Noun, type Row } from "../noun/noun";
import { isRight, Value } from "../noun/Value";
import { nextSort, sortOf } from "./view";

type Props = {
  noun: Noun;
  columns: string[];
  rows: Row[];
  label: string;
  sort?: string | undefined;
  onSort?: (sort: string | undefined) => void;
  chosen?: string | undefined;
  onChoose?: (row: Row) => void;
  /** Rows that something is to be done with. */
  ticked?: ReadonlyMap<string, Row>;
  onTick?: (rows: Row[], isOn: boolean) => void;
  /** What stands at the end of a row. */
  end?: (row: Row) => ReactNode;
};

export function Table({ noun, columns, rows, label, sort, onSort, chosen, onChoose, ticked, onTick, end }: Props) {
  const { t } = useTranslation();
  const { row: kinds } = listShape(noun.list);
  const words = useWords(noun);
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          {ticked && onTick && (
            <th className="tick">
              <Tick
                label={t("list.tickPage")}
                isOn={rows.every((row) => ticked.has(idOf(noun, row)))}
                isPartly={rows.some((row) => ticked.has(idOf(noun, row)))}
                onTick={(isOn) => onTick(rows, isOn)}
              />
            </th>
          )}
          {columns.map((column) => (
            <Head key={column} noun={noun} column={column} sort={sort} onSort={onSort} />
          ))}
          {end && <td />}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const id = idOf(noun, row);
          return (
            <tr
              key={`${id} ${row.id ?? ""}`}
              className={chosen === id ? "chosen" : undefined}
              onClick={onChoose && ((event) => isWay(event) || onChoose(row))}
            >
              {ticked && onTick && (
                <td className="tick">
                  <Tick
                    label={t("list.tick", { name: `${row[noun.title] ?? id}` })}
                    isOn={ticked.has(id)}
                    onTick={(isOn) => onTick([row], isOn)}
                  />
                </td>
              )}
              {columns.map((column, at) => (
                <td
                  key={column}
                  data-label={fieldName(noun.name, column)}
                  className={isRight(noun, column, kinds[column]!) ? "right" : undefined}
                >
                  {at === 0 && onChoose ? (
                    <button type="button" className="open" aria-pressed={chosen === id}>
                      <Value noun={noun} field={column} kind={kinds[column]!} row={row} words={words(column)} />
                    </button>
                  ) : (
                    <Value noun={noun} field={column} kind={kinds[column]!} row={row} words={words(column)} />
                  )}
                </td>
              ))}
              {end && <td className="end">{end(row)}</td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** A link in a row leads where it says, a tick box ticks. */
const isWay = (event: MouseEvent) => event.target instanceof Element && event.target.closest("a, label") !== null;

type TickProps = { label: string; isOn: boolean; isPartly?: boolean; onTick: (isOn: boolean) => void };

function Tick({ label, isOn, isPartly = false, onTick }: TickProps) {
  return (
    <label>
      <input
        type="checkbox"
        aria-label={label}
        checked={isOn}
        ref={(box) => {
          if (box) box.indeterminate = isPartly && !isOn;
        }}
        onChange={(event) => onTick(event.target.checked)}
      />
    </label>
  );
}

function Head({
  noun,
  column,
  sort,
  onSort,
}: {
  noun: Noun;
  column: string;
  sort: string | undefined;
  onSort: Props["onSort"];
}) {
  const { t } = useTranslation();
  const kind = listShape(noun.list).row[column]!;
  const name = onSort && sortOf(noun, column);
  const title = fieldName(noun.name, column);
  const side = isRight(noun, column, kind) ? "right" : undefined;
  if (!name || !onSort) return <th className={side}>{title}</th>;
  const order = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
  return (
    <th className={side} aria-sort={order}>
      <button type="button" onClick={() => onSort(nextSort(sort, name))} title={t("list.sort", { field: title })}>
        {title}
        {order === "ascending" && <CaretUpOutlined aria-hidden />}
        {order === "descending" && <CaretDownOutlined aria-hidden />}
      </button>
    </th>
  );
}
