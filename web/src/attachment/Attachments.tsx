/** The files of a record: brought by button or by drop, fetched, taken off again. */
import { DeleteOutlined, PaperClipOutlined, UploadOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Progress } from "antd";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, ask, Refused } from "../api/http";
import { useMay } from "../api/session";
import { asMoment, asSize } from "../i18n/format";
import type { Noun } from "../noun/noun";
import { useCalls, useRefresh } from "../record/record";
import { saidOfRefusal, useRefusal } from "../record/why";
import { Failed, Loading } from "../shell/States";
import { type Attachment, filesPath, filesQuery, upload } from "./attachments";

type Coming = { key: number; name: string; share: number; refused?: Refused };

export default function Attachments({ noun, id }: { noun: Noun; id: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const calls = useCalls();
  const path = filesPath(noun, id);
  const { data, error, refetch } = useQuery(filesQuery(noun, id));
  const { coming, bring, forget } = useUploads(path);
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data || !calls) return <Loading />;
  const mayChange = may(calls[`POST ${noun.record}/attachments`]?.needs ?? "-");
  const drop = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      bring([...event.dataTransfer.files]);
    },
  };
  return (
    <section
      className={isOver ? "files over" : "files"}
      aria-label={t("record.tabs.files")}
      {...(mayChange ? drop : {})}
    >
      {data.length === 0 && coming.length === 0 && <p className="state muted">{t("files.nothing")}</p>}
      <ul>
        {data.map((file) => (
          <One key={file.id} path={path} file={file} mayRemove={mayChange} />
        ))}
        {coming.map((file) => (
          <OnItsWay key={file.key} file={file} onForget={() => forget(file.key)} />
        ))}
      </ul>
      {mayChange && (
        <div className="foot">
          <Button size="small" icon={<UploadOutlined aria-hidden />} onClick={() => input.current?.click()}>
            {t("files.bring")}
          </Button>
          <span className="muted drop">{t("files.drop")}</span>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-label={t("files.bring")}
            onChange={(event) => {
              bring([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
        </div>
      )}
    </section>
  );
}

/** One after the other: each file is a change of its record. */
function useUploads(path: string) {
  const cache = useQueryClient();
  const refresh = useRefresh();
  const next = useRef(0);
  const [coming, setComing] = useState<Coming[]>([]);
  const note = (key: number, change: Partial<Coming>) =>
    setComing((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const forget = (key: number) => setComing((now) => now.filter((one) => one.key !== key));
  const bring = async (files: File[]) => {
    const wanted = files.map((file) => ({ file, key: next.current++ }));
    setComing((now) => [...now, ...wanted.map(({ file, key }) => ({ key, name: file.name, share: 0 }))]);
    let isChanged = false;
    for (const { file, key } of wanted) {
      try {
        await upload(path, file, (share) => note(key, { share }));
        isChanged = true;
        await cache.invalidateQueries({ queryKey: ["files", path] });
        forget(key);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        note(key, { refused: error });
      }
    }
    if (isChanged) await refresh();
  };
  return { coming, bring, forget };
}

function One({ path, file, mayRemove }: { path: string; file: Attachment; mayRemove: boolean }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const refresh = useRefresh();
  const refusal = useRefusal();
  const remove = async () => {
    try {
      await ask("DELETE", `${path}/${file.id}`);
      message.success(t("files.removed"));
      await refresh();
    } catch (error) {
      refusal.show(error);
    }
  };
  const sure = () =>
    modal.confirm({
      title: t("record.removeSure", { name: file.name }),
      content: t("files.removeMore"),
      okText: t("record.remove"),
      okButtonProps: { danger: true },
      cancelText: t("form.cancel"),
      onOk: remove,
    });
  return (
    <li>
      <PaperClipOutlined aria-hidden />
      <a href={addressOf(`${path}/${file.id}`)} download={file.name}>
        {file.name || t("files.erased")}
      </a>
      <span className="muted size">{asSize(file.size_bytes)}</span>
      <span className="muted">
        {asMoment(file.added_at)} {t("record.by", { name: file.added_by_name })}
      </span>
      {mayRemove && (
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined aria-hidden />}
          aria-label={t("files.remove", { name: file.name })}
          onClick={sure}
        />
      )}
    </li>
  );
}

function OnItsWay({ file, onForget }: { file: Coming; onForget: () => void }) {
  const { t } = useTranslation();
  const { name, share, refused } = file;
  if (!refused)
    return (
      <li>
        <UploadOutlined aria-hidden />
        <span>{name}</span>
        <Progress
          percent={Math.round(share * 100)}
          size="small"
          status="active"
          aria-label={t("files.coming", { name })}
        />
      </li>
    );
  return (
    <li className="refused-file">
      <UploadOutlined aria-hidden />
      <span role="alert">
        {name}: <span className="bad-text">{saidOfRefusal(refused)}</span>
      </span>
      <Button size="small" onClick={onForget}>
        {t("record.close")}
      </Button>
    </li>
  );
}
