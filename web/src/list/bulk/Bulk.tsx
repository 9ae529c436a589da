/** How much of a list is chosen, and what can be done with it. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Query, Refused } from "../../api/http";
import { useMay } from "../../api/session";
import { asNumber } from "../../i18n/format";
import { actionName, codesOf, fieldName, problemTitle } from "../../i18n/names";
import { useWords } from "../../noun/dictionary";
import { idOf, type Noun, type Row } from "../../noun/noun";
import { useCalls } from "../../record/record";
import { rowsQuery } from "../rows";
import { choose, clearSelection, useWish, wishFor } from "../selection";
import { offersOf } from "./offers";
import { download, sheetOf } from "./sheet";

const Act = lazy(() => import("./Act"));

/** As many as one looks after in one go; the server would take more. */
const MOST = 1000;
const PAGE = 200;

type Props = { noun: Noun; rows: Row[]; total: number; query: Query; columns: string[] };

export default function Bulk({ noun, rows, total, query, columns }: Props) {
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const cache = useQueryClient();
  const may = useMay();
  const calls = useCalls();
  const words = useWords(noun);
  const wish = useWish();
  const [isBusy, setBusy] = useState(false);
  const offers = offersOf(noun, calls, may);
  const wanted = offers.find(({ name }) => name === wish?.action);
  const chooseAll = async () => {
    setBusy(true);
    try {
      for (let page = 1; (page - 1) * PAGE < Math.min(total, MOST); page += 1) {
        const found = await cache.fetchQuery(rowsQuery(noun.list, { ...query, page, size: PAGE, total: false }));
        choose(noun, found.items, true);
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      notification.error({ title: problemTitle(error.problem), description: error.problem.detail });
    } finally {
      setBusy(false);
    }
  };
  const said = (row: Row, column: string) => {
    const value = row[column];
    const known = words(column) ?? codesOf(noun.name, column);
    const read = (one: unknown) => known?.[`${one}`] ?? (one == null ? "" : `${one}`);
    return Array.isArray(value)
      ? value.map(read).join("; ")
      : typeof value === "number" && !known
        ? value
        : read(value);
  };
  const save = () =>
    download(
      `${noun.name}.csv`,
      sheetOf([
        columns.map((column) => fieldName(noun.name, column)),
        ...rows.map((row) => columns.map((column) => said(row, column))),
      ]),
    );
  const most = Math.min(total, MOST);
  return (
    <section className="bulk" aria-label={t("bulk.title")}>
      <b role="status">{t("bulk.chosen", { count: rows.length, total: asNumber(rows.length) })}</b>
      {rows.length < most && (
        <Button type="link" size="small" loading={isBusy} onClick={chooseAll}>
          {t(total > MOST ? "bulk.chooseFirst" : "bulk.chooseAll", { most: asNumber(most), total: asNumber(total) })}
        </Button>
      )}
      {offers.map(({ name }) => (
        <Button key={name} size="small" danger={name === "delete"} onClick={() => wishFor(name)}>
          {name === "tag" ? t("bulk.addTags") : actionName(noun.name, name)}
        </Button>
      ))}
      <Button size="small" onClick={save}>
        {t("list.export")}
      </Button>
      <Button type="link" size="small" onClick={clearSelection}>
        {t("bulk.none")}
      </Button>
      {wanted && (
        <Suspense fallback={null}>
          <Act
            key={wanted.name}
            noun={noun}
            offer={wanted}
            rows={rows}
            onClose={(done) => {
              wishFor(undefined);
              // What is done is chosen no more; what was refused stays, to be looked at.
              choose(
                noun,
                rows.filter((row) => done.has(idOf(noun, row))),
                false,
              );
            }}
          />
        </Suspense>
      )}
    </section>
  );
}
