/** The browser's own dialog: it holds the focus, closes with Esc, and gives the focus back. */
import { type ReactNode, useLayoutEffect, useRef } from "react";

type Props = { label: string; className: string; onClose: () => void; children: ReactNode };

export function Dialog({ label, className, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  // Before anything is painted: what is typed next goes into it.
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it for the keyboard
    <dialog
      ref={box}
      className={className}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === box.current && onClose()}
    >
      <div className="inner">{children}</div>
    </dialog>
  );
}
