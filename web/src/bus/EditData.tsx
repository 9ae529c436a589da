/** Other data for a parked event: written as JSON, compared field by field, and kept with a reason. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input, Modal } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { problemTitle } from "../i18n/names";
import { Differences } from "./Differences";
import type { Parked } from "./desk";
import { placeOf, readData } from "./json";

type Props = { path: string; parked: Parked; etag: string; onClose: () => void };

export function EditData({ path, parked, etag, onClose }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const id = useId();
  const before = dataOf(parked.body);
  const original = parked.original === null ? before : dataOf(parked.original);
  const [text, setText] = useState(() => JSON.stringify(before, null, 2));
  const [reason, setReason] = useState("");
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const read = readData(text);
  const faultAt = (pointer: string) => refused?.problem.errors?.find((one) => one.pointer.startsWith(pointer))?.detail;
  const textFault = "fault" in read ? wrongSaid(read.fault) : faultAt("/data");
  const reasonFault = isTried && !reason.trim() ? t("form.required") : faultAt("/reason");

  function wrongSaid(fault: Error): string {
    const place = placeOf(text);
    if (!(fault instanceof SyntaxError)) return t("bus.editing.notObject");
    return place ? t("bus.editing.wrongAt", place) : t("bus.editing.wrong");
  }
  const save = async () => {
    setTried(true);
    if ("fault" in read || !reason.trim()) return;
    setBusy(true);
    setRefused(undefined);
    try {
      await ask("PUT", `${path}/data`, { body: { data: read.data, reason: reason.trim() }, etag });
      message.success(t("bus.editing.done"));
      onClose();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
      void cache.invalidateQueries({ queryKey: ["bus"] });
    }
  };
  return (
    <Modal
      open
      width={920}
      title={t("bus.editing.title")}
      onCancel={onClose}
      mask={{ closable: false }}
      destroyOnHidden
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t("form.cancel")}
        </Button>,
        <Button key="save" type="primary" loading={isBusy} disabled={"fault" in read} onClick={save}>
          {t("bus.editing.save")}
        </Button>,
      ]}
    >
      <div className="edit-data">
        {refused && (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={problemTitle(refused.problem)}
            description={refused.status === 412 ? t("bus.editing.stale") : refused.problem.detail}
          />
        )}
        <div>
          <label htmlFor={`${id}-data`}>{t("bus.editing.data")}</label>
          <Input.TextArea
            id={`${id}-data`}
            className="code"
            autoFocus
            autoSize={{ minRows: 8, maxRows: 18 }}
            spellCheck={false}
            value={text}
            status={textFault ? "error" : ""}
            aria-invalid={Boolean(textFault)}
            aria-describedby={`${id}-fault`}
            onChange={(event) => setText(event.target.value)}
          />
          <p id={`${id}-fault`} className="bad-text" aria-live="polite">
            {textFault}
          </p>
          <div className="actions">
            <Button
              size="small"
              disabled={"fault" in read}
              onClick={() => !("fault" in read) && setText(JSON.stringify(read.data, null, 2))}
            >
              {t("bus.editing.tidy")}
            </Button>
            <Button size="small" onClick={() => setText(JSON.stringify(original, null, 2))}>
              {t("bus.editing.asItCame")}
            </Button>
          </div>
        </div>
        {!("fault" in read) && <Differences before={original} after={read.data} />}
        <div>
          <label htmlFor={`${id}-why`}>{t("bus.why")}</label>
          <Input.TextArea
            id={`${id}-why`}
            rows={2}
            maxLength={500}
            value={reason}
            status={reasonFault ? "error" : ""}
            aria-invalid={Boolean(reasonFault)}
            aria-describedby={`${id}-why-fault`}
            onChange={(event) => setReason(event.target.value)}
          />
          <p id={`${id}-why-fault`} className="bad-text" aria-live="polite">
            {reasonFault}
          </p>
        </div>
      </div>
    </Modal>
  );
}

/** What an envelope carries; nothing where it is none. */
export function dataOf(envelope: unknown): Record<string, unknown> {
  const data = (envelope as { data?: unknown } | null)?.data;
  return data && typeof data === "object" && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
}
