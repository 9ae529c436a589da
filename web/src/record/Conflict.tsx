/** Two people changed one record: per field, what was there, what the other wrote, what I wrote. */
import { App, Modal, Radio } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { Kind } from "../api/shapes";
import { fieldName } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import { filled, type Noun, type Row } from "../noun/noun";
import { Value } from "../noun/Value";
import { type Shown, useRefresh } from "./record";
import { useRefusal } from "./why";

type Props = { noun: Noun; id: string; kinds: Record<string, Kind>; before: Row; mine: Row; onClose: () => void };

export function Conflict({ noun, id, kinds, before, mine, onClose }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refusal = useRefusal();
  const refresh = useRefresh();
  const words = useWords(noun);
  const [now, setNow] = useState<Shown>();
  const [theirs, setTheirs] = useState<Record<string, boolean>>({});
  useEffect(() => {
    ask<Row>("GET", filled(noun.record!, id)).then(({ data, etag }) => setNow({ record: data, etag }));
  }, [noun, id]);
  const differing = Object.keys(mine).filter(
    (field) => JSON.stringify(now?.record[field]) !== JSON.stringify(before[field]),
  );
  const save = async () => {
    if (!now) return;
    const body = Object.fromEntries(Object.entries(mine).filter(([field]) => !theirs[field]));
    const [method = "", path = ""] = noun.edit!.split(" ");
    try {
      if (Object.keys(body).length) await ask(method, filled(path, id), { body, etag: now.etag });
      message.success(t("record.saved"));
      await refresh();
      onClose();
    } catch (error) {
      refusal.show(error, t("record.edit"));
    }
  };
  const said = (row: Row, field: string) => (
    <Value noun={noun} field={field} kind={kinds[field] ?? "text"} row={row} words={words(field)} />
  );
  return (
    <Modal
      open
      title={t("conflict.title")}
      okText={t("form.save")}
      cancelText={t("form.cancel")}
      onOk={save}
      onCancel={onClose}
      width={720}
      okButtonProps={{ disabled: !now }}
      mask={{ closable: false }}
    >
      <p>{differing.length ? t("conflict.more") : t("conflict.none")}</p>
      <table className="versions">
        <thead>
          <tr>
            {["field", "before", "theirs", "mine"].map((name) => (
              <th key={name}>{t(`conflict.${name}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.keys(mine).map((field) => (
            <tr key={field}>
              <th scope="row">{fieldName(noun.name, field)}</th>
              <td>{said(before, field)}</td>
              <td>
                <Radio
                  checked={Boolean(theirs[field])}
                  disabled={!differing.includes(field)}
                  onChange={() => setTheirs({ ...theirs, [field]: true })}
                >
                  {now && said(now.record, field)}
                </Radio>
              </td>
              <td>
                <Radio checked={!theirs[field]} onChange={() => setTheirs({ ...theirs, [field]: false })}>
                  {said(mine, field)}
                </Radio>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
