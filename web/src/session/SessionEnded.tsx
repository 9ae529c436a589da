/** Over whatever one was doing when the session ended: nothing that was typed is lost. */
import { useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { onSessionEnd } from "../api/http";
import { useMe } from "../api/session";
import { SignInForm } from "./SignInForm";

export function SessionEnded() {
  const { t } = useTranslation();
  const me = useMe();
  const cache = useQueryClient();
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => onSessionEnd(() => setEnded(true)), []);
  const again = () => {
    setEnded(false);
    cache.invalidateQueries();
  };
  return (
    <Modal
      open={hasEnded}
      title={t("signIn.ended")}
      footer={null}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      width={380}
      destroyOnHidden
    >
      <p className="muted">{t("signIn.endedMore")}</p>
      <SignInForm login={me.login} onDone={again} />
    </Modal>
  );
}
