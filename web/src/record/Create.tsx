/** A new one, in a drawer over the list. */
import { useNavigate } from "@tanstack/react-router";
import { App, Drawer, Input } from "antd";
import { useTranslation } from "react-i18next";
import { CallForm } from "../form/CallForm";
import { idOf, type Noun } from "../noun/noun";

export default function Create({
  noun,
  call,
  id,
  onClose,
}: {
  noun: Noun;
  call: string;
  id?: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  return (
    <Drawer
      open
      title={t(`nouns.${noun.name}.new`)}
      onClose={onClose}
      size={460}
      destroyOnHidden
      mask={{ closable: false }}
    >
      <CallForm
        noun={noun}
        call={call}
        {...(id ? { id } : {})}
        onClose={onClose}
        onDone={({ data }) => {
          message.success(t("record.saved"));
          onClose();
          if (data && "secret" in data)
            modal.info({
              title: t("record.secret"),
              content: <Once secret={`${data.secret}`} />,
              okText: t("record.secretKept"),
            });
          if (noun.record && data && !id) navigate({ to: `/${noun.name}/${encodeURIComponent(idOf(noun, data))}` });
        }}
      />
    </Drawer>
  );
}

/** What the server tells this once. */
function Once({ secret }: { secret: string }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("record.secretMore")}</p>
      <Input.TextArea
        readOnly
        autoSize
        value={secret}
        aria-label={t("record.secret")}
        onFocus={(event) => event.target.select()}
      />
    </>
  );
}
