/** A file comes in: chosen, tried, put right, brought in, and taken back if it was the wrong one. */
import { UploadOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer, Input, Progress, Segmented, Select, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, ask, Refused } from "../api/http";
import { languageNow } from "../i18n";
import { asNumber } from "../i18n/format";
import { fieldName, problemTitle } from "../i18n/names";
import { rowsQuery } from "../list/rows";
import type { Noun } from "../noun/noun";
import { useRefresh } from "../record/record";
import { Earlier } from "./Earlier";

type Taken = { name: string; title_zh: string; title_en: string; is_required: boolean };
type Mapped = { header: string; field: string | null };
type Job = {
  id: number;
  state: string;
  reason: string;
  dry_run: boolean;
  rows_total: number | null;
  rows_done: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  undone: number;
  kept: number;
  columns: Mapped[];
  takes: Taken[];
};
/** Row of the file and title of the column → what is to stand there. */
type Fixes = Record<string, string>;
type Wish = { mode: string; on_error: string; mapping: Record<string, string | null>; fixes: Fixes };

const AT_WORK = ["waiting", "checking", "importing", "undoing"];
const CAN_STOP = ["waiting", "checking", "importing"];
/** What these have kept can be taken back. */
const OVER = ["done", "refused", "cancelled", "failed"];
const COUNTS = ["created", "updated", "unchanged", "refused"] as const;
const POLL_MS = 700;

export default function Import({ noun, onClose }: { noun: Noun; onClose: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const refresh = useRefresh();
  const [file, setFile] = useState<File>();
  const [wish, setWish] = useState<Wish>({ mode: "create-or-update", on_error: "stop", mapping: {}, fixes: {} });
  const [id, setId] = useState<number>();
  const [problem, setProblem] = useState<Refused>();
  const path = `${noun.list}/imports`;
  const { data: job } = useQuery({
    queryKey: ["import", path, id],
    enabled: id !== undefined,
    queryFn: async ({ signal }) => {
      const { data } = await ask<Job>("GET", `${path}/${id}`, { signal });
      if (!AT_WORK.includes(data.state) && !data.dry_run) await refresh();
      return data;
    },
    refetchInterval: ({ state }) => (state.data && !AT_WORK.includes(state.data.state) ? false : POLL_MS),
  });
  const attempt = async (work: () => Promise<void>) => {
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setProblem(error);
    }
  };
  const send = (isTrial: boolean) =>
    attempt(async () => {
      const form = new FormData();
      form.set("file", file!);
      form.set("mode", wish.mode);
      form.set("on_error", wish.on_error);
      form.set("dry_run", `${isTrial}`);
      // What was shown as left out is left out: only a file that nobody has looked at yet says it by its titles alone.
      const strange = job?.columns.filter(({ field }) => field === null).map(({ header }) => [header, null]) ?? [];
      const mapping = { ...Object.fromEntries(strange), ...wish.mapping };
      if (Object.keys(mapping).length) form.set("mapping", JSON.stringify(mapping));
      if (Object.keys(wish.fixes).length) form.set("fixes", JSON.stringify(fixesOf(wish.fixes)));
      setId((await ask<Job>("POST", path, { form })).data.id);
    });
  const tell = (what: "undo" | "cancellation") =>
    attempt(async () => {
      await ask("POST", `${path}/${id}/${what}`);
      await cache.invalidateQueries({ queryKey: ["import", path, id] });
    });
  const isBusy = Boolean(job && AT_WORK.includes(job.state)) || (id !== undefined && !job);
  return (
    <Drawer
      open
      title={t("import.title", { nouns: t(`nouns.${noun.name}.many`) })}
      onClose={onClose}
      size={620}
      mask={{ closable: false }}
    >
      {problem && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={problemTitle(problem.problem)}
          description={problem.problem.errors?.map((fault) => fault.detail).join(" · ") ?? problem.problem.detail}
        />
      )}
      <Choose
        noun={noun}
        file={file}
        wish={wish}
        onFile={(chosen) => {
          setFile(chosen);
          setId(undefined);
          // Another file has other columns and other rows.
          setWish((now) => ({ ...now, mapping: {}, fixes: {} }));
        }}
        onWish={setWish}
      />
      {job && <Told job={job} path={path} wish={wish} onWish={setWish} />}
      <div className="buttons">
        {(!job || job.dry_run) && (
          <Button
            type={job?.state === "checked" ? "default" : "primary"}
            disabled={!file}
            loading={isBusy}
            onClick={() => send(true)}
          >
            {t(job ? "import.again" : "import.try")}
          </Button>
        )}
        {job?.dry_run && job.state === "checked" && (job.refused === 0 || wish.on_error === "skip") && (
          <Button type="primary" disabled={!file} onClick={() => send(false)}>
            {t("import.do")}
          </Button>
        )}
        {job && CAN_STOP.includes(job.state) && (
          <Button danger onClick={() => tell("cancellation")}>
            {t("import.stop")}
          </Button>
        )}
        {job && !job.dry_run && OVER.includes(job.state) && job.created + job.updated > 0 && (
          <Button onClick={() => tell("undo")}>{t("import.undo")}</Button>
        )}
        <Button onClick={onClose}>{t("record.close")}</Button>
      </div>
      {id === undefined && <Earlier path={path} onOpen={setId} />}
    </Drawer>
  );
}

type ChooseProps = {
  noun: Noun;
  file: File | undefined;
  wish: Wish;
  onFile: (file: File) => void;
  onWish: (wish: Wish) => void;
};

function Choose({ noun, file, wish, onFile, onWish }: ChooseProps) {
  const { t } = useTranslation();
  const template = addressOf(`${noun.list}/imports/template`, {
    format: "xlsx",
    lang: languageNow() === "en" ? "en" : "zh",
  });
  const options = (name: "mode" | "on_error", values: string[]) =>
    values.map((value) => ({ value, label: t(`import.${name}.${value}`) }));
  return (
    <div className="choose">
      <Upload.Dragger
        accept=".csv,.xlsx"
        maxCount={1}
        showUploadList={false}
        beforeUpload={(chosen) => {
          onFile(chosen);
          return false;
        }}
      >
        <p>
          <UploadOutlined aria-hidden /> {file ? file.name : t("import.choose")}
        </p>
      </Upload.Dragger>
      <p>
        <a href={template} download>
          {t("import.template")}
        </a>
      </p>
      <Segmented
        aria-label={t("import.how")}
        value={wish.mode}
        onChange={(mode) => onWish({ ...wish, mode })}
        options={options("mode", ["create-or-update", "create", "update"])}
      />
      <Segmented
        aria-label={t("import.wrong")}
        value={wish.on_error}
        onChange={(on_error) => onWish({ ...wish, on_error })}
        options={options("on_error", ["stop", "skip"])}
      />
    </div>
  );
}

const titleOf = (one: Taken) => (languageNow() === "en" ? one.title_en : one.title_zh);

type ToldProps = { job: Job; path: string; wish: Wish; onWish: (wish: Wish) => void };

/** How far it is, what came of it, and which column became which field. */
function Told({ job, path, wish, onWish }: ToldProps) {
  const { t } = useTranslation();
  const share = job.rows_total ? Math.round((100 * job.rows_done) / job.rows_total) : 0;
  const isBusy = AT_WORK.includes(job.state);
  const { data } = useQuery({ ...rowsQuery(`${path}/${job.id}/faults`, { size: 20 }), enabled: !isBusy });
  const faults = isBusy ? [] : ((data?.items ?? []) as unknown as Fault[]);
  const isTrial = job.dry_run && !isBusy;
  const wished = ({ header, field }: Mapped) => (header in wish.mapping ? wish.mapping[header] : field) ?? null;
  const lacking = job.takes.filter((one) => one.is_required && !job.columns.some((said) => wished(said) === one.name));
  // Only the header was read, and it is not understood: what it lacks is said in the reader's language.
  const isHeader =
    isTrial &&
    job.state === "refused" &&
    job.rows_total === 0 &&
    job.columns.length > 0 &&
    (lacking.length > 0 || job.columns.some(({ field }) => field === null));
  return (
    <section className="told" aria-live="polite">
      <h2>
        {t(`import.states.${job.state}`)} {job.dry_run && <span className="count">{t("import.trial")}</span>}
      </h2>
      {isHeader ? (
        <>
          <p>{t("import.header")}</p>
          {lacking.length > 0 && (
            <p className="bad-text">{t("import.lacks", { fields: lacking.map(titleOf).join(t("alike.and")) })}</p>
          )}
        </>
      ) : (
        job.reason && <p className="bad-text">{job.reason}</p>
      )}
      {isBusy && <Progress percent={share} aria-label={t("import.progress")} />}
      <p>
        {COUNTS.map((name) => (
          <span key={name} className="figure">
            {t(`import.counts.${name}`)} <b>{asNumber(job[name])}</b>
          </span>
        ))}
      </p>
      {faults.length > 0 && !isHeader && (
        <Faults
          path={path}
          id={job.id}
          faults={faults}
          total={data?.total ?? 0}
          {...(isTrial ? { fixes: wish.fixes, onFix: (fixes) => onWish({ ...wish, fixes }) } : {})}
        />
      )}
      {isTrial && Object.keys(wish.fixes).length > 0 && (
        <p role="status">
          {t("import.fixed", {
            count: Object.keys(wish.fixes).length,
            total: asNumber(Object.keys(wish.fixes).length),
          })}
        </p>
      )}
      {isTrial && job.columns.length > 0 && (
        <table className="versions">
          <thead>
            <tr>
              <th>{t("import.column")}</th>
              <th>{t("import.field")}</th>
            </tr>
          </thead>
          <tbody>
            {job.columns.map(({ header, field }) => (
              <tr key={header}>
                <td>{header}</td>
                <td>
                  <Select
                    aria-label={header}
                    className="wide"
                    allowClear
                    placeholder={t("import.ignored")}
                    value={wished({ header, field })}
                    onChange={(chosen) => onWish({ ...wish, mapping: { ...wish.mapping, [header]: chosen ?? null } })}
                    showSearch={{ optionFilterProp: "label" }}
                    options={job.takes.map((one) => ({
                      value: one.name,
                      label: `${titleOf(one)}${one.is_required ? " *" : ""}`,
                    }))}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

type Fault = { row: number; column: string; value: string; reason: string };
type FaultsProps = {
  path: string;
  id: number;
  faults: Fault[];
  total: number;
  fixes?: Fixes;
  onFix?: (fixes: Fixes) => void;
};

const keyOf = ({ row, column }: Pick<Fault, "row" | "column">) => `${row} ${column}`;

function fixesOf(fixes: Fixes): { row: number; column: string; value: string }[] {
  return Object.entries(fixes).map(([key, value]) => {
    const [row = "", ...column] = key.split(" ");
    return { row: Number(row), column: column.join(" "), value };
  });
}

/** What is wrong; a cell is put right where it is told, and the file stays as it is. */
function Faults({ path, id, faults, total, fixes, onFix }: FaultsProps) {
  const { t } = useTranslation();
  // A row that is cut off, or the header, has no cell that could be put right here.
  const isCell = ({ row, column }: Fault) => row > 1 && column !== "";
  return (
    <>
      <table className="versions" aria-label={t("import.faults")}>
        <thead>
          <tr>
            {["row", "column", "value", "reason"].map((name) => (
              <th key={name}>{fieldName("faults", name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {faults.map((fault, at) => (
            <tr key={at}>
              <td>{fault.row}</td>
              <td>{fault.column}</td>
              <td>
                {fixes && onFix && isCell(fault) ? (
                  <Input
                    size="small"
                    aria-label={t("import.fix", { column: fault.column, row: fault.row })}
                    value={fixes[keyOf(fault)] ?? fault.value}
                    onChange={(event) => onFix({ ...fixes, [keyOf(fault)]: event.target.value })}
                  />
                ) : (
                  fault.value
                )}
              </td>
              <td>{fault.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <a
          href={addressOf(`${path}/${id}/faults/export`, {
            format: "xlsx",
            lang: languageNow() === "en" ? "en" : "zh",
          })}
          download
        >
          {t("import.allFaults", { total: asNumber(total) })}
        </a>
      </p>
    </>
  );
}
