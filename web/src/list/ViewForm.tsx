/** The name of a view, who may use it, and whether the list opens with it. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, Input, Modal } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, newKey, Refused } from "../api/http";
import { useMe } from "../api/session";
import { problemTitle } from "../i18n/names";
import type { Noun } from "../noun/noun";
import type { SavedView } from "./views";

type Props = {
  noun: Noun;
  query: string;
  /** Absent: a new one. */
  saved: SavedView | undefined;
  onClose: () => void;
  onDone: (saved: SavedView) => void;
};
type Said = { name: string; is_shared: boolean; is_default: boolean };
const LONGEST = 50;

export default function ViewForm({ noun, query, saved, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const me = useMe();
  const [form] = Form.useForm<Said>();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const key = useRef(newKey());
  const isMine = !saved || saved.owner_id === me.user_id;
  const send = async (said: Said) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = saved
        ? await ask<SavedView>("PATCH", `/views/${saved.id}`, { body: said, etag: `"${saved.version}"` })
        : await ask<SavedView>("POST", "/views", { body: { ...said, screen: noun.name, query }, key: key.current });
      await cache.invalidateQueries({ queryKey: ["views"] });
      message.success(t("record.saved"));
      onDone(answer.data);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 0) key.current = newKey();
      const wrong = error.problem.errors?.find((fault) => fault.pointer === "/name");
      if (wrong) form.setFields([{ name: "name", errors: [wrong.detail] }]);
      else setProblem([problemTitle(error.problem), error.problem.detail].filter(Boolean).join(" · "));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t(saved ? "views.edit" : "views.saveAs")}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Form<Said>
        form={form}
        layout="vertical"
        requiredMark={false}
        className="call"
        initialValues={saved ?? { name: "", is_shared: false, is_default: false }}
        onFinish={send}
      >
        {problem && (
          <p className="bad-text" role="alert">
            {problem}
          </p>
        )}
        <Form.Item
          name="name"
          label={t("views.name")}
          rules={[{ required: true, whitespace: true, message: t("form.required") }]}
        >
          <Input autoFocus maxLength={LONGEST} autoComplete="off" />
        </Form.Item>
        <Form.Item name="is_shared" valuePropName="checked" noStyle>
          <Checkbox>{t("views.isShared")}</Checkbox>
        </Form.Item>
        {isMine && (
          <Form.Item name="is_default" valuePropName="checked" noStyle>
            <Checkbox>{t("views.isDefault", { nouns: t(`nouns.${noun.name}.many`) })}</Checkbox>
          </Form.Item>
        )}
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
