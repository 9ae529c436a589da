/** How soon requests and complaints are answered and settled, in working time. */
import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { codesOf, problemTitle } from "../i18n/names";
import { rowsQuery } from "../list/rows";
import { useWords } from "../noun/dictionary";
import { useRefresh } from "../record/record";
import { requests } from "../request/noun";
import { Failed, Loading } from "../shell/States";
import { partsOf } from "./spans";

type Row = components["schemas"]["PromiseRow"];
type Fields = components["schemas"]["PromiseFields"];
const MOST = 200;

/** Kinds of requests come from the dictionary, severities of complaints are fixed. */
function useKinds(): (about: string) => Record<string, string> {
  const { t } = useTranslation();
  const words = useWords(requests);
  return (about) => ({
    any: t("working.any"),
    ...(about === "request" ? words("kind") : codesOf("complaints", "severity")),
  });
}

export function Promises({ isReadOnly }: { isReadOnly: boolean }) {
  const { t } = useTranslation();
  const kinds = useKinds();
  const [open, setOpen] = useState<Partial<Fields>>();
  const { data, error, refetch } = useQuery(rowsQuery("/service-promises", { size: MOST, sort: "code", total: false }));
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const rows = data.items as unknown as Row[];
  const said = (minutes: number) => {
    const { hours, minutes: rest } = partsOf(minutes);
    return [hours > 0 && t("working.hours", { hours }), rest > 0 && t("working.minutes", { minutes: rest })]
      .filter(Boolean)
      .join(" ");
  };
  return (
    <section className="box" aria-label={t("working.promises")}>
      <h2>{t("working.promises")}</h2>
      <p className="inner muted">{t("working.promisesMore")}</p>
      <div className="sheet">
        <table className="rows" aria-label={t("working.promises")}>
          <thead>
            <tr>
              {["about", "kind", "answer", "settle"].map((name) => (
                <th key={name}>{t(`working.columns.${name}`)}</th>
              ))}
              {!isReadOnly && <td />}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.code}>
                <td data-label={t("working.columns.about")}>{t(`working.abouts.${row.about}`)}</td>
                <td data-label={t("working.columns.kind")}>{kinds(row.about)[row.kind] ?? row.kind}</td>
                <td data-label={t("working.columns.answer")}>{said(row.answer_minutes)}</td>
                <td data-label={t("working.columns.settle")}>{said(row.settle_minutes)}</td>
                {!isReadOnly && (
                  <td className="end">
                    <Button size="small" onClick={() => setOpen(row as Fields)}>
                      {t("record.edit")}
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!isReadOnly && (
        <div className="foot">
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setOpen({ about: "request" })}>
            {t("working.promise")}
          </Button>
        </div>
      )}
      {open && <Make given={open} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function Make({ given, onClose }: { given: Partial<Fields>; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const kinds = useKinds();
  const refresh = useRefresh();
  const [form] = Form.useForm<Fields>();
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const about = Form.useWatch("about", form) ?? given.about ?? "request";
  const save = async (said: Fields) => {
    setBusy(true);
    setRefused(undefined);
    try {
      const minutes = { answer_minutes: Number(said.answer_minutes), settle_minutes: Number(said.settle_minutes) };
      await ask("PUT", "/service-promises", { body: { about: said.about, kind: said.kind, ...minutes } });
      message.success(t("record.saved"));
      await refresh();
      onClose();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const faults = error.problem.errors ?? [];
      form.setFields(
        faults.map(({ pointer, detail }) => ({ name: pointer.slice(1) as keyof Fields, errors: [detail] })),
      );
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const needed = { required: true, message: t("form.required") };
  const whole = { pattern: /^\d+$/, message: t("working.wholeMinutes") };
  return (
    <Modal
      open
      title={t(given.kind ? "working.editPromise" : "working.promise")}
      footer={null}
      onCancel={onClose}
      destroyOnHidden
    >
      <Form form={form} className="call" layout="vertical" requiredMark={false} initialValues={given} onFinish={save}>
        {refused && (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={problemTitle(refused.problem)}
            description={refused.problem.detail}
          />
        )}
        <Form.Item name="about" label={t("working.columns.about")} rules={[needed]}>
          <Select
            onChange={() => form.setFieldValue("kind", undefined)}
            options={["request", "complaint"].map((value) => ({ value, label: t(`working.abouts.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="kind" label={t("working.columns.kind")} rules={[needed]}>
          <Select options={Object.entries(kinds(about)).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="answer_minutes" label={t("working.answerMinutes")} rules={[needed, whole]}>
          <Input inputMode="numeric" />
        </Form.Item>
        <Form.Item name="settle_minutes" label={t("working.settleMinutes")} rules={[needed, whole]}>
          <Input inputMode="numeric" />
        </Form.Item>
        <div className="buttons">
          <Button type="primary" htmlType="submit" loading={isBusy}>
            {t("form.save")}
          </Button>
          <Button onClick={onClose}>{t("form.cancel")}</Button>
        </div>
      </Form>
    </Modal>
  );
}
