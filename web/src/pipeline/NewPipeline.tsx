/** One more pipeline: it begins with the stages of another, and is changed from there. */
import { Alert, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { fieldName, problemTitle } from "../i18n/names";
import { useRefresh } from "../record/record";
import { stagesOf } from "./Pipelines";
import { draftOf } from "./stages";

type Said = { code: string; name: string };
type Props = { from: string; onMade: (code: string) => void; onClose: () => void };

export function NewPipeline({ from, onMade, onClose }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [form] = Form.useForm<Said>();
  const [refused, setRefused] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const make = async (said: Said) => {
    setBusy(true);
    setRefused(undefined);
    try {
      await ask("POST", "/pipelines", { body: { ...said, stages: draftOf(await stagesOf(from)) } });
      await refresh();
      onMade(said.code);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const faults = error.problem.errors ?? [];
      form.setFields(faults.map(({ pointer, detail }) => ({ name: pointer.slice(1) as keyof Said, errors: [detail] })));
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const rules = [{ required: true, whitespace: true, message: t("form.required") }];
  return (
    <Modal open title={t("nouns.pipelines.new")} footer={null} onCancel={onClose} destroyOnHidden>
      <Form form={form} className="call" layout="vertical" requiredMark={false} onFinish={make}>
        {refused && (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={problemTitle(refused.problem)}
            description={refused.problem.detail}
          />
        )}
        <p className="muted">{t("pipeline.newMore")}</p>
        <Form.Item name="code" label={fieldName("pipelines", "code")} extra={t("pipeline.codeHint")} rules={rules}>
          <Input autoFocus maxLength={30} />
        </Form.Item>
        <Form.Item name="name" label={fieldName("pipelines", "name")} rules={rules}>
          <Input maxLength={50} />
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
