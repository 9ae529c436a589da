/** A lead becomes a customer, a contact and perhaps a deal: asked for in one dialog, followed until it is done. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, type Problem, Refused } from "../api/http";
import { useMay } from "../api/session";
import { Remote } from "../form/Remote";
import { actionName, fieldName, problemTitle } from "../i18n/names";
import type { Match } from "../merge/merge";
import type { DialogProps, Row } from "../noun/noun";
import { useRefusal } from "../record/why";
import { Progress } from "./Progress";
import "./conversion.css";

type Said = {
  whom: "new" | "known";
  customer_no?: string;
  hasDeal?: boolean;
  deal?: { name: string; amount: string; expected_on: string };
};

export default function Conversion({ id, record, onClose }: DialogProps) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Said>();
  return (
    <Modal
      open
      title={t("conversion.title", { name: `${record.full_name}`, company: `${record.company}` })}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      destroyOnHidden
    >
      {asked ? (
        <Progress id={id} hasDeal={Boolean(asked.hasDeal)} onClose={onClose} onAgain={() => setAsked(undefined)} />
      ) : (
        <Ask id={id} record={record} onAsked={setAsked} onClose={onClose} />
      )}
    </Modal>
  );
}

type AskProps = { id: string; record: Row; onAsked: (said: Said) => void; onClose: () => void };

function Ask({ id, record, onAsked, onClose }: AskProps) {
  const { t } = useTranslation();
  const may = useMay();
  const refusal = useRefusal();
  const [form] = Form.useForm<Said>();
  const whom = Form.useWatch("whom", form);
  const hasDeal = Form.useWatch("hasDeal", form);
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const known = useAlike(`${record.company}`, may("customer:read"));
  const required = [{ required: true, message: t("form.required") }];
  const send = async (said: Said) => {
    setBusy(true);
    setProblem(undefined);
    const body = {
      ...(said.whom === "known" ? { customer_no: said.customer_no } : {}),
      ...(said.hasDeal ? { deal: said.deal } : {}),
    };
    try {
      await ask("POST", `/leads/${id}/conversion`, { body });
      onAsked(said);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const faults = error.problem.errors ?? [];
      form.setFields(
        faults.map(({ pointer, detail }) => ({ name: pointer.slice(1).split("/") as never, errors: [detail] })),
      );
      setProblem(error.problem);
      // The server knows who bears this name.
      const { customer_no } = error.problem as Problem & { customer_no?: string };
      if (error.kind === "company-known" && customer_no) form.setFieldsValue({ whom: "known", customer_no });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      className="call"
      initialValues={{ whom: "new", deal: { name: record.company } }}
      onFinish={send}
    >
      {problem && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={problemTitle(problem)}
          description={problem.detail ?? undefined}
          action={
            problem.status > 0 && (
              <Button size="small" onClick={() => refusal.explain(actionName("leads", "convert"), problem)}>
                {t("why.ask")}
              </Button>
            )
          }
        />
      )}
      <Form.Item name="whom" label={t("conversion.customer")}>
        <Radio.Group
          className="column"
          options={[
            { value: "new", label: t("conversion.new", { company: `${record.company}` }) },
            { value: "known", label: t("conversion.known") },
          ]}
        />
      </Form.Item>
      {whom !== "known" && known.length > 0 && (
        <p className="alike-known">
          {t("merge.alike", { count: known.length })}{" "}
          {known.map((match) => (
            <Button
              key={match.customer_no}
              size="small"
              onClick={() => form.setFieldsValue({ whom: "known", customer_no: match.customer_no })}
            >
              {match.name}
            </Button>
          ))}
        </p>
      )}
      {whom === "known" && (
        <Form.Item name="customer_no" label={t("conversion.which")} rules={required}>
          <Remote
            path="/customers"
            said={known.find((match) => match.customer_no === form.getFieldValue("customer_no"))?.name}
          />
        </Form.Item>
      )}
      <Form.Item label={t("conversion.contact")}>
        <span>{[record.full_name, record.job, record.mobile || record.phone].filter(Boolean).join(" · ")}</span>
      </Form.Item>
      <Form.Item name="hasDeal" valuePropName="checked">
        <Checkbox>{t("conversion.deal")}</Checkbox>
      </Form.Item>
      {hasDeal && (
        <div className="of-deal">
          <Form.Item name={["deal", "name"]} label={fieldName("deals", "name")} rules={required}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name={["deal", "amount"]} label={fieldName("deals", "amount")} rules={required}>
            <Input inputMode="decimal" />
          </Form.Item>
          <Form.Item name={["deal", "expected_on"]} label={fieldName("deals", "expected_on")} rules={required}>
            <Input type="date" />
          </Form.Item>
        </div>
      )}
      <div className="buttons">
        <Button type="primary" htmlType="submit" loading={isBusy}>
          {actionName("leads", "convert")}
        </Button>
        <Button onClick={onClose}>{t("form.cancel")}</Button>
      </div>
    </Form>
  );
}

/** Customers that may be meant by the company's name. */
function useAlike(company: string, mayRead: boolean): Match[] {
  const { data } = useQuery({
    queryKey: ["list", "alike", company],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Match[] }>("GET", "/customers/duplicates", { query: { name: company }, signal })).data.items,
    enabled: mayRead && Boolean(company),
  });
  return (data ?? []).slice(0, 3);
}
