// A modal dialog: the browser's own, with its focus trap, Escape and return of the focus.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLanguage } from "../i18n/language";

interface DialogProps {
  readonly title: string;
  readonly className: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, className, onClose, children }: DialogProps) {
  const { t } = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => opener instanceof HTMLElement && opener.focus(); // also where it is taken away without being closed
  }, []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class={`dialog ${className}`} aria-labelledby="dialog-title" onClose={onClose}
      onClick={(event) => event.target === dialog.current && close()}>
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="icon-button" aria-label={t("close")} onClick={close}>×</button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
