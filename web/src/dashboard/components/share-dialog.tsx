// Gives a link to the view away; says what the link allows before it does.
import { useState } from "preact/hooks";
import { useLanguage } from "../i18n/language";
import { copyText, sharedLink } from "../share";
import type { View } from "../view";
import { Dialog } from "./dialog";

interface ShareProps {
  readonly view: View;
  /** null on a public dashboard, whose links need none. */
  readonly token: string | null;
  readonly onClose: () => void;
}

export function ShareDialog({ view, token, onClose }: ShareProps) {
  const { t } = useLanguage();
  const [outcome, setOutcome] = useState<"none" | "copied" | "forbidden">("none");
  const link = sharedLink(location.origin + location.pathname, view, token);
  const copy = async () => setOutcome((await copyText(link)) ? "copied" : "forbidden");
  return (
    <Dialog title={t("share_title")} className="share-dialog" onClose={onClose}>
      <p>{t(token === null ? "share_public" : "share_token")}</p>
      {token !== null && <p class="hint">{t("share_rotate")} <code>liveinsight token rotate</code></p>}
      <div class="actions">
        <button type="button" class="button" onClick={copy}>{t("share_copy")}</button>
        <span role="status">{outcome === "copied" && t("copied")}</span>
      </div>
      {outcome === "forbidden" && (
        <label class="field-label">
          {t("share_by_hand")}
          <input class="input" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
    </Dialog>
  );
}
