/** A new password of one's own, by choice or because it must be. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { changePassword, signIn, useMe } from "../api/session";
import { problemTitle } from "../i18n/names";
import { useTitle } from "../shell/title";

type Said = { old_password: string; new_password: string };

export default function Password() {
  const { t } = useTranslation();
  const me = useMe();
  const cache = useQueryClient();
  const [form] = Form.useForm<Said>();
  const [wrong, setWrong] = useState<string>();
  const [isDone, setDone] = useState(false);
  useTitle(t("password.title"));
  const send = async (said: Said) => {
    setWrong(undefined);
    setDone(false);
    try {
      await changePassword(said.old_password, said.new_password);
      // Every session has ended, this one too; whoever just proved who he is goes on.
      await signIn(me.login, said.new_password, false);
      form.resetFields();
      setDone(true);
      await cache.invalidateQueries();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const faults = error.problem.errors ?? [];
      form.setFields(faults.map((fault) => ({ name: fault.pointer.slice(1) as keyof Said, errors: [fault.detail] })));
      if (!faults.length) setWrong(problemTitle(error.problem));
    }
  };
  const required = [{ required: true, message: t("form.required") }];
  return (
    <div className="narrow">
      <h1>{t("password.title")}</h1>
      {me.must_change_password && <Alert type="warning" showIcon title={t("password.must")} />}
      {wrong && <Alert type="error" showIcon title={wrong} role="alert" />}
      {isDone && <Alert type="success" showIcon title={t("password.done")} role="status" />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={send}>
        <Form.Item name="old_password" label={t("password.old")} rules={required}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new_password" label={t("password.new")} rules={required}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t("form.save")}
        </Button>
      </Form>
    </div>
  );
}
