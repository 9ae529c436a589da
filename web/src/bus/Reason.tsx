/** Asks why, shows first what it would do, and does it. */
import { Alert, App, Button, Form, Input, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, newKey, Refused } from "../api/http";
import { problemTitle } from "../i18n/names";
import type { Outcome } from "./desk";

export type Deed = {
  title: string;
  path: string;
  body?: Record<string, unknown>;
  /** Whether the server wants to know why, and whether it can say beforehand what would happen. */
  isReasonOptional?: boolean;
  hasDryRun?: boolean;
  isDanger?: boolean;
};

export function Reason({ deed, onDone, onClose }: { deed: Deed; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  const [outcome, setOutcome] = useState<Outcome>();
  const key = useRef(newKey());
  const dry = deed.hasDryRun ? JSON.stringify({ ...deed.body, dry_run: true, reason: t("bus.tried") }) : undefined;
  useEffect(() => {
    if (!dry) return;
    ask<Outcome>("POST", deed.path, { body: JSON.parse(dry) })
      .then(({ data }) => setOutcome(data))
      .catch((error) => setProblem(error as Refused));
  }, [deed.path, dry]);

  const send = async ({ reason }: { reason?: string }) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await ask("POST", deed.path, { body: { ...deed.body, reason: reason ?? "" }, key: key.current });
      message.success(t("record.done"));
      onDone();
      onClose();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setProblem(error);
      if (error.status !== 0) key.current = newKey();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open title={deed.title} footer={null} onCancel={onClose} destroyOnHidden>
      <Form className="call" layout="vertical" requiredMark={false} onFinish={send}>
        {problem && (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={problemTitle(problem.problem)}
            description={problem.message}
          />
        )}
        {outcome && (
          <p role="status">
            {t("bus.would", { events: outcome.events, aggregates: outcome.aggregates })}
            {outcome.skipped > 0 && ` ${t("bus.skipped", { count: outcome.skipped })}`}
            {outcome.left > 0 && ` ${t("bus.left", { count: outcome.left })}`}
          </p>
        )}
        <Form.Item
          name="reason"
          label={t("bus.why")}
          rules={deed.isReasonOptional ? [] : [{ required: true, whitespace: true, message: t("form.required") }]}
        >
          <Input.TextArea autoFocus maxLength={500} rows={2} />
        </Form.Item>
        <div className="buttons">
          <Button
            type={deed.isDanger ? "default" : "primary"}
            danger={Boolean(deed.isDanger)}
            htmlType="submit"
            loading={isBusy}
          >
            {deed.title}
          </Button>
          <Button onClick={onClose}>{t("form.cancel")}</Button>
        </div>
      </Form>
    </Modal>
  );
}
