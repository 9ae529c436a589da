/** Name and password; used on its own page and over a screen whose session has ended. */
import { Alert, Button, Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { signIn } from "../api/session";
import { problemTitle } from "../i18n/names";

type Said = { login: string; password: string; remember: boolean };

export function SignInForm({
  login,
  fill,
  onDone,
}: {
  login?: string;
  fill?: { login: string; password: string };
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Said>();
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  if (fill && form.getFieldValue("login") === undefined) form.setFieldsValue(fill);
  const send = async ({ login, password, remember }: Said) => {
    setBusy(true);
    setWrong(undefined);
    try {
      await signIn(login, password, remember);
      onDone();
    } catch (error) {
      setWrong(
        error instanceof Refused
          ? error.status === 0
            ? t("failed.offline")
            : problemTitle(error.problem)
          : t("failed.title"),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      onFinish={send}
      initialValues={{ login, remember: false, ...fill }}
      size="large"
    >
      {wrong && <Alert type="error" showIcon title={wrong} role="alert" />}
      <Form.Item name="login" label={t("signIn.login")} rules={[{ required: true, message: t("form.required") }]}>
        <Input autoComplete="username" autoFocus={!login} />
      </Form.Item>
      <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("form.required") }]}>
        <Input.Password autoComplete="current-password" autoFocus={Boolean(login)} />
      </Form.Item>
      <Form.Item name="remember" valuePropName="checked">
        <Checkbox>{t("signIn.remember")}</Checkbox>
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={isBusy}>
        {t("signIn.submit")}
      </Button>
    </Form>
  );
}
