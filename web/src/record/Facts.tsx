/** What is known of a record; what may be changed is changed where it stands. */
import { EditOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { useMay } from "../api/session";
import type { Field, Kind } from "../api/shapes";
import { RecordLink } from "../app/links";
import { saidOf } from "../form/CallForm";
import { Editor, sent } from "../form/Editor";
import { fieldName, problemTitle } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import type { Noun, Row } from "../noun/noun";
import { Value } from "../noun/Value";
import { useEdit } from "./edit";

type Props = {
  noun: Noun;
  fields: string[];
  kinds: Record<string, Kind>;
  record: Row;
  /** Absent: only to be read. */
  editing?: { call: string; id: string; etag: string; asks: Field[]; onStale: (mine: Row) => void };
};

export function Facts({ noun, fields, kinds, record, editing }: Props) {
  const [open, setOpen] = useState<string>();
  const [isAll, setAll] = useState(false);
  const { t } = useTranslation();
  const words = useWords(noun);
  const isEmpty = (name: string) => record[name] == null || record[name] === "" || `${record[name]}` === "";
  const shown = fields.filter((name) => isAll || !isEmpty(name) || noun.columns.includes(name));
  const rest = fields.length - shown.length;
  return (
    <>
      <dl className="facts">
        {shown.map((name) => {
          const field = editing?.asks.find((one) => one.name === name || one.name === name.replace(/_name$/, "_id"));
          return (
            <div className="fact" key={name}>
              <dt>{fieldName(noun.name, name)}</dt>
              <dd>
                {open === name && field && editing ? (
                  <Change
                    noun={noun}
                    field={field}
                    record={record}
                    editing={editing}
                    words={words(field.name)}
                    onClose={() => setOpen(undefined)}
                  />
                ) : (
                  <>
                    <span className="said">
                      <Led noun={noun} field={name} record={record}>
                        <Value noun={noun} field={name} kind={kinds[name] ?? "text"} row={record} words={words(name)} />
                      </Led>
                    </span>
                    {field && <Pen noun={noun} name={name} onOpen={() => setOpen(name)} />}
                  </>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {(rest > 0 || isAll) && (
        <Button className="rest" type="link" size="small" onClick={() => setAll(!isAll)}>
          {isAll ? t("record.fewer") : t("record.rest", { count: rest })}
        </Button>
      )}
    </>
  );
}

/** Whom a record is about is one click away. */
function Led({ noun, field, record, children }: { noun: Noun; field: string; record: Row; children: ReactNode }) {
  const may = useMay();
  const number = record.customer_no;
  const isWay =
    noun.name !== "customers" &&
    noun.becomes !== "customers" &&
    (field === "customer_no" || field === "customer_name") &&
    number;
  if (!isWay || !may("customer:read")) return children;
  return (
    <RecordLink noun="customers" id={`${number}`}>
      {children}
    </RecordLink>
  );
}

function Pen({ noun, name, onOpen }: { noun: Noun; name: string; onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <Button
      className="pen"
      type="text"
      size="small"
      icon={<EditOutlined aria-hidden />}
      aria-label={t("record.editField", { field: fieldName(noun.name, name) })}
      onClick={onOpen}
    />
  );
}

type ChangeProps = {
  noun: Noun;
  field: Field;
  record: Row;
  editing: NonNullable<Props["editing"]>;
  words: Record<string, string> | undefined;
  onClose: () => void;
};

function Change({ noun, field, record, editing, words, onClose }: ChangeProps) {
  const { t } = useTranslation();
  const { change } = useEdit(noun, editing.id);
  const [value, setValue] = useState<unknown>(record[field.name]);
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    const wanted = sent(field, value);
    if (JSON.stringify(wanted) === JSON.stringify(record[field.name])) return onClose();
    setBusy(true);
    const body = { [field.name]: wanted };
    try {
      await change(body, record, editing.etag);
      onClose();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 412) editing.onStale(body);
      else setWrong(error.problem.errors?.[0]?.detail ?? error.problem.detail ?? problemTitle(error.problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <Editor
        noun={noun}
        field={field}
        words={words}
        said={saidOf(field.name, record)}
        value={value}
        onChange={setValue}
        isFirst
        label={fieldName(noun.name, field.name)}
      />
      {wrong && (
        <p className="bad-text" role="alert">
          {wrong}
        </p>
      )}
      <div className="buttons">
        <Button size="small" type="primary" htmlType="submit" loading={isBusy}>
          {t("form.save")}
        </Button>
        <Button size="small" onClick={onClose}>
          {t("form.cancel")}
        </Button>
      </div>
    </form>
  );
}
