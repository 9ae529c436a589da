/** Over whatever one was doing when the session ended: nothing that was typed is lost. */
import { useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "../api/session";
import { SignInForm } from "./SignInForm";

export default function SignInAgain({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const cache = useQueryClient();
  const again = () => {
    onDone();
    cache.invalidateQueries();
  };
  return (
    <Modal
      open
      title={t("signIn.ended")}
      footer={null}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      width={380}
    >
      <p className="muted">{t("signIn.endedMore")}</p>
      <SignInForm login={me.login} onDone={again} />
    </Modal>
  );
}
